#!/usr/bin/env python3
"""A worker that obeys: it speaks engine/worker/PROTOCOL.md and does what the lowered
file says, so that a test of the engine or of the server decides what happens. All
workers of a fake installation are this one.

An order is a line `ORDER VALUE`, or stands in a comment, `# fake: ORDER VALUE`, of a
file that an editor shows. Orders that blame a place blame the line of their comment.

    entry NAME         the file has this entry
    variant NAME       the file has this entry, of the origin `configuration`
    source ORIGIN      the entries stem from it, not from `model`
    import PATH        the script imported PATH (an absolute one)
    error MESSAGE      the script fails before it has entries
    lose MESSAGE       the job fails before it has written anything
    fail STAGE [A-B]   the stage fails with a diagnostic (of the columns A to B)
    partial STAGE      likewise, and leaves the IR before the step that failed
    unavailable STAGE  an optional part is missing
    crash STAGE        the stage's child crashes
    hang STAGE         the job does not go on until it is cancelled
    hold STAGE PATH    the stage waits until PATH exists; `hold entries PATH`: the
                       script does
    die STAGE          the worker process itself is killed
    forget STAGE       its passes are not kept, whatever the request says
    say STAGE WORDS    the stage's tool says WORDS on stderr
    print LEVEL        the program prints this text, and says that it is IR
    blame PATH:LINE    a warning in another file
    suggest CLASS      a comment is suggested for this class
    kernel STAGE       the second line of its text begins a GPU kernel
    from STAGE         it is known which lines of the stage before its lines were made from
    pad BYTES          every text is that much longer
    wrong A-B          a check finds an error in the columns A to B, and `lose`, `hang
                       check`, `hold check PATH` and `die check` are about it too

`__explore__(Net, ...)` makes an entry as well; `class Net` is then its class. A stage
of such an entry is a module with an operation per line of code, which quotes the line
and knows its place:

    module {
      linalg.op "return relu(x)"
    }

The raw text of every other stage is the file's text. Each request is logged to the
file FAKE_WORKER_LOG in a few words, and to FAKE_WORKER_LOG.requests as it is. With
FAKE_WORKER_BROKEN set it ends before it is warm.
"""

import json
import os
import re
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

COMMENT = re.compile(r"(?:#|//|;) fake: (.*)")
CALL = re.compile(r"\s*__explore__\((\w+)")
CLASS = re.compile(r"\s*class (\w+)")


def say(**event: object) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def log(text: str) -> None:
    with open(os.environ["FAKE_WORKER_LOG"], "a", encoding="utf-8") as file:
        file.write(text + "\n")


@dataclass
class Order:
    name: str
    value: str
    line: int  # of its comment; 0: it is a line of its own

    @property
    def stage(self) -> str:
        return self.value.split(" ", 1)[0]

    @property
    def rest(self) -> str:
        return self.value.partition(" ")[2]


