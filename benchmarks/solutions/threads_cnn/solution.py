"""Two convolutions, trained for a number of steps that does not depend on the data."""

from torch import nn, optim

STEPS = 60
BATCH = 64


def train(data):
    model = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 49, data.num_classes)),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters())
    steps = 0
    while steps < STEPS:
        for images, labels in data.loader(batch_size=BATCH):
            optimizer.zero_grad()
            criterion(model(images), labels).backward()
            optimizer.step()
            steps += 1
            if steps == STEPS:
                break
    return model
