"""Decides which stage of a job runs next, and turns what happens to it into events.

Runs in the job's child, after the user's file has run, as a loop on that process's only
thread. The stages themselves run in the processes of node.py.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import limits
from .artifacts import StageResult, write_stage
from .channel import LineReader, LineWriter
from .frames import is_library_file, is_own_file
from .node import Chain, Node, NodeEnvironment, explanation_path, fork_chain, fork_explainer, is_line, make_line
from .output import OutputSink
from .protocol import Diagnostic, Frame, Json, Limits, Row
from .provider import Context, Provider

# Share of a job's time that one stage may take before it counts as hanging.
PATIENCE = 0.4

Send = Callable[[Json], None]


def plan_nodes(roots: Mapping[str, str], rows: list[Row], prerequisite: Callable[[Row], str | None]) -> list[Node]:
    """The nodes of all entries, parents before children.

    `roots` maps each entry to the name that its first rows give as `from`. A node is as urgent as the most
    urgent stage that is made from it; rows come in the order in which they are wanted.
    """
    nodes: list[Node] = []

    def add(entry: str, name: str, row: Row | None, parent: Node | None) -> Node:
        node = Node(len(nodes), entry, name, row, parent)
        nodes.append(node)
        if parent:
            parent.children.append(node)
        return node

    def grow(entry: str, above_id: str, parent: Node | None, shared: dict[str, Node]) -> None:
        for row in rows:
            if row.parent != above_id or not row.is_for(entry, roots[entry]):
                continue
            above = parent
            name = prerequisite(row) if parent is None else None
            if name is not None:
                above = shared.get(name) or add(entry, name, None, None)
                shared[name] = above
            grow(entry, row.id, add(entry, row.id, row, above), shared)

    for entry, root in roots.items():
        grow(entry, root, None, {})
    order = {row.id: index for index, row in enumerate(rows)}
    for node in reversed(nodes):
        own = [order[node.row.id]] if node.row else []
        node.priority = min(own + [child.priority for child in node.children])
    return nodes


@dataclass
class _Progress:
    """What the scheduler knows about a node: waiting -> ready -> running -> over."""

    state: str = "waiting"
    pid: int = 0
    exit: int | None = None
    full: bool = False
    hung: bool = False
    began: float = 0.0


@dataclass(frozen=True)
class _Explainer:
    """A process that finds out why a node's process died."""

    pid: int
    node: Node


