"""Imports torch and torch_mlir in the zygote and uses each part once on a tiny model.

A first export takes a second, a later one some 30 ms: what is built on first use (operator
tables, decompositions, dialects) is then inherited by each forked child.
"""

from __future__ import annotations

import sys
import traceback
import warnings
from typing import Any


def warm_up(with_torch: bool, with_torch_mlir: bool) -> list[str]:
    """Returns the parts that are installed but do not work; why goes to the log."""
    if not with_torch:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        broken = _import_and_use(with_torch_mlir)
    sys.stderr.flush()
    return broken


def _import_and_use(with_torch_mlir: bool) -> list[str]:
    try:
        import torch

        torch.set_num_threads(1)
        torch.set_num_interop_threads(1)
    except Exception:
        traceback.print_exc()
        return ["torch"]
    broken = []
    if with_torch_mlir:
        try:
            import torch_mlir.fx  # noqa: F401
        except Exception:
            traceback.print_exc()
            broken.append("torch-mlir")
    try:
        _use_once(with_torch_mlir and not broken)
    except Exception:  # the children then pay for the first use, and report what is wrong
        traceback.print_exc()
    return broken


def _use_once(with_torch_mlir: bool) -> None:
    import torch

    from .capture import fx, torchscript
    from .capture.export import Call, export_entry
    from .discover import discovery  # noqa: F401
    from .lower import explain  # noqa: F401

    call = Call(_common_layers().eval(), (torch.zeros(1, 2, 8, 8), torch.zeros(1, 4).long()), {})
    exported = export_entry(call)
    fx.make_fx(exported)
    torchscript.make_torchscript(call)
    torchscript.forget_classes()
    if with_torch_mlir:
        from .lower import pipelines

        pipelines.warm_up(exported)


def _common_layers() -> Any:
    """A model of what most models consist of: each operator is slow when first met."""
    import torch
    from torch import nn

    class Common(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.vision = nn.Sequential(
                nn.Conv2d(2, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)
            )
            self.words = nn.Embedding(8, 4)
            self.linear = nn.Linear(4, 4)
            self.norm = nn.LayerNorm(4)

        def forward(self, image: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
            seen = self.vision(image).mean(dim=(2, 3))
            x = self.norm(self.words(words) + seen)
            query, key = (self.linear(x).view(1, 4, 2, 2).transpose(1, 2) for _ in range(2))
            mixed = (query @ key.transpose(-2, -1) / 2.0).softmax(dim=-1) @ key
            left, right = mixed.transpose(1, 2).reshape(x.shape).chunk(2, dim=-1)
            x = torch.cat([torch.sigmoid(left) * torch.tanh(right), left - right], dim=-1)
            return nn.functional.gelu(torch.stack([x, x[:, :1].expand(x.shape)]).sum(0))

    return Common()
