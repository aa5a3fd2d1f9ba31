# task: text-generation
# mistake: unshifted_target
# line: targets = | y = tokens
# fix: y = tokens[starts + span] => y = tokens[starts + span + 1]
import torch
from torch import nn


class CharGRU(nn.Module):
    def __init__(self, v):
        super().__init__()
        self.emb = nn.Embedding(v, 32)
        self.gru = nn.GRU(32, 64, batch_first=True)
        self.out = nn.Linear(64, v)

    def forward(self, t):
        return self.out(self.gru(self.emb(t))[0])


def train(data):
    tokens = torch.from_numpy(data.tokens)
    model = CharGRU(data.vocabulary_size)
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    span = torch.arange(64)
    for step in range(150):
        starts = torch.randint(0, len(tokens) - 66, (32, 1))
        x = tokens[starts + span]
        y = tokens[starts + span]
        logits = model(x)
        loss = nn.functional.cross_entropy(logits.transpose(1, 2), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    return model
