// `irlens passes` where a pass fails: the passes up to it, the IR before it, what it says, exit code 1.
// TTIR may have math.tanh, TTGIR may not.
// REQUIRES: triton, torch, irlens
// DEFINE: %{passes} = irlens passes %t.ttir --to ttgir --python %python --store %t.store --target sm_80
// RUN: rm -rf %t.store %t.out && cp %s %t.ttir
// RUN: not %{passes} 2>%t.said | FileCheck %s --check-prefix=LIST
// RUN: FileCheck %s --check-prefix=SAID --input-file %t.said
// RUN: not %{passes} --pass 1 2>/dev/null | FileCheck %s --check-prefix=BEFORE
// RUN: not %{passes} --json 2>/dev/null | FileCheck %s --check-prefix=JSON
// RUN: not %{passes} --out %t.out >/dev/null 2>&1
// RUN: FileCheck %s --check-prefix=BEFORE-TEXT --input-file %t.out/squash/ttgir.passes.000-input.mlir
module {
  tt.func public @squash(%x: !tt.ptr<f32>) {
    %range = tt.make_range {end = 128 : i32, start = 0 : i32} : tensor<128xi32>
    %base = tt.splat %x : !tt.ptr<f32> -> tensor<128x!tt.ptr<f32>>
    %place = tt.addptr %base, %range : tensor<128x!tt.ptr<f32>>, tensor<128xi32>
    %value = tt.load %place : tensor<128x!tt.ptr<f32>>
    %result = math.tanh %value : tensor<128xf32>
    tt.store %place, %result : tensor<128x!tt.ptr<f32>>
    tt.return
  }
}

// LIST: squash
// LIST-NEXT: # stage pass ms changed ops
// LIST-NEXT: 0 ttgir{{.*}} input {{[0-9.]+}} * {{[0-9]+}}
// LIST-NEXT: 1 ttgir{{.*}} ttir.convert_to_ttgpuir {{[0-9.]+}} failed -

// SAID: .ttir:[[#]]:{{[0-9]+}}: error: failed to legalize operation 'math.tanh'{{.*}} [ttgir]
// SAID-NEXT: note: in pass ttir.convert_to_ttgpuir

// BEFORE: {{^// }}ttir.convert_to_ttgpuir failed; the IR before it
// BEFORE: math.tanh
// BEFORE-TEXT: math.tanh

// JSON: "changed": false
// JSON: "failed": true
// JSON: "name": "ttir.convert_to_ttgpuir"
// JSON: "status": "failed"
