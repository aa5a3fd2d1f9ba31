"""Learn from 100 digits.

As it stands, a single layer sees them a hundred times, and every time just the same.
"""

import torch
from torch import nn, optim

STEPS = 100
LEARNING_RATE = 0.01


def train(data):
    """Return a trained model for the 100 examples in `data`.

    data.inputs: uint8 images, shape (100, 28, 28), grey levels from 0 to 255;
        ten of each digit, others in every run
    data.labels: int64 digits from 0 to 9, shape (100,)
    data.num_classes: 10
    data.loader(batch_size): the same examples in shuffled batches: float32 images of shape
        (b, 1, 28, 28) with values in [0, 1], and labels of shape (b,)
    """
    images = torch.from_numpy(data.inputs).unsqueeze(1).float() / 255
    labels = torch.from_numpy(data.labels)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, data.num_classes))
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE)
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        if step % 20 == 0:
            print(f"step {step}: loss {loss.item():.4f}")
    return model
