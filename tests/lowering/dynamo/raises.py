# What was compiled before the model raised is not lost.
# REQUIRES: torch
# RUN: not %irlens-capture %s --to dynamo 2>&1 | FileCheck %s
import torch


def f(x):
    y = x.sin()
    print("now")
    return torch.linalg.cholesky(-y)


__explore__(f, torch.ones(2, 2))

# CHECK: raises.py:10:12: error: _LinAlgError: linalg.cholesky
# CHECK: raises.py:9:5: warning: graph break: Failed to trace builtin operator
