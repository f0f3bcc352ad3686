# What cannot be scripted is traced, also with keyword inputs and nested results.
# REQUIRES: torch
# RUN: %irlens-capture %s --to torchscript --links | FileCheck %s
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, inputs, *, scale, **rest):
        y = inputs["x"] * scale
        return {"sum": y + rest["bias"], "inputs": (inputs["x"], None)}


__explore__(Net(), {"x": torch.randn(2, 3)}, scale=torch.tensor(2.0), bias=torch.randn(3))

# CHECK:     graph(
# CHECK:     %[[Y:.*]] : Float(2, 3{{.*}} = aten::mul
# CHECK:     aten::add(%[[Y]]
# CHECK-DAG: # {{[0-9]+}} <- trace.py:10:0
# CHECK-DAG: # {{[0-9]+}} <- trace.py:11:0
