"""In-place updates, buffers that change, and random numbers."""

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812


class Counter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return x * self.calls


class MovingAverage(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(6))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.mean.mul_(0.9).add_(x.mean(dim=0), alpha=0.1)
        return x - self.mean


class Cache(nn.Module):
    """Keys of earlier steps, as a language model keeps them."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("keys", torch.zeros(8, 6))

    def forward(self, key: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
        self.keys.index_copy_(0, place, key)
        return self.keys.sum(dim=0)


class TrainingBatchNorm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.norm.training = True
        return self.norm(x)


class Noisy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(6, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x + 0.1 * torch.randn_like(x))


class VAE(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encode = nn.Linear(6, 4)
        self.decode = nn.Linear(2, 6)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        mean, log_var = self.encode(x).chunk(2, dim=-1)
        hidden = mean + torch.exp(0.5 * log_var) * torch.randn_like(mean)
        return torch.sigmoid(self.decode(hidden)), mean, log_var


def in_place(x: torch.Tensor) -> torch.Tensor:
    y = x * 2
    y.add_(1).relu_().mul_(y)
    y[:, 0].zero_()
    return y


def change_input(x: torch.Tensor) -> torch.Tensor:
    x.mul_(2)
    return x + 1


def fill(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty(4, 6)
    out.fill_(0.5)
    out[1:3].copy_(x[1:3])
    return out


x = torch.randn(4, 6)
__explore__(Counter(), x)
__explore__(MovingAverage(), x)
__explore__(Cache(), torch.randn(1, 6), torch.tensor([3]))
__explore__(TrainingBatchNorm(), x)
__explore__(in_place, x)
__explore__(change_input, x)
__explore__(fill, x)
__explore__(Noisy(), x)
__explore__(VAE(), x)
__explore__(lambda x: F.dropout(x, 0.5, training=True), x, _name="dropout_in_training")
__explore__(lambda x: x + torch.rand(4, 6) + torch.rand_like(x), x, _name="rand")
__explore__(lambda x: x + torch.randn(4, 6), x, _name="randn")
__explore__(lambda x: torch.bernoulli(x.sigmoid()), x, _name="bernoulli")
__explore__(lambda x: x + torch.randint(0, 5, (4, 6)), x, _name="randint")
__explore__(lambda x: x + torch.empty(4, 6).uniform_(-1, 1), x, _name="uniform")
__explore__(lambda x: torch.multinomial(x.softmax(dim=1), 2), x, _name="multinomial")
__explore__(lambda x: F.gumbel_softmax(x, tau=0.5), x, _name="gumbel_softmax")
