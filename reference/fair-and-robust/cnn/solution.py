"""A convolutional network trained for accuracy alone: must not pass.

It is good on clean pictures, and lost on corrupted ones.

Claim: 88 % accuracy on the clean pictures of `fair-and-robust`, but 0.73 to 0.79 responsible
accuracy, below its gate.
Evidence: `grader run reference/fair-and-robust/cnn`; figures and machine in reference/RESULTS.md.
"""

import torch
from torch import nn, optim

EPOCHS = 3
BATCH = 128


def train(data):
    torch.manual_seed(data.seed)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 49, 64),
        nn.ReLU(),
        nn.Linear(64, data.num_classes),
    )
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(EPOCHS):
        for images, labels in data.loader(batch_size=BATCH):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}", flush=True)
    return model
