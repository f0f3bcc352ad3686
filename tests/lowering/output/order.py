# What a program prints, on both streams, in the order in which it did.
# REQUIRES: torch
# RUN: %irlens-capture %s --to output | FileCheck %s --implicit-check-not={{.}}
import os
import sys

import torch

print("one")
print("two", file=sys.stderr)
os.write(1, b"three\n")
sys.stdout.write("four\n")

__explore__(torch.sin, torch.ones(2))

# CHECK:      one
# CHECK-NEXT: two
# CHECK-NEXT: three
# CHECK-NEXT: four
