"""What is missing is told with the command that installs it; nothing else is lost."""

from __future__ import annotations

import pytest
from irlens_triton import provider, warm
from irlens_triton.provider import INSTALL, TritonProvider
from irlens_triton.read import hsaco
from irlens_worker.protocol import Row
from irlens_worker.script import Source

KERNEL = Source("/ws/k.py", b"import torch\nimport triton\n")
PTX = Row("ptx", "triton-llvm-ir", "asm", ({"triton": {"stage": "ptx", "target": "sm_90"}},))
HSACO = Row("hsaco", "amdgcn", "text", ({"triton": {"stage": "hsaco", "target": "gfx942"}},))


def test_without_triton(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "is_installed", lambda: False)
    without = TritonProvider()
    assert (without.missing()["triton"], without.tools(), without.steps()) == (INSTALL, {}, [])
    assert without.lacks(PTX) == ("triton", INSTALL)
    discovery = without.discovery(KERNEL, 0, set())
    (found,) = discovery.diagnostics
    assert "Triton is not installed for" in found.message and found.message.endswith(INSTALL)
    assert found.frames == [("/ws/k.py", 2, 1)]
    assert not discovery.worth_running()


def test_without_triton_other_files_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "is_installed", lambda: False)
    discovery = TritonProvider().discovery(Source("/ws/k.py", b"import torch  # no triton\n"), 0, set())
    assert not discovery.diagnostics


def test_with_a_triton_that_does_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ImportError("cannot import name 'knobs'")

    monkeypatch.setattr(warm, "warm_up", fail)
    broken = TritonProvider()
    broken.warm()
    assert broken.lacks(PTX) == ("triton", INSTALL)
    (found,) = broken.discovery(KERNEL, 0, set()).diagnostics
    assert "Triton cannot be used (ImportError: cannot import name 'knobs')" in found.message


def test_without_objdump(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hsaco, "find_objdump", lambda: None)
    without = TritonProvider()
    assert without.missing() == {"llvm-objdump": hsaco.INSTALL}
    assert without.lacks(HSACO) == ("llvm-objdump", hsaco.INSTALL)
    assert without.lacks(PTX) is None


def test_files_that_it_reads() -> None:
    ours = TritonProvider()
    assert [ours.reads(name) for name in ("/a/k.py", "/a/k.ttir", "/a/k.ttgir", "/a/k.mlir")] == [True] * 3 + [False]
    assert ours.handles(PTX) and not ours.handles(Row("fx", "model", "fx", ({"capture": "fx"},)))
