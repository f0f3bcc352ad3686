# The backward half; each operation is linked to the forward line that it is the gradient of.
# REQUIRES: torch
# RUN: %irlens-capture %s --to aot-backward --entry train --links | FileCheck %s
# RUN: %irlens-capture %s --to aot-backward --entry plain | FileCheck %s --check-prefix=PLAIN
import torch


def train(x):
    y = x.sin()
    return y * 2


def plain(x):
    return x.sin()


__explore__(train, torch.randn(3, requires_grad=True))
__explore__(plain, torch.randn(3))

# CHECK:      class Backward(torch.nn.Module):
# CHECK:          # backward.py:10  return y * 2
# CHECK-NEXT:     {{.*}} = torch.ops.aten.mul.Tensor(tangents_1, 2)
# CHECK:          # backward.py:9  y = x.sin()
# CHECK-NEXT:     cos: "f32[3]" = torch.ops.aten.cos.default(primals_1)
# CHECK:      <- backward.py:10:12
# CHECK:      <- backward.py:9:9

# PLAIN: # nothing requires a gradient: there is no backward graph
