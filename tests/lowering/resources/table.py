# What a kernel needs, a column per target; in the table and not in hexadecimal.
# REQUIRES: triton
# RUN: %irlens-capture %s --origin kernel --to resources | FileCheck %s
# CHECK: # fill
# CHECK: | | sm_90 | gfx942 |
# CHECK: | registers per thread | {{[0-9]+}} of 255 | {{[0-9]+}} of 512, {{[0-9]+}} scalar |
# CHECK: | spills | 0 B | 0 B |
# CHECK: | warps per block | 8 | 8 |
# CHECK: | occupancy | 100 % (64 of 64 warps) | 100 % (32 of 32 warps) |
# CHECK: | limited by | nothing | nothing |
# CHECK: | instructions | {{[0-9]+}} |
import triton
import triton.language as tl


@triton.jit
def fill(out_ptr, n, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(out_ptr + offsets, 1.0, mask=offsets < n)


# irlens: fill(*fp32, i32, BLOCK=1024) num_warps=8
