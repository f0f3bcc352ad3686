"""What picks, sorts and scatters."""

import torch
from torch.nn import functional as F  # noqa: N812


def assign_slice(x: torch.Tensor) -> torch.Tensor:
    y = x.clone()
    y[:, 1:3] = 7.0
    y[0] += 1
    return y


def scatter_add(x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    return torch.zeros(4, 6).scatter_add(0, index, x)


def histogram(index: torch.Tensor) -> torch.Tensor:
    return torch.zeros(6).index_add(0, index, torch.ones(index.shape[0]))


x = torch.randn(4, 6)
index = torch.randint(0, 4, (4, 6))
rows = torch.tensor([2, 0, 3])
FUNCTIONS = {
    "gather": (lambda x, i: torch.gather(x, 0, i), x, index),
    "scatter": (lambda x, i: torch.zeros(4, 6).scatter(0, i, x), x, index),
    "scatter_value": (lambda i: torch.zeros(4, 6).scatter(1, i, 1.0), torch.tensor([[1], [2], [0], [5]])),
    "scatter_add": (scatter_add, x, index),
    "scatter_reduce": (lambda x, i: torch.zeros(4, 6).scatter_reduce(0, i, x, "amax"), x, index),
    "index_select": (lambda x, i: torch.index_select(x, 0, i), x, rows),
    "index_tensor": (lambda x, i: x[i], x, rows),
    "index_pairs": (lambda x, i, j: x[i, j], x, rows, torch.tensor([5, 1, 0])),
    "index_broadcast": (lambda x, i: x[:, i], x, torch.tensor([[0, 1], [4, 5]])),
    "index_add": (lambda x, i: x.index_add(0, i, torch.ones(3, 6)), x, rows),
    "index_put": (lambda x, i: torch.index_put(x, (i,), torch.ones(3, 6)), x, rows),
    "index_fill": (lambda x, i: x.index_fill(1, i, -1.0), x, rows),
    "histogram": (histogram, torch.tensor([0, 1, 1, 5])),
    "take_along_dim": (lambda x: torch.take_along_dim(x, x.argsort(dim=1), dim=1), x),
    "one_hot": (lambda i: F.one_hot(i, 4), rows),
    "sort": (lambda x: torch.sort(x, dim=-1), x),
    "argsort": (lambda x: torch.argsort(x, dim=0, descending=True), x),
    "topk": (lambda x: torch.topk(x, 3, dim=-1), x),
    "kthvalue": (lambda x: torch.kthvalue(x, 2, dim=-1), x),
    "median": (lambda x: torch.median(x, dim=-1), x),
    "unique": (torch.unique, torch.tensor([3, 1, 3, 2])),
    "assign_slice": (assign_slice, x),
    "searchsorted": (torch.searchsorted, torch.arange(10.0), x),
    "bucketize": (lambda x: torch.bucketize(x, torch.tensor([-1.0, 0.0, 1.0])), x),
}
for name, (function, *inputs) in FUNCTIONS.items():
    __explore__(function, *inputs, _name=name)
