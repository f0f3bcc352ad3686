# The compiled program computes what eager PyTorch does: with weights by name and as values,
# several results, views, numbers, short floats, stored buffers, random numbers.
# REQUIRES: torch, torch-mlir, irlens-mlir
# RUN: rm -rf %t && mkdir %t
# RUN: %irlens-capture %s --to linalg --out %t && %irlens-capture %s --to reference --out %t
# RUN: irlens-mlir --lower %t/Net/linalg.raw --to check | FileCheck %s --check-prefix=NET
# RUN: irlens-mlir --lower %t/several/linalg.raw --to check | FileCheck %s --check-prefix=SEVERAL
# RUN: irlens-mlir --lower %t/short/linalg.raw --to check | FileCheck %s --check-prefix=SHORT
# RUN: irlens-mlir --lower %t/Counter/linalg.raw --to check | FileCheck %s --check-prefix=COUNTER
# RUN: irlens-mlir --lower %t/noise/linalg.raw --to check | FileCheck %s --check-prefix=NOISE
# RUN: irlens-mlir --lower %t/nothing/linalg.raw --to check | FileCheck %s --check-prefix=NOTHING
# RUN: %irlens-capture %s --to linalg --weights values --out %t
# RUN: irlens-mlir --lower %t/Net/linalg.raw --to check | FileCheck %s --check-prefix=NET
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.GELU(), nn.Flatten(), nn.Linear(288, 5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


def several(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x.t(), x[:, 1::2] + 1, y.argmax(), x > 0, x.sum()


def short(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tanh(x.half()) @ x.half().t(), x.bfloat16() * 3


class Counter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("steps", torch.arange(32))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.steps += 1
        return x * self.steps


def noise(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x + torch.rand(4), x - 1


def nothing(x: torch.Tensor) -> torch.Tensor:
    return x


# irlens: Net()(torch.randn(2, 3, 8, 8))
# irlens: several(torch.randn(3, 6), torch.tensor([3, 9, 2]))
# irlens: short(torch.randn(4, 8))
# irlens: Counter()(torch.randn(32))
# irlens: noise(torch.ones(4))
# irlens: nothing(torch.randn(0, 3))

# NET: LLVM IR on {{.*}} against eager PyTorch
# NET-NEXT: code generation {{.*}} ms, run {{.*}} ms, eager PyTorch {{.*}} ms
# NET: result {{ *}}type {{ *}}max abs error {{ *}}max rel error {{ *}}allowed {{ *}}status
# NET-NEXT: {{[a-z0-9_]+ +f32\[2, 5\] +[0-9.e-]+ +[0-9.e-]+ +1.3e-05 x max \+ 0.0001 +ok$}}

# SEVERAL: {{f32\[6, 3\] +0 +0 .* ok$}}
# SEVERAL-NEXT: {{f32\[3, 3\] +0 +0 .* ok$}}
# SEVERAL-NEXT: {{i64\[\] +0 +0 +equal +ok$}}
# SEVERAL-NEXT: {{b8\[3, 6\] +0 +0 +equal +ok$}}
# SEVERAL-NEXT: {{f32\[\] .* ok$}}

# SHORT: {{f16\[4, 4\] .* ok$}}
# SHORT-NEXT: {{bf16\[4, 8\] .* ok$}}

# COUNTER: {{i64\[32\] +0 +0 +equal +ok$}}
# COUNTER-NEXT: {{f32\[32\] .* ok$}}

# NOISE: {{f32\[4\] +not comparable: random$}}
# NOISE-NEXT: {{f32\[4\] +0 +0 .* ok$}}

# NOTHING: {{f32\[0, 3\] +0 +0 .* ok$}}
