"""Jobs of the fork server with a provider that does as it is told; needs no library.

Each test forks real processes: the zygote's loop runs inside the test.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from irlens_worker.artifacts import PassRecord, StageResult
from irlens_worker.huge_pages import gather
from irlens_worker.protocol import Diagnostic, Json, Row
from irlens_worker.provider import Context, EmptyDiscovery, Entry, StageFailed
from irlens_worker.script import Source
from irlens_worker.zygote import Zygote

# What stages have taken and not given back.
kept: list[bytearray] = []


class Obedient:
    """A provider whose stages do what their step says, and note what they start from."""

    def missing(self) -> dict[str, str]:
        return {"rare": "install rare"}

    def tools(self) -> dict[str, str]:
        return {}

    def site(self) -> list[str]:
        return []

    def steps(self) -> list[str]:
        return ["do"]

    def warm(self) -> None:
        pass

    def seed(self, seed: int) -> None:
        pass

    def lacks(self, row: Row) -> tuple[str, str] | None:
        return ("rare", "install rare") if row.steps[0].get("do") == "rare" else None

    def reads(self, path: str) -> bool:
        return True

    def handles(self, row: Row) -> bool:
        return True

    def discovery(self, source: Source, seed: int, claimed_lines: set[int]) -> Discovery:
        return Discovery()

    def saved(self, path: Path) -> list[Entry] | None:
        return None

    def samples(self) -> list[str]:
        return ["import sys\nsys.path.insert(0, '/rehearsed')\n"]

    def prerequisite(self, row: Row) -> str | None:
        return row.capture if row.capture in ("shared", "broken") else None

    def loader(self, row: Row) -> str:
        return "load"

    def prepare(self, name: str, lent: Any, context: Context) -> object:
        if name == "broken":
            raise StageFailed([Diagnostic("cannot be prepared")])
        return "lent"

    def is_quick(self, row: Row) -> bool:
        return row.steps[0].get("do") != "slow"

    def comes_last(self, row: Row) -> bool:
        return row.id == "last of all"

    def make(self, row: Row, state: Any, context: Context) -> StageResult:
        action = row.steps[0].get("do", "")
        if action == "hang":
            time.sleep(600)
        if action == "wait":
            time.sleep(1.5)
        if action == "abort":
            os.abort()
        if action == "exhaust":
            return StageResult(text=str(bytearray(1 << 33)))
        if action == "fail":
            raise StageFailed([Diagnostic("no", [("f.py", 3, 1)])], text="before")
        if action == "raise":
            raise ValueError("not like this")
        if action == "take":
            kept.append(bytearray(150 << 20))
        if action.startswith("stumble") and context.file == "/sample.py":
            time.sleep(0.5 if action.endswith("late") else 0)
            os.abort()
        name = state.name if isinstance(state, Entry) else str(state)
        return StageResult(text=f"{name}>{row.id}", state=f"{name}>{row.id}", summary={"pid": os.getpid()})

    def explain(self, row: Row, state: Any, context: Context) -> StageFailed | None:
        if not str(state).endswith("good"):
            return None
        failed = StageFailed([Diagnostic(f"{row.id} broke on {state}")])
        before = PassRecord("input", "mlir", "before", 0.0, True, 1)
        failed.leave([before, replace(before, name="pass", changed=False, failed=True)], row.id in context.passes)
        return failed


class Discovery(EmptyDiscovery):
    """One entry, E, for any file."""

    def claims(self, value: object) -> bool:
        return True

    def worth_running(self) -> bool:
        return True

    def finish(self, namespace: Mapping[str, Any], complete: bool) -> list[Entry]:
        return [Entry("E", "model", 1)]


class Job:
    """Runs one capture job over rows (id, from, step) and keeps what it said."""

    def __init__(
        self,
        folder: Path,
        *rows: tuple[str, str, Json],
        script: str = "print('hi')\n",
        again: str = "",
        **options: Any,
    ) -> None:
        path = folder / "script.py"
        path.write_text(script)
        self.out = folder / "out"
        request = {
            "op": "run",
            "job": 1,
            "kind": "capture",
            "file": str(path),
            "out": str(self.out),
            "timeout_ms": 30_000,
            "parallel": 1,
            "stages": [{"id": id, "from": source, "steps": [step]} for id, source, step in rows],
            **options,
        }
        if sources := request.pop("sources", []):
            request["stages"] = [{**row, "origin": source} for row in request["stages"] for source in sources]
        self.events: list[Json] = []
        read, write = os.pipe()
        os.write(write, json.dumps(request).encode() + b"\n")
        zygote = Zygote(Obedient(), read, self.events.append)
        self.rehearsed = 0

        def done() -> bool:
            if again and not self.rehearsed and self.ended:
                if zygote._spare:
                    self.rehearsed = zygote._spare.pid
                    _wait_for(self.rehearsed, again)
                    self.events.clear()
                    os.write(write, json.dumps(request).encode() + b"\n")
                return False
            return self.ended

        zygote.serve(done)
        os.close(write)

    @property
    def ended(self) -> bool:
        return bool(self.events) and self.events[-1]["event"] == "end"

    def said(self, status: str) -> list[str]:
        """The stages that had this status, in order."""
        return [event["stage"] for event in self.events if event.get("stage") and event["status"] == status]

    def details(self, stage: str) -> Json:
        found = json.loads((self.out / "E" / f"{stage}.json").read_text())
        assert isinstance(found, dict)
        return found

    def makers(self, *stages: str) -> set[int]:
        """The processes that made these stages."""
        return {self.details(stage)["summary"]["pid"] for stage in stages}

    @property
    def process(self) -> int:
        """The job's own process, that is the first one."""
        (started,) = [event["pid"] for event in self.events if event["event"] == "started"]
        assert isinstance(started, int)
        return started


