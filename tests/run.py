"""Runs every kind of test there is and counts them: the one entry of `make test`.

    tests/run.py [--build DIR] [--sanitized DIR] [--jobs N] [--list] [SUITE...]

A suite is a row of `suites()`: a command in the tool that fits the kind (ctest,
lit, pytest, node). Several run side by side (--jobs), as most run one test at a time.
A suite's output goes to BUILD/tests/SUITE.log and is shown only when it fails; what
it counted is read from the report that it writes. The last line counts each test
once, and says how many ran a second time under sanitizers.
A suite that fails without a failed test, or runs no test, counts as one failed
test.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Suite:
    """One kind of test. `{report}` in the command is the JUnit file that it
    writes; without it the suite closes with a line "N passed, N failed"."""

    name: str
    what: str
    command: list[str]
    limit: int  # seconds; far beyond what a busy machine needs: it ends what hangs
    needs: tuple[str, ...] = ()  # commands that an ordinary machine may lack
    env: dict[str, str] = field(default_factory=dict)
    again: str = ""  # the suite whose tests this one runs a second time


@dataclass
class Outcome:
    passed: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)  # what failed tests printed
    skips: list[str] = field(default_factory=list)


def suites(build: Path, sanitized: Path) -> list[Suite]:
    pytest = [sys.executable, "-m", "pytest", "-q", "--tb=short", "--junitxml={report}"]
    ctest = ["ctest", "--output-on-failure", "--no-tests=error", "-j2", "--output-junit", "{report}"]
    lit = [str(Path(sys.executable).with_name("lit")), "-sv", "--xunit-xml-output={report}"]
    # A leak in the server is a failure too; the symbolizer makes reports readable.
    under_sanitizers = {
        "IRLENS_BIN_DIR": str(sanitized / "bin"),
        "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "ASAN_SYMBOLIZER_PATH": shutil.which("llvm-symbolizer-22") or "",
    }
    return [
        Suite("lint", "layers, formats, tables, static analysis", [*pytest, "-n2", "tests/lint"], 2400),
        Suite("unit", "C++ functions and classes", [*ctest, "--test-dir", str(build)], 900),
        Suite("python", "Python functions and classes", [*pytest, "tests/unit/python"], 1200),
        Suite("kernels", "Triton kernels without a GPU", [*pytest, "tests/unit/triton"], 1800),
        Suite("lowering", "each stage's IR", [*lit, "tests/lowering"], 1800),
        Suite("run-lines", "RUN lines, with lit as the judge", [*pytest, "-n2", "tests/run_lines"], 900),
        Suite("models", "small models of all kinds, in every stage", [*pytest, "tests/models"], 1800),
        Suite("protocol", "the server as a client sees it", [*pytest, "tests/protocol"], 1800),
        Suite("faults", "user code and workers that break", [*pytest, "tests/faults"], 1800),
        Suite("vim", "Neovim and Vim", [*pytest, "tests/editors"], 900),
        Suite("vscode", "VS Code in a browser", ["node", "tests/editors/vscode/run.mjs"], 900,
              needs=("node", "chromium")),
        Suite("unit-sanitized", "C++ tests and short fuzzing under ASan and UBSan",
              [*ctest, "--test-dir", str(sanitized)], 1800, env=under_sanitizers, again="unit"),
        Suite("protocol-sanitized", "the server under ASan and UBSan",
              [*pytest, "tests/protocol"], 1800, env=under_sanitizers, again="protocol"),
    ]  # fmt: skip


def wait_for(process: subprocess.Popen[bytes], limit: int, stop: threading.Event) -> tuple[int, str]:
    """Its exit code, and what ended it otherwise."""
    end = time.monotonic() + limit
    while time.monotonic() < end and not stop.is_set():
        try:
            return process.wait(0.5), ""
        except subprocess.TimeoutExpired:
            continue
    return 1, "interrupted" if stop.is_set() else f"not done after {limit} s"


def run_command(suite: Suite, report: Path, log: Path, env: dict[str, str], stop: threading.Event) -> tuple[int, str]:
    """Runs the suite in a process group of its own, so that nothing of it is left
    behind. Returns its exit code, and what ended it otherwise."""
    command = [word.format(report=report) for word in suite.command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**env, **suite.env}, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
        try:
            return wait_for(process, suite.limit, stop)
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


def read_report(report: Path) -> Outcome:
    """Counts the test cases of a JUnit file, as ctest, lit and pytest write it."""
    outcome = Outcome()
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("name", "")
        if case.get("classname", name) != name:
            name = f"{case.get('classname')}.{name}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failures.append(name)
            printed = "\n".join(filter(None, (part.text for part in case)))
            outcome.details += [f"{name}:", *printed.strip().splitlines()[-40:]]
        elif skipped is not None:
            outcome.skips.append(f"{name}: {skipped.get('message') or 'no reason given'}")
        else:
            outcome.passed.add(name)
    return outcome


def read_closing_line(log: str) -> Outcome:
    """Counts by the last "N passed, N failed[, N skipped]" of a suite's output."""
    lines = re.findall(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$", log, re.MULTILINE)
    if not lines:
        return Outcome()
    passed, failed, skipped = (int(count or 0) for count in lines[-1])
    unnamed = {f"test {number}" for number in range(passed)}
    return Outcome(unnamed, ["see the log"] * failed, skips=["see the log"] * skipped)


def run_suite(suite: Suite, folder: Path, env: dict[str, str], stop: threading.Event) -> Outcome:
    missing = [command for command in suite.needs if not shutil.which(command)]
    if missing:
        return Outcome(skips=[f"all of {suite.name}: needs {', '.join(missing)}"])
    report, log = folder / f"{suite.name}.xml", folder / f"{suite.name}.log"
    report.unlink(missing_ok=True)
    # No test may find what an earlier one, or the user, has lowered.
    cache = folder / "cache" / suite.name
    shutil.rmtree(cache, ignore_errors=True)
    code, ended = run_command(suite, report, log, {**env, "XDG_CACHE_HOME": str(cache)}, stop)
    text = log.read_text(errors="replace")
    try:
        outcome = read_report(report) if report.exists() else read_closing_line(text)
    except ElementTree.ParseError as error:
        outcome = Outcome(failures=[f"unreadable report: {error}"])
    if not outcome.failures and (ended or code):
        outcome.failures.append(ended or f"exit code {code}")
    if not outcome.failures and not outcome.passed and not outcome.skips:
        outcome.failures.append("ran no test")
    if outcome.failures:
        shown = outcome.details[:400] or text.splitlines()[-60:]
        lines = [f"{suite.name}:", *(f"    | {line}" for line in shown), f"    all of it: {log}"]
        print("\n".join(lines))
    return outcome


def run_suites(chosen: list[Suite], jobs: int, folder: Path, env: dict[str, str]) -> dict[str, Outcome]:
    """The outcome of each, by name. What still runs is ended when somebody interrupts."""
    stop = threading.Event()

    def run(suite: Suite) -> Outcome:
        if stop.is_set():
            return Outcome(failures=["interrupted"])
        print(f"{suite.name:20} {suite.what} ...", flush=True)
        start = time.monotonic()
        outcome = run_suite(suite, folder, env, stop)
        print(f"{suite.name:20} {describe(outcome)} ({time.monotonic() - start:.0f} s)", flush=True)
        return outcome

    with ThreadPoolExecutor(jobs) as lanes:
        try:
            return dict(zip((suite.name for suite in chosen), lanes.map(run, chosen), strict=True))
        except KeyboardInterrupt:
            stop.set()
            raise


def describe(outcome: Outcome) -> str:
    counts = f"{len(outcome.passed)} passed, {len(outcome.failures)} failed"
    return counts + (f", {len(outcome.skips)} skipped" if outcome.skips else "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--sanitized", type=Path, default=ROOT / "build-asan")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1), help="suites at a time")
    parser.add_argument("--list", action="store_true", help="show the suites")
    parser.add_argument("suites", nargs="*", metavar="SUITE")
    options = parser.parse_args()
    table = suites(options.build.resolve(), options.sanitized.resolve())
    if options.list:
        print("\n".join(f"{suite.name:20} {suite.what}" for suite in table))
        return 0
    unknown = set(options.suites) - {suite.name for suite in table}
    if unknown:
        parser.error(f"no suite {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in table)}")

    folder = options.build.resolve() / "tests"
    folder.mkdir(parents=True, exist_ok=True)
    env = {
        "IRLENS_BIN_DIR": str(options.build.resolve() / "bin"),
        "IRLENS_PYTHON": sys.executable,
        **os.environ,
    }
    chosen = [suite for suite in table if not options.suites or suite.name in options.suites]
    outcomes = run_suites(chosen, options.jobs, folder, env)
    total = Outcome()
    again = 0
    for suite in chosen:
        outcome = outcomes[suite.name]
        second = outcome.passed & outcomes[suite.again].passed if suite.again in outcomes else set()
        again += len(second)
        total.passed |= {f"{suite.name}: {name}" for name in outcome.passed - second}
        total.failures += [f"{suite.name}: {failure}" for failure in outcome.failures]
        total.skips += [f"{suite.name}: {skip}" for skip in outcome.skips]

    print()
    for title, names in (("Skipped", total.skips), ("Failed", total.failures)):
        print("".join(f"{title}: {name}\n" for name in names), end="")
    print(describe(total) + (f"; {again} of them passed under sanitizers, too" if again else ""))
    return 1 if total.failures else 0


if __name__ == "__main__":
    sys.exit(main())
