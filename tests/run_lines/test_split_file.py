"""The engine's split_file makes what LLVM's split-file makes, byte for byte."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

PROGRAMS = Path(os.environ.get("IRLENS_BIN_DIR", Path(__file__).resolve().parents[2] / "build" / "bin"))

TEXTS = {
    "plain": "//--- a\nx\n//--- b\ny\n",
    "text before": "head\n\n//--- a\nx\n",
    "no newline at the end": "//--- a\nx",
    "marker at the end": "//--- a",
    "empty part": "//--- a\n//--- b\ny\n",
    "other comments": "#--- a\nx\n;--- b\ny\n//--- c\nz\n",
    "one slash": "/--- a\nx\n",
    "not markers": "//--- a\n --- b\n//---c\n  //--- d\n---- e\n// --- f\n--- g\n",
    "folders": "//--- sub/a.mlir\nx\n//--- sub/deep/b.mlir\ny\n",
    "blank in the name": "//--- a b\nx\n",
    "CRLF": "//--- a\r\nx\r\n//--- b\r\ny\r\n",
    "CR at the very end": "//--- a\r",
    "blank lines": "\n\n//--- a\n\n\nx\n\n\n//--- b\n\n",
    "no marker": "nothing\n",
    "empty name": "//--- \nx\n",
    "name begins with a blank": "//---  a\nx\n",
    "name ends with a blank": "//--- a \nx\n",
    "twice": "//--- a\nx\n;--- b\n//--- a\ny\n",
    "empty": "",
}


def random_text(seed: int) -> str:
    """Lines of markers, things like markers and text."""
    chosen = random.Random(seed)
    pieces = ["//--- a{}\n", ";--- b{}\n", "x\n", "\n", "--- c{}\n", "\r\n", "//--- d{}\r\n", "y", " "]
    return "".join(chosen.choice(pieces).format(number) for number in range(chosen.randrange(1, 20)))


TEXTS.update({f"random {seed}": random_text(seed) for seed in range(40)})


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("leading", [False, True], ids=["plain", "leading-lines"])
@pytest.mark.parametrize("name", TEXTS)
def test_same_files(name: str, leading: bool, tmp_path: Path) -> None:
    judge = shutil.which("split-file-22")
    if not judge:
        pytest.skip("needs split-file of LLVM 22")
    source, theirs, ours = tmp_path / "test.mlir", tmp_path / "theirs", tmp_path / "ours"
    source.write_bytes(TEXTS[name].encode())
    options = ["--leading-lines"] if leading else []
    judged = subprocess.run([judge, *options, source, theirs], capture_output=True, text=True, check=False)
    mode = "split-leading" if leading else "split"
    made = subprocess.run([PROGRAMS / "run_lines_driver", mode, source, ours], capture_output=True, text=True)
    assert made.returncode == judged.returncode, (made.stdout, judged.stderr)
    if made.returncode:
        line, message = made.stdout.strip().split(": ", 1)
        assert message in judged.stderr
        assert line == "0" or f"test.mlir:{line}: " in judged.stderr
    else:
        assert tree(ours) == tree(theirs)