def test_order_follows_what_is_wanted(tmp_path: Path) -> None:
    job = Job(
        tmp_path,
        ("deep", "first", {"do": ""}),
        ("late", "model", {"capture": "x"}),
        ("first", "model", {"capture": "x"}),
        ("last", "first", {"do": ""}),
    )
    assert job.said("running") == job.said("ok") == ["first", "deep", "late", "last"]
    assert (job.out / "E/deep.raw").read_text() == "E>first>deep"


def test_rows_of_another_source_with_the_same_ids_are_not_for_an_entry(tmp_path: Path) -> None:
    """Else each line of stages would be made as often as there are ways through both."""
    ids = [("a", "model"), ("b", "a"), ("c", "b")]
    job = Job(tmp_path, *((id, source, {"do": ""}) for id, source in ids), sources=["model", "variant"])
    assert job.said("ok") == ["a", "b", "c"]


def test_a_stage_may_come_last(tmp_path: Path) -> None:
    rows = [("last of all", "model", {"do": ""}), ("bad", "model", {"do": "abort"}), ("below", "bad", {"do": ""})]
    job = Job(tmp_path, *rows, ("slow", "model", {"do": ""}), parallel=4)
    answered = [event["stage"] for event in job.events if event.get("stage") and event["status"] != "running"]
    assert answered[-1] == "last of all" and len(answered) == 4
    assert job.said("running")[-1] == "last of all"


def test_shared_work_is_done_once(tmp_path: Path) -> None:
    job = Job(tmp_path, ("a", "model", {"capture": "shared"}), ("b", "model", {"capture": "shared"}))
    assert job.said("ok") == ["a", "b"]
    assert (job.out / "E/b.raw").read_text() == "lent>b"


def test_failed_shared_work_fails_its_stages(tmp_path: Path) -> None:
    job = Job(tmp_path, ("a", "model", {"capture": "broken"}), ("b", "a", {"do": ""}))
    assert job.said("failed") == ["a", "b"]
    assert job.details("a")["diagnostics"][0]["message"] == "cannot be prepared"
    assert job.details("b")["diagnostics"] == [] and "needs a" in job.details("b")["note"]


def test_failure_leaves_the_text_before(tmp_path: Path) -> None:
    job = Job(tmp_path, ("good", "model", {"capture": "x"}), ("bad", "good", {"do": "fail"}))
    assert (job.said("ok"), job.said("failed")) == (["good"], ["bad"])
    assert (job.out / "E/bad.raw").read_text() == "before"
    assert job.events[-1]["status"] == "ok"


@pytest.mark.parametrize("passes", [[], ["bad"]])
def test_crash_leaves_the_text_before_its_pass(tmp_path: Path, passes: list[str]) -> None:
    rows = [("good", "model", {"capture": "x"}), ("bad", "good", {"do": "abort"})]
    job = Job(tmp_path, *rows, passes=passes)
    assert job.said("failed") == ["bad"]
    assert (job.out / "E/bad.raw").read_text() == "before"
    assert job.details("bad")["format"] == "mlir"
    listed = job.out / "E/bad.passes/passes.json"
    assert listed.exists() == bool(passes)
    if passes:
        found = json.loads(listed.read_text())["passes"]
        assert [row.get("failed", False) for row in found] == [False, True]
        assert {row["file"] for row in found} == {"000-input.raw"}


