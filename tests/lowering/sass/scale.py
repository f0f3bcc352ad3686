# SASS: each instruction with its place, columns from the PTX, and the caller of what was inlined.
# REQUIRES: triton
# RUN: %irlens-capture %s --origin kernel --to sass --links | FileCheck %s
# CHECK: scale:
# CHECK: LDG.E.128
# CHECK: FMUL
# CHECK: EXIT
# CHECK-NOT: //##
# CHECK: # {{[0-9]+}} <- scale.py:17:12 <- scale.py:24:33
import torch
import triton
import triton.language as tl


@triton.jit
def twice(x):
    return x * 2.5


@triton.jit
def scale(x_ptr, out_ptr, n, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    x = tl.load(x_ptr + offsets, mask=offsets < n)
    tl.store(out_ptr + offsets, twice(x), mask=offsets < n)


x = torch.rand(4096, device="cuda")
scale[(4,)](x, x, 4096, BLOCK=1024)
