"""What a job's child does: run the file, find its entries, schedule their stages.

Runs in the process that the zygote forked for the job. Everything that others must know
goes to the zygote as lines on the control pipe; only the zygote talks to the engine.
"""

from __future__ import annotations

import dataclasses
import linecache
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import limits, raw_output
from .artifacts import StageResult, write_json, write_run, write_stage
from .channel import move_high
from .frames import exception_diagnostic
from .given_text import GivenText
from .node import Node, is_line
from .protocol import CaptureRequest, Diagnostic, Json, LowerRequest, Row
from .provider import Context, Discovery, Entry, Provider, StageFailed
from .raw_output import RawMode, RawOutput, find_raw_mode
from .scheduler import Scheduler, plan_nodes
from .script import FileWatch, ScriptResult, Source, fresh_streams, run_script, seed_all

Send = Callable[[Json], None]

# Share of a job's time for the script: what it has found by then is lowered in the rest.
_SCRIPT_SHARE = 0.5
# Seconds that a rehearsal's script may take, and its stages.
_REHEARSAL = 5.0
# Where a rehearsal's script pretends to stand.
_SAMPLE = "/sample.py"
# Niceness of background jobs.
_NICE = 10


def run_capture(
    request: CaptureRequest, provider: Provider, send: Send, deadline: float, isolated: bool = False
) -> None:
    """Executes a capture job; `isolated` keeps each line of stages in a process of its own.

    Raises OSError when OUT cannot be written.
    """
    if request.background:
        os.nice(_NICE)
    found = _discover(request, provider, send, deadline)
    wanted = request.entries
    by_name = {item.name: item for item in found.entries if wanted is None or item.name in wanted}
    names = list(by_name)
    for name, entry in by_name.items():
        write_json(request.out / name / "entry.json", entry.to_json())
    if not request.background:
        raw = found.raw.to_json() if found.raw else None
        write_run(request.out, names, found.files, found.diagnostics, found.directives, found.suggestions, raw)
    for name in names:
        send({"at": "entry", "entry": name})
    _leave_script(request)
    send({"at": "captured"})

    context = Context(
        str(request.file),
        request.weights,
        request.literal_limit,
        request.seed,
        request.limits.memory_mb,
        request.passes,
        request.out,
    )
    rows = [row for row in request.rows if row.capture != "output"]
    roots = {name: entry.origin for name, entry in by_name.items()}
    rows = _answer_unavailable(rows, roots, provider, request.out, send)
    nodes = plan_nodes(roots, rows, provider.prerequisite)
    for node in nodes:
        entry = by_name[node.entry]
        node.place = [(str(request.file), entry.line, entry.column)]
    end: Json = {"at": "end", "status": found.status, "message": ""}
    errors = _errors(found.diagnostics)
    if errors:
        end["status"] = "failed" if found.status == "ok" else found.status
        end["message"] = errors[0].message
        end["line"] = user_line(errors[0], str(request.file))

    def start_of(node: Node) -> Entry:
        return by_name[node.entry]

    _schedule(request, provider, context, nodes, start_of, send, deadline, end, isolated)


def rehearse(provider: Provider, rows: Sequence[Row], is_wanted: Callable[[], bool]) -> None:
    """Finds the entries of the provider's samples, and makes their stages if `rows` are a line (but for
    those that come last), in a process that waits for a request; stops when it `is_wanted`.

    A page that is shared with the zygote is copied when it is first written to, be it for a
    reference count: that is most of what finding entries costs, and half of what compiling a small
    kernel does, and is over by the time one waits.
    """
    path, arguments, main = list(sys.path), sys.argv, sys.modules["__main__"]
    for text in provider.samples():
        if is_wanted():
            break
        source = Source(_SAMPLE, text.encode())
        try:
            discovery = provider.discovery(source, 0, set())
            if discovery.worth_running():
                with discovery.watching():
                    result = run_script(source, 0, discovery.planted(), [provider.seed], _REHEARSAL)
                for entry in discovery.finish(result.namespace, result.status == "ok"):
                    _rehearse_stages(entry, rows, provider, is_wanted)
        except Exception:  # the job will meet it, too, and say so
            traceback.print_exc()
        linecache.cache.pop(source.path, None)
    sys.path[:], sys.argv, sys.modules["__main__"] = path, arguments, main


