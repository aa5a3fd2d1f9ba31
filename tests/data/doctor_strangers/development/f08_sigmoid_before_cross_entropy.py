# task: mnist
# mistake: sigmoid_on_scores
# line: torch.sigmoid(self.out(
# fix: torch.sigmoid(self.out(h)) => self.out(h)
import torch
from torch import nn


class Perceptron(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(784, 96)
        self.out = nn.Linear(96, 10)

    def forward(self, x):
        h = torch.sigmoid(self.hidden(x.flatten(1)))
        return torch.sigmoid(self.out(h))


def train(data):
    torch.manual_seed(data.seed)
    net = Perceptron()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    loss_of = nn.CrossEntropyLoss()
    for epoch in range(3):
        for x, y in data.loader(100):
            optimizer.zero_grad()
            loss = loss_of(net(x), y)
            loss.backward()
            optimizer.step()
        print(epoch, loss.item())
    return net
