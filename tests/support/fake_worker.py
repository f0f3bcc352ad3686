#!/usr/bin/env python3
"""A worker that obeys: it speaks engine/worker/PROTOCOL.md and does what the lowered
file says, line by line, so that a test of the engine decides what happens.

    entry NAME       the file has this entry
    variant NAME     the file has this entry, of the source `configuration`
    import PATH      the script imported PATH
    error MESSAGE    the script fails before it has entries
    lose MESSAGE     the job fails before it has written anything
    fail STAGE       the stage fails with a diagnostic on line 1
    crash STAGE      the stage's child crashes
    hang STAGE       the job does not go on until it is cancelled
    die STAGE        the worker process itself is killed
    source SOURCE    the entries stem from it, not from `model`
    forget STAGE     its passes are not kept, whatever the request says
    print LEVEL      the program prints this text, and says that it is IR
    mutter STAGE     its tool says something on stderr

The raw text of every stage is the file's text, so the lines reach both workers. Each
request is logged to the file FAKE_WORKER_LOG in a few words, and to
FAKE_WORKER_LOG.requests as it is. With FAKE_WORKER_BROKEN set it ends before it is warm.
"""

import json
import os
import signal
import sys
from pathlib import Path


def say(**event: object) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def log(text: str) -> None:
    with open(os.environ["FAKE_WORKER_LOG"], "a", encoding="utf-8") as file:
        file.write(text + "\n")


class Job:
    """One run request."""

    def __init__(self, request: dict) -> None:
        self.request = request
        self.id = request["job"]
        self.out = Path(request["out"])
        self.capture = request["kind"] == "capture"
        source = request["file"] if self.capture else request["input"]["path"]
        self.text = Path(source).read_text(encoding="utf-8", errors="replace")
        self.orders = [line.split(" ", 1) for line in self.text.splitlines() if " " in line]

    def named(self, order: str) -> list[str]:
        return [value for name, value in self.orders if name == order]

    def run(self) -> bool:
        """False when the job hangs."""
        for message in self.named("lose"):
            say(event="end", job=self.id, status="failed", message=message)
            return True
        variants = self.named("variant")
        entries = [*self.named("entry"), *variants] if self.capture else [self.request["entry"]]
        if self.capture:
            entries = self.start(entries)
        for entry in entries:
            failed: set[str] = set()
            for row in self.request["stages"]:
                if entry not in row.get("entries", [] if entry in variants else [entry]):
                    continue
                if row["from"] in failed:
                    self.skip(entry, row["id"], failed)
                elif not self.stage(entry, row["id"], failed):
                    return False
        say(event="end", job=self.id, status="ok")
        return True

    def start(self, entries: list[str]) -> list[str]:
        errors = self.named("error")
        report = {
            "entries": [] if errors else entries,
            "files": self.named("import"),
            "diagnostics": [
                {"severity": "error", "message": message, "frames": [[self.request["file"], 2, 1]]}
                for message in errors
            ],
        }
        self.out.mkdir(parents=True, exist_ok=True)
        for level in self.named("print"):
            (self.out / "output.raw-ir").write_text(self.text, encoding="utf-8")
            report["raw"] = {"file": "output.raw-ir", "level": level, "line": 2}
        (self.out / "output.txt").write_text("printed\n", encoding="utf-8")
        for entry in report["entries"]:
            folder = self.out / entry
            folder.mkdir(exist_ok=True)
            meta = {
                "name": entry,
                "kind": "model",
                "origin": "configuration" if entry in self.named("variant") else (self.named("source") or ["model"])[0],
                "line": 1,
                "signature": "f32[2]",
                "parameters": 3,
            }
            (folder / "entry.json").write_text(json.dumps(meta), encoding="utf-8")
            say(event="entry", job=self.id, entry=entry)
        (self.out / "run.json").write_text(json.dumps(report), encoding="utf-8")
        return report["entries"]

    def skip(self, entry: str, stage: str, failed: set[str]) -> None:
        """Answers a stage whose source could not be made, as a real worker does."""
        failed.add(stage)
        meta = {"status": "failed", "ms": 0, "summary": {}, "diagnostics": []}
        (self.out / entry / f"{stage}.json").write_text(json.dumps(meta), encoding="utf-8")
        say(event="stage", job=self.id, entry=entry, stage=stage, status="failed")

    def stage(self, entry: str, stage: str, failed: set[str]) -> bool:
        if stage in self.named("hang"):
            return False
        if stage in self.named("die"):
            os.kill(os.getpid(), signal.SIGKILL)
        status = "ok"
        meta: dict = {"status": "ok", "ms": 1.5, "summary": {"ops": 4, "max error": 0.25}, "diagnostics": []}
        if stage in self.named("fail"):
            status = "failed"
            problem = {"severity": "error", "message": "no such op", "op": "torch.aten.x"}
            frame = [["/usr/lib/python3.11/site-packages/lib.py", 7, 0], ["/ws/block.py", 5, 0]]
            meta["diagnostics"] = [problem | {"frames": frame}]
        if stage in self.named("crash"):
            status = "crashed"
            meta["diagnostics"] = [{"severity": "error", "message": "crashed in pass y"}]
        failed.update([] if status == "ok" else [stage])
        meta["status"] = status
        folder = self.out / entry
        if stage in self.request.get("passes", []) and stage not in self.named("forget"):
            self.keep_passes(folder / f"{stage}.passes")
        if stage in self.named("mutter"):
            (folder / f"{stage}.stderr").write_text("hm\n", encoding="utf-8")
        (folder / f"{stage}.raw").write_text(self.text, encoding="utf-8")
        (folder / f"{stage}.json").write_text(json.dumps(meta), encoding="utf-8")
        say(event="stage", job=self.id, entry=entry, stage=stage, status=status)
        return True

    def keep_passes(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "000-first.raw").write_text(self.text, encoding="utf-8")
        row = {"format": "mlir", "ms": 0.5, "ops": 4, "file": "000-first.raw"}
        rows = [{"index": i, "name": name, "changed": i == 0} | row for i, name in enumerate(("first", "second"))]
        (folder / "passes.json").write_text(json.dumps({"passes": rows}), encoding="utf-8")


def main() -> None:
    if os.environ.get("FAKE_WORKER_BROKEN"):
        sys.exit("this worker is broken")
    log("start")
    say(event="hello", worker="fake", protocol=1, tools={"fake": "1.0"}, steps=[], unavailable={}, site=[])
    open_jobs: set[int] = set()
    for line in sys.stdin:
        request = json.loads(line)
        with open(os.environ["FAKE_WORKER_LOG"] + ".requests", "a", encoding="utf-8") as file:
            file.write(line)
        if request["op"] == "cancel":
            log("cancel")
            if request["job"] in open_jobs:
                open_jobs.discard(request["job"])
                say(event="end", job=request["job"], status="cancelled")
            continue
        ids = ",".join(row["id"] + "".join(f"({name})" for name in row.get("entries", [])) for row in request["stages"])
        passes = f" passes={','.join(request['passes'])}" if "passes" in request else ""
        log(f"{request['kind']} {request.get('entry', '')} {ids}{passes}".replace("  ", " "))
        if not Job(request).run():
            open_jobs.add(request["job"])


main()
