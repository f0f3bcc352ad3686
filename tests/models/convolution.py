"""Convolutions, pooling, up-sampling and the small networks made of them."""

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812


class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
        )  # fmt: skip
        self.head = nn.Linear(16, 5)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.head(torch.flatten(self.features(image), 1))


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(4, 8, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.second = nn.Conv2d(8, 8, 3, padding=1)
        self.shortcut = nn.Conv2d(4, 8, 1, stride=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.norm(self.first(x)), inplace=True)
        y = self.second(y)
        y += self.shortcut(x)
        return F.relu(y)


class SqueezeExcite(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(8, 2, 1)
        self.excite = nn.Conv2d(2, 8, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scale = F.adaptive_avg_pool2d(x, 1)
        return x * torch.sigmoid(self.excite(F.silu(self.squeeze(scale))))


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(2, 4, 3, padding=1)
        self.middle = nn.Conv2d(4, 4, 3, padding=1)
        self.up = nn.ConvTranspose2d(4, 4, 2, stride=2)
        self.out = nn.Conv2d(8, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skip = F.relu(self.down(x))
        deep = F.relu(self.middle(F.max_pool2d(skip, 2)))
        return self.out(torch.cat([skip, self.up(deep)], dim=1))


image = torch.randn(1, 4, 8, 8)
__explore__(Classifier(), torch.randn(2, 3, 8, 8))
__explore__(Residual(), image)
__explore__(SqueezeExcite(), torch.randn(1, 8, 4, 4))
__explore__(UNet(), torch.randn(1, 2, 8, 8))

LAYERS = {
    "conv1d": (nn.Conv1d(4, 6, 3, padding=1), torch.randn(2, 4, 9)),
    "conv2d_strided": (nn.Conv2d(4, 6, 3, stride=2), image),
    "conv2d_dilated": (nn.Conv2d(4, 6, 3, dilation=2, padding=2), image),
    "conv2d_grouped": (nn.Conv2d(4, 8, 3, groups=2), image),
    "conv2d_depthwise": (nn.Sequential(nn.Conv2d(4, 4, 3, groups=4, padding=1), nn.Conv2d(4, 8, 1)), image),
    "conv2d_same": (nn.Conv2d(4, 6, (3, 5), padding="same"), image),
    "conv2d_reflect": (nn.Conv2d(4, 6, 3, padding=1, padding_mode="reflect"), image),
    "conv3d": (nn.Conv3d(2, 3, 2), torch.randn(1, 2, 4, 4, 4)),
    "conv_transpose1d": (nn.ConvTranspose1d(4, 3, 3, stride=2), torch.randn(1, 4, 5)),
    "conv_transpose2d": (nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1, output_padding=1), image),
    "conv_transpose2d_grouped": (nn.ConvTranspose2d(4, 4, 2, stride=2, groups=2), image),
    "adaptive_max_pool2d_uneven": (nn.AdaptiveMaxPool2d((3, 5)), image),
    "max_pool2d_padded": (nn.MaxPool2d(3, stride=2, padding=1), image),
    "max_pool2d_indices": (nn.MaxPool2d(2, return_indices=True), image),
    "max_pool3d": (nn.MaxPool3d(2), torch.randn(1, 2, 4, 4, 4)),
    "avg_pool1d": (nn.AvgPool1d(2), torch.randn(1, 4, 8)),
    "avg_pool2d": (nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False), image),
    "lp_pool2d": (nn.LPPool2d(2, 2), image),
    "adaptive_avg_pool1d": (nn.AdaptiveAvgPool1d(3), torch.randn(1, 4, 9)),
    "adaptive_avg_pool2d": (nn.AdaptiveAvgPool2d((3, 5)), image),
    "adaptive_max_pool2d": (nn.AdaptiveMaxPool2d(2), image),
    "upsample_nearest": (nn.Upsample(scale_factor=2), image),
    "upsample_bilinear": (nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False), image),
    "upsample_corners": (nn.Upsample(size=(5, 11), mode="bilinear", align_corners=True), image),
    "upsample_bicubic": (nn.Upsample(scale_factor=2, mode="bicubic"), image),
    "upsample_linear1d": (nn.Upsample(scale_factor=2, mode="linear"), torch.randn(1, 4, 8)),
    "unfold": (nn.Unfold(3), image),
    "fold": (nn.Fold((4, 4), 2, stride=2), torch.randn(1, 16, 4)),
}
for name, (layer, example) in LAYERS.items():
    __explore__(layer, example, _name=name)
