"""Train a convolutional network on CIFAR-10.

As it stands, it stops after 100 small batches, which is too early.
"""

from torch import nn, optim

BATCH = 64
BATCHES = 100
LEARNING_RATE = 1e-3


def network(num_classes):
    """Return a network that turns pictures (b, 3, 32, 32) into scores (b, num_classes)."""
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(4),
        nn.Flatten(),
        nn.Linear(64 * 4 * 4, num_classes),
    )


def train(data):
    """Return a trained model for the examples in `data`.

    data.inputs: uint8 pictures, shape (n, 32, 32, 3): rows, columns, and red, green, blue from
        0 to 255
    data.labels: int64 classes from 0 (airplane) to 9 (truck), shape (n,)
    data.num_classes: 10
    data.device: "cpu", or "cuda" where it is graded on a GPU
    data.loader(batch_size): the same examples in shuffled batches: float32 pictures of shape
        (b, 3, 32, 32) with values in [0, 1], and labels of shape (b,)
    """
    model = network(data.num_classes).to(data.device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE)
    for step, (pictures, labels) in enumerate(data.loader(batch_size=BATCH), start=1):
        loss = criterion(model(pictures.to(data.device)), labels.to(data.device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 20 == 0:
            print(f"batch {step}: loss {loss.item():.4f}")
        if step == BATCHES:
            break
    return model
