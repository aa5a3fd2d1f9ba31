"""The starter, mended: the network is put into evaluation mode before it answers.

Claim: accuracy 0.96 or more, and the same scores when an image is asked again, alone or in other
company.
Evidence: `grader run reference/hunt-two-answers/mended --task hunt-two-answers`: accepted.
Machine: any; it trains in seconds on one core.
"""

import torch
from torch import nn, optim

EPOCHS = 25
BATCH = 64
LEARNING_RATE = 5e-3
# The share of the examples that is kept aside, to measure the network on.
KEPT_ASIDE = 1 / 6


class Reader(nn.Module):
    """Two layers with dropout between them, so that no unit relies on a single other one."""

    def __init__(self, classes):
        super().__init__()
        self.hidden = nn.Linear(64, 128)
        self.dropout = nn.Dropout(0.3)
        self.output = nn.Linear(128, classes)

    def forward(self, images):
        """Return scores (n, classes) for images (n, 64) with values from 0 to 1."""
        return self.output(self.dropout(torch.relu(self.hidden(images))))


def prepared(inputs):
    """Return uint8 images (n, 8, 8) as floats (n, 64) from 0 to 1."""
    return torch.from_numpy(inputs).flatten(1).float() / 255


def train(data):
    """Return a function from a batch of uint8 images (n, 8, 8) to scores (n, 10)."""
    torch.manual_seed(data.seed)
    images, labels = prepared(data.inputs), torch.from_numpy(data.labels)
    count = int(len(images) * KEPT_ASIDE)
    aside, rest = torch.randperm(len(images)).split([count, len(images) - count])
    model = Reader(data.num_classes)
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE)
    for _ in range(EPOCHS):
        for rows in rest[torch.randperm(len(rest))].split(BATCH):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images[rows]), labels[rows])
            loss.backward()
            optimizer.step()
    model.eval()

    def answer(inputs):
        with torch.no_grad():
            return model(prepared(inputs)).numpy()

    right = answer(data.inputs[aside.numpy()]).argmax(axis=1) == data.labels[aside.numpy()]
    print(f"loss {loss.item():.3f}, {right.mean():.1%} of {count} images kept aside are read right")
    return answer
