# Both branches of a condition are shown; the shapes may be symbolic.
# REQUIRES: torch
# RUN: %irlens-capture %s --to fx | FileCheck %s
import torch
from torch.export import Dim


def choose(x):
    return torch.cond(x.sum() > 0, lambda a: a.sin(), lambda a: a.cos(), (x,))


def twice(x):
    return x + x


# RUN: %irlens-capture %s --to fx --entry twice | FileCheck %s --check-prefix=DYNAMIC
__explore__(choose, torch.randn(3))
__explore__(twice, torch.randn(3, 5), _dynamic_shapes=({0: Dim("batch")},))

# CHECK:     class choose(torch.nn.Module):
# CHECK:       class true_graph_0(torch.nn.Module):
# CHECK:         sin: "f32[3]" = torch.ops.aten.sin.default
# CHECK:       class false_graph_0(torch.nn.Module):
# CHECK:         cos: "f32[3]" = torch.ops.aten.cos.default
# CHECK:       def forward(self, x: "f32[3]"):
# CHECK:         torch.ops.higher_order.cond

# DYNAMIC:      class twice(torch.nn.Module):
# DYNAMIC-NEXT:   def forward(self, x: "f32[batch, 5]"):
