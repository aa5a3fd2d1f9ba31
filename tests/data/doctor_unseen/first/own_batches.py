import numpy as np
import torch
import torch.nn as nn


class DigitFeed:
    """Gives shuffled mini batches, new order in every epoch."""

    def __init__(self, images, digits, batch_size=64):
        self.images = images.astype(np.float32).reshape(len(images), -1) / 255.0
        self.digits = digits
        self.batch_size = batch_size

    def __len__(self):
        return len(self.images) // self.batch_size

    def __iter__(self):
        mixed = np.random.permutation(self.images)
        for i in range(len(self)):
            part = slice(i * self.batch_size, (i + 1) * self.batch_size)
            yield torch.from_numpy(mixed[part]), torch.from_numpy(self.digits[part])


def build_model():
    return nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))


def train(data):
    np.random.seed(data.seed)
    torch.manual_seed(data.seed)
    feed = DigitFeed(data.inputs, data.labels)
    model = build_model()
    loss_func = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(2):
        losses = []
        for xb, yb in feed:
            opt.zero_grad()
            loss = loss_func(model(xb), yb)
            loss.backward()
            opt.step()
            losses.append(loss.item())
        print("epoch", epoch, "average loss", np.mean(losses))  # why does this not go down??
    return model.eval()


def predict(model, inputs):
    x = torch.from_numpy(inputs.astype(np.float32).reshape(len(inputs), -1) / 255.0)
    with torch.no_grad():
        return model(x).numpy()
