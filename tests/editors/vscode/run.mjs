// A user's first minutes with irlens in VS Code, in the real workbench: lenses,
// stage documents, edit and save, an unsupported op, links both ways.
// Run by `make test` (suite vscode); IRLENS_BIN_DIR names the folder with irlens.
// Screenshots stay in tests/editors/.work/vscode.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Workbench, until } from "./workbench.mjs";

const here = import.meta.dirname;
const root = path.resolve(here, "../../..");
const shots = path.join(here, "../.work/vscode");
const irlens = path.join(process.env.IRLENS_BIN_DIR ?? path.join(root, "build/bin"), "irlens");

const model = `import torch
from torch import nn

HIDDEN = 32


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.Linear(16, HIDDEN)
        self.down = nn.Linear(HIDDEN, 4)

    def forward(self, x):
        y = torch.relu(self.up(x))
        return self.down(y)


__explore__(Net(), torch.randn(2, 16))
`;
const plain = `import torch


class Plain(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(5, 3)

    def forward(self, x):
        return self.fc(x)
`;
const hiddenLine = 4;
const reluLine = 14;
const unsupported = "        y = torch.fft.fft2(self.up(x)).abs()";
const addRelu = fs.readFileSync(path.join(root, "examples/ir/add_relu.mlir"), "utf8");
const lineOf = (text) => addRelu.split("\n").findIndex((line) => line.includes(text)) + 1;
const fusedLine = lineOf("FUSED:           arith.addf");
const returnLine = lineOf("return %relu");
const slow = Number(process.env.IRLENS_TEST_SECONDS ?? 120) * 1000; // the first run imports torch

