"""A convolutional network that never sees the same digit twice.

At every step the digits are turned, stretched, moved and warped.

Claim: 96 % accuracy on `learn-from-little`.
Evidence: `grader run reference/learn-from-little/augmented`;
figures and machine in reference/RESULTS.md.
"""

import math

import torch
from torch import nn, optim

STEPS = 1000
PEAK_LEARNING_RATE = 0.005
TURN = math.radians(15)
STRETCH = 0.15
SHEAR = 0.25
# A share of half the side: 1.7 pixels.
MOVE = 0.12
# A share of half the side, before smoothing.
WARP = 0.08
# The warp is drawn at this many points along each side.
GRID = 5


def warped(images):
    """Return each image under a transformation of its own: affine, and a smooth random warp."""
    n = len(images)
    angle = (torch.rand(n) * 2 - 1) * TURN
    scales = 1 + (torch.rand(n, 2) * 2 - 1) * STRETCH
    shear = (torch.rand(n) * 2 - 1) * SHEAR
    move = (torch.rand(n, 2) * 2 - 1) * MOVE
    cos, sin = angle.cos(), angle.sin()
    first = torch.stack([cos * scales[:, 0], -sin * scales[:, 1] + shear, move[:, 0]], dim=1)
    second = torch.stack([sin * scales[:, 0], cos * scales[:, 1], move[:, 1]], dim=1)
    grid = nn.functional.affine_grid(
        torch.stack([first, second], dim=1), images.shape, align_corners=False
    )
    coarse = torch.randn(n, 2, GRID, GRID) * WARP
    bends = nn.functional.interpolate(
        coarse, size=images.shape[2:], mode="bicubic", align_corners=True
    )
    return nn.functional.grid_sample(images, grid + bends.permute(0, 2, 3, 1), align_corners=False)


def block(inputs, outputs):
    return [
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    ]


def network(num_classes):
    return nn.Sequential(
        *block(1, 16),
        nn.MaxPool2d(2),
        *block(16, 32),
        *block(32, 32),
        nn.MaxPool2d(2),
        *block(32, 64),
        nn.AdaptiveMaxPool2d(3),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(64 * 9, num_classes),
    )


def train(data):
    torch.manual_seed(data.seed)
    images = torch.from_numpy(data.inputs).unsqueeze(1).float().div_(255.0)
    labels = torch.from_numpy(data.labels)
    model = network(data.num_classes)
    optimizer = optim.AdamW(model.parameters(), lr=PEAK_LEARNING_RATE, weight_decay=0.05)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, PEAK_LEARNING_RATE, total_steps=STEPS)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = criterion(model(warped(images)), labels)
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 100 == 99:
            print(f"step {step + 1}: loss {loss.item():.4f}", flush=True)
    return model
