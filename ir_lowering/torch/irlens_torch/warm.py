"""Imports torch and torch_mlir in the zygote and uses each part once on a tiny model.

A first export takes a second, a later one some 30 ms: what is built on first use (operator
tables, decompositions, dialects) is then inherited by each forked child.
"""

from __future__ import annotations

import sys
import traceback
import warnings


def warm_up(with_torch: bool, with_torch_mlir: bool) -> list[str]:
    """Returns the parts that are installed but do not work; why goes to the log."""
    if not with_torch:
        return []
    warnings.simplefilter("ignore")
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
    warnings.resetwarnings()
    sys.stderr.flush()
    return broken


def _use_once(with_torch_mlir: bool) -> None:
    import torch

    from . import discover, explain, fx, heuristics, signature, torchscript  # noqa: F401
    from .export import Call, export_entry

    class Tiny(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = torch.nn.Linear(4, 4)
            self.norm = torch.nn.LayerNorm(4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.gelu(self.norm(self.linear(x)))

    call = Call(Tiny().eval(), (torch.zeros(2, 4),), {})
    exported = export_entry(call)
    fx.make_fx(exported)
    torchscript.make_torchscript(call)
    torchscript.forget_classes()
    if with_torch_mlir:
        from . import pipelines

        pipelines.warm_up(exported)
