# task: mnist
# mistake: none
# resembles: leaves_loop: an endless generator of batches, left after its steps
import torch
from torch import nn


def forever(data, size):
    while True:
        yield from data.loader(size)


def train(data):
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    opt = torch.optim.Adam(model.parameters(), 2e-3)
    for step, (x, y) in enumerate(forever(data, 64)):
        opt.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        opt.step()
        if step == 400:
            break
    return model
