# An autotuned kernel is the one entry that is meant; its configurations are compared when they are named.
# REQUIRES: triton, torch, irlens
# DEFINE: %{diff} = irlens diff %s --python %python --store %t.store
# RUN: not %{diff} --to ptx@sm_80,ptx@sm_90 | FileCheck %s --check-prefix=TARGETS
# RUN: not %{diff} --to ptx --entry fill.c1,fill.c2 | FileCheck %s --check-prefix=TUNED
# TARGETS: --- fill/ptx@sm_80
# TARGETS-NEXT: +++ fill/ptx@sm_90
# TUNED: --- fill.c1/ptx
# TUNED-NEXT: +++ fill.c2/ptx
# TUNED: -.{{reqntid|maxntid}} 64
# TUNED: +.{{reqntid|maxntid}} 128
import torch
import triton
import triton.language as tl


@triton.autotune([triton.Config({}, num_warps=w) for w in (2, 4)], key=["n"])
@triton.jit
def fill(x_ptr, n, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(x_ptr + offsets, 1.0, mask=offsets < n)


fill[(4,)](torch.empty(1024, device="cuda"), 1024, BLOCK=256)
