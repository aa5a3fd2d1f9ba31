# task: mnist
# mistake: none
# resembles: untrained_part: a frozen teacher, detached
import torch
import torch.nn.functional as F
from torch import nn


def fit(model, data, loss_of):
    opt = torch.optim.Adam(model.parameters(), 2e-3)
    for _ in range(2):
        for x, y in data.loader(64):
            opt.zero_grad()
            loss_of(model(x), x, y).backward()
            opt.step()
    return model.eval()


def train(data):
    teacher = fit(nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)), data,
                  lambda s, x, y: F.cross_entropy(s, y))
    for p in teacher.parameters():
        p.requires_grad_(False)

    def soft(s, x, y):
        wanted = teacher(x).detach().div(2).softmax(1)
        return F.kl_div(F.log_softmax(s / 2, 1), wanted, reduction="batchmean") * 4 + F.cross_entropy(s, y)

    return fit(nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10)), data, soft)
