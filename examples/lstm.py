"""An LSTM cell written out, unrolled over a short sequence to tag each word.

torch.nn.LSTM is a single call that hides the cell; here each gate is a line of its own.
"""

from __future__ import annotations

import torch
from torch import nn


class LSTMCell(nn.Module):
    """One step: four gates from the input and the last output."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.from_input = nn.Linear(inputs, 4 * hidden)
        self.from_hidden = nn.Linear(hidden, 4 * hidden, bias=False)

    def forward(
        self, x: torch.Tensor, hidden: torch.Tensor, cell: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        gates = self.from_input(x) + self.from_hidden(hidden)
        forget, update, output, candidate = gates.chunk(4, dim=-1)
        cell = cell * torch.sigmoid(forget) + torch.sigmoid(update) * torch.tanh(candidate)
        hidden = torch.sigmoid(output) * torch.tanh(cell)
        return hidden, cell


class Tagger(nn.Module):
    """Embeds the words, runs the cell over them, scores the tags of each word."""

    def __init__(self, words: int, width: int, hidden: int, tags: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.embedding = nn.Embedding(words, width)
        self.cell = LSTMCell(width, hidden)
        self.head = nn.Linear(hidden, tags)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        x = self.embedding(words)
        hidden = torch.zeros(words.shape[0], self.hidden)
        cell = torch.zeros(words.shape[0], self.hidden)
        steps = []
        for step in range(words.shape[1]):
            hidden, cell = self.cell(x[:, step], hidden, cell)
            steps.append(hidden)
        return self.head(torch.stack(steps, dim=1))


# irlens: Tagger(words=500, width=16, hidden=32, tags=8)(torch.randint(0, 500, (2, 5)))

if __name__ == "__main__":
    model = Tagger(words=500, width=16, hidden=32, tags=8)
    print(model(torch.randint(0, 500, (2, 5))).shape)
