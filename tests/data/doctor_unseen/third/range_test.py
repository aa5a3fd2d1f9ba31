"""MNIST with a learning-rate range test before the real training."""
import copy
import math

import torch
from torch import nn


def network(n_classes):
    return nn.Sequential(
        nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(14 * 14, 100), nn.ELU(),
        nn.Linear(100, 50), nn.ELU(),
        nn.Linear(50, n_classes),
    )


def endless(loader):
    while True:
        yield from loader


def find_rate(net, batches, low=1e-5, high=1.0, steps=90):
    """Raise the rate a little after each batch and look where the loss is smallest."""
    trial = copy.deepcopy(net)
    opt = torch.optim.Adam(trial.parameters(), lr=low)
    criterion = nn.CrossEntropyLoss()
    factor = (high / low) ** (1 / steps)
    rates, losses = [], []
    average = None
    for x, y in batches:
        loss = criterion(trial(x), y)
        average = loss.item() if average is None else 0.8 * average + 0.2 * loss.item()
        rates.append(opt.param_groups[0]["lr"])
        losses.append(average)
        if len(rates) >= steps or average > 4 * min(losses):
            break
        opt.zero_grad()
        loss.backward()
        opt.step()
        opt.param_groups[0]["lr"] *= factor
    lowest = losses.index(min(losses))
    print(f"smallest loss {losses[lowest]:.3f} at rate {rates[lowest]:.1e}")
    # one power of ten away from the minimum, as in the lecture
    return rates[lowest] * 10


def fit(net, batches, rate, steps):
    opt = torch.optim.Adam(net.parameters(), lr=rate)
    criterion = nn.CrossEntropyLoss()
    recent = []
    for step, (x, y) in zip(range(1, steps + 1), batches):
        opt.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        opt.step()
        recent.append(loss.item())
        if step % 250 == 0:
            print(step, "mean loss", sum(recent) / len(recent))
            recent = []


def train(data):
    torch.manual_seed(data.seed)
    net = network(data.num_classes)
    batches = endless(data.loader(64))
    rate = find_rate(net, batches)
    print("I take", rate)
    fit(net, batches, rate, steps=10 * math.ceil(len(data.labels) / 64))
    return net


def predict(model, inputs):
    x = torch.from_numpy(inputs.astype("float32") / 255).unsqueeze(1)
    with torch.no_grad():
        return model(x).numpy()
