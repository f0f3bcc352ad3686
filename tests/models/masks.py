"""What depends on where a tensor is true: the sizes of many results are known to the data only."""

import torch
from torch import nn


class BooleanMask(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[x > 0]


def mask_with_index(x: torch.Tensor) -> torch.Tensor:
    return x[x[:, 0] > 0, torch.tensor([1])]


def mask_of_columns(x: torch.Tensor) -> torch.Tensor:
    return x[:, x[0] > 0]


def places_of_mask(x: torch.Tensor) -> torch.Tensor:
    return x[(x > 0).nonzero(as_tuple=True)]


class MaskedSum(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[x > 0].sum()


def assign_by_mask(x: torch.Tensor) -> torch.Tensor:
    y = x.clone()
    y[y < 0] = 0.0
    return y


x = torch.randn(4, 6)
FUNCTIONS = {
    "mask_with_index": (mask_with_index, x),
    "mask_of_columns": (mask_of_columns, x),
    "places_of_mask": (places_of_mask, x),
    "masked_sum": (MaskedSum(), x),
    "boolean_mask": (BooleanMask(), x),
    "masked_select": (lambda x: torch.masked_select(x, x > 0).mean(), x),
    "assign_by_mask": (assign_by_mask, x),
    "masked_fill": (lambda x, m: x.masked_fill(m, float("-inf")), x, torch.randn(4, 6) > 0),
    "masked_scatter": (lambda x, m: x.masked_scatter(m, torch.ones(24)), x, torch.randn(4, 6) > 0),
    "where": (lambda x: torch.where(x > 0, x, 0.1 * x), x),
    "nonzero": (torch.nonzero, x),
}
for name, (function, *inputs) in FUNCTIONS.items():
    __explore__(function, *inputs, _name=name)