def _rehearse_stages(entry: Entry, rows: Sequence[Row], provider: Provider, is_wanted: Callable[[], bool]) -> None:
    early = [row for row in rows if not provider.comes_last(row)]
    nodes = plan_nodes({entry.name: entry.origin}, early, provider.prerequisite)
    if not is_line(nodes):
        return
    # Ends a process that hangs, also in C++; nobody waits for it yet.
    limits.default_signals()
    signal.setitimer(signal.ITIMER_REAL, _REHEARSAL)
    state: Any = entry
    for node in nodes:
        if node.row is None or is_wanted():
            break
        state = provider.make(node.row, state, Context(_SAMPLE, "names", 0, 0, 0)).state
    signal.setitimer(signal.ITIMER_REAL, 0)


def run_lower(request: LowerRequest, provider: Provider, send: Send, deadline: float, isolated: bool = False) -> None:
    """Executes a lower job."""
    context = Context(
        "", request.weights, request.literal_limit, 0, request.limits.memory_mb, request.passes, request.out
    )
    roots = {request.entry: request.input_stage}
    # All are of the input's own origin.
    rows = [dataclasses.replace(row, origin=None) for row in request.rows]
    rows = _answer_unavailable(rows, roots, provider, request.out, send)
    nodes = plan_nodes(roots, rows, provider.loader)

    given = GivenText(request.input_path, request.input_stage, request.input_format, request.input_name)
    for node in nodes:
        # What a user's row does wrong stands at the row, not in the text.
        node.place = [] if node.row and node.row.tool else given.place

    def start_of(node: Node) -> GivenText:
        return given

    send({"at": "captured"})
    end: Json = {"at": "end", "status": "ok", "message": ""}
    _schedule(request, provider, context, nodes, start_of, send, deadline, end, isolated)


def _schedule(
    request: CaptureRequest | LowerRequest,
    provider: Provider,
    context: Context,
    nodes: list[Node],
    start_of: Callable[[Node], Any],
    send: Send,
    deadline: float,
    end: Json,
    isolated: bool,
) -> None:
    scheduler = Scheduler(provider, context, request.out, nodes, start_of, send, request.limits, deadline)
    # A thread of the script's would go on in here; after a fork it is gone.
    if not isolated and scheduler.has_line() and threading.active_count() == 1:
        send({"at": "direct"})
        scheduler.run_here()
        send({"at": "background"})
    if not scheduler.run():
        end = {"at": "end", "status": "timeout", "message": request.limits.timeout_text()}
        if scheduler.hung:
            end["line"] = user_line(scheduler.hung, context.file)
    send(end)


@dataclass
class _Found:
    """What a file has, and how running it ended."""

    entries: list[Entry] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    directives: Json = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    suggestions: list[Json] = field(default_factory=list)
    status: str = "ok"
    raw: RawMode | None = None


def _discover(request: CaptureRequest, provider: Provider, send: Send, deadline: float) -> _Found:
    """Looks for entries in the text and, if that can give any, runs the file."""
    limits.limit_memory(request.limits.memory_mb)
    try:
        saved = provider.saved(request.file)
    except StageFailed as failure:
        return _Found(diagnostics=failure.diagnostics)
    if saved is not None:
        return _Found(saved)
    path = str(request.file)
    folders = [str(request.cwd), str(request.file.parent)]
    watch = FileWatch(folders, path, lambda file: send({"at": "file", "message": file}))
    try:
        source = Source(path, request.file.read_bytes())
    except OSError as error:
        return _Found(diagnostics=[Diagnostic(f"cannot read the file: {error.strerror}")])
    try:
        discovery = provider.discovery(source, request.seed, set())
        raw, problems = find_raw_mode(source)
    except (SyntaxError, ValueError) as error:
        return _Found(diagnostics=[exception_diagnostic(error)])
    if raw is None and not discovery.worth_running():
        diagnostics = problems + discovery.diagnostics
        return _Found([], diagnostics, discovery.directives, suggestions=discovery.suggestions)
    os.chdir(request.cwd)
    fresh_streams()
    _trace_exits(send)
    watch.start()
    seconds = max(0.0, deadline - time.monotonic()) * _SCRIPT_SHARE
    if raw is not None:
        send({"at": "raw", "raw": raw.to_json()})
        return _print_raw(request, provider, source, discovery, raw, watch, seconds)
    result = ScriptResult({})
    if request.file.suffix == ".py":
        with discovery.watching():
            result = run_script(source, request.seed, discovery.planted(), [provider.seed], seconds)
    seed_all(request.seed, [provider.seed])
    entries = discovery.finish(result.namespace, result.status == "ok")
    watch.stop()
    discovery.judge(result.diagnostics)
    diagnostics = problems + result.diagnostics + discovery.diagnostics
    status = "ok" if result.status == "failed" and not _errors(diagnostics) else result.status
    return _Found(entries, diagnostics, discovery.directives, watch.files, discovery.suggestions, status)


