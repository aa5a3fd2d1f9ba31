"""Train a network on Fashion-MNIST.

As it stands, it stops after 100 small batches, which is too early.
"""

from torch import nn, optim

BATCH = 64
BATCHES = 100
LEARNING_RATE = 1e-3


def train(data):
    """Return a trained model for the examples in `data`.

    data.inputs: uint8 images, shape (n, 28, 28), grey levels from 0 to 255
    data.labels: int64 classes from 0 to 9, shape (n,)
    data.num_classes: 10
    data.loader(batch_size): the same examples in shuffled batches: float32 images of shape
        (b, 1, 28, 28) with values in [0, 1], and labels of shape (b,)
    """
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, data.num_classes)
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE)
    for step, (images, labels) in enumerate(data.loader(batch_size=BATCH), start=1):
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        if step % 20 == 0:
            print(f"batch {step}: loss {loss.item():.4f}")
        if step == BATCHES:
            break
    return model
