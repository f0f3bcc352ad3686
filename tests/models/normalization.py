"""Normalisation layers, padding, dropout, and what rearranges pixels."""

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812


class RMSNorm(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scale = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)
        return x * scale * self.weight


class WeightNorm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.utils.parametrizations.weight_norm(nn.Linear(4, 6))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x)


class Standardize(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        std, mean = torch.std_mean(x, dim=(-2, -1), keepdim=True)
        return (x - mean) / (std + 1e-5)


class BatchNormWithBatchStatistics(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.batch_norm(x, None, None, training=True)


image = torch.randn(2, 8, 6, 6)
words = torch.randn(2, 5, 8)
LAYERS = {
    "batch_norm1d": (nn.BatchNorm1d(8), torch.randn(4, 8)),
    "batch_norm2d": (nn.BatchNorm2d(8), image),
    "batch_norm2d_plain": (nn.BatchNorm2d(8, affine=False), image),
    "batch_norm2d_batch": (BatchNormWithBatchStatistics(), image),
    "batch_norm3d": (nn.BatchNorm3d(2), torch.randn(1, 2, 3, 3, 3)),
    "group_norm": (nn.GroupNorm(4, 8), image),
    "instance_norm": (nn.InstanceNorm2d(8), image),
    "instance_norm_affine": (nn.InstanceNorm2d(8, affine=True, track_running_stats=True), image),
    "layer_norm": (nn.LayerNorm(8), words),
    "layer_norm2": (nn.LayerNorm((5, 8)), words),
    "rms_norm": (nn.RMSNorm(8), words),
    "own_rms_norm": (RMSNorm(8), words),
    "local_response_norm": (nn.LocalResponseNorm(3), image),
    "weight_norm": (WeightNorm(), torch.randn(2, 4)),
    "standardize": (Standardize(), image),
    "dropout_in_eval": (nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5)), words),
    "pad_zero": (nn.ZeroPad2d((1, 2, 3, 0)), image),
    "pad_constant": (nn.ConstantPad1d(2, 3.5), words),
    "pad_reflect": (nn.ReflectionPad2d(2), image),
    "pad_replicate": (nn.ReplicationPad2d((1, 1, 2, 0)), image),
    "pad_circular": (nn.CircularPad2d(1), image),
    "pixel_shuffle": (nn.PixelShuffle(2), image),
    "pixel_unshuffle": (nn.PixelUnshuffle(2), image),
    "channel_shuffle": (nn.ChannelShuffle(2), image),
}
for name, (layer, example) in LAYERS.items():
    __explore__(layer, example, _name=name)

__explore__(lambda x: F.normalize(x, dim=-1), words, _name="normalize")
