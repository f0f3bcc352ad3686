"""Embeddings and recurrent networks."""

import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(20, 6, padding_idx=0)
        self.lstm = nn.LSTM(6, 5, batch_first=True, bidirectional=True)
        self.head = nn.Linear(10, 3)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        states, _ = self.lstm(self.words(tokens))
        return self.head(states)


class LastState(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(4, 6, num_layers=2)

    def forward(self, x: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
        states, _ = self.gru(x, state)
        return states[-1]


class Unrolled(nn.Module):
    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state = torch.zeros(x.shape[1], 6)
        states = []
        for step in range(x.shape[0]):
            state = self.cell(x[step], state)
            states.append(state)
        return torch.stack(states)


class OwnLSTMCell(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gates = nn.Linear(4 + 6, 4 * 6)

    def forward(self, x: torch.Tensor, state: tuple[torch.Tensor, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        hidden, cell = state
        i, f, g, o = self.gates(torch.cat([x, hidden], dim=1)).chunk(4, dim=1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cell), cell


class BagOfWords(nn.Module):
    def __init__(self, mode: str) -> None:
        super().__init__()
        self.bag = nn.EmbeddingBag(20, 6, mode=mode)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.bag(tokens)


class BagWithOffsets(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.bag = nn.EmbeddingBag(20, 6, mode="sum")

    def forward(self, tokens: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
        return self.bag(tokens, offsets)


tokens = torch.randint(0, 20, (2, 5))
x = torch.randn(3, 2, 4)
state = (torch.zeros(2, 6), torch.zeros(2, 6))
__explore__(nn.Embedding(20, 6), tokens, _name="embedding")
__explore__(BagOfWords("mean"), tokens, _name="bag_mean")
__explore__(BagOfWords("sum"), tokens, _name="bag_sum")
__explore__(BagOfWords("max"), tokens, _name="bag_max")
__explore__(BagWithOffsets(), torch.randint(0, 20, (7,)), torch.tensor([0, 3, 5]), _name="bag_offsets")
__explore__(Tagger(), tokens)
__explore__(nn.LSTM(4, 6), x, _name="lstm")
__explore__(nn.LSTM(4, 6, num_layers=2), x, _name="lstm_layers")
__explore__(nn.LSTM(4, 6, proj_size=3), x, _name="lstm_projected")
__explore__(nn.GRU(4, 6), x, _name="gru")
__explore__(LastState(), x, torch.zeros(2, 2, 6))
__explore__(nn.RNN(4, 6), x, _name="rnn")
__explore__(nn.RNN(4, 6, nonlinearity="relu", bidirectional=True), x, _name="rnn_relu")
__explore__(nn.LSTMCell(4, 6), x[0], state, _name="lstm_cell")
__explore__(Unrolled(nn.GRUCell(4, 6)), x, _name="gru_cell")
__explore__(Unrolled(nn.RNNCell(4, 6)), x, _name="rnn_cell")
__explore__(OwnLSTMCell(), x[0], state)
