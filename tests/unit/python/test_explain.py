"""What makes the compiler allocate without end is stopped, and named with its line."""

from __future__ import annotations

from irlens_torch.lower.explain import judge
from irlens_torch.lower.importer import new_context
from torch_mlir import ir

LINALG = "builtin.module(torch-backend-to-linalg-on-tensors-backend-pipeline{allow-non-finites=true})"
# torch-mlir's conversion of a mask of unknown size does not end.
MASK = """
func.func @main(%x: !torch.vtensor<[4,4],f32>, %mask: !torch.vtensor<[4,4],i1>) -> !torch.vtensor<[?],f32> {
  %list = torch.prim.ListConstruct %mask : (!torch.vtensor<[4,4],i1>) -> !torch.list<vtensor<[4,4],i1>>
  %0 = torch.aten.relu %x : !torch.vtensor<[4,4],f32> -> !torch.vtensor<[4,4],f32>
  %1 = torch.aten.index.Tensor_hacked_twin %0, %list
      : !torch.vtensor<[4,4],f32>, !torch.list<vtensor<[4,4],i1>> -> !torch.vtensor<[?],f32> loc("model.py":7:3)
  return %1 : !torch.vtensor<[?],f32>
}
"""


def test_memory() -> None:
    [verdict] = judge(ir.Module.parse(MASK, new_context()), LINALG)
    assert verdict.probe.name == "torch.aten.index.Tensor_hacked_twin"
    # Without memory it may also just crash.
    assert verdict.status in ("memory", "crashed")
    assert verdict.probe.places == [[("model.py", 7, 3)]]
