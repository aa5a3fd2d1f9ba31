"""The starter, mended: the scores come in the order of the digits.

Claim: accuracy 0.96 or more, and no other way of counting the classes fits the answers better.
Evidence: `grader run reference/hunt-zero-percent/mended --task hunt-zero-percent`: accepted.
Machine: any; it trains in seconds on one core.
"""

import numpy as np
import torch
from torch import nn, optim

EPOCHS = 25
BATCH = 64
LEARNING_RATE = 5e-3
# The share of the examples that is kept aside, to measure the network on.
KEPT_ASIDE = 1 / 6
# The digits as they lie on a keyboard; the network has one output per key.
KEYS = "1234567890"


class Examples:
    """Images and the keys that stand for their labels, in batches."""

    def __init__(self, inputs, labels):
        self.images = torch.from_numpy(inputs).flatten(1).float() / 255
        self.keys = torch.tensor([KEYS.index(str(label)) for label in labels])

    def __len__(self):
        return len(self.keys)

    def batches(self, draw):
        """Yield batches of images and keys, in a new order each time."""
        for rows in np.array_split(draw.permutation(len(self)), len(self) // BATCH + 1):
            yield self.images[rows], self.keys[rows]


def train(data):
    """Return a function from a batch of uint8 images (n, 8, 8) to scores (n, 10)."""
    torch.manual_seed(data.seed)
    draw = np.random.default_rng(data.seed)
    order, count = draw.permutation(len(data.labels)), int(len(data.labels) * KEPT_ASIDE)
    aside, rest = order[:count], order[count:]
    training, kept = (Examples(data.inputs[rows], data.labels[rows]) for rows in (rest, aside))
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, data.num_classes))
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE)
    for _ in range(EPOCHS):
        for images, keys in training.batches(draw):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images), keys)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        right = (model(kept.images).argmax(dim=1) == kept.keys).float().mean().item()
    print(f"loss {loss.item():.3f}, {right:.1%} of {count} images kept aside are read right")

    def answer(inputs):
        with torch.no_grad():
            scores = model(torch.from_numpy(inputs).flatten(1).float() / 255).numpy()
        return scores[:, [KEYS.index(str(digit)) for digit in range(data.num_classes)]]

    return answer
