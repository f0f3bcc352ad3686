# The table of stages has each source once; one that is like another says so, and columns stand apart.
# RUN: irlens stages | FileCheck %s

# CHECK:      {{^}} stage title file made from target on save
# CHECK-NEXT: {{^}}PyTorch model (.py)
# CHECK:      {{^}}Triton kernel (.py)
# CHECK-NEXT: {{^}} ttir TTIR .mlir kernel sm_90 yes
# CHECK:      {{^}} triton-llvm-ir.gfx942 LLVM IR
# CHECK:      {{^}} configurations
# CHECK-NEXT: {{^}}Configuration of a Triton kernel (.py): the stages of Triton kernel from ttir, resources on
# CHECK-NEXT: {{^}}Triton IR (.ttir, .ttgir, .ptx, .mlir): the stages of Triton kernel from ttir, ttgir, ptx on
# CHECK-NEXT: {{^}}MLIR or LLVM IR (.mlir, .ll, .bc): the stages of PyTorch model from llvm-ir, torch,
# CHECK-SAME: {{^}} stablehlo, tosa, gpu, linalg, llvm-dialect, mlir on
# CHECK-NEXT: {{^}}Exported program (.pt2): the stages of PyTorch model from fx, torch on
# CHECK-NEXT: {{^}}TorchScript archive (.pt)
