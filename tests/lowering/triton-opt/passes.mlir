// Passes by the names that triton-opt has for them, and their options.
// REQUIRES: triton
// RUN: %irlens-tool triton-opt --convert-triton-to-tritongpu='target=cuda:80 num-warps=2' -tritongpu-coalesce --canonicalize < %s | FileCheck %s
// RUN: %irlens-tool triton-opt --pass-pipeline='builtin.module(triton-licm,convert-triton-to-tritongpu{target=hip:gfx942 threads-per-warp=64})' < %s | FileCheck %s --check-prefix=GFX
// RUN: %irlens-tool triton-opt --cse --mlir-print-ir-after-all < %s 2>&1 >/dev/null | FileCheck %s --check-prefix=SAID
// RUN: %irlens-tool triton-opt --convert-triton-to-tritongpu=target=cuda:90 < %s | %irlens-tool triton-opt --tritongpu-remove-layout-conversions | FileCheck %s --check-prefix=TWICE
tt.func public @copy(%x: !tt.ptr<f32>) {
  %range = tt.make_range {end = 128 : i32, start = 0 : i32} : tensor<128xi32>
  %base = tt.splat %x : !tt.ptr<f32> -> tensor<128x!tt.ptr<f32>>
  %place = tt.addptr %base, %range : tensor<128x!tt.ptr<f32>>, tensor<128xi32>
  %value = tt.load %place : tensor<128x!tt.ptr<f32>>
  tt.store %place, %value : tensor<128x!tt.ptr<f32>>
  tt.return
}

// CHECK: "ttg.num-warps" = 2
// CHECK-SAME: ttg.target = "cuda:80"
// CHECK: tt.load {{.*}} loc(#[[LOAD:loc[0-9]*]])
// CHECK: #[[LOAD]] = loc("<stdin>":11:12)

// GFX: ttg.target = "hip:gfx942"
// GFX-SAME: "ttg.threads-per-warp" = 64

// SAID: IR Dump After cse
// SAID: tt.func public @copy

// TWICE: ttg.target = "cuda:90"
