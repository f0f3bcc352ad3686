"""Save of an .mlir file to the new text in its document: irlens, and the tools run by hand."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

from chain import TOOLS
from client import Client, changed_text, text_of

# Rows of examples/ir/.irlens.json, from the first stage of the file to assembly.
ROWS = ("tiled.steps.00-mlir-opt", "tiled", "tiled-x86")
# Seconds between two saves; nobody saves faster.
_PAUSE = 0.5
# What each save changes, so that every stage is another one.
_CHANGED = "arith.constant 0.0 : f32"


def commands_of(configuration: Path) -> dict[str, list[list[str]]]:
    """The tools of each row and of those before it."""
    text = re.sub(r"^ *//.*$", "", configuration.read_text(encoding="utf-8"), flags=re.MULTILINE)
    rows = json.loads(re.sub(r",(\s*[\]}])", r"\1", text))["rows"]
    commands: dict[str, list[list[str]]] = {}
    for row in rows:
        steps = row["steps"] if isinstance(row["steps"], list) else [row["steps"]]
        tools = [shlex.split(tool) for step in steps for tool in step.split("|")]
        commands[row["id"]] = commands.get(row["from"], []) + tools
    commands["tiled.steps.00-mlir-opt"] = commands["tiled"][:1]
    return commands


def ir_file_times(work: Path, root: Path, server: list[str], repeat: int) -> None:
    """A row per document."""
    folder = work / "ir"
    shutil.copytree(root / "examples/ir", folder)
    path = folder / "add_relu.mlir"
    text = path.read_text(encoding="utf-8")
    commands = commands_of(folder / ".irlens.json")
    print("\n## Save of an .mlir file to the new text in its document (medians)\n")
    print("| document | warm | the same tools by hand | ratio |\n|---|---|---|---|")
    for row in ROWS:
        warm, by_hand = _turns(work, path, text, row, commands[row], server, 4 * repeat)
        print(f"| {row} | {warm:.1f} ms | {by_hand:.1f} ms | {by_hand / warm:.1f} x |")


def _turns(
    work: Path, path: Path, text: str, row: str, tools: list[list[str]], server: list[str], repeat: int
) -> tuple[float, float]:
    """irlens and the tools take turns, so that both meet the same machine."""
    path.write_text(text, encoding="utf-8")
    shutil.rmtree(work / "cache-ir", ignore_errors=True)
    client = Client(server, work / "cache-ir", work)
    client.open(path)
    uri = _uri_of(client, path, row)
    shown = text_of(client, uri)
    times, by_hand = [], []
    for count in range(repeat + 1):
        time.sleep(_PAUSE)
        changed = text.replace(_CHANGED, f"arith.constant {count + 1}.5 : f32")
        by_hand.append(_by_hand(changed, tools))
        path.write_text(changed, encoding="utf-8")
        since = client.save(path)
        when, shown = changed_text(client, uri, shown)
        times.append((when - since) * 1000)
    client.close()
    return statistics.median(times[1:]), statistics.median(by_hand[1:])


def _uri_of(client: Client, path: Path, row: str) -> str:
    """Of the row's document, when it is made."""
    command: dict[str, Any] = {"command": "irlens.stages", "arguments": [path.as_uri()]}
    if ".steps." in row:
        command = {"command": "irlens.steps", "arguments": [path.as_uri(), path.stem, row.split(".")[0]]}
    while True:
        found = client.request("workspace/executeCommand", command) or []
        rows = found["steps"] if isinstance(found, dict) else found
        for stage in rows:
            uri: str = stage["uri"]
            is_meant = uri.rsplit("/", 1)[1].startswith(f"{row}.")
            if is_meant and text_of(client, uri) and stage["status"] == "ok":
                return uri
        time.sleep(0.1)


def _by_hand(text: str, tools: list[list[str]]) -> float:
    before = time.perf_counter()
    data = text.encode()
    for name, *arguments in tools:
        data = subprocess.run([TOOLS / name, *arguments], input=data, capture_output=True, check=True).stdout
    return (time.perf_counter() - before) * 1000