class Script:
    """The lowered file: what it orders, and its code."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.orders: list[Order] = []
        self.code: list[tuple[int, str]] = []
        self.explored: dict[str, int] = {}
        self.classes: dict[str, int] = {}
        for number, line in enumerate(text.splitlines(), 1):
            self._read(number, line)

    def _read(self, number: int, line: str) -> None:
        comment = COMMENT.search(line)
        name, _, value = (comment[1] if comment else line).strip().partition(" ")
        if value:
            self.orders.append(Order(name, value.strip(), number if comment else 0))
        if line.strip() and not line.strip().startswith("#"):
            self.code.append((number, line.strip()))
        if found := CALL.match(line):
            self.explored[found[1]] = number
        if found := CLASS.match(line):
            self.classes[found[1]] = number

    def named(self, name: str) -> list[str]:
        return [order.value for order in self.orders if order.name == name]

    def find(self, name: str, stage: str) -> Order | None:
        return next((order for order in self.orders if order.name == name and order.stage == stage), None)

    def entries(self) -> list[str]:
        return [*self.named("entry"), *self.explored, *self.named("variant")]


class Text:
    """What a stage of an explored entry looks like: with its places in the text where
    the format has them, else beside it (`links`)."""

    def __init__(self, script: Script, row: dict, before: str) -> None:
        self.script = script
        self.id = row["id"]
        self.format = row.get("format", "mlir")
        # A line that only debug info needs: the document has none of it.
        self.lines = ["#loc = loc(unknown)"] if self.format == "mlir" else []
        self.links: dict | None = None
        self.lines.append("module {")
        first = len(self.lines) + 1
        self.lines += [self.line(number, code) for number, code in script.code]
        self.lines.append("}")
        for bytes_ in script.named("pad"):
            comment = row.get("comment", "#")
            self.lines += [comment + "x" * (63 - len(comment))] * (int(bytes_) // 64 + 1)
        if self.format not in ("mlir", "torchscript") or script.find("from", self.id):
            self.links = self.linked(first, before)

    def line(self, number: int, code: str) -> str:
        quoted = code.replace('"', '\\"')
        text = f'  {self.id}.op "{quoted}"'
        if self.script.find("kernel", self.id) and (number, code) == self.script.code[0]:
            text = "gpu.func @main_matmul_0() kernel" if self.format == "mlir" else ".visible .entry main_matmul_0()"
        if self.format == "mlir":
            return f'{text} loc("{self.script.path}":{number}:1)'
        return f"{text} # {self.script.path}:{number}:0" if self.format == "torchscript" else text

    def linked(self, first: int, before: str) -> dict:
        parents = before.splitlines()
        made = []
        for at, (_, code) in enumerate(self.script.code):
            quoted = code.replace('"', '\\"')
            made += [[first + at, i] for i, line in enumerate(parents, 1) if f'"{quoted}"' in line]
        return {
            "files": [self.script.path],
            "frames": [[0, number, 1, -1] for number, _ in self.script.code],
            "lines": [[first + at, at] for at in range(len(self.script.code))],
            "from": made if self.script.find("from", self.id) else [],
        }


class Job:
    """One run request."""

    def __init__(self, request: dict) -> None:
        self.request = request
        self.id = request["job"]
        self.out = Path(request["out"])
        self.capture = request["kind"] == "capture"
        self.check = request["kind"] == "check"
        self.script = self.read()

    def read(self) -> Script:
        """A lowering job is given a text in the store; what it was made from tells the orders."""
        memory = self.out / "script.json"
        if not self.capture and not self.check and memory.exists():
            return Script(**json.loads(memory.read_text(encoding="utf-8")))
        source = self.request["file"] if self.capture else self.request["input"]["path"]
        name = source if self.capture else self.request["input"].get("name", source)
        text = Path(source).read_text(encoding="utf-8", errors="replace")
        if self.capture:
            self.out.mkdir(parents=True, exist_ok=True)
            memory.write_text(json.dumps({"path": name, "text": text}), encoding="utf-8")
        return Script(name, text)

    def run(self) -> bool:
        """False when the job hangs."""
        for message in self.script.named("lose"):
            say(event="end", job=self.id, status="failed", message=message)
            return True
        if self.check:
            return self.parse()
        variants = self.script.named("variant")
        entries = self.start() if self.capture else [self.request["entry"]]
        for entry in entries:
            failed: set[str] = set()
            for row in self.request["stages"]:
                if entry not in row.get("entries", [] if entry in variants else [entry]):
                    continue
                if row["from"] in failed:
                    self.skip(entry, row["id"], failed)
                elif not self.stage(entry, row, failed):
                    return False
        say(event="end", job=self.id, status="ok")
        return True

    def parse(self) -> bool:
        say(event="started", job=self.id, pid=os.getpid())
        if self.script.find("hang", "check"):
            print("hangs", file=sys.stderr, flush=True)
            return False
        self.hold("check")
        if self.script.find("die", "check"):
            os.kill(os.getpid(), signal.SIGKILL)
        found = []
        for order in self.script.orders:
            if order.name == "wrong":
                begin, _, end = order.value.partition("-")
                place = {"frames": [[self.script.path, order.line, int(begin)]], "end": [order.line, int(end)]}
                note = {"message": "in this file", "frames": [[self.script.path, 1, 1]]}
                found.append({"severity": "error", "message": "wrong", "notes": [note]} | place)
        (self.out / "check.json").write_text(json.dumps({"diagnostics": found}), encoding="utf-8")
        say(event="end", job=self.id, status="ok")
        return True

    def hold(self, stage: str) -> None:
        order = self.script.find("hold", stage)
        while order and not Path(order.rest).exists():
            time.sleep(0.005)

    def start(self) -> list[str]:
        self.hold("entries")
        errors = [order for order in self.script.orders if order.name == "error"]
        report = {
            "entries": [] if errors else self.script.entries(),
            "files": [path for path in self.script.named("import") if path.startswith("/")],
            "diagnostics": [self.diagnostic(order.value, order.line or 2) for order in errors] + self.blamed(),
            "suggestions": [
                {"line": self.script.classes[name], "name": name, "text": f"# irlens: {name}()(1)"}
                for name in self.script.named("suggest")
            ],
        }
        for level in self.script.named("print"):
            (self.out / "output.raw-ir").write_text(self.script.text, encoding="utf-8")
            report["raw"] = {"file": "output.raw-ir", "level": level, "line": 2}
        (self.out / "output.txt").write_text("printed\n", encoding="utf-8")
        for entry in report["entries"]:
            folder = self.out / entry
            folder.mkdir(exist_ok=True)
            (folder / "entry.json").write_text(json.dumps(self.entry(entry)), encoding="utf-8")
            say(event="entry", job=self.id, entry=entry)
        (self.out / "run.json").write_text(json.dumps(report), encoding="utf-8")
        return report["entries"]

    def entry(self, name: str) -> dict:
        origin = (self.script.named("source") or ["model"])[0]
        explored = name in self.script.explored
        return {
            "name": name,
            "kind": "model",
            "origin": "configuration" if name in self.script.named("variant") else origin,
            "line": self.script.explored.get(name, 1),
            "class_line": self.script.classes.get(name, 0) if explored else 0,
            "signature": "f32[2]",
            "parameters": 11_689_512 if explored else 3,
        }

    def diagnostic(self, message: str, line: int) -> dict:
        return {"severity": "error", "message": message, "frames": [[self.script.path, line, 1]]}

    def blamed(self) -> list[dict]:
        found = []
        for order in self.script.orders:
            if order.name == "blame":
                path, _, line = order.value.rpartition(":")
                frames = [[path, int(line), 0], [self.script.path, order.line, 0]]
                found.append({"severity": "warning", "message": "blamed", "frames": frames})
        return found

    def failure(self, order: Order) -> dict:
        problem = {"severity": "error", "message": "no such op", "op": "torch.aten.x"}
        if not order.line:
            return problem | {"frames": [["/usr/lib/python3.11/site-packages/lib.py", 7, 0], ["/ws/block.py", 5, 0]]}
        begin, _, end = order.rest.partition("-")
        problem["frames"] = [[self.script.path, order.line, int(begin or 0)]]
        problem["notes"] = [{"message": "in this file", "frames": [[self.script.path, 1, 1]]}]
        return problem | ({"end": [order.line, int(end)]} if end else {})

    def skip(self, entry: str, stage: str, failed: set[str]) -> None:
        """Answers a stage whose source could not be made, as a real worker does."""
        failed.add(stage)
        meta = {"status": "failed", "ms": 0, "summary": {}, "diagnostics": []}
        (self.out / entry / f"{stage}.json").write_text(json.dumps(meta), encoding="utf-8")
        say(event="stage", job=self.id, entry=entry, stage=stage, status="failed")

    def outcome(self, stage: str) -> tuple[str, list[dict]]:
        """The status of a stage, and its diagnostics."""
        if order := self.script.find("fail", stage) or self.script.find("partial", stage):
            return "failed", [self.failure(order)]
        if self.script.find("crash", stage):
            return "crashed", [{"severity": "error", "message": "crashed in pass y"}]
        if self.script.find("unavailable", stage):
            return "unavailable", [{"severity": "info", "message": "pip install torch-mlir"}]
        return "ok", []

    def stage(self, entry: str, row: dict, failed: set[str]) -> bool:
        stage = row["id"]
        if self.script.find("hang", stage):
            return False
        self.hold(stage)
        if self.script.find("die", stage):
            os.kill(os.getpid(), signal.SIGKILL)
        status, diagnostics = self.outcome(stage)
        failed.update([] if status == "ok" else [stage])
        folder = self.out / entry
        folder.mkdir(parents=True, exist_ok=True)
        explored = entry in self.script.explored
        quotes = explored and not row.get("per-file")  # The program's output is no IR.
        text = Text(self.script, row, self.parent(folder, row)) if quotes else None
        raw = "\n".join(text.lines) + "\n" if text else self.script.text
        if stage in self.request.get("passes", []) and not self.script.find("forget", stage):
            self.keep_passes(folder / f"{stage}.passes", raw, explored and status == "failed")
        if not explored or status == "ok" or self.script.find("partial", stage):
            (folder / f"{stage}.raw").write_text(raw, encoding="utf-8")
        if text and text.links and status == "ok":
            (folder / f"{stage}.links").write_text(json.dumps(text.links), encoding="utf-8")
        if order := self.script.find("say", stage):
            (folder / f"{stage}.stderr").write_text(order.rest + "\n", encoding="utf-8")
        summary: dict = {"ops": len(self.script.code)} if explored else {"ops": 4, "max error": 0.25}
        if self.script.find("kernel", stage):
            summary["kernels"] = [{"name": "main_matmul_0", "facts": [["ops", 4], ["block", "32 x 8"]]}]
        meta = {"status": status, "ms": 1.5, "summary": summary, "diagnostics": diagnostics}
        (folder / f"{stage}.json").write_text(json.dumps(meta), encoding="utf-8")
        say(event="stage", job=self.id, entry=entry, stage=stage, status=status)
        return True

    def parent(self, folder: Path, row: dict) -> str:
        raw = folder / f"{row['from']}.raw"
        return raw.read_text(encoding="utf-8") if raw.exists() else ""

    def keep_passes(self, folder: Path, raw: str, failed: bool) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "000-first.raw").write_text(raw, encoding="utf-8")
        row = {"format": "mlir", "ms": 0.5, "ops": 4, "file": "000-first.raw"}
        rows = [{"index": i, "name": name, "changed": i == 0} | row for i, name in enumerate(("first", "second"))]
        rows[-1] |= {"failed": True} if failed else {}
        (folder / "passes.json").write_text(json.dumps({"passes": rows}), encoding="utf-8")


PASSES = {"mlir": [{"name": "fake-pass", "description": "", "options": []}], "llvm": []}


def main() -> None:
    if "--list-passes" in sys.argv:
        print(json.dumps(PASSES))
        return
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
        rows = request.get("stages", [])
        ids = ",".join(row["id"] + "".join(f"({name})" for name in row.get("entries", [])) for row in rows)
        passes = f" passes={','.join(request['passes'])}" if "passes" in request else ""
        log(f"{request['kind']} {request.get('entry', '')} {ids}{passes}".replace("  ", " ").strip())
        if not Job(request).run():
            open_jobs.add(request["job"])


main()
