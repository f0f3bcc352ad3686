"""Attention in all its forms, and the blocks of transformers."""

import math

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812


class Attention(nn.Module):
    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(size, 3 * size)
        self.out = nn.Linear(size, size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, size = x.shape
        shape = (batch, length, self.heads, size // self.heads)
        q, k, v = (part.view(shape).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / math.sqrt(shape[-1])
        mixed = scores.softmax(dim=-1) @ v
        return self.out(mixed.transpose(1, 2).reshape(batch, length, size))


class CausalAttention(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.q, self.k, self.v = nn.Linear(size, size), nn.Linear(size, size), nn.Linear(size, size)
        self.register_buffer("mask", torch.tril(torch.ones(16, 16)).bool())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        length = x.shape[1]
        scores = torch.einsum("bid,bjd->bij", self.q(x), self.k(x)) * x.shape[-1] ** -0.5
        scores = scores.masked_fill(~self.mask[:length, :length], float("-inf"))
        return torch.einsum("bij,bjd->bid", scores.softmax(-1), self.v(x))


class Block(nn.Module):
    """A block of GPT-2."""

    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(size), nn.LayerNorm(size)
        self.attention = Attention(size, heads)
        self.mlp = nn.Sequential(nn.Linear(size, 4 * size), nn.GELU(approximate="tanh"), nn.Linear(4 * size, size))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class TinyGPT(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(20, 8)
        self.places = nn.Embedding(16, 8)
        self.blocks = nn.ModuleList([Block(8, 2) for _ in range(2)])
        self.head = nn.Linear(8, 20, bias=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.words(tokens) + self.places(torch.arange(tokens.shape[1], device=tokens.device))
        for block in self.blocks:
            x = block(x)
        return self.head(x)


class Rotary(nn.Module):
    """Rotary position embeddings by halves, as in Llama."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("frequencies", 1.0 / 10000 ** (torch.arange(0, size, 2).float() / size))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        angles = torch.outer(torch.arange(x.shape[-2]).float(), self.frequencies)
        angles = torch.cat([angles, angles], dim=-1)
        left, right = x.chunk(2, dim=-1)
        return x * angles.cos() + torch.cat([-right, left], dim=-1) * angles.sin()


class GroupedQueries(nn.Module):
    """Llama's attention: fewer keys than queries, rotary positions, a causal mask."""

    def __init__(self) -> None:
        super().__init__()
        self.q = nn.Linear(16, 16, bias=False)
        self.kv = nn.Linear(16, 16, bias=False)
        self.rotary = Rotary(4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, _ = x.shape
        q = self.rotary(self.q(x).view(batch, length, 4, 4).transpose(1, 2))
        k, v = (part.view(batch, length, 2, 4).transpose(1, 2) for part in self.kv(x).split(8, dim=-1))
        k, v = (part.repeat_interleave(2, dim=1) for part in (self.rotary(k), v))
        return F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)


class ViT(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, stride=4)
        self.token = nn.Parameter(torch.zeros(1, 1, 8))
        self.places = nn.Parameter(torch.randn(1, 5, 8))
        self.encoder = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=True, activation="gelu")
        self.head = nn.Linear(8, 3)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], dim=1) + self.places
        return self.head(self.encoder(x)[:, 0])


class SelfAttention(nn.Module):
    def __init__(self, **options: bool) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.options = options

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        return self.attention(x, x, x, **self.options)


class LinearAttention(nn.Module):
    def forward(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        q, k = F.elu(q) + 1, F.elu(k) + 1
        return (q @ (k.transpose(-2, -1) @ v)) / (q @ k.sum(dim=-2).unsqueeze(-1))


class RelativeBias(nn.Module):
    """Attention with T5's learned bias per distance."""

    def __init__(self) -> None:
        super().__init__()
        self.bias = nn.Embedding(8, 2)

    def forward(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        places = torch.arange(q.shape[-2])
        distance = (places[:, None] - places[None, :]).abs().clamp(max=7)
        bias = self.bias(distance).permute(2, 0, 1)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias)


x = torch.randn(2, 5, 8)
heads = torch.randn(2, 2, 5, 4)
__explore__(Attention(8, 2), x)
__explore__(CausalAttention(8), x)
__explore__(Block(8, 2), x)
__explore__(TinyGPT(), torch.randint(0, 20, (1, 6)))
__explore__(Rotary(8), torch.randn(2, 5, 8))
__explore__(GroupedQueries(), torch.randn(1, 5, 16))
__explore__(ViT(), torch.randn(1, 3, 8, 8))
__explore__(SelfAttention(), x, _name="multihead")
__explore__(SelfAttention(need_weights=False), x, _name="multihead_without_weights")
__explore__(LinearAttention(), heads, heads, heads)
__explore__(RelativeBias(), heads, heads, heads)
__explore__(F.scaled_dot_product_attention, heads, heads, heads, _name="sdpa")
__explore__(F.scaled_dot_product_attention, heads, heads, heads, is_causal=True, _name="sdpa_causal")
__explore__(
    F.scaled_dot_product_attention, heads, heads, heads, attn_mask=torch.ones(5, 5).tril().bool(), _name="sdpa_mask"
)
__explore__(nn.TransformerEncoderLayer(8, 2, 16), x, _name="encoder_layer")
__explore__(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), x, _name="encoder_layer_batch_first")
__explore__(nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2), x, _name="encoder")
__explore__(nn.TransformerDecoderLayer(8, 2, 16, batch_first=True), x, torch.randn(2, 3, 8), _name="decoder_layer")
__explore__(
    nn.Transformer(8, 2, 1, 1, 16, batch_first=True), torch.randn(1, 4, 8), torch.randn(1, 3, 8), _name="transformer"
)
