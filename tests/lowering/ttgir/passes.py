# `irlens passes`: the passes of a stage, the IR after one of them, all of them as files, and what it
# says of stages that have none.
# REQUIRES: triton, torch, irlens
# DEFINE: %{passes} = irlens passes %s --python %python --store %t.store --target kernel=sm_90
# RUN: rm -rf %t.store %t.out
# RUN: %{passes} --to ttgir | FileCheck %s --check-prefix=LIST
# RUN: %{passes} --to ttgir --pass 1 | FileCheck %s --check-prefix=PASS
# RUN: %{passes} --to ttgir --json | FileCheck %s --check-prefix=JSON
# RUN: %{passes} --out %t.out | FileCheck %s --check-prefix=ALL
# RUN: FileCheck %s --check-prefix=LLVM --input-file %t.out/scale/triton-llvm-ir.passes.000-input.mlir
# RUN: not %{passes} --to ttgir --pass 999 2>&1 | FileCheck %s --check-prefix=NONE
# RUN: not %{passes} --to ptx 2>&1 | FileCheck %s --check-prefix=PTX
# RUN: not %{passes} --to ttgirr 2>&1 | FileCheck %s --check-prefix=UNKNOWN
# RUN: not %{passes} --entry other 2>&1 | FileCheck %s --check-prefix=OTHER
import torch
import triton
import triton.language as tl


@triton.jit
def scale(x_ptr, n, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(x_ptr + offsets, tl.load(x_ptr + offsets, mask=offsets < n) * 2.5, mask=offsets < n)


x = torch.rand(4096, device="cuda")
scale[(4,)](x, 4096, BLOCK=1024)

# LIST: scale
# LIST-NEXT: # stage pass ms changed ops
# LIST-NEXT: 0 ttgir input {{[0-9.]+}} * {{[0-9]+}}
# LIST-NEXT: 1 ttgir ttir.convert_to_ttgpuir {{[0-9.]+}} * {{[0-9]+}}
# LIST-NEXT: 2 ttgir ttgpuir.coalesce {{[0-9.]+}} {{[*=]}} {{[0-9]+}}
# LIST: common.canonicalizer {{[0-9.]+}} = {{[0-9]+}}

# PASS-NOT: loc(
# PASS: ttg.num-warps
# PASS: tt.func public @scale
# PASS: arith.mulf
# PASS-NOT: loc(

# JSON: "entry": "scale"
# JSON: "changed": true
# JSON: "name": "input"
# JSON: "path": "{{.*}}/ttgir.passes/000-input.mlir"
# JSON: "stage": "ttgir"
# JSON: "status": "ok"

# ALL: ttir common.inliner
# ALL: ttgir ttgpuir.coalesce
# ALL: triton-llvm-ir llvm.optimize_module

# LLVM: ttg.num-warps

# NONE: irlens: there is no pass 999
# PTX: irlens: ptx has no passes to show
# UNKNOWN: irlens: unknown stage ttgirr; did you mean ttgir?
# OTHER: nothing to lower
