"""What users list stands in one table; every other place that shows it must agree."""

from __future__ import annotations

import json
import re
from typing import Any

from tree import files, text

SETTING_ROW = re.compile(r'Row\{\{"(\w+)",\s*"(\w+)",\s*"((?:\\.|[^"\\])*)"')
# Settings of the extension itself, which the server never sees.
CLIENT_SETTINGS = ("server.", "trace.")


def stages() -> list[str]:
    """Of models, kernels and archives; files that hold an IR have the rest of the same stages."""
    table = json.loads(text("ir_lowering/pipelines.json"))
    roots = {row["id"]: row["id"] for row in table["origins"]}
    found = []
    for row in table["stages"]:
        root = roots[row["from"]]
        # The nearest row above is meant, as in engine/table/table_builder.cpp.
        roots[row["id"]] = root
        found += [row["id"]] if root in ("model", "kernel", "archive") else []
    return found


def settings() -> dict[str, tuple[str, Any]]:
    """Name -> (type, default) of the rows in engine/table/settings.cpp."""
    rows = SETTING_ROW.findall(text("engine/table/settings.cpp"))
    assert rows, "engine/table/settings.cpp has no rows that this test can read"
    return {name: (kind, json.loads(fallback.replace('\\"', '"'))) for name, kind, fallback in rows}


def first_cells(heading: str) -> list[str]:
    """The names in backticks that begin the rows of the README's table below a heading."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text("README.md"), re.MULTILINE | re.DOTALL)
    assert section, f"README.md has no section {heading}"
    return re.findall(r"^\|\s*`([^`]+)`\s*\|", section.group(1), re.MULTILINE)


def test_readme_lists_the_stages() -> None:
    assert first_cells("Stages") == stages()


def test_readme_lists_the_settings() -> None:
    assert first_cells("Settings") == list(settings())


def test_extension_declares_the_settings() -> None:
    properties = json.loads(text("editors/vscode/package.json"))["contributes"]["configuration"]["properties"]
    names = {key.removeprefix("irlens."): row for key, row in properties.items()}
    declared = {
        name: (row["type"], row["default"]) for name, row in names.items() if not name.startswith(CLIENT_SETTINGS)
    }
    assert declared == settings()


def extensions(path: str, pattern: str) -> list[str]:
    lists = re.findall(pattern, text(path))
    assert lists, f"{path} has no list that this test can read"
    return [word for words in lists for word in re.findall(r"\w+", words)]


def test_editors_know_the_sources() -> None:
    sources = json.loads(text("ir_lowering/pipelines.json"))["origins"]
    known = {extension for source in sources for extension in source["extensions"]}
    assert set(extensions("editors/vscode/src/sources.ts", r"Extensions = \[(.*)\]")) == known
    assert set(extensions("editors/vim/autoload/irlens.vim", r"const SOURCES = \[(.*)\]")) == known
    assert set(extensions("editors/vim/lua/irlens/init.lua", r"local SOURCES = \{(.*)\}")) == known
    menu = r'"irlens.openStageOf", "when": "resourceExtname =~ /\^\\\\\.\((.*)\)\$/"'
    assert set(extensions("editors/vscode/package.json", menu)) == known


def test_each_stage_has_a_lowering_test() -> None:
    folders = {name.split("/")[2] for name in files() if name.startswith("tests/lowering/")}
    assert not set(stages()) - folders


def test_no_pass_pipeline_is_left_open() -> None:
    assert "TODO" not in text("ir_lowering/pipelines.json")
