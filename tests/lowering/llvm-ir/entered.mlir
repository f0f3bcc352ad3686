// A file that holds linalg enters there: nothing runs it, and what is below is made from its text.
// RUN: env XDG_CACHE_HOME=%t.cache irlens lower %s --to llvm-ir | FileCheck %s
// RUN: env XDG_CACHE_HOME=%t.cache irlens lower %s --to linalg | FileCheck %s --check-prefix=SAME
// RUN: not env XDG_CACHE_HOME=%t.cache irlens lower %s --to torch 2>&1 | FileCheck %s --check-prefix=ABOVE

// CHECK:      define {{.*}} @sum(
// CHECK:      fadd float
// SAME:       {{^}}func.func @sum(%a: tensor<4xf32>,
// ABOVE:      entered has no stage torch; it has linalg, llvm-dialect, llvm-ir,
func.func @sum(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %empty = tensor.empty() : tensor<4xf32>
  %sum = linalg.add ins(%a, %b : tensor<4xf32>, tensor<4xf32>) outs(%empty : tensor<4xf32>) -> tensor<4xf32>
  return %sum : tensor<4xf32>
}
