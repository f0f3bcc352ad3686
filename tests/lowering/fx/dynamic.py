# Dimensions have the names that the user gives them, also what is computed from them.
# REQUIRES: torch
# RUN: %irlens-capture %s --to fx | FileCheck %s
# RUN: not %irlens-capture %s --to fx --entry square 2>&1 | FileCheck %s --check-prefix=WRONG
import torch
from torch.export import Dim


def pair(x, y):
    return torch.cat([x, y]).reshape(-1)


batch = Dim("batch", min=2, max=64)
__explore__(pair, torch.ones(4, 3), torch.ones(4, 3), _dynamic_shapes={"x": {0: batch}, "y": {0: batch}})


def square(x):
    return x @ x


__explore__(square, torch.ones(4, 4), _dynamic_shapes=({0: "rows"},))

# CHECK: def forward(self, x: "f32[batch, 3]", y: "f32[batch, 3]"):
# CHECK: cat: "f32[2*batch, 3]"
# CHECK: reshape: "f32[6*batch]"
# WRONG: dynamic.py:21:1: error: dynamic shapes: You marked rows as dynamic but your code specialized
# WRONG-SAME: Suggested fix: rows = 4
