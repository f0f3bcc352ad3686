"""Stages in forked processes, and the work that several stages share.

A process makes its stage, reports, and goes on with the stage that is made from it; when
there are several, it forks a process for each. All wait until the scheduler lets them go. So
a crash, a memory blow-up or an endless loop costs one stage, nothing is ever parsed again,
and a line of stages costs one fork (5 ms, and more for the pages that it copies). When a line is
all there is, the job's own process makes it (`make_line`), and is replaced if it dies of that.
"""

from __future__ import annotations

import gc
import mmap
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import limits
from .artifacts import StageResult, write_json, write_passes, write_stage
from .channel import move_high
from .frames import exception_diagnostic
from .given_text import GivenText
from .protocol import Diagnostic, Frame, Json, Row
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
    # Tells the scheduler what happens; in its process or through a pipe.
    report: Callable[[Json], None]


@dataclass(frozen=True)
class Chain:
    """A process that makes `first` and then, while there is a single next one, that."""

    pid: int
    first: Node
    # Memory of both sides: the index of the node that it makes.
    at: mmap.mmap

    def current(self) -> Node:
        """What it makes, or was making when it died."""
        index, node = int.from_bytes(self.at[:8], "little"), self.first
        while node.index != index:
            (node,) = node.children
        return node


def fork_chain(node: Node, state: Any, environment: NodeEnvironment, prepare_ms: float) -> Chain:
    """Forks the process that makes this node from `state`."""
    parent = os.getpid()
    at = mmap.mmap(-1, 8)
    at[:8] = node.index.to_bytes(8, "little")
    pid = os.fork()
    if pid:
        return Chain(pid, node, at)
    code = 70
    try:
        limits.die_with_parent(parent)
        gc.freeze()
        _run(node, state, environment, prepare_ms, at)
        code = 0
    except BaseException:  # a bug of ours: the scheduler logs what stands on stderr
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)
    raise AssertionError("unreachable")


def is_line(nodes: list[Node]) -> bool:
    """Whether one process can make all of them, one after the other."""
    return sum(node.parent is None for node in nodes) == 1 and all(len(node.children) <= 1 for node in nodes)


def make_line(node: Node, state: Any, environment: NodeEnvironment) -> None:
    """Makes the node and those after it, a line, in this process, as far as they succeed.

    A crash ends the process. Raises MemoryError.
    """
    limits.default_signals()
    _make_along(node, state, environment, 0.0, lambda _: limits.limit_memory(environment.context.memory_mb))


def fork_explainer(chain: Chain, lost: Node, state: Any, environment: NodeEnvironment) -> int:
    """Forks a process that makes the chain's `state` go as far as before `lost`, and writes to
    explanation_path why that one crashed. Returns its id."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        limits.die_with_parent(parent)
        limits.default_signals()
        limits.limit_memory(environment.context.memory_mb)
        assert lost.parent and lost.row
        _redirect(lost.parent)
        node = chain.first
        while node is not lost:
            state = _state_after(node, _make(node, state, environment), environment)
            (node,) = node.children
        write_json(explanation_path(lost, environment), _explain(lost, lost.row, state, environment))
    except BaseException:  # the crash itself is reported anyway
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(0)
    raise AssertionError("unreachable")


def explanation_path(node: Node, environment: NodeEnvironment) -> Path:
    """Where the process that explains a crash leaves what it found."""
    return environment.out / node.entry / f".{node.name}.explanation"


def _become(node: Node, environment: NodeEnvironment, at: mmap.mmap) -> None:
    """From here on this process is the node's; waits until it may go."""
    at[:8] = node.index.to_bytes(8, "little")
    limits.default_signals()
    _redirect(node)
    os.read(node.go[0], 1)
    limits.report_faults(node.faults)
    limits.limit_memory(environment.context.memory_mb)


def _redirect(node: Node) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(node.output[1], 1)
    os.dup2(node.output[1], 2)


def _run(node: Node, state: Any, environment: NodeEnvironment, prepare_ms: float, at: mmap.mmap) -> None:
    """Makes the node and those after it as long as there is one next, then forks a process for each."""
    end = _make_along(node, state, environment, prepare_ms, lambda node: _become(node, environment, at))
    if end is None:
        return
    node, state, prepare_ms = end
    chains = [fork_chain(child, state, environment, prepare_ms) for child in node.children]
    _reap({chain.pid: chain for chain in chains}, state, environment)