class Scheduler:
    """Runs the nodes of one job, at most `job_limits.parallel` at once, until all have an answer."""

    def __init__(
        self,
        provider: Provider,
        context: Context,
        out: Path,
        nodes: list[Node],
        start_of: Callable[[Node], Any],
        send: Send,
        job_limits: Limits,
        deadline: float,
    ) -> None:
        read, write = os.pipe()
        self._reports = LineReader(read)
        report = LineWriter(write, os.getpid(), read)
        self._environment = NodeEnvironment(provider, context, out, report.send)
        self._nodes = nodes
        self._start_of = start_of
        self._send = send
        self._limits = job_limits
        self._deadline = deadline
        # Nodes that wait for all others of their entry.
        self._last = {node.index for node in nodes if node.row and provider.comes_last(node.row)}
        self._patience = (deadline - time.monotonic()) * PATIENCE
        self._progress = [_Progress("waiting" if node.parent else "ready") for node in nodes]
        self._output: dict[int, OutputSink] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(read, selectors.EVENT_READ, None)
        self.hung: Diagnostic | None = None

    def has_line(self) -> bool:
        """Whether all are one line of quick stages, but for those that come last."""
        early = [node for node in self._nodes if node.index not in self._last]
        is_quick = self._environment.provider.is_quick
        return is_line(early) and all(node.row is None or is_quick(node.row) for node in early)

    def run_here(self) -> None:
        """Runs the line of nodes (has_line) in this process. Not crash-isolated: the caller restarts
        the job when it dies."""
        first = next(node for node in self._nodes if node.index not in self._last)
        try:
            make_line(first, self._start_of(first), replace(self._environment, report=self._on_report))
        except BaseException:
            traceback.print_exc()
            limits.really_exit(70)

    def run(self) -> bool:
        """Runs what is left, each line of stages in a process; false when the time was over before."""
        limits.allow_many_files()
        for node in self._nodes:
            if self._progress[node.index].state != "over":
                node.open()
        while any(progress.state != "over" for progress in self._progress):
            self._start_some()
            ready = self._selector.select(max(0.0, self._next_alarm() - time.monotonic()))
            if time.monotonic() >= self._deadline:
                self._time_out()
                return False
            self._end_hanging()
            # Reports first: an exit after "done" is no crash.
            for report in self._reports.read():
                self._on_report(report)
            for key, _ in ready:
                if isinstance(key.data, OutputSink):
                    key.data.drain()
                elif isinstance(key.data, Chain):
                    self._on_chain_exit(key.data, key.fd)
                elif isinstance(key.data, _Explainer):
                    self._on_explanation(key.data, key.fd)
        return True

    def _start_some(self) -> None:
        running = sum(progress.state == "running" for progress in self._progress)
        ready = [node for node in self._nodes if self._progress[node.index].state == "ready" and self._may_begin(node)]
        for node in sorted(ready, key=lambda node: (node.priority, node.index)):
            if running >= self._limits.parallel:
                return
            running += 1
            progress = self._progress[node.index]
            progress.state = "running"
            progress.began = time.monotonic()
            sink = OutputSink(node.output[0], 0)
            self._output[node.index] = sink
            self._selector.register(sink.fd, selectors.EVENT_READ, sink)
            if node.parent is None:
                chain = fork_chain(node, self._start_of(node), self._environment, 0.0)
                progress.pid = chain.pid
                self._selector.register(os.pidfd_open(chain.pid), selectors.EVENT_READ, chain)
            os.write(node.go[1], b"!")

    def _may_begin(self, node: Node) -> bool:
        """False as long as a stage that comes last has others to wait for."""
        return node.index not in self._last or all(
            self._progress[other.index].state == "over"
            for other in self._nodes
            if other.entry == node.entry and other.row and other.index not in self._last
        )

    def _next_alarm(self) -> float:
        alarms = [
            progress.began + self._patience
            for node, progress in zip(self._nodes, self._progress, strict=True)
            if progress.state == "running" and node.parent and not progress.hung
        ]
        return min([self._deadline, *alarms])

    def _end_hanging(self) -> None:
        """Ends stages early that another stage's process can explain, while there is time."""
        now = time.monotonic()
        for node, progress in zip(self._nodes, self._progress, strict=True):
            if progress.state != "running" or not node.parent or progress.hung:
                continue
            if now >= progress.began + self._patience and progress.pid:
                progress.hung = True
                try:
                    os.kill(progress.pid, signal.SIGKILL)
                except ProcessLookupError:  # just ended; the report is on its way
                    pass

    def _on_report(self, report: Any) -> None:
        if not isinstance(report, dict):
            return
        node = self._nodes[report["node"]]
        progress = self._progress[node.index]
        at = report["at"]
        if at == "start":
            progress.pid = report["pid"]
            if node.row:
                self._stage_event(node, "running")
        elif at == "problem":
            self._send({"at": "log", "message": report["message"]})
        elif at == "done":
            self._on_done(node, report["status"])
        elif at == "exit" and progress.state != "over":
            progress.exit = report["status"]
            progress.full = report["full"]
            if not report["explain"]:
                self._on_crash(node, StageResult(status=""))
        elif at == "explained" and progress.state != "over":
            self._on_crash(node, _read_explanation(explanation_path(node, self._environment)))

    def _on_done(self, node: Node, status: str) -> None:
        self._progress[node.index].state = "over"
        if node.row:
            self._stage_event(node, status)
        if status == "ok":
            for child in node.children:
                self._progress[child.index].state = "ready"
            return
        for child in node.children:
            if node.row is None:
                # The node's process has written the reason for the stages it prepares.
                self._on_done(child, status)
            else:
                self._skip(child, node.name, status)

    def _skip(self, node: Node, missing: str, why: str) -> None:
        """Answers a stage whose parent could not be made, and all that stem from it."""
        status = "unavailable" if why == "unavailable" else "failed"
        result = StageResult(status=status, note=f"needs {missing}, which could not be made")
        self._answer(node, result)

    def _answer(self, node: Node, result: StageResult) -> None:
        """Writes and reports the end of stages that have no process (any more)."""
        for stage in node.stages():
            assert stage.row is not None
            progress = self._progress[stage.index]
            ms = (time.monotonic() - progress.began) * 1000 if progress.began else 0.0
            environment = self._environment
            try:
                write_stage(environment.out, stage.entry, stage.row.id, stage.row.format, result, ms)
            except OSError as error:
                self._send({"at": "log", "message": f"cannot write {stage.name}: {error}"})
            if progress.state != "over":
                progress.state = "over"
                self._stage_event(stage, result.status)
            for child in stage.children:
                self._skip(child, stage.name, result.status)
        self._progress[node.index].state = "over"

    def _on_chain_exit(self, chain: Chain, pidfd: int) -> None:
        """A process that this one forked has ended."""
        self._selector.unregister(pidfd)
        os.close(pidfd)
        node = chain.current()
        progress = self._progress[node.index]
        _, progress.exit, usage = os.wait4(chain.pid, 0)
        progress.full = limits.used_up(usage, self._environment.context.memory_mb)
        if progress.state != "over" and progress.exit and node is not chain.first:
            pid = fork_explainer(chain, node, self._start_of(chain.first), self._environment)
            self._selector.register(os.pidfd_open(pid), selectors.EVENT_READ, _Explainer(pid, node))
            return
        if progress.state != "over":
            self._on_crash(node, StageResult(status=""))
        # Stages below it have died with it.
        for child in node.children:
            self._lose(child)

    def _on_explanation(self, explainer: _Explainer, pidfd: int) -> None:
        self._selector.unregister(pidfd)
        os.close(pidfd)
        os.waitpid(explainer.pid, 0)
        if self._progress[explainer.node.index].state != "over":
            path = explanation_path(explainer.node, self._environment)
            self._on_crash(explainer.node, _read_explanation(path))

    def _lose(self, node: Node) -> None:
        if self._progress[node.index].state != "over":
            self._answer(
                node,
                StageResult(
                    status="crashed", diagnostics=[Diagnostic(f"{node.name}: its process is gone", node.place)]
                ),
            )
        for child in node.children:
            self._lose(child)

    def _on_crash(self, node: Node, found: StageResult) -> None:
        """A process ended without an answer; what was `found` says more than how it ended."""
        sink = self._output[node.index]
        sink.drain()
        progress = self._progress[node.index]
        status, reason = limits.classify(progress.exit or 0, sink.tail, progress.full)
        if progress.hung:
            status, reason = "timeout", self._limits.timeout_text(PATIENCE)
        frames = user_frames(limits.fault_frames(node.faults))
        found.status = found.status or status
        found.diagnostics = found.diagnostics or [Diagnostic(f"{node.name} {reason}", frames or node.place)]
        self._answer(node, found)

    def _time_out(self) -> None:
        """Asks what still runs where it is, and answers for it."""
        running = [node for node in self._nodes if self._progress[node.index].state == "running"]
        for node in running:
            frames = user_frames(ask_for_stack(self._progress[node.index].pid, node.faults))
            diagnostic = Diagnostic(f"{node.name} {self._limits.timeout_text()}", frames or node.place)
            self.hung = self.hung or diagnostic
            self._answer(node, StageResult(status="timeout", diagnostics=[diagnostic]))

    def _stage_event(self, node: Node, status: str) -> None:
        self._send({"at": "stage", "entry": node.entry, "stage": node.name, "status": status})


