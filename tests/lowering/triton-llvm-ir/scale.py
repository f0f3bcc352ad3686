# LLVM IR after Triton's optimizations, with its debug info.
# REQUIRES: triton
# RUN: %irlens-capture %s --origin kernel --to triton-llvm-ir | FileCheck %s
# CHECK: define ptx_kernel void @scale(
# CHECK: fmul {{.*}} !dbg
# CHECK: !DILocation(line: {{[0-9]+}}, column: {{[0-9]+}}, scope: {{.*}}, inlinedAt:
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
