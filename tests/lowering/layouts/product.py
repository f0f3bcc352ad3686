# Each layout and shape once, as Triton draws it, with what the attribute stands for.
# REQUIRES: triton
# RUN: %irlens-capture %s --origin kernel --to layouts --target sm_80 | FileCheck %s
# CHECK: {{^}}32x32 #mma (f32{{.*}})
# CHECK-NEXT: #mma = #ttg.nvidia_mma<{versionMajor = 2
# CHECK-NEXT: 8 elements per thread, 32 threads per warp, 4 warps{{$}}
# CHECK-NEXT: register 1: (0, 1), 2: (8, 0)
# CHECK-NEXT: lane 1: (0, 2), 2: (0, 4), 4: (1, 0), 8: (2, 0), 16: (4, 0)
# CHECK-NEXT: warp
# CHECK-NEXT: T3:5 is register 5 of thread 3:
# CHECK-NEXT: |      0      1      2
# CHECK-NEXT: {{^}} 0|  T0:0   T0:1   T1:0   T1:1   T2:0
# CHECK: {{^}} 8|  T0:2   T0:3   T1:2
# CHECK: {{^\.\.\.$}}
# CHECK: {{^}}32 #ttg.slice<{dim = 1, parent = #blocked1}> (i32)
# CHECK-NEXT: #blocked1 = #ttg.blocked<{sizePerThread = [1, 8], threadsPerWarp = [8, 4]
# CHECK-NEXT: 1 element per thread, 32 threads per warp, 4 warps, each element in 4 threads
# CHECK: {{^ *}}0|  T0:0|T1:0|..   T4:0|T5:0|..
# CHECK: {{^}}32x32 #shared{{.*}} in memory (f16)
# CHECK-NEXT: #shared{{.*}} = #ttg.swizzled_shared<
# CHECK-NEXT: offset 1: (0, 1)
# CHECK: 32x32 #ttg.dot_op<{opIdx = 0, parent = #mma
# CHECK-NOT: cannot draw
import torch
import triton
import triton.language as tl


@triton.jit
def product(a_ptr, b_ptr, c_ptr, N: tl.constexpr):
    row, column = tl.arange(0, N)[:, None], tl.arange(0, N)[None, :]
    a = tl.load(a_ptr + row * N + column)
    b = tl.load(b_ptr + row * N + column)
    tl.store(c_ptr + row * N + column, tl.dot(a, b))


a = torch.rand((32, 32), device="cuda", dtype=torch.float16)
product[(1,)](a, a, torch.empty((32, 32), device="cuda"), N=32)
