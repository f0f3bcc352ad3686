"""What moves elements around without computing."""

import torch


def strided(x: torch.Tensor) -> torch.Tensor:
    return x[::2, 1::3] + x[1::2, :2]


def split(x: torch.Tensor) -> torch.Tensor:
    first, second, third = torch.split(x, [1, 2, 3], dim=1)
    return torch.cat([third, first], dim=1) * second.sum()


def windows(x: torch.Tensor) -> torch.Tensor:
    return x.unfold(1, 3, 1).mean(dim=-1)


def stacks(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return torch.hstack([x, x]), torch.vstack([x, x]), torch.dstack([x, x])


x = torch.randn(4, 6)
cube = torch.randn(2, 3, 4)
FUNCTIONS = {
    "view": (lambda x: x.view(2, -1).t(), x),
    "permute": (lambda x: x.permute(2, 0, 1).contiguous(), cube),
    "transpose_flatten": (lambda x: x.transpose(1, 2).reshape(2, -1), cube),
    "strided": (strided, x),
    "negative_slice": (lambda x: x[..., -3:-1], cube),
    "chunk": (lambda x: [part * 2 for part in x.chunk(3, dim=1)], x),
    "split": (split, x),
    "unbind": (lambda x: torch.stack(x.unbind(0)[::-1]), x),
    "cat": (lambda x: torch.cat([x, x[:1], torch.ones(2, 6)]), x),
    "stack": (lambda x: torch.stack([x, x.relu()], dim=-1), x),
    "stacks": (stacks, x),
    "roll": (lambda x: torch.roll(x, shifts=(1, -2), dims=(0, 1)), x),
    "flip": (lambda x: torch.flip(x, dims=(0, 1)), x),
    "rot90": (lambda x: torch.rot90(x, 1, (0, 1)), x),
    "repeat": (lambda x: x.repeat(2, 1, 2), x),
    "tile": (lambda x: torch.tile(x, (2, 2)), x),
    "repeat_interleave": (lambda x: x.repeat_interleave(3, dim=0), x),
    "expand": (lambda x: x.unsqueeze(1).expand(-1, 3, -1) + 1, x),
    "squeeze": (lambda x: x[:, :1].squeeze(1).unsqueeze(0), x),
    "tril": (lambda x: torch.tril(x) + torch.triu(x, 1), x),
    "diagonal": (lambda x: torch.diagonal(x, 1).sum() + x.diag().sum(), x),
    "diag_embed": (lambda x: torch.diag_embed(x), x),
    "windows": (windows, x),
    "meshgrid": (lambda x: torch.meshgrid(x[0], x[:, 0], indexing="ij"), x),
    "movedim": (lambda x: x.movedim(0, -1).swapaxes(0, 1), cube),
    "unflatten": (lambda x: x.unflatten(1, (2, 3)), x),
    "pad": (lambda x: torch.nn.functional.pad(x, (1, 2), value=-1.0), x),
    "ranges": (lambda x: x + torch.arange(6) * torch.linspace(0, 1, 6), x),
    "new_tensors": (lambda x: x.new_zeros(4, 6) + torch.ones_like(x) + x.new_full((6,), 2.0) + torch.eye(4, 6), x),
}
for name, (function, *inputs) in FUNCTIONS.items():
    __explore__(function, *inputs, _name=name)
