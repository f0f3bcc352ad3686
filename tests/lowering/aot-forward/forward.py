# The forward half returns what the backward half needs; without gradients it is all there is.
# REQUIRES: torch
# RUN: %irlens-capture %s --to aot-forward --entry train | FileCheck %s --check-prefix=TRAIN
# RUN: %irlens-capture %s --to aot-forward --entry plain | FileCheck %s --check-prefix=PLAIN
import torch


def train(x, w):
    return (x * w).sin()


def plain(x):
    return x.sin()


__explore__(train, torch.randn(3), torch.randn(3, requires_grad=True))
__explore__(plain, torch.randn(3))

# TRAIN:      class Forward(torch.nn.Module):
# TRAIN:          mul: "f32[3]" = torch.ops.aten.mul.Tensor(
# TRAIN-NEXT:     sin: "f32[3]" = torch.ops.aten.sin.default(mul)
# TRAIN-NEXT:     return (sin, primals_1, primals_2)

# PLAIN:      class Forward(torch.nn.Module):
# PLAIN:          sin: "f32[3]" = torch.ops.aten.sin.default(arg0_1)
# PLAIN-NEXT:     return (sin,)
