# task: text-generation
# mistake: number_for_category
# line: tokens.float() | .unsqueeze(-1)
# fix: self.rnn = nn.GRU(1, 96, batch_first=True) => self.rnn = nn.GRU(16, 96, batch_first=True); self.embed = nn.Embedding(size, 16)
# fix: x = tokens.float().unsqueeze(-1) => x = self.embed(tokens)
import torch
from torch import nn


class Letters(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.rnn = nn.GRU(1, 96, batch_first=True)
        self.out = nn.Linear(96, size)

    def forward(self, tokens):
        x = tokens.float().unsqueeze(-1)
        return self.out(self.rnn(x)[0])


def train(data):
    tokens = torch.tensor(data.tokens)
    model = Letters(data.vocabulary_size)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for step in range(150):
        begin = torch.randint(len(tokens) - 50, (32,))
        chunk = torch.stack([tokens[b:b + 49] for b in begin])
        out = model(chunk[:, :-1])
        loss = nn.functional.cross_entropy(out.flatten(0, 1), chunk[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model
