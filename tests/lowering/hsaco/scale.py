# The binary for AMD, disassembled.
# REQUIRES: triton, llvm-objdump
# RUN: %irlens-capture %s --origin kernel --to hsaco --target gfx942 --links | FileCheck %s
# CHECK-NOT: ELF
# CHECK: scale:
# CHECK: v_pk_mul_f32
# CHECK: s_endpgm
# CHECK: # {{[0-9]+}} <- scale.py:
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
