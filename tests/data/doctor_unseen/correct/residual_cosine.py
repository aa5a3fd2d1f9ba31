import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(x + out)


def small_resnet(num_classes):
    return nn.Sequential(
        nn.Conv2d(1, 12, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(12),
        nn.ReLU(),
        ResidualBlock(12),
        nn.Conv2d(12, 24, 3, stride=2, padding=1),
        ResidualBlock(24),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(24, num_classes),
    )


def run_epoch(model, loader, criterion, optimizer):
    model.train()
    loss_sum, count = 0.0, 0
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(labels)
        count += len(labels)
    return loss_sum / count


def train(data):
    torch.manual_seed(data.seed)
    epochs = 4
    model = small_resnet(data.num_classes)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
    scheduler = CosineAnnealingLR(optimizer, T_max=epochs)
    loader = data.loader(64)
    for epoch in range(epochs):
        loss = run_epoch(model, loader, criterion, optimizer)
        print(f"epoch {epoch + 1}: loss {loss:.4f}, learning rate {optimizer.param_groups[0]['lr']:.5f}")
        scheduler.step()
    return model


@torch.no_grad()
def predict(model, inputs):
    model.eval()
    images = torch.tensor(inputs, dtype=torch.float32)[:, None] / 255.0
    return torch.softmax(model(images), dim=1).numpy()
