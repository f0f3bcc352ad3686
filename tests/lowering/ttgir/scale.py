# Layouts per target.
# REQUIRES: triton
# RUN: %irlens-capture %s --origin kernel --to ttgir | FileCheck %s --check-prefixes=CHECK,SM
# RUN: %irlens-capture %s --origin kernel --to ttgir --target gfx942 | FileCheck %s --check-prefixes=CHECK,GFX
# SM: threadsPerWarp = [32]
# GFX: threadsPerWarp = [64]
# SM: ttg.target = "cuda:90"
# GFX: ttg.target = "hip:gfx942"
# CHECK: arith.mulf
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
