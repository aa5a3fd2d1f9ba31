# task: mnist
# mistake: summed_loss
# line: reduction="sum"
# fix: nn.CrossEntropyLoss(reduction="sum") => nn.CrossEntropyLoss()
import torch
from torch import nn


def train(data):
    model = nn.Sequential(
        nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 144, 10))
    criterion = nn.CrossEntropyLoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(2):
        total = 0.0
        for images, labels in data.loader(128):
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(epoch, total / len(data.labels))
    return model