def test_crash_costs_one_stage_and_is_explained(tmp_path: Path) -> None:
    job = Job(
        tmp_path,
        ("good", "model", {"capture": "x"}),
        ("bad", "good", {"do": "abort"}),
        ("below", "bad", {"do": ""}),
        ("other", "good", {"do": ""}),
    )
    assert (job.said("ok"), job.said("crashed")) == (["good", "other"], [])
    assert job.said("failed") == ["bad", "below"]
    assert job.details("bad")["diagnostics"][0]["message"] == "bad broke on E>good"


@pytest.mark.parametrize("above", [[], [("other", "model", {"capture": "shared"})]])
@pytest.mark.parametrize("end", ["abort", "hang"])
def test_death_far_down_a_line_of_stages(tmp_path: Path, end: str, above: list[tuple[str, str, Json]]) -> None:
    """One process makes the line; what explains its death goes the same way up to there. With a
    stage beside it the line's process is forked by that of the shared work, else by the job's."""
    rows: list[tuple[str, str, Json]] = [
        ("first", "model", {"capture": "shared"}),
        ("good", "first", {"do": ""}),
        ("bad", "good", {"do": end}),
        ("below", "bad", {"do": ""}),
    ]
    job = Job(tmp_path, *rows, *above, timeout_ms=4000)
    assert sorted(job.said("ok")) == sorted(["first", "good", *(row[0] for row in above)])
    assert job.said("failed") == ["bad", "below"]
    assert job.details("bad")["diagnostics"][0]["message"] == "bad broke on lent>first>good"
    assert (job.out / "E/good.raw").read_text() == "lent>first>good"
    assert list(job.out.rglob("*.explanation")) == []


def test_each_stage_of_a_line_has_the_memory_for_itself(tmp_path: Path) -> None:
    rows = [("a", "model", {"capture": "x", "do": "take"}), ("b", "a", {"do": "take"}), ("c", "b", {"do": "take"})]
    job = Job(tmp_path, *rows, memory_mb=256)
    assert job.said("ok") == ["a", "b", "c"]
    assert job.makers("a", "b", "c") == {job.process}


def test_a_line_of_stages_is_made_where_the_script_has_run(tmp_path: Path) -> None:
    job = Job(tmp_path, ("a", "model", {"capture": "x"}), ("b", "a", {"do": ""}))
    assert job.makers("a", "b") == {job.process}


def test_slow_stages_are_kept_apart(tmp_path: Path) -> None:
    job = Job(tmp_path, ("a", "model", {"capture": "x"}), ("b", "a", {"do": "slow"}))
    assert job.said("ok") == ["a", "b"] and job.process not in job.makers("a", "b")


def test_each_stage_of_a_line_has_its_time(tmp_path: Path) -> None:
    """Together they take longer than one of them may."""
    job = Job(tmp_path, ("a", "model", {"do": "wait"}), ("b", "a", {"do": "wait"}), timeout_ms=5000)
    assert job.said("ok") == ["a", "b"] and job.makers("a", "b") == {job.process}


def test_what_comes_last_needs_no_line(tmp_path: Path) -> None:
    job = Job(tmp_path, ("last of all", "model", {"do": ""}), ("a", "model", {"capture": "x"}), ("b", "a", {"do": ""}))
    assert job.said("ok") == ["a", "b", "last of all"]
    assert job.makers("a", "b") == {job.process} != job.makers("last of all")


def test_several_lines_are_kept_apart(tmp_path: Path) -> None:
    rows = [("a", "model", {"capture": "x"}), ("b", "a", {"do": ""}), ("c", "model", {"capture": "y"})]
    job = Job(tmp_path, *rows)
    assert len(job.makers("a", "b")) == len(job.makers("c")) == 1
    assert len({*job.makers("a", "c"), job.process}) == 3


def test_a_script_with_threads_of_its_own_makes_no_stages(tmp_path: Path) -> None:
    script = "import threading, time\nthreading.Thread(target=time.sleep, args=(30,), daemon=True).start()\n"
    job = Job(tmp_path, ("a", "model", {"capture": "x"}), script=script)
    assert job.said("ok") == ["a"] and job.process not in job.makers("a")


