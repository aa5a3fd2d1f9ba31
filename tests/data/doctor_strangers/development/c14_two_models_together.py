# task: mnist
# mistake: none
# resembles: plain_list: each model of the list has an optimizer of its own
import torch
from torch import nn


def train(data):
    members = [nn.Sequential(nn.Flatten(), nn.Linear(784, 48), nn.ReLU(), nn.Linear(48, 10)) for _ in range(2)]
    optimizers = [torch.optim.Adam(m.parameters(), 2e-3) for m in members]
    for _ in range(2):
        for x, y in data.loader(64):
            for m, o in zip(members, optimizers):
                o.zero_grad()
                nn.functional.cross_entropy(m(x), y).backward()
                o.step()

    def answer(images):
        x = torch.as_tensor(images).float().unsqueeze(1) / 255
        with torch.no_grad():
            return sum(m(x).softmax(1) for m in members) / len(members)

    return answer
