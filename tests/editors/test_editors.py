"""A user's first minutes with irlens in Neovim and in Vim.

The tests of one editor share a session and run in the order of the file.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from drivers import Editor, until

HIDDEN_LINE, CLASS_LINE, RELU_LINE = 4, 7, 14
SLOW = float(os.environ.get("IRLENS_TEST_SECONDS", "120"))  # the first run imports torch


def save(editor: Editor, line: int, text: str) -> None:
    editor.eval(f"setbufline('model.py', {line}, '{text}')")
    editor.command("silent write")


def in_source(editor: Editor) -> None:
    editor.command("execute bufwinnr('model.py') .. 'wincmd w'")


def in_document(editor: Editor, name: str) -> None:
    editor.command(f"execute bufwinnr('{name}$') .. 'wincmd w'")


def buffer_name(editor: Editor) -> str:
    return str(editor.eval("bufname('%')"))


def line_of(text: str, wanted: str) -> int:
    return 1 + next(i for i, line in enumerate(text.splitlines()) if wanted in line)


def row_with(editor: Editor, text: str) -> str:
    """The row of the screen that shows the text, "" when none does."""
    return next((row for row in editor.screen().splitlines() if text in row), "")


def open_stage(editor: Editor, stage: str, file: str, wanted: str) -> str:
    in_source(editor)
    editor.command(f"IRLens {stage}")
    return until(f"{wanted} in {file}", lambda: t if wanted in (t := editor.lines(file)) else "", SLOW)


def test_lenses_stand_above_the_model(editor: Editor) -> None:
    screen = until("a lens with a number", lambda: s if "linalg ·" in (s := editor.screen()) else "", SLOW)
    rows = screen.splitlines()
    lens = next(i for i, row in enumerate(rows) if "linalg ·" in row)
    code = next(i for i, row in enumerate(rows) if "class Net" in row)
    assert lens < code, screen


def test_stage_names_are_completed(editor: Editor) -> None:
    names = editor.eval("getcompletion('IRLens l', 'cmdline')")
    assert "linalg" in names and "llvm-ir" in names
    assert all(name.startswith("l") for name in names)


def test_stage_opens_beside_the_source(editor: Editor) -> None:
    open_stage(editor, "linalg", "linalg.mlir", "2x32xf32")
    assert buffer_name(editor) == "model.py", "the cursor stays in the source"
    document = "bufnr('linalg.mlir$')"
    assert editor.eval(f"getbufvar({document}, '&filetype')") == "mlir"
    assert editor.eval(f"getbufvar({document}, '&buftype')") == "nofile"
    assert editor.eval(f"getbufvar({document}, '&modifiable')") == 0
    until("both", lambda: all(text in editor.screen() for text in ("func.func", "class Net")))


def test_save_updates_the_document_and_keeps_its_cursor(editor: Editor) -> None:
    text = editor.lines("linalg.mlir")
    in_document(editor, "linalg.mlir")
    editor.command(f"call cursor({line_of(text, 'return')}, 5)")
    in_source(editor)
    save(editor, HIDDEN_LINE, "HIDDEN = 48")
    updated = until("the new size", lambda: t if "2x48xf32" in (t := editor.lines("linalg.mlir")) else "", SLOW)
    assert "2x32xf32" not in updated
    in_document(editor, "linalg.mlir")
    assert "return" in editor.eval("getline('.')")


def test_definition_leads_to_the_python_line(editor: Editor) -> None:
    in_document(editor, "linalg.mlir")
    editor.command(f"call cursor({line_of(editor.lines('linalg.mlir'), 'arith.cmpf')}, 12)")
    editor.command("IRLensDefinition")
    until("model.py", lambda: buffer_name(editor).endswith("model.py"))
    assert editor.eval("line('.')") == RELU_LINE


def test_hover_shows_the_other_side(editor: Editor) -> None:
    open_stage(editor, "linalg", "linalg.mlir", "2x48xf32")
    in_source(editor)
    editor.command(f"call cursor({RELU_LINE}, 20)")
    editor.command("IRLensHover")
    until("the ops in a window", lambda: "relu" in editor.screen().replace("torch.relu(self", ""))
    editor.keys("j")


def test_implementation_lists_the_ops(editor: Editor) -> None:
    in_source(editor)
    editor.command(f"call cursor({RELU_LINE}, 20)")
    editor.command("IRLensImplementation")
    rows = until("places", lambda: editor.eval("map(getqflist() + getloclist(0), 'bufname(v:val.bufnr)')"))
    assert any(row.endswith("linalg.mlir") for row in rows), rows
    editor.command("cclose | lclose")


def test_unsupported_op_is_a_diagnostic_on_its_line(editor: Editor) -> None:
    code = "        y = torch.fft.fft2(self.up(x)).abs()"
    in_source(editor)
    save(editor, RELU_LINE, code)

    def found() -> list[list[object]]:
        editor.command("silent IRLensDiagnostics")
        return [row for row in editor.eval("map(getloclist(0), '[v:val.lnum, v:val.text]')") if "fft" in row[1]]

    rows = until("the op in the list", found, SLOW)
    assert all(row[0] == RELU_LINE for row in rows), rows
    until("a sign before the line", lambda: row_with(editor, code.strip()).startswith("E"))
    editor.command("lclose")
    assert "2x48xf32" in editor.lines("linalg.mlir"), "the last good text stays"


def test_mended_model_clears_the_diagnostic(editor: Editor) -> None:
    in_source(editor)
    save(editor, RELU_LINE, "        y = torch.relu(self.up(x))")
    until("no sign", lambda: (row := row_with(editor, "y = torch.relu")) and not row.startswith("E"), SLOW)


def test_lens_runs(editor: Editor) -> None:
    in_source(editor)
    editor.command(f"call cursor({CLASS_LINE}, 1)")
    editor.keys(":IRLensLens\r")
    choice = until("the menu", lambda: re.search(r"^ *(\d+): llvm-ir\b", editor.screen(), re.MULTILINE))
    editor.keys(f"{choice[1]}\r")
    until("the document", lambda: "define" in editor.lines("llvm-ir.ll"), SLOW)


def test_lens_writes_example_inputs(editor: Editor) -> None:
    plain = ["import torch", "class Plain(torch.nn.Module):", "    def __init__(self):", "        super().__init__()"]
    plain += ["        self.fc = torch.nn.Linear(5, 3)", "    def forward(self, x):", "        return self.fc(x)"]
    editor.command("split plain.py")
    editor.eval(f"setline(1, {json.dumps(plain)})")
    editor.command("silent write")
    until("the lens", lambda: row_with(editor, "add example inputs"), SLOW)
    editor.command("call cursor(2, 1)")
    editor.keys(":IRLensLens\r")
    lines = until("the comment", lambda: t if "# irlens:" in (t := editor.lines("plain.py")) else "").splitlines()
    assert lines == [plain[0], "# irlens: Plain()(torch.randn(1, 5))", *plain[1:]]
    editor.command("silent write")
    until("its stages", lambda: "linalg ·" in editor.screen(), SLOW)
    editor.command("close")


def test_restart_brings_the_documents_back(editor: Editor) -> None:
    in_source(editor)
    # Typed, and awaited by eye: Neovim takes no expressions while a command waits.
    editor.keys(":execute 'IRLensRestart' | set statusline=restarted\r")
    until("the restart", lambda: row_with(editor, "restarted "))
    editor.command("set statusline=")
    save(editor, HIDDEN_LINE, "HIDDEN = 24")
    until("the new size", lambda: "[24 x float]" in editor.lines("llvm-ir.ll"), SLOW)


def test_triton_ir_on_its_own(editor: Editor) -> None:
    in_source(editor)
    editor.command("split copy.ttir")
    until("its lenses", lambda: row_with(editor, "ttgir"), SLOW)
    editor.command("IRLens ttgir")
    until("the document", lambda: "#ttg.blocked" in editor.lines("ttgir.mlir"), SLOW)
    editor.command("close")


def test_steps_of_a_stage_of_ones_own(editor: Editor) -> None:
    editor.command("tab split own.mlir")
    until("its stages", lambda: "mine" in editor.eval("getcompletion('IRLensPasses m', 'cmdline')"), SLOW)
    editor.command("IRLensPasses mine")
    assert buffer_name(editor).endswith("/mine.steps.txt"), "the cursor is in the list"
    text = until("the list", lambda: t if "mlir-opt" in (t := editor.lines("steps.txt")) else "", SLOW)
    editor.command(f"call cursor({line_of(text, 'mlir-opt')}, 1)")
    editor.keys("\r")
    until("the first step", lambda: "arith.constant 42" in editor.lines("mine.steps.00-mlir-opt.mlir"), SLOW)
    editor.command("tabclose")


def test_passes_of_a_stage(editor: Editor) -> None:
    editor.command("tab split copy.ttir")
    names = until("stages with passes", lambda: editor.eval("getcompletion('IRLensPasses t', 'cmdline')"), SLOW)
    assert "ttgir" in names and "triton-llvm-ir" in names and "ptx" not in names
    editor.command("IRLensPasses ttgir")
    assert buffer_name(editor).endswith("/ttgir.passes.txt"), "the cursor is in the list"
    text = until("the list", lambda: t if "ttgpuir.coalesce" in (t := editor.lines("passes.txt")) else "", SLOW)
    editor.command(f"call cursor({line_of(text, 'convert_to_ttgpuir')}, 1)")
    editor.keys("\r")
    until("the pass", lambda: buffer_name(editor).endswith("001-ttir.convert_to_ttgpuir.mlir"))
    until("its text", lambda: "#ttg.blocked" in editor.lines("convert_to_ttgpuir.mlir"))
    until("its lenses", lambda: row_with(editor, "pass 2 of"))


def test_what_a_pass_changed(editor: Editor) -> None:
    editor.command("IRLensDiffPass")
    in_diff(editor, "000-input.mlir", "001-ttir.convert_to_ttgpuir.mlir")
    assert "convert_to_ttgpuir" in buffer_name(editor), "the cursor is in the later one"
    editor.keys("]p")
    in_diff(editor, "001-ttir.convert_to_ttgpuir.mlir", "002-ttgpuir.coalesce.mlir")


def test_two_stages_are_compared(editor: Editor) -> None:
    assert "ttgir.gfx942" in editor.eval("getcompletion('IRLensDiff ttgir', 'cmdline')")
    editor.command("IRLensDiff ttgir ttgir.gfx942")
    in_diff(editor, "ttgir.mlir", "ttgir.gfx942.mlir")
    until("one target", lambda: "cuda:90" in editor.lines("/ttgir.mlir"), SLOW)
    until("the other", lambda: "hip:gfx942" in editor.lines("ttgir.gfx942.mlir"), SLOW)
    editor.command("tabclose")


def in_diff(editor: Editor, *expected: str) -> None:
    """Waits until these documents are what this tab page shows in diff mode, from left to right."""
    windows = "filter(range(1, winnr('$')), 'getwinvar(v:val, \"&diff\")')"

    def found() -> bool:
        names = editor.eval(f"map({windows}, 'bufname(winbufnr(v:val))')")
        return [re.sub(r".*/(\w+\.passes\.)?", "", name) for name in names] == list(expected)

    until(f"{expected} in diff mode", found)


def test_saved_program(editor: Editor, saved_program: Path) -> None:
    in_source(editor)
    editor.command(f"split {saved_program}")
    assert "is a saved program" in editor.lines("saved.pt2")
    until("its stages", lambda: "stablehlo" in editor.eval("getcompletion('IRLens s', 'cmdline')"), SLOW)
    editor.command("IRLens stablehlo")
    until("the document", lambda: "stablehlo.dot_general" in editor.lines("saved-.*stablehlo.mlir"), SLOW)
    editor.command("close")


@pytest.mark.parametrize("stage", ["nonsense"])
def test_unknown_stage_is_said(editor: Editor, stage: str) -> None:
    in_source(editor)
    editor.command(f"IRLens {stage}")
    assert stage in str(editor.eval("execute('messages')"))
