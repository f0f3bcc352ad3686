"""Loss functions, and what trains."""

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812


class Training(nn.Module):
    """A model together with its loss."""

    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))

    def forward(self, x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(self.model(x), target, label_smoothing=0.1)


x, y = torch.randn(4, 3), torch.randn(4, 3)
positive = torch.rand(4, 3)
classes = torch.tensor([0, 2, 1, 1])
signs = torch.tensor([1.0, -1.0, 1.0, 1.0])
LOSSES = {
    "mse": (nn.MSELoss(), x, y),
    "l1": (nn.L1Loss(reduction="sum"), x, y),
    "smooth_l1": (nn.SmoothL1Loss(), x, y),
    "huber": (nn.HuberLoss(), x, y),
    "cross_entropy": (nn.CrossEntropyLoss(), x, classes),
    "cross_entropy_weighted": (nn.CrossEntropyLoss(torch.tensor([1.0, 2.0, 0.5]), ignore_index=2), x, classes),
    "cross_entropy_soft": (nn.CrossEntropyLoss(), x, y.softmax(dim=1)),
    "nll": (nn.NLLLoss(), x.log_softmax(dim=1), classes),
    "bce": (nn.BCELoss(), x.sigmoid(), positive),
    "bce_logits": (nn.BCEWithLogitsLoss(), x, positive),
    "kl_div": (nn.KLDivLoss(reduction="batchmean"), x.log_softmax(dim=1), y.softmax(dim=1)),
    "poisson": (nn.PoissonNLLLoss(), x, positive),
    "gaussian": (nn.GaussianNLLLoss(), x, y, positive),
    "hinge": (nn.HingeEmbeddingLoss(), x[:, 0], signs),
    "margin": (nn.MarginRankingLoss(0.1), x[:, 0], y[:, 0], signs),
    "multi_margin": (nn.MultiMarginLoss(), x, classes),
    "soft_margin": (nn.SoftMarginLoss(), x[:, 0], signs),
    "multilabel": (nn.MultiLabelSoftMarginLoss(), x, positive.round()),
    "triplet": (nn.TripletMarginLoss(), x, y, positive),
    "cosine_loss": (nn.CosineEmbeddingLoss(), x, y, signs),
    "ctc": (nn.CTCLoss(), torch.randn(6, 1, 4).log_softmax(2), torch.tensor([[1, 2]]), torch.tensor([6]),
            torch.tensor([2])),
    "training": (Training(), torch.randn(4, 6), classes),
}  # fmt: skip
for name, (loss, *inputs) in LOSSES.items():
    __explore__(loss, *inputs, _name=name)
