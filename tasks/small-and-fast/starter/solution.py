"""A small network for CIFAR-10.

As it stands, it stops after 100 batches, and it could be faster.
"""

from torch import nn, optim

BATCH = 64
BATCHES = 100
LEARNING_RATE = 1e-3


def network(num_classes):
    """Return a network that turns pictures (b, 3, 32, 32) into scores (b, num_classes).

    It has fewer than 100,000 weights.
    """
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(4),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, num_classes),
    )


def train(data):
    """Return a trained model for the examples in `data`.

    data.inputs: uint8 pictures, shape (n, 32, 32, 3)
    data.labels: int64 classes from 0 to 9, shape (n,)
    data.loader(batch_size): the same examples in shuffled batches: float32 pictures of shape
        (b, 3, 32, 32) with values in [0, 1], and labels of shape (b,)
    """
    model = network(data.num_classes).to(data.device)
    print(f"{sum(weights.numel() for weights in model.parameters()):,} weights")
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE)
    for step, (pictures, labels) in enumerate(data.loader(batch_size=BATCH)):
        if step == BATCHES:
            break
        loss = nn.functional.cross_entropy(model(pictures.to(data.device)), labels.to(data.device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 20 == 0:
            print(f"batch {step}: loss {loss.item():.4f}")
    return model
