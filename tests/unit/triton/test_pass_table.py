"""Each row of the table of passes is what libtriton says of it."""

from __future__ import annotations

import re

import pytest
from irlens_triton.compile.pass_table import Pass, known_passes
from kernel_files import in_child


def printed(row: Pass) -> str:
    """The pipeline that MLIR prints of the row's binding, called with what the row assumes."""

    def work() -> str:
        from triton._C.libtriton import ir

        context = ir.context()
        ir.load_dialects(context)
        manager = ir.pass_manager(context)
        values = [option.parse("gfx942" if option.is_needed else option.default) for option in row.options]
        row.adder()(manager, *values)
        return str(manager.get_pipeline_str())

    return str(in_child(work))


@pytest.mark.parametrize("name", known_passes())
def test_names_and_options_are_those_of_the_passes(name: str) -> None:
    row = known_passes()[name]
    text = printed(row)
    assert re.search(rf"\b{re.escape(name)}(?:{{|\)|$)", text), text
    for option in row.options:
        value = "gfx942" if option.is_needed else option.default
        assert re.search(rf"[{{ ]{re.escape(option.name)}={re.escape(value)}[}} ]", text), text


def test_no_binding_is_left_out() -> None:
    """What another version of Triton brings is to be added."""
    from triton._C import libtriton

    def found(module: object, path: str) -> set[str]:
        names: set[str] = set()
        for name, value in vars(module).items():
            if type(value).__name__ == "module":
                names |= found(value, f"{path}{name}.")
            elif name.startswith("add_"):
                names.add(f"{path}{name.removeprefix('add_')}")
        return names

    there = found(libtriton.passes, "")
    for family in ("nvidia", "amd"):
        there |= found(getattr(libtriton, family).passes, f"{family}.")
    # Of the same name as NVIDIA's.
    assert there - {row.binding for row in known_passes().values()} == {"amd.ttgpuir.prepare_consan_captures"}


@pytest.mark.parametrize(
    ("name", "option", "text", "value"),
    [
        ("tritongpu-pipeline", 0, "5", 5),
        ("tritongpu-pipeline", 1, "true", True),
        ("tritongpu-pipeline", 1, "0", False),
        ("convert-triton-to-tritongpu", 0, "hip:gfx942", "hip:gfx942"),
    ],
)
def test_values(name: str, option: int, text: str, value: object) -> None:
    assert known_passes()[name].options[option].parse(text) == value


@pytest.mark.parametrize(("option", "expected"), [(0, "a number"), (1, "true or false")])
def test_values_that_are_none(option: int, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        known_passes()["tritongpu-pipeline"].options[option].parse("many")
