# Any callable is a model, any pytree an input; results that are constants are left out.
# REQUIRES: torch, torch-mlir
# RUN: %irlens-capture %s --to torch | FileCheck %s
import torch


def f(pair, *, extra):
    (a, b), name = pair["both"], pair["name"]
    assert name == "n"
    return {"sum": a + b, "none": None, "number": 3, "extra": [extra * 2]}


inputs = {"both": (torch.randn(2), torch.randn(2)), "name": "n"}
__explore__(f, inputs, extra=torch.randn(4), _name="pytrees")

# CHECK:      func.func @main(%arg0: !torch.vtensor<[2],f32>
# CHECK-SAME: %arg1: !torch.vtensor<[2],f32>
# CHECK-SAME: %arg2: !torch.vtensor<[4],f32>
# CHECK-SAME: -> (!torch.vtensor<[2],f32>, !torch.vtensor<[4],f32>)
# CHECK-DAG:  torch.aten.add.Tensor
# CHECK-DAG:  torch.aten.mul.Scalar
