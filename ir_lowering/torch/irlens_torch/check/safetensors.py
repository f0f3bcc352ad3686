"""Tensors as a safetensors file: the length of a JSON header, the header, then all data.

The format is described at github.com/huggingface/safetensors. irlens-mlir reads it
(ir_lowering/mlir/tensor_file.h), and so does whoever wants to look at a model's values.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Mapping

import torch
from torch.utils._python_dispatch import _disable_current_modes

_DTYPES = {
    torch.bool: "BOOL",
    torch.uint8: "U8",
    torch.int8: "I8",
    torch.int16: "I16",
    torch.int32: "I32",
    torch.int64: "I64",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float32: "F32",
    torch.float64: "F64",
    torch.complex64: "C64",
    torch.complex128: "C128",  # not in the format's own list
}
# The header ends where the data may begin.
_ALIGNMENT = 8


def dtype_name(dtype: torch.dtype) -> str | None:
    """The format's name of a type; None for one that it does not have."""
    return _DTYPES.get(dtype)


def serialize(tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]) -> list[bytes]:
    """The pieces of a file with these tensors. Raises KeyError for a type without a name."""
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    pieces, offset = [], 0
    for name, tensor in tensors.items():
        piece = tensor_bytes(tensor)
        header[name] = {
            "dtype": _DTYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + len(piece)],
        }
        offset += len(piece)
        pieces.append(piece)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return [len(text).to_bytes(8, "little"), text, *pieces]


def tensor_bytes(tensor: torch.Tensor) -> bytes:
    """The elements in row-major order, as they lie in memory."""
    with torch.no_grad(), _disable_current_modes():
        dense = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
        return ctypes.string_at(dense.data_ptr(), dense.numel() * dense.element_size()) if dense.numel() else b""
