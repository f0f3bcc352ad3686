# Inductor's C++ is generated and not built; a fused kernel is linked to all that it computes.
# There is no C++ compiler on the path.
# REQUIRES: torch
# RUN: env PATH=/nowhere CXX=/nowhere/g++ %irlens-capture %s --to inductor --links > %t.out
# RUN: FileCheck %s < %t.out
import torch


def f(x, y):
    z = x.sin() + y
    return z.relu()


__explore__(f, torch.randn(64, 64), torch.randn(64))

# CHECK:      # frame 0/0: f, fused.py:9 (forward)
# CHECK:      cpp_fused_add_relu_sin_0 = async_compile.cpp_pybinding(
# CHECK:      extern "C"  void  kernel(
# CHECK:      .sin()
# CHECK:      ''')
# CHECK:      cpp_fused_add_relu_sin_0(
# CHECK-NOT:  benchmark_compiled_module
# CHECK:      # [[LINE:[0-9]+]] <- fused.py:10:9
# CHECK-NEXT: # [[LINE]] <- fused.py:11:12
