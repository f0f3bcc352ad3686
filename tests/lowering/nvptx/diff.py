# `irlens diff` where a stage is made for one target at a time: each side has a run of its own.
# REQUIRES: torch, torch-mlir, irlens
# RUN: not irlens diff %s --to nvptx@sm_80,nvptx@sm_90 --python %python --store %t.store | FileCheck %s
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        return torch.relu(x)


__explore__(Net(), torch.randn(4, 4))

# CHECK: --- Net/nvptx@sm_80
# CHECK-NEXT: +++ Net/nvptx@sm_90
# CHECK: -.target sm_80
# CHECK-NEXT: +.target sm_90
