"""What is read out of torch's and MLIR's texts; needs both libraries."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("torch_mlir")

from irlens_torch.capture.links import LinkBuilder
from irlens_torch.capture.stack_traces import format_stack_trace, parse_stack_trace
from irlens_torch.lower.importer import new_context
from irlens_torch.lower.mlir_errors import blamed_operation
from irlens_torch.lower.mlir_locations import location_frames
from irlens_torch.lower.op_probe import collect_probes
from irlens_torch.lower.pass_pipeline import flatten_pipeline, pass_name
from torch_mlir import ir


def test_stack_trace_there_and_back() -> None:
    frames = [("/lib/linear.py", 134, 16), ("/ws/model.py", 9, 5)]
    assert parse_stack_trace(format_stack_trace(frames)) == frames


def test_stack_trace_of_torch_itself() -> None:
    text = 'File "/ws/m.py", line 12, in forward\n    x = b(x)\n  File "/ws/m.py", line 6, in forward\n    y'
    assert parse_stack_trace(text) == [("/ws/m.py", 6, 0), ("/ws/m.py", 12, 0)]


@pytest.mark.parametrize(
    "marks",
    ["^^^^^^^^^^", "~~~~~~~~^^", "~~~~^~~~~~"],
    ids=["the whole (Python 3.11)", "a call (Python 3.13)", "an operator"],
)
def test_column_is_where_the_marks_begin(tmp_path: Path, marks: str) -> None:
    file = tmp_path / "m.py"
    file.write_text("def f(x):\n    return x.relu() + x\n")
    text = f'  File "{file}", line 2, in f\n    return x.relu() + x\n           {marks}\n'
    assert parse_stack_trace(text) == [(str(file), 2, 12)]


@pytest.mark.skipif(sys.version_info < (3, 13), reason="older Pythons mark every call")
def test_column_of_a_call_that_python_does_not_mark(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("def f(x):\n    é = x.sin()\n    y = é + x.cos()\n    return g(y)\n")
    text = "".join(
        f'  File "{file}", line {i}, in f\n    {code}\n' for i, code in enumerate(file.read_text().split("\n    "), 1)
    )
    assert parse_stack_trace(text) == [(str(file), 4, 12), (str(file), 3, 0), (str(file), 2, 9), (str(file), 1, 0)]


def test_links_share_frames() -> None:
    links = LinkBuilder()
    links.link(3, [("a", 1, 1), ("b", 2, 0)])
    links.link(4, [("c", 5, 0), ("b", 2, 0)])
    links.link(4, [("c", 5, 0), ("b", 2, 0)])
    assert links.to_json() == {
        "files": ["b", "a", "c"],
        "frames": [[0, 2, 0, -1], [1, 1, 1, 0], [2, 5, 0, 0]],
        "lines": [[3, 1], [4, 2]],
    }


def test_location_frames() -> None:
    with new_context():
        inner, outer = ir.Location.file("a b.py", 3, 4), ir.Location.file("c.py", 5, 0)
        location = ir.Location.callsite(inner, [outer])
        assert location_frames(location) == [("a b.py", 3, 4), ("c.py", 5, 0)]
        assert location_frames(ir.Location.unknown()) == []
        assert location_frames(ir.Location.file('wö"r\\k.py', 1, 2)) == [('wö"r\\k.py', 1, 2)]


def test_flatten_pipeline() -> None:
    steps = list(
        flatten_pipeline("builtin.module(func.func(cse,canonicalize{top-down=false}),symbol-dce)", new_context())
    )
    assert [pass_name(step) for step in steps] == ["cse", "canonicalize", "symbol-dce"]
    assert steps[0] == "builtin.module(func.func(cse))" and "top-down=false" in steps[1]


@pytest.mark.parametrize(
    ("message", "operation"),
    [
        ("failed to legalize operation 'torch.aten.foo' that was", "torch.aten.foo"),
        ("operation 'torch.operator' ...: <{name = \"torch.aten._svd\"}>", "torch.aten._svd"),
        ("no such thing", ""),
    ],
)
def test_blamed_operation(message: str, operation: str) -> None:
    assert blamed_operation(message) == operation


MODULE = """
func.func @main(%x: !torch.vtensor<[4],f32>, %y: !torch.vtensor<[2],f32>) -> !torch.vtensor<[4],f32> {
  %one = torch.constant.int 1
  %two = torch.constant.int 2
  %a = torch.aten.add.Scalar %x, %one, %one : !torch.vtensor<[4],f32>, !torch.int, !torch.int -> !torch.vtensor<[4],f32>
  %b = torch.aten.add.Scalar %a, %one, %one : !torch.vtensor<[4],f32>, !torch.int, !torch.int -> !torch.vtensor<[4],f32>
  %c = torch.aten.add.Scalar %y, %one, %one : !torch.vtensor<[2],f32>, !torch.int, !torch.int -> !torch.vtensor<[2],f32>
  %d = torch.aten.add.Scalar %b, %two, %one : !torch.vtensor<[4],f32>, !torch.int, !torch.int -> !torch.vtensor<[4],f32>
  %e = torch.operator "torch.aten.odd"(%d) : (!torch.vtensor<[4],f32>) -> !torch.vtensor<[4],f32>
  return %e : !torch.vtensor<[4],f32>
}
"""


def test_probes_are_distinct_by_type_and_constant() -> None:
    probes = collect_probes(ir.Module.parse(MODULE, new_context()))
    assert [(probe.name, len(probe.places)) for probe in probes] == [
        ("torch.aten.add.Scalar", 2),
        ("torch.aten.add.Scalar", 1),
        ("torch.aten.add.Scalar", 1),
        ("torch.aten.odd", 1),
    ]
    assert all(probe.module.operation.verify() for probe in probes)
