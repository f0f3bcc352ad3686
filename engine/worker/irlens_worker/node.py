"""One stage in its own forked process, and the work that several stages share.

A node's process makes its stage, reports, and forks a process for each stage that is made
from it; those wait until the scheduler lets them go. So a crash, a memory blow-up or an
endless loop costs one stage, and nothing is ever copied or parsed again.
"""

from __future__ import annotations

import gc
import os
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import limits
from .artifacts import StageResult, write_json, write_passes, write_stage
from .channel import LineWriter, move_high
from .frames import exception_diagnostic
from .protocol import Frame, Json, Row
from .provider import Context, Provider, StageFailed


@dataclass
class Node:
    """A stage of an entry (`row` is set) or shared work before it; made before any fork."""

    index: int
    entry: str
    name: str
    row: Row | None
    parent: Node | None
    priority: int = 0
    # Where the entry stands: the line to blame when no other is known.
    place: list[Frame] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    # One byte here lets the process begin.
    go: tuple[int, int] = (-1, -1)
    # What the process says on stdout and stderr, and its stack when it dies or hangs.
    output: tuple[int, int] = (-1, -1)
    faults: int = -1

    def open(self) -> None:
        """Makes the descriptors; they must exist before any process of the job forks."""
        self.go = _high_pipe()
        self.output = _high_pipe()
        self.faults = move_high(os.memfd_create(f"faults-{self.index}"))

    def stages(self) -> list[Node]:
        """This node if it is a stage, else the stages that it prepares."""
        return [self] if self.row else [stage for child in self.children for stage in child.stages()]


@dataclass(frozen=True)
class NodeEnvironment:
    """What all nodes of a job share."""

    provider: Provider
    context: Context
    out: Path
    report: LineWriter


def fork_node(node: Node, state: Any, environment: NodeEnvironment, prepare_ms: float) -> int:
    """Forks the node's process and returns its id."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        limits.die_with_parent(parent)
        limits.default_signals()
        gc.freeze()
        os.dup2(node.output[1], 1)
        os.dup2(node.output[1], 2)
        os.read(node.go[0], 1)
        limits.report_faults(node.faults)
        limits.limit_memory(environment.context.memory_mb)
        _run(node, state, environment, prepare_ms)
        code = 0
    except BaseException:  # a bug of ours: the scheduler logs what stands on stderr
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)
    raise AssertionError("unreachable")


def _run(node: Node, state: Any, environment: NodeEnvironment, prepare_ms: float) -> None:
    report = environment.report
    report.send({"node": node.index, "pid": os.getpid(), "at": "start"})
    begin = time.perf_counter()
    result = _make(node, state, environment)
    ms = (time.perf_counter() - begin) * 1000 + prepare_ms
    status = result.status
    for stage in [node] if node.row else node.stages() if status != "ok" else []:
        assert stage.row is not None
        problem = _write(stage, stage.row, result, environment, ms)
        if problem:
            status = "failed"
            report.send({"node": stage.index, "at": "problem", "message": problem})
    report.send({"node": node.index, "at": "done", "status": status})
    if status != "ok" or not node.children:
        return
    pids = {fork_node(child, result.state, environment, 0.0 if node.row else ms): child for child in node.children}
    _reap(pids, result.state, environment)


def _make(node: Node, state: Any, environment: NodeEnvironment) -> StageResult:
    provider, context = environment.provider, environment.context
    try:
        if node.row is None:
            return StageResult(state=provider.prepare(node.name, state, context))
        return provider.make(node.row, state, context)
    except StageFailed as failure:
        return StageResult(
            text=failure.text,
            format=failure.format,
            diagnostics=failure.diagnostics,
            status=failure.status,
            passes=failure.passes,
        )
    except MemoryError as error:
        if node.row is not None and node.row.capture is None:
            raise  # ends this process; its parent can explain what took the memory
        return StageResult(diagnostics=[exception_diagnostic(error)], status="memory")
    except BaseException as error:
        return StageResult(diagnostics=[exception_diagnostic(error)], status="failed")


def _write(node: Node, row: Row, result: StageResult, environment: NodeEnvironment, ms: float) -> str:
    """Writes a stage's files; returns what went wrong."""
    try:
        if result.passes:
            write_passes(environment.out, node.entry, row.id, result.passes)
        write_stage(environment.out, node.entry, row.id, row.format, result, ms)
    except OSError as error:
        return f"cannot write {row.id}: {error.strerror or error}"
    return ""


def _reap(pids: dict[int, Node], state: Any, environment: NodeEnvironment) -> None:
    """Waits for the children and tells the scheduler how each ended."""
    while pids:
        pid, status, usage = os.wait4(-1, 0)
        node = pids.pop(pid, None)
        if node is None:
            continue
        full = limits.used_up(usage, environment.context.memory_mb)
        message: Json = {"node": node.index, "at": "exit", "status": status, "full": full}
        if status == 0 or node.row is None:
            environment.report.send({**message, "explain": False})
            continue
        environment.report.send({**message, "explain": True})
        path = environment.out / node.entry / f".{node.name}.explanation"
        write_json(path, _explain(node, node.row, state, environment))
        environment.report.send({"node": node.index, "at": "explained", "path": str(path)})


def _explain(node: Node, row: Row, state: Any, environment: NodeEnvironment) -> Json:
    found = None
    try:
        found = environment.provider.explain(row, state, environment.context)
        if found and found.passes:
            write_passes(environment.out, node.entry, row.id, found.passes)
    except Exception:  # the crash itself is reported anyway
        traceback.print_exc()
    if found is None:
        return {"status": "", "diagnostics": []}
    diagnostics = [diagnostic.to_json() for diagnostic in found.diagnostics]
    return {"status": found.status, "diagnostics": diagnostics, "text": found.text, "format": found.format}


def _high_pipe() -> tuple[int, int]:
    read, write = os.pipe()
    return move_high(read), move_high(write)
