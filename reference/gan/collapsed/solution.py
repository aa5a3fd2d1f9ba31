"""A generator that makes only one picture, one that a discriminator would believe: must not pass.

Claim: below the gate of `gan`, whatever its one digit looks like: coverage and balance near 0.
Evidence: `grader run reference/gan/collapsed`; figures and machine in reference/RESULTS.md.
"""

import torch
from torch import nn

NOISE = 16
STEPS = 300


class Collapsed(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(NOISE, 64), nn.ReLU(), nn.Linear(64, 784), nn.Sigmoid()
        )

    def forward(self, noise):
        return self.layers(noise)

    @torch.inference_mode()
    def sample(self, n, seed):
        noise = torch.randn(n, NOISE, generator=torch.Generator().manual_seed(seed))
        return (self(noise).view(n, 28, 28) * 255).round().to(torch.uint8)


def train(data):
    model = Collapsed()
    images = torch.from_numpy(data.inputs[data.labels == 1]).float().flatten(1) / 255
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(STEPS):
        picked = images[torch.randint(len(images), (64,))]
        loss = nn.functional.mse_loss(model(torch.randn(64, NOISE)), picked)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()
