# AMDGCN of a kernel, with places.
# REQUIRES: triton
# RUN: %irlens-capture %s --origin kernel --to amdgcn --target gfx942 | FileCheck %s
# CHECK: .amdgcn_target
# CHECK: .loc
# CHECK: v_pk_mul_f32
# CHECK: .vgpr_count:
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
