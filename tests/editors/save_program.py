"""Writes an exported program, as a user would have left one: save_program.py FILE.pt2"""

import sys

import torch

program = torch.export.export(torch.nn.Linear(16, 4), (torch.randn(2, 16),))
torch.export.save(program, sys.argv[1])
