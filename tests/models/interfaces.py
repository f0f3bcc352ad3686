"""What goes in and comes out: several values, numbers, nested structures, symbolic shapes,
and control flow that depends on data."""

from collections import OrderedDict, namedtuple
from dataclasses import dataclass

import torch
from torch import nn
from torch.export import Dim
from torch.nn import functional as F  # noqa: N812

Pair = namedtuple("Pair", ["left", "right"])


@dataclass
class Settings:
    scale: float = 2.0


class TwoTowers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.user, self.item = nn.Linear(6, 4), nn.Linear(3, 4)

    def forward(self, user: torch.Tensor, *, item: torch.Tensor) -> torch.Tensor:
        return (self.user(user) * self.item(item)).sum(dim=-1)


class DictIO(nn.Module):
    def forward(self, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        both = batch["a"] + batch["b"]
        return {"sum": both, "mean": both.mean()}


class Nested(nn.Module):
    def forward(
        self, pair: tuple[torch.Tensor, list[torch.Tensor]], options: dict[str, dict[str, torch.Tensor]]
    ) -> tuple[torch.Tensor, dict[str, list[torch.Tensor]]]:
        first, rest = pair
        total = first + rest[0] * rest[1]
        return total, {"all": [total - options["deep"]["x"], first]}


class Numbers(nn.Module):
    def forward(self, x: torch.Tensor, power: int, scale: float, bias: bool = True) -> torch.Tensor:
        y = x**power * scale
        return y + 1 if bias else y


class Optional(nn.Module):
    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        return x if mask is None else x * mask


class EarlyExit(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.small, self.large = nn.Linear(6, 6), nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 6))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cond(x.mean() > 0, self.small, self.large, (x,))


class Experts(nn.Module):
    """A mixture of experts in which each token goes to the best one."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(6, 3)
        self.experts = nn.ModuleList([nn.Linear(6, 6) for _ in range(3)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights, chosen = self.gate(x).softmax(dim=-1).max(dim=-1)
        every = torch.stack([expert(x) for expert in self.experts], dim=1)
        picked = every.gather(1, chosen.view(-1, 1, 1).expand(-1, 1, 6)).squeeze(1)
        return picked * weights.unsqueeze(-1)


def choose(x: torch.Tensor) -> torch.Tensor:
    return torch.cond(x.sum() > 0, lambda a: a.sin() + 1, lambda a: a.cos(), (x,))


def double_until_large(x: torch.Tensor) -> torch.Tensor:
    from torch._higher_order_ops import while_loop

    _, y = while_loop(lambda i, y: i < 5, lambda i, y: (i + 1, y * 2), (torch.tensor(0), x))
    return y


def to_pair(x: torch.Tensor) -> Pair:
    return Pair(x + 1, x - 1)


def ordered(x: torch.Tensor) -> OrderedDict[str, torch.Tensor]:
    return OrderedDict(twice=x * 2, half=x / 2)


settings = Settings()
x = torch.randn(4, 6)
batch = Dim("batch")
__explore__(TwoTowers(), x, item=torch.randn(4, 3))
__explore__(DictIO(), {"a": x, "b": x})
__explore__(Nested(), (x, [x, x]), {"deep": {"x": x}})
__explore__(Numbers(), x, 2, 0.5)
__explore__(Optional(), x)
__explore__(Experts(), x)
__explore__(to_pair, x)
__explore__(ordered, x)
__explore__(lambda x: x.sum(), x, _name="scalar_output")
__explore__(lambda x: x.sum().item() * 2, x, _name="item")
__explore__(lambda x, s: x * s, x, torch.tensor(3.0), _name="scalar_input")
__explore__(lambda x: (x, 3, None, "text", x * settings.scale), x, _name="mixed_results")
__explore__(lambda x: x, x, _name="identity")
__explore__(lambda: torch.arange(6) * 2, _name="no_input")
__explore__(nn.Linear(6, 3), x, _dynamic_shapes=({0: batch},), _name="dynamic_linear")
length = Dim("length", max=64)
__explore__(nn.Linear(8, 4), torch.randn(2, 5, 8), _dynamic_shapes=({0: batch, 1: length},), _name="dynamic_sequence")
__explore__(
    nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    torch.randn(2, 2, 8, 8), _dynamic_shapes=({0: batch},), _name="dynamic_conv",
)  # fmt: skip
__explore__(
    nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), torch.randn(2, 5, 8),
    _dynamic_shapes=({0: batch, 1: length},), _name="dynamic_encoder",
)  # fmt: skip
__explore__(
    lambda x, y: F.softmax(torch.cat([x, y]) @ y.t(), dim=-1), x, torch.randn(3, 6),
    _dynamic_shapes=({0: batch}, {0: Dim("other")}), _name="dynamic_functions",
)  # fmt: skip
__explore__(
    lambda x: x.view(x.shape[0], 2, 3).mean(dim=0) + x.shape[0], x, _dynamic_shapes=({0: batch},), _name="dynamic_view"
)
__explore__(nn.Embedding(20, 6), torch.randint(0, 20, (2, 5)), _dynamic_shapes=({1: Dim("n")},), _name="dynamic_words")
__explore__(nn.LSTM(6, 4), torch.randn(3, 2, 6), _dynamic_shapes=({1: batch},), _name="dynamic_lstm")
__explore__(EarlyExit(), x, _name="cond_modules")
__explore__(choose, x, _name="cond")
__explore__(double_until_large, x, _name="while_loop")
