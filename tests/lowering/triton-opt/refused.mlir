// What cannot be understood is named, with what was meant; what a pass refuses stands at its place.
// REQUIRES: triton
// RUN: not %irlens-tool triton-opt --tritongpu-coalesc < %s 2>&1 | FileCheck %s --check-prefix=PASS
// RUN: not %irlens-tool triton-opt --convert-triton-to-tritongpu < %s 2>&1 | FileCheck %s --check-prefix=NEEDED
// RUN: not %irlens-tool triton-opt --convert-triton-to-tritongpu='target=cuda:90 num-warp=4' < %s 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not %irlens-tool triton-opt --tritongpu-pipeline=num-stages=many < %s 2>&1 | FileCheck %s --check-prefix=VALUE
// RUN: not %irlens-tool triton-opt --convert-triton-to-tritongpu=target=cuda:90 < %s 2>&1 | FileCheck %s --check-prefix=LEGAL
// RUN: sed s/tt.load/tt.lode/ %s | not %irlens-tool triton-opt --cse 2>&1 | FileCheck %s --check-prefix=PARSE
tt.func public @squash(%x: !tt.ptr<f32>) {
  %range = tt.make_range {end = 128 : i32, start = 0 : i32} : tensor<128xi32>
  %base = tt.splat %x : !tt.ptr<f32> -> tensor<128x!tt.ptr<f32>>
  %place = tt.addptr %base, %range : tensor<128x!tt.ptr<f32>>, tensor<128xi32>
  %value = tt.load %place : tensor<128x!tt.ptr<f32>>
  %result = math.tanh %value : tensor<128xf32>
  tt.store %place, %result : tensor<128x!tt.ptr<f32>>
  tt.return
}

// PASS: error: triton-opt: no pass and no option 'tritongpu-coalesc'; did you mean tritongpu-coalesce?
// NEEDED: error: triton-opt: convert-triton-to-tritongpu needs target
// OPTION: has no option 'num-warp'; did you mean num-warps?
// VALUE: num-stages of tritongpu-pipeline is a number, not 'many'
// LEGAL: <stdin>:14:13: error: failed to legalize operation 'math.tanh'
// PARSE: <stdin>:13:12: error: custom op 'tt.lode' is unknown