def ask_for_stack(pid: int, faults: int, patience: float = 0.1) -> list[Frame]:
    """Lets a process that listens (limits.report_faults) write its stack, and reads it."""
    if pid <= 0:
        return []
    before = os.fstat(faults).st_size
    try:
        os.kill(pid, signal.SIGUSR1)
    except ProcessLookupError:
        return []
    end = time.monotonic() + patience
    size = before
    while time.monotonic() < end:
        time.sleep(0.005)
        now = os.fstat(faults).st_size
        if now > before and now == size:
            break
        size = now
    return limits.fault_frames(faults)


def user_frames(frames: list[Frame]) -> list[Frame]:
    """Leaves out what the user cannot know: our own files, and library frames but the first."""
    frames = [frame for frame in frames if not is_own_file(frame[0])]
    if all(is_library_file(file) for file, _, _ in frames):
        return []
    return [frame for index, frame in enumerate(frames) if index == 0 or not is_library_file(frame[0])]


def _read_explanation(path: Path) -> StageResult:
    """What a node's process found out about a crash; a status of "" leaves it to how it ended."""
    try:
        found = json.loads(path.read_bytes())
        path.unlink()
        diagnostics = [Diagnostic.from_json(item) for item in found["diagnostics"]]
        return StageResult(found.get("text"), found.get("format", ""), diagnostics=diagnostics, status=found["status"])
    except (OSError, ValueError, KeyError):
        return StageResult(status="")
