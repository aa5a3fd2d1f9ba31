"""Counted steps instead of epochs; the learning rate falls linearly to (almost) nothing."""
import torch
from torch import nn, optim

MAX_STEPS = 900
LR = 3e-3


def build():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.GELU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.GELU(),
        nn.Flatten(), nn.Linear(32 * 49, 64), nn.GELU(), nn.Linear(64, 10),
    )


def train(data):
    torch.manual_seed(data.seed)
    model = build()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.AdamW(model.parameters(), lr=LR)
    loader = data.loader(batch_size=64)
    step = 0
    while True:
        for x, y in loader:
            for group in optimizer.param_groups:
                group["lr"] = LR * (1 - step / MAX_STEPS)
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if step % 100 == 0:
                print(f"step {step}/{MAX_STEPS} loss {loss.item():.4f}")
            if step == MAX_STEPS:
                break
        else:
            continue  # data used up, once more from the start
        break
    return model


def predict(model, inputs):
    model.eval()
    batch = torch.tensor(inputs).unsqueeze(1) / 255
    with torch.no_grad():
        return model(batch).numpy()
