// REQUIRES: irlens-mlir, triton
// RUN: irlens-mlir --lower %s --to amdgcn >%t
// RUN: FileCheck %s <%t
// RUN: FileCheck --check-prefix=INLINED %s <%t

// exp, erf and tanh are not selected by the back end; ocml has them. What is needed is
// linked and nothing of it stays unresolved, in both widths.

// CHECK-DAG: single
// CHECK-DAG: double
// INLINED-NOT: {{@(rel32|gotpcrel32).*(__ocml_|__oclc_|expf|erff)}}

func.func @single(%x: f32) -> f32 {
  %0 = math.exp %x : f32
  %1 = math.erf %0 : f32
  %2 = math.tanh %1 : f32
  %3 = math.log1p %2 : f32
  %4 = math.powf %3, %x : f32
  return %4 : f32
}
func.func @double(%x: f64) -> f64 {
  %0 = math.exp %x : f64
  %1 = math.erf %0 : f64
  %2 = math.tanh %1 : f64
  return %2 : f64
}
func.func @half(%x: f16) -> f16 {
  %0 = math.exp %x : f16
  return %0 : f16
}