def _wait_for(process: int, state: str) -> None:
    """Until it is in this state, a letter of proc(5): S sleeps, Z is dead."""
    end = time.monotonic() + 20
    time.sleep(0.2)
    while Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != state:
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize(("action", "state"), [("", "S"), ("stumble", "Z"), ("stumble late", "S")])
def test_rehearsals_do_not_show(tmp_path: Path, action: str, state: str) -> None:
    """The second job's process has rehearsed the first one's stages, or died of that."""
    job = Job(tmp_path, ("a", "model", {"capture": "x", "do": action}), again=state)
    assert job.said("running") == job.said("ok") == ["a"]
    assert [event["entry"] for event in job.events if event["event"] == "entry"] == ["E"]
    assert (job.makers("a") == {job.rehearsed}) == (not action)


@pytest.mark.parametrize("end", ["abort", "hang", "exhaust"])
def test_a_job_that_dies_of_a_stage_is_done_again(tmp_path: Path, end: str) -> None:
    """With the stages apart; who watches hears of everything once."""
    rows = [
        ("output", "model", {"capture": "output"}),
        ("good", "model", {"capture": "x"}),
        ("bad", "good", {"do": end}),
    ]
    job = Job(tmp_path, *rows, timeout_ms=4000, memory_mb=256)
    assert job.process not in job.makers("good")
    assert [event["entry"] for event in job.events if event["event"] == "entry"] == ["E"]
    assert job.said("ok") == ["output", "good"] and job.said("failed") == ["bad"]
    assert (job.out / "output.txt").read_text() == "hi\n"
    assert job.events[-1]["status"] == "ok"


def test_crash_without_explanation(tmp_path: Path) -> None:
    job = Job(tmp_path, ("bad", "model", {"capture": "x", "do": "abort"}))
    assert job.said("crashed") == ["bad"]
    (found,) = job.details("bad")["diagnostics"]
    assert "SIGABRT" in found["message"]
    assert Path(found["frames"][0][0]) == Path(__file__)


def test_no_memory(tmp_path: Path) -> None:
    job = Job(
        tmp_path,
        ("good", "model", {"capture": "x"}),
        ("top", "model", {"capture": "x", "do": "exhaust"}),
        ("low", "top", {"do": ""}),
        memory_mb=256,
    )
    assert job.said("memory") == ["top"] and job.said("failed") == ["low"]


def test_hanging_stage_is_ended_in_time_for_an_explanation(tmp_path: Path) -> None:
    rows = [("good", "model", {"capture": "x"}), ("bad", "good", {"do": "hang"})]
    job = Job(tmp_path, *rows, timeout_ms=4000)
    assert job.said("failed") == ["bad"] and job.events[-1]["status"] == "ok"
    assert job.details("bad")["diagnostics"][0]["message"] == "bad broke on E>good"


def test_hanging_capture_tells_its_line(tmp_path: Path) -> None:
    job = Job(tmp_path, ("bad", "model", {"capture": "x", "do": "hang"}), timeout_ms=1500)
    assert job.said("timeout") == ["bad"]
    assert job.events[-1]["status"] == "timeout"
    assert job.details("bad")["diagnostics"][0]["frames"][0][0].endswith(".py")


def test_missing_part(tmp_path: Path) -> None:
    job = Job(tmp_path, ("a", "model", {"do": "rare"}), ("b", "a", {"do": ""}))
    assert job.said("unavailable") == ["a", "b"] and job.said("running") == []
    assert job.details("b")["diagnostics"][0]["severity"] == "info"
    assert "install rare" in job.details("b")["diagnostics"][0]["message"]


@pytest.mark.parametrize("action", ["raise", "fail"])
def test_exceptions_are_diagnostics(tmp_path: Path, action: str) -> None:
    job = Job(tmp_path, ("a", "model", {"capture": "x", "do": action}))
    assert job.said("failed") == ["a"] and job.events[-1]["status"] == "ok"


def test_output_belongs_to_the_script(tmp_path: Path) -> None:
    job = Job(tmp_path, ("output", "model", {"capture": "output"}))
    assert (job.out / "output.txt").read_text() == "hi\n"
    assert job.said("ok") == ["output"]


def test_memory_in_huge_pages_is_the_same_memory() -> None:
    """Gathered where the kernel can; what stands there stays in any case."""
    taken = [bytes([number]) * (3 << 20) for number in range(4)]
    assert sum(1 for _ in gather()) >= 4
    assert [(piece[0], piece[-1], len(piece)) for piece in taken] == [(n, n, 3 << 20) for n in range(4)]
