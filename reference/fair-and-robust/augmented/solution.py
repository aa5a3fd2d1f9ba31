"""A small convolutional network, trained on pictures that are corrupted anew at every step.

At the end it is calibrated on pictures that it was not trained on.

Claim: 0.87 responsible accuracy on `fair-and-robust`.
Evidence: `grader run reference/fair-and-robust/augmented`;
figures and machine in reference/RESULTS.md.
"""

import torch
from torch import nn, optim

EPOCHS = 4
BATCH = 128
PEAK_LEARNING_RATE = 0.01
# This many training pictures are held out to set the temperature.
HELD_OUT = 3000
# The share of a batch that is corrupted in each way.
SHARE = 0.15
BLUR = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
# Pullovers, coats and shirts are often mistaken for each other, so they count more.
HARD = torch.tensor([1.0, 1.0, 1.4, 1.0, 1.4, 1.0, 1.8, 1.0, 1.0, 1.0])


def noisy(images):
    return images + torch.randn_like(images) * torch.rand(len(images), 1, 1, 1) * 0.2


def blurred(images):
    kernel = BLUR[:, None] @ BLUR[None]
    return nn.functional.conv2d(images, kernel[None, None], padding=2)


def paler(images):
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (0.25 + 0.75 * torch.rand(len(images), 1, 1, 1)) * (images - mean)


def brighter(images):
    return images + 0.35 * torch.rand(len(images), 1, 1, 1)


def moved(images):
    down, right = torch.randint(-4, 5, (2,)).tolist()
    padded = nn.functional.pad(images, (4, 4, 4, 4))
    return padded[:, :, 4 + down : 32 + down, 4 + right : 32 + right]


def covered(images):
    images = images.clone()
    side = int(torch.randint(6, 13, ()))
    top, left = torch.randint(0, 29 - side, (2,)).tolist()
    images[:, :, top : top + side, left : left + side] = torch.rand(())
    return images


WAYS = (noisy, blurred, paler, brighter, moved, covered)


def corrupted(images):
    """Return a batch with a part of it corrupted in each way, and the rest as it was."""
    size = int(SHARE * len(images))
    images = images.clone()
    for number, way in enumerate(WAYS):
        part = slice(number * size, (number + 1) * size)
        images[part] = way(images[part]).clamp(0, 1)
    return images


def block(inputs, outputs, stride=1):
    return [
        nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    ]


class Calibrated(nn.Module):
    """A network whose scores are divided by one number, its temperature."""

    def __init__(self, num_classes):
        super().__init__()
        self.layers = nn.Sequential(
            *block(1, 16, stride=2),
            *block(16, 32),
            nn.MaxPool2d(2),
            *block(32, 64),
            nn.AdaptiveMaxPool2d(3),
            nn.Flatten(),
            nn.Linear(64 * 9, num_classes),
        )
        self.register_buffer("temperature", torch.ones(()))

    def forward(self, images):
        return self.layers(images) / self.temperature


def best_temperature(scores, labels):
    """Return the temperature with the smallest cross-entropy.

    The scores must be for pictures that the network was not trained on.
    """
    tried = torch.linspace(0.5, 3, 101)
    losses = torch.stack([nn.functional.cross_entropy(scores / each, labels) for each in tried])
    return tried[losses.argmin()]


def train(data):
    torch.manual_seed(data.seed)
    order = torch.randperm(len(data.inputs))
    images = torch.from_numpy(data.inputs).unsqueeze(1).float().div_(255.0)
    labels = torch.from_numpy(data.labels)
    held_out, rest = order[:HELD_OUT], order[HELD_OUT:]
    model = Calibrated(data.num_classes).to(memory_format=torch.channels_last)
    steps = -(-len(rest) // BATCH)
    optimizer = optim.AdamW(model.parameters(), lr=PEAK_LEARNING_RATE, weight_decay=0.01)
    schedule = optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK_LEARNING_RATE, total_steps=EPOCHS * steps
    )
    criterion = nn.CrossEntropyLoss(weight=HARD)
    for epoch in range(EPOCHS):
        total = 0.0
        for batch in rest[torch.randperm(len(rest))].split(BATCH):
            optimizer.zero_grad()
            inputs = corrupted(images[batch]).contiguous(memory_format=torch.channels_last)
            loss = criterion(model(inputs), labels[batch])
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
        print(f"epoch {epoch + 1}: loss {total / len(rest):.4f}", flush=True)
    model.eval()
    with torch.inference_mode():
        scores = torch.cat([model(part) for part in images[held_out].split(500)])
    model.temperature.copy_(best_temperature(scores, labels[held_out]))
    print(f"temperature {model.temperature.item():.2f}")
    return model
