// The real VS Code workbench in a headless browser: Microsoft's server (from the
// npm package code-server) with our extension installed as users get it, and Chromium.
// Everything it starts or writes is gone after close().
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

const here = import.meta.dirname;
const extension = path.resolve(here, "../../../editors/vscode/irlens.vsix");
const serverMain = path.join(here, "node_modules/code-server/lib/vscode/out/server-main.js");

/** Settings that keep typing and timing predictable. */
const quiet = {
  "editor.acceptSuggestionOnEnter": "off",
  "editor.autoClosingBrackets": "never",
  "editor.autoClosingQuotes": "never",
  "editor.autoIndent": "none",
  "editor.minimap.enabled": false,
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "files.autoSave": "off",
  "telemetry.telemetryLevel": "off",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
};

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Polls `condition` until it returns something true; names `what` when it never does. */
export async function until(what, condition, limit = 30_000) {
  const end = Date.now() + limit;
  for (let last; ; ) {
    try {
      last = await condition();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${limit / 1000} s for ${what}; last: ${String(last)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export class Workbench {
  /**
   * Opens `files` (name -> text or bytes) as a workspace, and the first of them in an editor.
   * `settings` are the workspace's, on top of the quiet ones.
   */
  static async open({ files, settings, env = {}, width = 1500, height = 900 }) {
    const bench = new Workbench();
    try {
      await bench.#start(files, settings, env, { width, height });
      return bench;
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  #server;
  #browser;
  #serverLog = "";

  async #start(files, settings, env, viewport) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "irlens-vscode-"));
    this.workspace = path.join(this.folder, "a wörkspace");
    const all = { ...files, ".vscode/settings.json": JSON.stringify({ ...quiet, ...settings }) };
    for (const [name, text] of Object.entries(all)) {
      const file = path.join(this.workspace, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
    const host = `127.0.0.1:${await freePort()}`;
    await this.#startServer(host, env);
    this.#browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox"],
    });
    this.page = await this.#browser.newPage({ viewport });
    const remote = (file) => `vscode-remote://${host}${encodeURI(file)}`;
    const payload = [
      ["skipWelcome", "true"],
      ["openFile", remote(path.join(this.workspace, Object.keys(files)[0]))],
    ];
    await this.page.goto(
      `http://${host}/?folder=${encodeURIComponent(this.workspace)}&payload=${encodeURIComponent(JSON.stringify(payload))}`,
    );
  }

  async #startServer(host, env) {
    const folder = (name) => path.join(this.folder, name);
    const port = host.split(":")[1];
    const common = [
      "--accept-server-license-terms", "--user-data-dir", folder("user"), "--server-data-dir", folder("server"),
      "--extensions-dir", folder("extensions"), "--disable-telemetry",
    ];
    execFileSync(process.execPath, [serverMain, ...common, "--install-extension", extension], { stdio: "ignore" });
    // A process group of its own: extension host and language server go with it.
    this.#server = spawn(
      process.execPath,
      [
        serverMain, ...common, "--enable-smoke-test-driver", "--without-connection-token",
        "--host", "127.0.0.1", "--port", port, "--disable-workspace-trust",
      ],
      { detached: true, env: { ...process.env, XDG_CACHE_HOME: folder("cache"), ...env }, stdio: ["ignore", "pipe", "pipe"] },
    );
    const keep = (chunk) => { this.#serverLog += chunk; };
    this.#server.stdout.on("data", keep);
    this.#server.stderr.on("data", keep);
    await until("the workbench server", () => this.#serverLog.includes("listening on"), 60_000);
  }

  async close() {
    await this.#browser?.close();
    if (this.#server?.pid) {
      const gone = new Promise((resolve) => this.#server.once("exit", resolve));
      // The extension host is asked first, so that it can end the language server.
      for (const signal of ["SIGTERM", "SIGKILL"]) {
        try { process.kill(-this.#server.pid, signal); } catch { break; }
        await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 3000))]);
      }
    }
    if (this.folder) fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async screenshot(file) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
  }

  /** The text that is visible in the editor whose URI ends with `suffix`. */
  async visibleText(suffix) {
    return this.page.evaluate((end) => {
      const editor = [...document.querySelectorAll(".monaco-editor[data-uri]")].find((e) => e.dataset.uri.endsWith(end));
      const lines = [...(editor?.querySelectorAll(".view-line") ?? [])];
      lines.sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top));
      return lines.map((line) => line.textContent.replaceAll("\u00a0", " ")).join("\n");
    }, suffix);
  }

  untilText(suffix, wanted, limit) {
    const matches = (text) => (wanted instanceof RegExp ? wanted.test(text) : text.includes(wanted));
    return until(`${wanted} in ${suffix}`, async () => {
      const text = await this.visibleText(suffix);
      return matches(text) ? text : undefined;
    }, limit);
  }

  /** URI of the editor that has the keyboard focus, "" when none has. */
  focusedUri() {
    return this.page.evaluate(() => document.activeElement?.closest(".monaco-editor[data-uri]")?.dataset.uri ?? "");
  }

  lensTitles() {
    return this.page.$$eval(".codelens-decoration a", (links) => links.map((link) => link.textContent));
  }

  async clickLens(title) {
    await this.page.locator(".codelens-decoration a", { hasText: title }).first().click();
  }

  /** Gives the focus to an open editor and puts the cursor on a line (from 1). */
  async goToLine(suffix, line, column = 1) {
    const box = await this.page.locator(`.monaco-editor[data-uri$="${suffix}"]`).first().boundingBox();
    await this.page.mouse.click(box.x + box.width * 0.7, box.y + box.height - 40);
    await this.page.keyboard.press("Control+g");
    await this.page.locator(".quick-input-widget input").first().waitFor({ state: "visible" });
    await this.page.keyboard.type(`${line}:${column}`);
    await this.page.keyboard.press("Enter");
  }

  async replaceLine(suffix, line, text) {
    await this.goToLine(suffix, line);
    await this.page.keyboard.press("Shift+End");
    await this.page.keyboard.insertText(text);
  }

  async save() {
    await this.page.keyboard.press("Control+s");
  }

  async command(title) {
    await this.page.keyboard.press("F1");
    await this.page.locator(".quick-input-widget input").first().waitFor({ state: "visible" });
    await this.page.keyboard.insertText(title);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().click();
  }

  /** Opens a file of the workspace where the sources are. */
  async openFile(name) {
    await this.command("View: Focus First Editor Group");
    await this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).first().dblclick();
    await this.page.locator(`.monaco-editor[data-uri$="${name}"]`).first().waitFor({ state: "visible" });
  }

  /** Chooses an item of a file's menu in the Explorer. */
  async explorerMenu(name, item) {
    await this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).first().click({ button: "right" });
    // The menu takes no click in its first moments.
    await this.page.locator(".monaco-menu .action-item", { hasText: item }).first().hover();
    await this.page.keyboard.press("Enter");
  }

  /** Chooses the first row of a quick pick that matches, once there is one. */
  async pick(pattern, limit) {
    await until(`${pattern} to choose`, async () => (await this.quickPickRows()).some((row) => pattern.test(row)), limit);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: pattern }).first().click();
  }

  /** The names of all tabs, a line each. */
  async tabTitles() {
    return (await this.page.locator(".tabs-container .tab .label-name").allInnerTexts()).join("\n");
  }

  quickPickRows() {
    return this.page.$$eval(".quick-input-list .monaco-list-row", (rows) => rows.map((row) => row.textContent));
  }
}
