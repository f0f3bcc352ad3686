"""Says why a pipeline cannot lower a module: all operations that it does not support.

A pass stops at the first operation, some errors carry no line, and some input makes the
compiler crash or allocate without end. So after a failure each distinct operation is run
through the pipeline alone, in forked children with tight limits.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
from dataclasses import dataclass
from typing import Any

from irlens_worker import limits
from irlens_worker.protocol import Diagnostic, Row
from irlens_worker.provider import StageFailed
from torch_mlir import ir

from .mlir_locations import location_frames
from .op_probe import Probe, collect_probes

_MEMORY_MB = 256
_SECONDS_PER_OPERATION = 5.0
_SECONDS = 20.0

_SAYS = {
    "failed": "cannot be lowered to {stage}",
    "crashed": "makes the compiler crash on the way to {stage}",
    "memory": "makes the compiler run out of memory on the way to {stage}",
    "timeout": "keeps the compiler busy without end on the way to {stage}",
}


@dataclass(frozen=True)
class Verdict:
    """How an operation fared alone."""

    probe: Probe
    status: str
    message: str = ""


def explain_crash(row: Row, state: Any) -> StageFailed | None:
    """After a crash of the stage; `state` is what the stage started from."""
    module = getattr(state, "module", None)
    pipelines = [step["torch-mlir"] for step in row.steps if "torch-mlir" in step]
    if module is None or len(pipelines) != 1:
        return None
    verdicts = judge(module, pipelines[0])
    # What kills the compiler is the reason; it had no time to complain about the others.
    worst = [verdict for verdict in verdicts if verdict.status != "failed"] or verdicts
    if not worst:
        return None
    ordered = worst + [verdict for verdict in verdicts if verdict not in worst]
    found = [to_diagnostic(verdict, row.id) for verdict in ordered]
    # An operation that is merely not supported does not make the crash a failure.
    return StageFailed(found, status="" if worst[0].status == "failed" else worst[0].status)


def explain_failure(module: ir.Module, pipeline: str, stage: str, errors: list[Diagnostic]) -> list[Diagnostic]:
    """All that is wrong, given the errors with which the pipeline stopped."""
    found = [to_diagnostic(verdict, stage) for verdict in judge(module, pipeline)]
    names = {diagnostic.op for diagnostic in found}
    if not found:
        found = [to_diagnostic(verdict, stage) for verdict in control_flow(module)]
        # Its parts are fine. An error without a line, or on a constant, is one of it as a whole.
        vague = all(not error.frames or error.op.startswith("torch.constant.") for error in errors)
        return found if found and vague else errors
    # The pipeline's own words belong to the operation that it stopped at. What it says about
    # anything else is a consequence, unless it knows a line.
    rest = []
    for error in errors:
        match = next((item for item in found if item.op == error.op), None)
        if match is not None:
            match.notes.append((error.message, error.frames))
            match.pass_name = error.pass_name
        elif error.frames and error.op not in names and not error.op.startswith("torch.constant."):
            rest.append(error)
    return found + rest


def control_flow(module: ir.Module) -> list[Verdict]:
    """The loops and conditions, which cannot be tried alone."""
    found: list[Verdict] = []

    def visit(operation: Any) -> Any:
        operation = operation.operation
        if operation.name in ("torch.prim.Loop", "torch.prim.If"):
            found.append(Verdict(Probe(operation.name, module, [location_frames(operation.location)]), "failed"))
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    return _merge(found)


def to_diagnostic(verdict: Verdict, stage: str) -> Diagnostic:
    """One diagnostic per operation, on its first place, with the others as notes."""
    probe = verdict.probe
    first, *others = probe.places
    times = f" ({len(probe.places)} times in the program)" if others else ""
    return Diagnostic(
        f"{probe.name} {_SAYS[verdict.status].format(stage=stage)}{times}",
        first,
        op=probe.name,
        notes=[("also here", frames) for frames in others[:20]],
    )


def judge(module: ir.Module, pipeline: str) -> list[Verdict]:
    """Runs each distinct operation alone; returns those that do not get through."""
    probes = collect_probes(module)
    bad: list[Verdict] = []
    end = time.monotonic() + _SECONDS
    start = 0
    while start < len(probes) and time.monotonic() < end:
        verdicts, start = _judge_from(start, probes, pipeline)
        bad += verdicts
    return _merge([verdict for verdict in bad if verdict.status != "ok"])


def _merge(verdicts: list[Verdict]) -> list[Verdict]:
    """Joins verdicts about the same operation with other types."""
    merged: dict[tuple[str, str], Verdict] = {}
    for verdict in verdicts:
        known = merged.setdefault((verdict.probe.name, verdict.status), verdict)
        if known is not verdict:
            known.probe.places.extend(verdict.probe.places)
    return list(merged.values())


def _judge_from(start: int, probes: list[Probe], pipeline: str) -> tuple[list[Verdict], int]:
    """Judges probes in one child until it is done or dies; returns where to go on."""
    read, write = os.pipe()
    errors = os.memfd_create("stderr")
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            limits.die_with_parent(parent)
            os.close(read)
            os.dup2(errors, 1)
            os.dup2(errors, 2)
            limits.limit_memory(_MEMORY_MB)
            _judge_in_child(start, probes, pipeline, write)
        finally:
            os._exit(0)
    os.close(write)
    verdicts: list[Verdict] = []
    index, status = start, "crashed"
    with os.fdopen(read, "rb") as stream:
        while index < len(probes):
            if not select.select([stream], [], [], _SECONDS_PER_OPERATION)[0]:
                status = "timeout"
                break
            line = stream.readline()
            if not line:
                break
            said = json.loads(line)
            verdicts.append(Verdict(probes[index], said["status"], said["message"]))
            index += 1
    os.kill(pid, signal.SIGKILL)
    _, wait_status, usage = os.wait4(pid, 0)
    if index < len(probes):
        if status == "crashed":
            tail = os.pread(errors, 4096, max(0, os.fstat(errors).st_size - 4096))
            full = limits.used_up(usage, _MEMORY_MB)
            status, _ = limits.classify(wait_status, tail.decode(errors="replace"), full)
        verdicts.append(Verdict(probes[index], status))
        index += 1
    os.close(errors)
    return verdicts, index


def _judge_in_child(start: int, probes: list[Probe], pipeline: str, write: int) -> None:
    from .pipelines import run_pipeline

    with os.fdopen(write, "wb", buffering=0) as stream:
        for probe in probes[start:]:
            said = {"status": "ok", "message": ""}
            try:
                run_pipeline(probe.module, pipeline)
            except StageFailed as failure:
                said = {"status": "failed", "message": str(failure)[:400]}
            except MemoryError:
                said = {"status": "memory", "message": ""}
            stream.write(json.dumps(said).encode() + b"\n")