def _print_raw(
    request: CaptureRequest,
    provider: Provider,
    source: Source,
    discovery: Discovery,
    raw: RawMode,
    watch: FileWatch,
    seconds: float,
) -> _Found:
    """Runs the file for what it prints; nobody looks for entries. Raises OSError."""
    limit = request.limits.output_limit
    output = RawOutput(request.out / raw_output.NAME, limit)
    output.start()
    with discovery.pretending():
        result = run_script(source, request.seed, discovery.planted(), [provider.seed], seconds)
    size = output.finish()
    watch.stop()
    place = [(source.path, raw.line, raw.column)]
    if size > limit:
        text = f"the program prints {size} bytes; the IR is cut after {limit}"
        result.diagnostics.append(Diagnostic(text, place))
    elif size == 0 and result.status == "ok":
        text = f"output={raw.level} says that the program prints IR, and it prints nothing"
        result.diagnostics.append(Diagnostic(text, place, severity="warning"))
    return _Found([], result.diagnostics, discovery.directives, watch.files, status=result.status, raw=raw)


def _errors(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    return [item for item in diagnostics if item.severity == "error"]


def _trace_exits(send: Send) -> None:
    """Lets os._exit say where it was called: nothing else can, afterwards."""
    really_exit, here = os._exit, os.getpid()

    def exit_and_tell(status: int) -> None:
        if os.getpid() == here:
            frame = sys._getframe(1)
            place = [frame.f_code.co_filename, frame.f_lineno, 0]
            send({"at": "exit", "message": f"the script called os._exit({status!r})", "frame": place})
        really_exit(status)

    os._exit = exit_and_tell  # type: ignore[assignment]
    limits.really_exit = really_exit


def _leave_script(request: CaptureRequest) -> None:
    """From here on nothing that is printed belongs to the program's own output."""
    os._exit = limits.really_exit
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # the script may have put anything there
            pass
    null = move_high(os.open(os.devnull, os.O_RDWR))
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
    fresh_streams()
    limits.default_signals()
    os.chdir(request.cwd)


def _answer_unavailable(
    rows: list[Row], roots: Mapping[str, str], provider: Provider, out: Path, send: Send
) -> list[Row]:
    """Answers the rows that need a missing part, or that nobody can make, and returns the others."""
    lacking: dict[str, str] = {}
    # Rows come after those that they are made from.
    for row in rows:
        lack = lacking.get(row.parent) or _lack_of(row, provider)
        if lack:
            lacking[row.id] = lack
    for name, root in roots.items():
        for row in _rows_below(name, root, rows):
            if row.id not in lacking:
                continue
            message = f"{row.id} needs {lacking[row.id]}"
            result = StageResult(status="unavailable", diagnostics=[Diagnostic(message, severity="info")])
            write_stage(out, name, row.id, row.format, result, 0.0)
            send({"at": "stage", "entry": name, "stage": row.id, "status": "unavailable"})
    return [row for row in rows if row.id not in lacking]


def _lack_of(row: Row, provider: Provider) -> str:
    """What the row needs and cannot have, empty if it can be made."""
    if not provider.handles(row):
        kinds = ", ".join(row.tool or next(iter(step)) for step in row.steps)
        return f"a worker that knows its steps ({kinds}); the Python worker does not"
    lack = provider.lacks(row)
    return f"{lack[0]}, which is not installed: {lack[1]}" if lack else ""


def _rows_below(entry: str, root: str, rows: list[Row]) -> list[Row]:
    """The rows that are made for the entry from `root`, directly or not."""
    reached = {root}
    found = []
    for row in rows:
        if row.parent in reached and row.is_for(entry, root):
            reached.add(row.id)
            found.append(row)
    return found


def user_line(diagnostic: Diagnostic, file: str) -> int:
    """The line of the file that a diagnostic is about: its outermost frame there."""
    lines = [line for path, line, _ in diagnostic.frames if path == file]
    return lines[-1] if lines else 0
