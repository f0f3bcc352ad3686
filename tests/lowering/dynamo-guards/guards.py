# What must hold for a compiled frame to be used again, linked to the line that asks for it.
# REQUIRES: torch
# RUN: %irlens-capture %s --to dynamo-guards --links | FileCheck %s
import torch

SCALE = 3


def f(x, n):
    y = x * SCALE
    return y + n


__explore__(f, torch.randn(2, 4), 5)

# CHECK:      # frame 0/0: f, guards.py:9
# CHECK-DAG:  TENSOR_MATCH: check_tensor(L['x'], Tensor, {{.*}}torch.float32, {{.*}}size=[2, 4], stride=[4, 1])
# CHECK-DAG:  EQUALS_MATCH: L['n'] == 5
# CHECK-DAG:  EQUALS_MATCH: G['SCALE'] == 3
# CHECK-NOT:  ___check_type_id({{.*}}, {{[0-9]+}})
# CHECK-DAG:  <- guards.py:10:9
# CHECK-DAG:  <- guards.py:11:12
