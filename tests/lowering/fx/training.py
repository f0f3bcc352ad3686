# A script that trains shows its model and its inputs before the first step, and ends there.
# REQUIRES: torch
# RUN: %irlens-capture %s --to fx 2>%t | FileCheck %s
# RUN: FileCheck %s --check-prefix=SAID --input-file=%t
import torch
from torch import nn


def train():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    optimizer = torch.optim.Adam(model.parameters())
    criterion = nn.CrossEntropyLoss()
    while True:
        for _ in range(10):
            optimizer.zero_grad()
            loss = criterion(model(torch.randn(16, 4)), torch.zeros(16, dtype=torch.long))
            loss.backward()
            # SAID: training.py:[[#@LINE-1]]:13: hint: the script was stopped here
            optimizer.step()


if __name__ == "__main__":
    train()

# CHECK:     class Sequential
# CHECK-NEXT: input: "f32[16, 4]"
# CHECK-NOT: class
