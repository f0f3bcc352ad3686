# What the front end makes, inlined and simplified; names of variables are kept.
# REQUIRES: triton
# RUN: %irlens-capture %s --origin kernel --to ttir | FileCheck %s
# CHECK: tt.func public @scale(%x_ptr: !tt.ptr<f32> {tt.divisibility = 16 : i32}
# CHECK: %[[X:x[_0-9]*]] = tt.load
# CHECK: arith.mulf %[[X]]
# CHECK: loc(callsite(
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
