// ptxas takes the text: also the names of weights, which have dots everywhere else.
// REQUIRES: irlens-mlir, ptxas
// RUN: irlens-mlir --lower %s --to nvptx > %t.ptx
// RUN: FileCheck %s < %t.ptx
// RUN: %ptxas -c -arch=sm_90 %t.ptx -o %t.cubin

// CHECK: .extern .global .align {{[0-9]+}} .b8 layer1_0_conv1_weight[256];
// CHECK-NOT: layer1.0

func.func @main(%x: tensor<64xf32>) -> tensor<64xf32> {
  %weight = arith.constant dense_resource<layer1.0.conv1.weight> : tensor<64xf32>
  %empty = tensor.empty() : tensor<64xf32>
  %sum = linalg.add ins(%x, %weight : tensor<64xf32>, tensor<64xf32>)
                    outs(%empty : tensor<64xf32>) -> tensor<64xf32>
  %y = linalg.exp ins(%sum : tensor<64xf32>) outs(%empty : tensor<64xf32>) -> tensor<64xf32>
  return %y : tensor<64xf32>
}