const tests = {
  async "lenses stand above the model, one per stage"(bench) {
    const titles = await until("a lens with the linalg stage's size", async () => {
      const all = await bench.lensTitles();
      return all.some((title) => /linalg.*\d/i.test(title)) ? all : undefined;
    }, slow);
    for (const stage of [/fx/i, /torch/i, /llvm/i]) assert(titles.some((title) => stage.test(title)), `${stage} in ${titles}`);
  },

  async "a click on a lens opens the stage beside and keeps the focus"(bench) {
    await bench.goToLine("model.py", hiddenLine);
    await bench.clickLens(/linalg/i);
    await bench.untilText("linalg.mlir", /func\.func @\w+\(.*tensor<2x16xf32>/, slow);
    assert.match(await bench.focusedUri(), /model\.py$/);
    assert.equal(await bench.page.locator(".editor-group-container").count(), 2);
  },

  async "IR is coloured"(bench) {
    // The grammar is loaded after the text is shown.
    await until("four colours", async () => {
      const colours = await bench.page.$$eval('.monaco-editor[data-uri$="linalg.mlir"] .view-line span span', (spans) => [
        ...new Set(spans.map((span) => getComputedStyle(span).color)),
      ]);
      return colours.length >= 4 ? colours : undefined;
    });
  },

  async "a save updates the open document"(bench) {
    await bench.untilText("linalg.mlir", "2x32xf32");
    await bench.replaceLine("model.py", hiddenLine, "HIDDEN = 48");
    await bench.save();
    await bench.untilText("linalg.mlir", "2x48xf32", slow);
  },

  async "Open Stage... lists the stages and opens one beside"(bench) {
    await bench.goToLine("model.py", hiddenLine);
    await bench.command("irlens: Open Stage...");
    const rows = await until("the list of stages", async () => {
      const all = await bench.quickPickRows();
      return all.some((row) => /llvm/i.test(row)) ? all : undefined;
    });
    assert(rows.length >= 6, `${rows.length} rows`);
    await bench.screenshot(path.join(shots, "open-stage.png"));
    await bench.page.locator(".quick-input-list .monaco-list-row", { hasText: "llvm-ir" }).first().click();
    await bench.untilText("llvm-ir.ll", /^define /m, slow);
  },

  async "definition in the IR leads to the Python line"(bench) {
    await bench.goToLine("model.py", hiddenLine);
    await bench.clickLens(/linalg/i);
    const text = await bench.untilText("linalg.mlir", /arith\.(cmpf|maximumf|select)/, slow);
    const line = await irLine(bench, "linalg.mlir", /arith\.(cmpf|maximumf|select)/);
    assert(line, `no line number in\n${text}`);
    await bench.goToLine("linalg.mlir", line, 12);
    await bench.page.keyboard.press("F12");
    await until("the focus in model.py", async () => /model\.py$/.test(await bench.focusedUri()));
    await until("the cursor on the relu", async () => (await statusLine(bench)) === reluLine);
    assert.match(await bench.visibleText("linalg.mlir"), /linalg/, "the document is still beside the source");
  },

  async "hover on Python shows its IR"(bench) {
    await bench.goToLine("model.py", reluLine, 20);
    await bench.command("Show or Focus Hover");
    const text = await until("a hover", () => hoverText(bench));
    assert.match(text, /relu|linalg|generic/i);
    const links = await bench.page.locator(".monaco-hover a:visible").allInnerTexts();
    assert(links.includes("llvm-ir"), `links to the documents: ${links}`);
    await bench.screenshot(path.join(shots, "hover.png"));
    await bench.page.keyboard.press("Escape");
  },

  async "implementation of a Python line lists its ops per stage"(bench) {
    await bench.goToLine("model.py", reluLine, 20);
    await bench.command("Go to Implementations");
    const text = await until("the list of places", () => bench.page.locator(".peekview-widget .ref-tree").innerText());
    assert.match(text, /linalg\.mlir/);
    await bench.page.keyboard.press("Escape");
  },

  async "an unsupported op is a diagnostic on its line"(bench) {
    await bench.replaceLine("model.py", reluLine, unsupported);
    await bench.save();
    await until("a squiggle", async () => (await bench.page.locator('[data-uri$="model.py"] .squiggly-error').count()) > 0, slow);
    await bench.command("Problems: Focus on Problems View");
    const problems = await until("the problem", async () => {
      const text = await bench.page.locator(".markers-panel").innerText();
      return /fft/.test(text) ? text : undefined;
    }, slow);
    assert.match(problems, new RegExp(`Ln ${reluLine}\\b`));
    await bench.screenshot(path.join(shots, "diagnostic.png"));
  },

  async "the last good text stays until the model is mended"(bench) {
    await bench.untilText("linalg.mlir", "2x48xf32");
    await bench.replaceLine("model.py", reluLine, "        y = torch.relu(self.up(x))");
    await bench.save();
    await until("no squiggle", async () => (await bench.page.locator('[data-uri$="model.py"] .squiggly-error').count()) === 0, slow);
  },

  async "Restart Server brings the documents back"(bench) {
    await bench.goToLine("model.py", hiddenLine);
    await bench.command("irlens: Restart Server");
    await until("lenses again", async () => (await bench.lensTitles()).some((title) => /linalg.*\d/i.test(title)), slow);
    await bench.replaceLine("model.py", hiddenLine, "HIDDEN = 24");
    await bench.save();
    await bench.untilText("linalg.mlir", "2x24xf32", slow);
  },

  async "Triton IR of its own has stages"(bench) {
    await bench.openFile("copy.ttir");
    await until("its lenses", async () => (await bench.lensTitles()).some((title) => /ttgir/.test(title)), slow);
    await bench.command("irlens: Open Stage...");
    await until("its stages", async () => (await bench.quickPickRows()).some((row) => /ttgir/.test(row)), slow);
    await bench.page.locator(".quick-input-list .monaco-list-row", { hasText: "ttgir" }).first().click();
    await bench.untilText("ttgir.mlir", /ttg\.blocked/, slow);
    await bench.screenshot(path.join(shots, "triton-ir.png"));
  },

  async "hover on TTGIR draws where the elements of a layout are"(bench) {
    const line = await irLine(bench, "ttgir.mlir", /tt\.load/);
    assert(line, "no load in the TTGIR");
    // The first hover has the drawing made, a later one shows it.
    const text = await until("the drawing", async () => {
      await bench.page.keyboard.press("Escape");
      await bench.goToLine("ttgir.mlir", line, 12);
      await bench.command("Show or Focus Hover");
      const shown = await hoverText(bench);
      return /T0:0/.test(shown) ? shown : undefined;
    }, slow);
    assert.match(text, /sizePerThread/, "the alias is resolved");
    await bench.screenshot(path.join(shots, "layout.png"));
    await bench.page.keyboard.press("Escape");
  },

  async "Open Passes... lists the passes of a stage and opens one"(bench) {
    await bench.command("irlens: Open Passes...");
    await bench.pick(/ttgir/, slow);
    const rows = await until("its passes", async () => {
      const all = await bench.quickPickRows();
      return all.some((row) => /ttgpuir\.coalesce/.test(row)) ? all : undefined;
    }, slow);
    assert(rows.some((row) => /convert_to_ttgpuir.*changed · \d+ ops/.test(row)), rows.join("\n"));
    await bench.screenshot(path.join(shots, "passes.png"));
    await bench.pick(/convert_to_ttgpuir/);
    await bench.untilText("001-ttir.convert_to_ttgpuir.mlir", /#ttg\.blocked/, slow);
    await until("its lenses", async () => (await bench.lensTitles()).some((title) => /pass 2 of \d+/.test(title)));
  },

  async "a pass is compared with the one before, and leads to the next"(bench) {
    await bench.goToLine("001-ttir.convert_to_ttgpuir.mlir", 1);
    await bench.command("irlens: Compare Pass With the One Before");
    await until("the difference", async () => (await bench.page.locator(".monaco-diff-editor:visible .line-insert").count()) > 0);
    await bench.screenshot(path.join(shots, "pass-diff.png"));
    await bench.command("irlens: Next Pass");
    await until("the next difference", async () => /ttgpuir\.coalesce/.test(await bench.tabTitles()));
    await bench.command("View: Close Editor");
    await bench.command("irlens: Open Passes...");
    await bench.pick(/ttgir/);
    await bench.pick(/convert_to_ttgpuir/, slow);
    await bench.goToLine("001-ttir.convert_to_ttgpuir.mlir", 1);
    await bench.page.keyboard.press("Alt+]");
    await bench.untilText("002-ttgpuir.coalesce.mlir", /tt\.func/);
  },

  async "Compare Stages... shows two of them against each other"(bench) {
    await bench.goToLine("copy.ttir", 1);
    await bench.command("irlens: Compare Stages...");
    await bench.pick(/ttgir/, slow);
    await bench.pick(/ttgir/);
    await until("the difference", async () => (await bench.page.locator(".monaco-diff-editor:visible .line-insert").count()) > 0, slow);
    assert.match(await bench.tabTitles(), /ttgir ↔ ttgir\.gfx942/);
    await bench.screenshot(path.join(shots, "stage-diff.png"));
    await bench.command("View: Close Editor");
  },

  async "a saved program opens its stages from the Explorer"(bench) {
    await bench.explorerMenu("saved.pt2", "Open irlens Stage...");
    await until("its stages", async () => (await bench.quickPickRows()).some((row) => /stablehlo/.test(row)), slow);
    await bench.page.locator(".quick-input-list .monaco-list-row", { hasText: "stablehlo" }).first().click();
    await bench.untilText("stablehlo.mlir", /stablehlo\.dot_general/, slow);
    await bench.screenshot(path.join(shots, "saved-program.png"));
  },

  async "a lens writes example inputs"(bench) {
    await bench.openFile("plain.py");
    await until("the lens", async () => (await bench.lensTitles()).some((title) => /add example inputs/.test(title)), slow);
    await bench.clickLens(/add example inputs/);
    await bench.untilText("plain.py", "# irlens: Plain()(torch.randn(1, 5))");
    await bench.save();
    await until("its stages", async () => (await bench.lensTitles()).some((title) => /linalg.*\d/i.test(title)), slow);
    await bench.openFile("model.py");
  },

  async "a RUN line is a stage; a CHECK that fails has a squiggle"(bench) {
    await bench.openFile("add_relu.mlir");
    await until("a lens of the RUN line", async () => (await bench.lensTitles()).some((title) => /run-1\b/i.test(title)), slow);
    await bench.clickLens(/run-1\b/i);
    await bench.untilText("run-1.mlir", /arith\.maximumf/, slow);
    await bench.goToLine("add_relu.mlir", fusedLine);
    await bench.page.keyboard.press("End");
    await bench.page.keyboard.insertText("_and_more");
    await bench.save();
    await until("a squiggle", async () => (await bench.page.locator(".squiggly-error:visible").count()) > 0, slow);
    await bench.screenshot(path.join(shots, "run-lines.png"));
    await bench.replaceLine("add_relu.mlir", fusedLine, "// FUSED:           arith.addf");
    await bench.save();
    await until("no squiggle", async () => (await bench.page.locator(".squiggly-error:visible").count()) === 0, slow);
  },

  async "an IR file is checked while somebody types"(bench) {
    await bench.replaceLine("add_relu.mlir", returnLine, "  return %nothing : tensor<64x64xf32>");
    await until("a squiggle", async () => (await bench.page.locator(".squiggly-error:visible").count()) > 0, slow);
    await bench.screenshot(path.join(shots, "typing.png"));
    await bench.replaceLine("add_relu.mlir", returnLine, "  return %relu : tensor<64x64xf32>");
    await until("no squiggle", async () => (await bench.page.locator(".squiggly-error:visible").count()) === 0, slow);
    await bench.openFile("model.py");
  },
};

/** Number in the margin beside the first visible line that matches. */
function irLine(bench, suffix, pattern) {
  return bench.page.evaluate(([end, source]) => {
    const editor = [...document.querySelectorAll(".monaco-editor[data-uri]")].find((e) => e.dataset.uri.endsWith(end));
    const line = [...editor.querySelectorAll(".view-line")].find((e) => new RegExp(source).test(e.textContent.replaceAll("\u00a0", " ")));
    const number = [...editor.querySelectorAll(".margin-view-overlays > div")].find((e) => e.style.top === line?.style.top);
    return parseInt(number?.textContent ?? "0", 10);
  }, [suffix, pattern.source]);
}

/** Line of the cursor as the status bar shows it. */
async function statusLine(bench) {
  const text = await bench.page.locator("#status\\.editor\\.selection").innerText();
  return parseInt(/Ln (\d+)/.exec(text)?.[1] ?? "0", 10);
}

async function hoverText(bench) {
  return (await bench.page.locator(".monaco-hover:visible").allInnerTexts()).join("\n").trim();
}

/** The bytes of an exported program, written by the tests' Python. */
function savedProgram() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "irlens-saved-"));
  try {
    const file = path.join(folder, "saved.pt2");
    const python = process.env.IRLENS_PYTHON ?? path.join(root, ".venv/bin/python");
    execFileSync(python, [path.join(here, "../save_program.py"), file], { stdio: "ignore" });
    return fs.readFileSync(file);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function main() {
  execFileSync("npm", ["run", "--silent", "package"], { cwd: path.join(root, "editors/vscode"), stdio: ["ignore", "ignore", "inherit"] });
  const settings = { "irlens.server.path": irlens };
  if (process.env.IRLENS_PYTHON) settings["irlens.python"] = process.env.IRLENS_PYTHON;
  const files = {
    "my models/model.py": model,
    "copy.ttir": fs.readFileSync(path.join(here, "../copy.ttir")),
    "saved.pt2": savedProgram(),
    "plain.py": plain,
    "add_relu.mlir": addRelu,
  };
  const bench = await Workbench.open({ files, settings });
  let failed = 0;
  try {
    for (const [name, test] of Object.entries(tests)) {
      const start = Date.now();
      try {
        await test(bench);
        console.log(`ok    ${name} (${Date.now() - start} ms)`);
      } catch (error) {
        failed += 1;
        console.log(`FAIL  ${name}\n${String(error?.stack ?? error).replace(/^/gm, "      ")}`);
        await bench.screenshot(path.join(shots, `failed-${failed}.png`));
        await bench.page.keyboard.press("Escape");
      }
    }
    await bench.screenshot(path.join(shots, "end.png"));
  } finally {
    await bench.close();
  }
  console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exit(await main());
