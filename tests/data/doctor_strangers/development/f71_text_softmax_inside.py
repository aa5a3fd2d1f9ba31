# task: text-generation
# mistake: double_softmax
# line: softmax(
# fix: torch.softmax(self.out(h), dim=-1) => self.out(h)
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self, v):
        super().__init__()
        self.emb = nn.Embedding(v, 48)
        self.gru = nn.GRU(48, 64, batch_first=True)
        self.out = nn.Linear(64, v)

    def forward(self, x):
        h, _ = self.gru(self.emb(x))
        return torch.softmax(self.out(h), dim=-1)


def train(data):
    model, tokens = Model(data.vocabulary_size), torch.from_numpy(data.tokens)
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for step in range(200):
        s = torch.randint(len(tokens) - 65, (24, 1)) + torch.arange(65)
        w = tokens[s]
        loss = nn.functional.cross_entropy(model(w[:, :-1]).flatten(0, 1), w[:, 1:].flatten())
        opt.zero_grad(), loss.backward(), opt.step()
    return model
