"""Example values for what a user has not said yet: constructor arguments and inputs.

Tables of guesses, as texts of Python expressions; called by suggest.py.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

_SIDES = (32, 28, 64, 224, 8)
_IMAGES = ("torch.randn(1, {n}, {side}, {side})",)
_VOLUMES = tuple(f"torch.randn(1, {{n}}, {side}, {side}, {side})" for side in (16, 32))
_SIGNALS = tuple(f"torch.randn(1, {{n}}, {length})" for length in (64, 128, 1024))
_ROWS = ("torch.randn(1, {n})", "torch.randn(1, 16, {n})", "torch.randn({n})")
_SEQUENCES = ("torch.randn(1, 16, {n})", "torch.randn(16, {n})")
_WORDS = ("torch.randint({n}, (1, 16))", "torch.randint({n}, (16,))", "torch.randint({n}, (1,))")

UNKNOWN_INPUTS = (
    "torch.randn(1, 16)",
    "torch.randn(1, 3, 32, 32)",
    "torch.randn(1, 16, 64)",
    "torch.randint(10, (1, 16))",
)


@dataclass(frozen=True)
class Layer:
    """What a layer takes, given the number `n` that its constructor gets at `position`.

    `attribute` has that number in a layer that exists; it is also the parameter's name.
    """

    attribute: str
    inputs: tuple[str, ...]
    position: int = 0


def input_texts(layer: Layer, number: str, image_side: int | None) -> list[str]:
    """The inputs that a layer may take, images of the likeliest size first."""
    sides = [side for side in [image_side, *_SIDES] if side]
    texts = [text.format(n=number, side=side) for side in sides for text in layer.inputs]
    return list(dict.fromkeys(texts))


LAYERS = {
    "Linear": Layer("in_features", _ROWS),
    "Bilinear": Layer("in1_features", _ROWS),
    "Conv1d": Layer("in_channels", _SIGNALS),
    "Conv2d": Layer("in_channels", _IMAGES),
    "Conv3d": Layer("in_channels", _VOLUMES),
    "ConvTranspose1d": Layer("in_channels", _SIGNALS),
    "ConvTranspose2d": Layer("in_channels", _IMAGES),
    "ConvTranspose3d": Layer("in_channels", _VOLUMES),
    "BatchNorm1d": Layer("num_features", ("torch.randn(1, {n})", "torch.randn(1, {n}, 16)")),
    "BatchNorm2d": Layer("num_features", _IMAGES),
    "BatchNorm3d": Layer("num_features", _VOLUMES),
    "InstanceNorm2d": Layer("num_features", _IMAGES),
    "GroupNorm": Layer("num_channels", _IMAGES, position=1),
    "LayerNorm": Layer("normalized_shape", _SEQUENCES),
    "RMSNorm": Layer("normalized_shape", _SEQUENCES),
    "Embedding": Layer("num_embeddings", _WORDS),
    "EmbeddingBag": Layer("num_embeddings", _WORDS),
    "LSTM": Layer("input_size", _SEQUENCES),
    "GRU": Layer("input_size", _SEQUENCES),
    "RNN": Layer("input_size", _SEQUENCES),
    "LSTMCell": Layer("input_size", _ROWS),
    "GRUCell": Layer("input_size", _ROWS),
    "RNNCell": Layer("input_size", _ROWS),
    "MultiheadAttention": Layer("embed_dim", _SEQUENCES),
    "TransformerEncoderLayer": Layer("d_model", _SEQUENCES),
    "TransformerDecoderLayer": Layer("d_model", _SEQUENCES),
    "Transformer": Layer("d_model", _SEQUENCES),
}

# By name, for parameters that are numbers; the first that matches.
_NUMBERS = (
    (r"vocab|num_embed|n_?tokens", "1000"),
    (r"^p$|drop|rate|prob|eps|alpha|beta|slope|momentum", "0.1"),
    (r"^(in|input|image|img)_?(ch|chan|channels|planes)$|^channels$", "3"),
    (r"out|class|label|target", "10"),
    (r"head", "4"),
    (r"layer|depth|block|stage|repeat|num_experts", "2"),
    (r"kernel", "3"),
    (r"stride|pad|dilation|group", "1"),
    (r"patch", "8"),
    (r"image|img|height|width", "32"),
    (r"seq|length|max_?len|context|block_size", "16"),
    (r"", "64"),
)
_BY_TYPE = {
    "bool": "False",
    "str": "'relu'",
    "list[int]": "[16, 16]",
    "List[int]": "[16, 16]",
    "Sequence[int]": "[16, 16]",
    "tuple[int, int]": "(16, 16)",
    "nn.Module": "torch.nn.Identity()",
    "Callable": "torch.relu",
    "torch.device": "'cpu'",
    "torch.dtype": "torch.float32",
}


def example_number(name: str) -> str:
    """A likely value for a parameter of this name."""
    return next(value for pattern, value in _NUMBERS if re.search(pattern, name.lower()))


def example_argument(name: str, annotation: str) -> str:
    """An argument of a constructor; without a type that we know, a number."""
    bare = re.sub(r"^Optional\[(.*)\]$| \| None$", r"\1", annotation)
    if bare.startswith("Callable"):
        bare = "Callable"
    known = _BY_TYPE.get(bare)
    if known is not None:
        return known
    number = example_number(name)
    if bare == "int" and "." in number:
        return "1"
    return "0.5" if bare == "float" and "." not in number else number


def example_input(annotation: str) -> str | None:
    """An input whose type alone says what it can be; None for a tensor or an unknown type."""
    return {"int": "1", "float": "1.0", "bool": "True", "str": "''"}.get(annotation)


def evaluate(node: ast.expr, known: dict[str, Any]) -> Any:
    """The value of a constant expression; `known` are names such as `n` and `self.n`.

    Raises ValueError, also for what Python would complain about otherwise.
    """
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.Name, ast.Attribute)):
        text = ast.unparse(node)
        if text in known:
            return known[text]
    elif isinstance(node, (ast.Tuple, ast.List)):
        return tuple(evaluate(item, known) for item in node.elts)
    elif isinstance(node, ast.BinOp):
        left, right = evaluate(node.left, known), evaluate(node.right, known)
        if isinstance(left, (int, float)) and isinstance(right, (int, float)):
            return _calculate(node.op, left, right)
    raise ValueError(f"not a constant: {ast.unparse(node)}")


def _calculate(operator: ast.operator, left: float, right: float) -> float:
    if isinstance(operator, ast.Add):
        return left + right
    if isinstance(operator, ast.Sub):
        return left - right
    if isinstance(operator, ast.Mult):
        return left * right
    if isinstance(operator, ast.FloorDiv) and right:
        return left // right
    raise ValueError("not an operator of sizes")
