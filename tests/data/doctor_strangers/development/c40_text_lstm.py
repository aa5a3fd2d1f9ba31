# task: text-generation
# mistake: none
# resembles: unshifted_target
import torch
from torch import nn


class Writer(nn.Module):
    def __init__(self, v):
        super().__init__()
        self.embed = nn.Embedding(v, 32)
        self.lstm = nn.LSTM(32, 96, batch_first=True)
        self.project = nn.Linear(96, v)

    def forward(self, tokens):
        return self.project(self.lstm(self.embed(tokens))[0])


def train(data):
    model = Writer(data.vocabulary_size)
    text = torch.from_numpy(data.tokens)
    opt = torch.optim.Adam(model.parameters(), 8e-3)
    for step in range(250):
        first = torch.randint(len(text) - 66, (32,))
        rows = torch.stack([text[f:f + 65] for f in first])
        loss = nn.functional.cross_entropy(model(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        if step % 50 == 0:
            print(step, loss.item())
    return model
