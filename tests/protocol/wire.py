"""Checks messages of the server against the types of LSP.

The schema is made at test time from wire/wire_types.ts and the npm package
vscode-languageserver-protocol, and allows no member that the types do not have.
"""

from __future__ import annotations

import json
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

HERE = Path(__file__).parent
GENERATOR = HERE / "node_modules" / ".bin" / "ts-json-schema-generator"


@lru_cache(maxsize=1)
def validators() -> dict[str, jsonschema.Draft7Validator]:
    """One validator per row of wire_types.ts, by its name ("METHOD:params")."""
    if not GENERATOR.exists():
        pytest.fail("tests/protocol/node_modules is missing: make setup-test", pytrace=False)
    command = [str(GENERATOR), "--path", "wire_types.ts", "--type", "Wire", "--tsconfig", "tsconfig.json"]
    done = subprocess.run([*command, "--no-type-check"], cwd=HERE / "wire", capture_output=True, text=True, check=True)
    schema = json.loads(done.stdout)
    definitions = schema["definitions"]
    return {
        name: jsonschema.Draft7Validator({**row, "definitions": definitions})
        for name, row in definitions["Wire"]["properties"].items()
    }


def row_of(message: dict[str, Any], requests: dict[Any, str]) -> tuple[str, Any]:
    """The row that a message has to fit, and the part of it that has to."""
    if "method" in message:
        return f"{message['method']}:params", message.get("params")
    if "error" in message:
        return "error", message["error"]
    return f"{requests.get(message['id'], 'unasked')}:result", message["result"]


def violations(message: dict[str, Any], requests: dict[Any, str]) -> list[str]:
    """What is wrong with a message; `requests` are our own, method by id."""
    wrong = []
    if message.get("jsonrpc") != "2.0":
        wrong.append("no jsonrpc member")
    allowed = {"jsonrpc", "id", "method", "params"} if "method" in message else {"jsonrpc", "id", "result", "error"}
    if extra := set(message) - allowed:
        wrong.append(f"members {extra}")
    if (
        "method" in message
        and "id" in message
        and not (isinstance(message["id"], int) and message["id"] >= 1_000_000_000)
    ):
        wrong.append(f"id {message['id']} of a server's request")
    name, value = row_of(message, requests)
    validator = validators().get(name)
    if validator is None:
        return [*wrong, f"no row {name} in wire_types.ts"]
    return wrong + [f"{name}: {error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def check_session(received: list[dict[str, Any]], requests: dict[Any, str]) -> None:
    """Every message fits its type, and every request was answered at most once."""
    for message in received:
        wrong = violations(message, requests)
        assert not wrong, f"{wrong}\n{json.dumps(message)[:2000]}"
    answered = [json.dumps(m["id"]) for m in received if "method" not in m and m["id"] is not None]
    assert len(answered) == len(set(answered)), "a request was answered twice"
