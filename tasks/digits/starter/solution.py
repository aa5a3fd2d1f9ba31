"""Train a network that reads digits of 8 by 8 pixels.

As it stands, it runs and is graded, but it does not learn.
"""

from torch import nn, optim

EPOCHS = 1
BATCH = 64
LEARNING_RATE = 1e-3


def train(data):
    """Return a trained model for the examples in `data`.

    data.inputs: uint8 images, shape (n, 8, 8), grey levels from 0 to 255
    data.labels: int64 digits from 0 to 9, shape (n,)
    data.num_classes: 10
    data.loader(batch_size): the same examples in shuffled batches: float32 images of shape
        (b, 1, 8, 8) with values in [0, 1], and labels of shape (b,)
    """
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, data.num_classes)
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE)
    for epoch in range(EPOCHS):
        total = 0.0
        for images, labels in data.loader(batch_size=BATCH):
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            # Two lines are missing here: one computes the gradients of the loss, the other lets
            # the optimizer take a step.
            total += loss.item() * len(labels)
        print(f"epoch {epoch + 1}: loss {total / len(data.labels):.4f}")
    return model
