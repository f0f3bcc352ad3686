"""Small copies of networks that people know."""

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812


class InvertedResidual(nn.Module):
    """MobileNet."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(4, 8, 1, bias=False), nn.BatchNorm2d(8), nn.Hardswish(),
            nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False), nn.BatchNorm2d(8), nn.Hardswish(),
            nn.Conv2d(8, 4, 1, bias=False), nn.BatchNorm2d(4),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.layers(x)


class Dense(nn.Module):
    """DenseNet."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv2d(2 + 3 * i, 3, 3, padding=1) for i in range(3)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        features = [x]
        for layer in self.layers:
            features.append(F.relu(layer(torch.cat(features, 1))))
        return torch.cat(features, 1)


class Pyramid(nn.Module):
    """DeepLab: dilated convolutions beside a pooled image."""

    def __init__(self) -> None:
        super().__init__()
        self.branches = nn.ModuleList([nn.Conv2d(4, 3, 3, padding=d, dilation=d) for d in (1, 2, 3)])
        self.pooled = nn.Conv2d(4, 3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pooled = self.pooled(F.adaptive_avg_pool2d(x, 1))
        pooled = F.interpolate(pooled, size=x.shape[-2:], mode="bilinear", align_corners=False)
        return torch.cat([branch(x) for branch in self.branches] + [pooled], dim=1)


class Autoencoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(64, 8))
        self.decoder = nn.Sequential(
            nn.Linear(8, 64), nn.Unflatten(1, (4, 4, 4)), nn.ConvTranspose2d(4, 1, 4, stride=2, padding=1), nn.Sigmoid()
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.decoder(self.encoder(x))


class CausalConvolution(nn.Module):
    """WaveNet."""

    def __init__(self) -> None:
        super().__init__()
        self.filter, self.gate = nn.Conv1d(4, 4, 2, dilation=2), nn.Conv1d(4, 4, 2, dilation=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        padded = F.pad(x, (2, 0))
        return x + torch.tanh(self.filter(padded)) * torch.sigmoid(self.gate(padded))


class GraphConvolution(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 6)

    def forward(self, x: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
        source, target = edges
        messages = self.linear(x)[source]
        total = torch.zeros(x.shape[0], 6).index_add(0, target, messages)
        degree = torch.zeros(x.shape[0]).index_add(0, target, torch.ones(edges.shape[1]))
        return total / degree.clamp(min=1).unsqueeze(1)


class GraphAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear, self.score = nn.Linear(4, 6), nn.Linear(12, 1)

    def forward(self, x: torch.Tensor, adjacency: torch.Tensor) -> torch.Tensor:
        h = self.linear(x)
        n = h.shape[0]
        pairs = torch.cat([h.repeat_interleave(n, 0), h.repeat(n, 1)], dim=1).view(n, n, -1)
        scores = F.leaky_relu(self.score(pairs).squeeze(-1), 0.2)
        return F.elu(torch.where(adjacency > 0, scores, -9e15).softmax(dim=1) @ h)


class Recommender(nn.Module):
    """DLRM: numbers and categories."""

    def __init__(self) -> None:
        super().__init__()
        self.bottom = nn.Linear(5, 4)
        self.tables = nn.ModuleList([nn.EmbeddingBag(10, 4, mode="sum") for _ in range(2)])
        self.top = nn.Linear(4 + 3, 1)

    def forward(self, numbers: torch.Tensor, categories: list[torch.Tensor]) -> torch.Tensor:
        x = F.relu(self.bottom(numbers))
        features = torch.stack([x] + [table(c) for table, c in zip(self.tables, categories, strict=True)], dim=1)
        products = features @ features.transpose(1, 2)
        rows, columns = torch.tril_indices(3, 3, offset=-1)
        return torch.sigmoid(self.top(torch.cat([x, products[:, rows, columns]], dim=1)))


class TopExperts(nn.Module):
    """A mixture of experts in which two of four answer."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(6, 4)
        self.experts = nn.ModuleList([nn.Sequential(nn.Linear(6, 8), nn.GELU(), nn.Linear(8, 6)) for _ in range(4)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights, chosen = torch.topk(self.gate(x), 2, dim=-1)
        weights = weights.softmax(dim=-1)
        result = torch.zeros_like(x)
        for number, expert in enumerate(self.experts):
            share = (weights * (chosen == number)).sum(dim=-1, keepdim=True)
            result += share * expert(x)
        return result


class Diffusion(nn.Module):
    """One step of a denoiser that knows the time."""

    def __init__(self) -> None:
        super().__init__()
        self.time = nn.Linear(8, 4)
        self.norm = nn.GroupNorm(2, 4)
        self.first, self.second = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 3, 3, padding=1)

    def forward(self, x: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
        frequencies = torch.exp(-torch.arange(4) * 2.0)
        angles = step[:, None].float() * frequencies[None]
        time = self.time(torch.cat([angles.sin(), angles.cos()], dim=-1))
        h = F.silu(self.norm(self.first(x) + time[:, :, None, None]))
        return self.second(h)


class StateSpace(nn.Module):
    """Mamba's recurrence, step by step."""

    def __init__(self) -> None:
        super().__init__()
        self.decay = nn.Parameter(torch.randn(4, 3))
        self.inputs = nn.Linear(4, 6)
        self.delta = nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        b, c = self.inputs(x).chunk(2, dim=-1)
        delta = F.softplus(self.delta(x)).unsqueeze(-1)
        decay = torch.exp(delta * -torch.exp(self.decay))
        state, outputs = torch.zeros(x.shape[0], 4, 3), []
        for t in range(x.shape[1]):
            state = decay[:, t] * state + delta[:, t] * b[:, t, None, :] * x[:, t, :, None]
            outputs.append((state * c[:, t, None, :]).sum(-1))
        return torch.stack(outputs, dim=1)


class CachedDecoder(nn.Module):
    """One token of a language model that keeps its keys and values."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 24)
        self.register_buffer("keys", torch.zeros(1, 6, 8))
        self.register_buffer("values", torch.zeros(1, 6, 8))

    def forward(self, x: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        self.keys[:, place] = k
        self.values[:, place] = v
        scores = q @ self.keys.transpose(1, 2) / 8**0.5
        scores = scores.masked_fill(torch.arange(6) > place, float("-inf"))
        return scores.softmax(-1) @ self.values


class LowRank(nn.Module):
    """LoRA."""

    def __init__(self) -> None:
        super().__init__()
        self.base = nn.Linear(8, 8)
        self.down, self.up = nn.Parameter(torch.randn(8, 2)), nn.Parameter(torch.zeros(2, 8))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.base(x) + (x @ self.down @ self.up) * 0.5


class FakeQuantized(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 8))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scale = self.weight.abs().amax(dim=1, keepdim=True) / 127
        quantized = torch.clamp(torch.round(self.weight / scale), -128, 127).to(torch.int8)
        return F.linear(x, quantized.float() * scale)


class SpatialTransformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.locate = nn.Linear(36, 6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        theta = self.locate(x.flatten(1)).view(-1, 2, 3)
        grid = F.affine_grid(theta, [x.shape[0], 1, 6, 6], align_corners=False)
        return F.grid_sample(x, grid, align_corners=False)


class GradientInside(nn.Module):
    """A model of energy: the force is its gradient."""

    def __init__(self) -> None:
        super().__init__()
        self.energy = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.func.grad(lambda y: self.energy(y).sum())(x)


class TiedWeights(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(12, 6)
        self.out = nn.Linear(6, 12, bias=False)
        self.out.weight = self.words.weight

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.out(self.words(tokens).mean(dim=1))


def nerf(x: torch.Tensor) -> torch.Tensor:
    """Positional encoding, then compositing along rays."""
    waves = 2.0 ** torch.arange(3) * torch.pi
    encoded = (x[..., None] * waves).flatten(-2)
    density = torch.relu(encoded.sin().sum(-1))
    alpha = 1 - torch.exp(-density * 0.1)
    through = torch.cumprod(torch.cat([torch.ones_like(alpha[..., :1]), 1 - alpha + 1e-10], -1), -1)[..., :-1]
    return (alpha * through).sum(-1)


def sample_token(logits: torch.Tensor) -> torch.Tensor:
    """The best tokens that together have most of the probability, then the best of them."""
    values, order = torch.sort(logits, descending=True)
    total = values.softmax(-1).cumsum(-1)
    values = values.masked_fill(total > 0.9, float("-inf"))
    return order.gather(-1, values.argmax(-1, keepdim=True))


def kmeans_step(points: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
    nearest = torch.cdist(points, centres).argmin(dim=1)
    member = F.one_hot(nearest, centres.shape[0]).to(points.dtype)
    return member.t() @ points / member.sum(dim=0).clamp(min=1).unsqueeze(1)


def contrastive(images: torch.Tensor, texts: torch.Tensor) -> torch.Tensor:
    """CLIP's loss."""
    logits = F.normalize(images, dim=-1) @ F.normalize(texts, dim=-1).t() * 10.0
    labels = torch.arange(images.shape[0])
    return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2


def batched_by_vmap(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    return torch.func.vmap(lambda row: torch.tanh(row @ w))(x)


image = torch.randn(1, 4, 6, 6)
edges = torch.tensor([[0, 1, 2, 3, 3], [1, 2, 0, 0, 2]])
__explore__(InvertedResidual(), image)
__explore__(Dense(), torch.randn(1, 2, 5, 5))
__explore__(Pyramid(), image)
__explore__(Autoencoder(), torch.randn(2, 1, 8, 8))
__explore__(CausalConvolution(), torch.randn(1, 4, 9))
__explore__(GraphConvolution(), torch.randn(4, 4), edges)
__explore__(GraphAttention(), torch.randn(4, 4), torch.eye(4))
__explore__(Recommender(), torch.randn(3, 5), [torch.randint(0, 10, (3, 2)), torch.randint(0, 10, (3, 4))])
__explore__(TopExperts(), torch.randn(3, 6))
__explore__(Diffusion(), torch.randn(2, 3, 6, 6), torch.tensor([3, 500]))
__explore__(StateSpace(), torch.randn(1, 4, 4))
__explore__(CachedDecoder(), torch.randn(1, 1, 8), torch.tensor([2]))
__explore__(LowRank(), torch.randn(2, 8))
__explore__(FakeQuantized(), torch.randn(2, 8))
__explore__(SpatialTransformer(), torch.randn(2, 1, 6, 6))
__explore__(GradientInside(), torch.randn(2, 3))
__explore__(TiedWeights(), torch.randint(0, 12, (2, 4)))
__explore__(nn.Bilinear(3, 4, 2), torch.randn(2, 3), torch.randn(2, 4), _name="bilinear")
__explore__(nerf, torch.randn(2, 5, 3))
__explore__(sample_token, torch.randn(2, 9))
__explore__(kmeans_step, torch.randn(6, 2), torch.randn(3, 2))
__explore__(contrastive, torch.randn(3, 4), torch.randn(3, 4))
__explore__(batched_by_vmap, torch.randn(3, 4), torch.randn(4, 2))
