# task: text-generation
# mistake: none
# resembles: number_for_category: one-hot, not a number
import torch
from torch import nn


class OneHot(nn.Module):
    def __init__(self, v):
        super().__init__()
        self.v = v
        self.rnn = nn.GRU(v, 64, batch_first=True)
        self.out = nn.Linear(64, v)

    def forward(self, t):
        return self.out(self.rnn(nn.functional.one_hot(t, self.v).float())[0])


def train(data):
    model, tokens = OneHot(data.vocabulary_size), torch.from_numpy(data.tokens)
    opt = torch.optim.RMSprop(model.parameters(), 3e-3)
    for step in range(250):
        s = torch.randint(len(tokens) - 50, (32, 1)) + torch.arange(49)
        x, y = tokens[s], tokens[s + 1]
        opt.zero_grad()
        nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten()).backward()
        opt.step()
    return model
