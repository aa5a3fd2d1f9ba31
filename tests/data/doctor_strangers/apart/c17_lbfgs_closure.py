# task: digits
# mistake: none
# resembles: never_trained, no_zero_grad: all in a closure
import torch
from torch import nn


def train(data):
    x = torch.tensor(data.inputs).float().flatten(1) / 255
    y = torch.tensor(data.labels)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=60)

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y) + 1e-3 * model[1].weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return model