def _make_along(
    node: Node, state: Any, environment: NodeEnvironment, prepare_ms: float, begin: Callable[[Node], None]
) -> tuple[Node, Any, float] | None:
    """Makes the node and those after it as long as there is one next; calls `begin` before each.

    The node that has several next ones, its state and the milliseconds that count as theirs; None
    when there is nothing left to make.
    """
    while True:
        begin(node)
        result, ms = _make_and_report(node, state, environment, prepare_ms)
        if result is None or not node.children:
            return None
        state, prepare_ms = _state_after(node, result, environment), 0.0 if node.row else ms
        if len(node.children) > 1:
            return node, state, prepare_ms
        (node,) = node.children


def _make_and_report(
    node: Node, state: Any, environment: NodeEnvironment, prepare_ms: float
) -> tuple[StageResult | None, float]:
    """The result, None if it failed, and the milliseconds that it took."""
    report = environment.report
    report({"node": node.index, "pid": os.getpid(), "at": "start"})
    begin = time.perf_counter()
    result = _make(node, state, environment)
    ms = (time.perf_counter() - begin) * 1000 + prepare_ms
    status = result.status
    for stage in [node] if node.row else node.stages() if status != "ok" else []:
        assert stage.row is not None
        problem = _write(stage, stage.row, result, environment, ms)
        if problem:
            status = "failed"
            report({"node": stage.index, "at": "problem", "message": problem})
    report({"node": node.index, "at": "done", "status": status})
    return (result if status == "ok" else None), ms


def _make(node: Node, state: Any, environment: NodeEnvironment) -> StageResult:
    provider, context = environment.provider, environment.context
    try:
        if node.row is None:
            return StageResult(state=provider.prepare(node.name, state, context))
        return provider.make(node.row, _state_for(node, node.row, state, environment), context)
    except StageFailed as failure:
        return StageResult(
            text=failure.text,
            format=failure.format,
            diagnostics=failure.diagnostics,
            status=failure.status,
            stderr=failure.stderr,
            passes=failure.passes,
        )
    except MemoryError as error:
        if node.row is not None and node.row.capture is None:
            raise  # ends this process; its parent can explain what took the memory
        return StageResult(diagnostics=[exception_diagnostic(error)], status="memory")
    except BaseException as error:
        return StageResult(diagnostics=[exception_diagnostic(error)], status="failed")


def _state_for(node: Node, row: Row, state: Any, environment: NodeEnvironment) -> Any:
    """What the stage starts from: a tool from the text of the stage before it, as it stands in its file, and
    whatever follows a tool from what its provider reads there. Raises StageFailed."""
    if row.tool and not isinstance(state, GivenText):
        if node.parent is None or node.parent.row is None:
            raise StageFailed([Diagnostic(f"{row.tool} works on the text of a stage, and there is none before it")])
        return _text_of(node.parent, node.parent.row.format, environment)
    if isinstance(state, GivenText) and not row.tool:
        name = environment.provider.loader(row)
        return state if name is None else environment.provider.prepare(name, state, environment.context)
    return state


def _state_after(node: Node, result: StageResult, environment: NodeEnvironment) -> Any:
    """What the stages made from the node start from."""
    if node.row is None or not node.row.tool:
        return result.state
    return _text_of(node, result.format or node.row.format, environment)


def _text_of(node: Node, format: str, environment: NodeEnvironment) -> GivenText:
    return GivenText(environment.out / node.entry / f"{node.name}.raw", node.name, format)


def _write(node: Node, row: Row, result: StageResult, environment: NodeEnvironment, ms: float) -> str:
    """Writes a stage's files; returns what went wrong."""
    try:
        if result.passes:
            write_passes(environment.out, node.entry, row.id, result.passes)
        write_stage(environment.out, node.entry, row.id, row.format, result, ms)
    except OSError as error:
        return f"cannot write {row.id}: {error.strerror or error}"
    return ""


def _reap(chains: dict[int, Chain], state: Any, environment: NodeEnvironment) -> None:
    """Waits for the children and tells the scheduler how each ended."""
    while chains:
        pid, status, usage = os.wait4(-1, 0)
        chain = chains.pop(pid, None)
        if chain is None:
            continue
        node = chain.current()
        full = limits.used_up(usage, environment.context.memory_mb)
        message: Json = {"node": node.index, "at": "exit", "status": status, "full": full}
        if status == 0 or node.row is None:
            environment.report({**message, "explain": False})
            continue
        environment.report({**message, "explain": True})
        os.waitpid(fork_explainer(chain, node, state, environment), 0)
        environment.report({"node": node.index, "at": "explained"})


def _explain(node: Node, row: Row, state: Any, environment: NodeEnvironment) -> Json:
    found = None
    try:
        state = _state_for(node, row, state, environment)
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
