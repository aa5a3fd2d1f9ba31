"""A small network with one hidden layer and strong weight decay, in PyTorch.

Claim: a mean absolute error of about 44 on `diabetes`. A network has nothing to add to a straight
line here; this one shows how to keep it from learning 300 patients by heart.
Evidence: `grader run reference/diabetes/network --task diabetes`;
figures and machine in reference/RESULTS.md.
"""

import torch
from torch import nn, optim

EPOCHS = 60
BATCH = 32
LEARNING_RATE = 3e-3
WEIGHT_DECAY = 1.0


class Scaled(nn.Module):
    """A network that scales its inputs and its answers by what it saw in training."""

    def __init__(self, inputs, targets):
        super().__init__()
        self.register_buffer("mean", inputs.mean(dim=0))
        self.register_buffer("spread", inputs.std(dim=0))
        self.register_buffer("middle", targets.mean())
        self.register_buffer("scale", targets.std())
        self.layers = nn.Sequential(nn.Linear(inputs.shape[1], 16), nn.Tanh(), nn.Linear(16, 1))

    def forward(self, x):
        scaled = (x - self.mean) / self.spread
        return self.layers(scaled) * self.scale + self.middle


def train(data):
    inputs = torch.from_numpy(data.inputs)
    targets = torch.from_numpy(data.labels)
    model = Scaled(inputs, targets)
    optimizer = optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    for epoch in range(EPOCHS):
        total = 0.0
        for x, y in data.loader(batch_size=BATCH):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x)[:, 0], y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
        print(f"epoch {epoch + 1}: mean squared error {total / len(targets):.1f}")
    return model
