"""Finds the libraries that the worker serves. Called once, before the first fork."""

from __future__ import annotations

from .provider import Provider


def load_provider() -> Provider:
    """The provider for PyTorch; it also answers when torch is not installed."""
    from irlens_torch.provider import TorchProvider

    return TorchProvider()
