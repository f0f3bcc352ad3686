// REQUIRES: irlens-mlir, ptxas
// RUN: irlens-mlir --lower %s --to gpu-nvptx --target gpu-nvptx=sm_30 2> %t.words | FileCheck %s
// RUN: FileCheck --check-prefix=WORDS %s < %t.words

// ptxas is the judge, not the maker: what it refuses is a warning, and the text stays.

// CHECK: .target sm_30
// CHECK: .visible .entry main_add_0(
// WORDS: gpu-nvptx: warning: ptxas: {{.*}}sm_30

func.func @main(%x: tensor<64xf32>) -> tensor<64xf32> {
  %empty = tensor.empty() : tensor<64xf32>
  %y = linalg.add ins(%x, %x : tensor<64xf32>, tensor<64xf32>) outs(%empty : tensor<64xf32>) -> tensor<64xf32>
  return %y : tensor<64xf32>
}
