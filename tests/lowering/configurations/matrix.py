# An autotuned kernel: a row per configuration; one that cannot be compiled is named with the reason.
# REQUIRES: triton
# RUN: %irlens-capture %s --origin kernel --to configurations --target sm_90 | FileCheck %s
# CHECK: # fill: 3 configurations
# CHECK: ## sm_90
# CHECK: | entry | configuration | registers | spills | stack | shared | occupancy % | compile ms | limited by |
# CHECK: | fill.c1 | BLOCK=128 num_warps=1 num_stages=3 | {{[0-9*]+}} | 0 | 0 | 0 | {{[0-9*]+}} |
# CHECK: | BLOCK=4096 num_warps=8 num_stages=3 | {{[0-9*]+}} | 0 | 0 | 0 | {{[0-9*]+}} |
# CHECK: | BLOCK=100 num_warps=4 num_stages=3 | - | - | - | - | - | - | not compiled |
# CHECK: - sm_90, BLOCK=100 num_warps=4 num_stages=3: {{.*}}power of 2
import torch
import triton
import triton.language as tl

CONFIGS = [triton.Config({"BLOCK": block}, num_warps=warps) for block, warps in ((128, 1), (4096, 8), (100, 4))]


@triton.autotune(CONFIGS, key=["n"])
@triton.jit
def fill(out_ptr, n, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(out_ptr + offsets, 1.0, mask=offsets < n)


fill[(4,)](torch.empty(4096, device="cuda"), 4096)
