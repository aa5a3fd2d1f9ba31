"""AlexNet made small for 32 by 32 pixels.

Large filters first, pooling, dropout before the dense layers, no batch norm.

Claim: 70 % accuracy on `cifar10` in 3 minutes on two cores, with the means of 2012.
Evidence: `grader run reference/cifar10/alexnet`; figures and machine in reference/RESULTS.md.
"""

import torch
from torch import nn, optim

EPOCHS = 4
BATCH = 128
LEARNING_RATE = 1.5e-3


class AlexNet(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2),
            nn.MaxPool2d(2),
            nn.ReLU(),
            nn.Conv2d(32, 64, 5, padding=2),
            nn.MaxPool2d(2),
            nn.ReLU(),
            nn.Conv2d(64, 96, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(96, 64, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(64 * 4 * 4, 256),
            nn.ReLU(),
            nn.Linear(256, num_classes),
        )

    def forward(self, images):
        return self.classifier(self.features(2 * images - 1))


def train(data):
    torch.manual_seed(data.seed)
    model = AlexNet(data.num_classes).to(data.device, memory_format=torch.channels_last)
    loader = data.loader(batch_size=BATCH)
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * len(loader))
    criterion = nn.CrossEntropyLoss()
    model.train()
    for epoch in range(EPOCHS):
        for step, (images, labels) in enumerate(loader):
            if step % 2:
                images = images.flip(3)
            loss = criterion(model(images.to(data.device)), labels.to(data.device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1}: loss of the last batch {loss.item():.4f}", flush=True)
    return model
