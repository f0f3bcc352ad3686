"""A small multilayer perceptron with GELU and layer normalisation.

The `# irlens:` comment says what irlens is to lower; for Python it is a comment.
"""

import torch
from torch import nn


class MLP(nn.Module):
    """Two linear layers with a GELU between them, and a residual connection."""

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(features)
        self.up = nn.Linear(features, hidden)
        self.down = nn.Linear(hidden, features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.up(self.norm(x))
        y = nn.functional.gelu(y)
        return x + self.down(y)


# irlens: MLP(64, 256)(torch.randn(8, 64))

if __name__ == "__main__":
    model = MLP(64, 256)
    print(model(torch.randn(8, 64)).shape)
