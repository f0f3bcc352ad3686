# Wrong code is found, and told on the line of the user's that makes the value.
# REQUIRES: torch, torch-mlir, irlens-mlir
# RUN: rm -rf %t && mkdir %t
# RUN: %irlens-capture %s --to linalg --out %t && %irlens-capture %s --to reference --out %t
# RUN: irlens-mlir --lower %t/scale/linalg.raw --to llvm-ir > %t/right.ll
# RUN: sed -e s/fmul/fadd/ %t/right.ll > %t/scale/wrong.ll
# RUN: not irlens-mlir --lower %t/scale/wrong.ll --from llvm-ir --to check > %t/table 2> %t/errors
# RUN: FileCheck %s --check-prefix=TABLE < %t/table
# RUN: FileCheck %s < %t/errors
# RUN: sed -e "s/@main/@other/" %t/right.ll > %t/scale/renamed.ll
# RUN: not irlens-mlir --lower %t/scale/renamed.ll --from llvm-ir --to check 2>&1 | FileCheck %s --check-prefix=RENAMED
# RUN: sed -e "s/@weight/@height/" %t/right.ll > %t/scale/unbound.ll
# RUN: not irlens-mlir --lower %t/scale/unbound.ll --from llvm-ir --to check 2>&1 | FileCheck %s --check-prefix=UNBOUND
# RUN: cp %t/scale/reference.safetensors %t/whole && head -c 400 %t/whole > %t/scale/reference.safetensors
# RUN: not irlens-mlir --lower %t/scale/wrong.ll --from llvm-ir --to check 2>&1 | FileCheck %s --check-prefix=CUT
# RUN: rm %t/scale/reference.safetensors
# RUN: not irlens-mlir --lower %t/scale/wrong.ll --from llvm-ir --to check 2>&1 | FileCheck %s --check-prefix=MISSING
import torch
from torch import nn


class Scale(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((4, 5), 3.0))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        y = x * self.weight
        return y, -x


__explore__(Scale(), torch.ones(4, 5), _name="scale")

# TABLE: {{^mul +f32\[4, 5\] +1 .* wrong: 20 of 20 elements are wrong, the first at \[0, 0\]: 4 instead of 3$}}
# TABLE-NEXT: {{^neg +f32\[4, 5\] +0 +0 .* ok$}}
# CHECK: {{.*}}wrong.py:[[@LINE-8]]:13: check: error: result 0 (mul) is not what eager PyTorch computes: 20 of 20
# CHECK-NOT: error:
# RENAMED: check: error: the module has no function @main
# UNBOUND: check: error: no value is known for @height
# CUT: check: error: {{.*}}reference.safetensors: {{.*}}
# MISSING: check: error: {{.*}}reference.safetensors: No such file or directory
