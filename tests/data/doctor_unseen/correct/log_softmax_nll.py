from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn, optim
from torch.nn import functional as F


class Net(nn.Module):
    """Returns log probabilities, as in the classic PyTorch example."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.conv2_drop = nn.Dropout2d(p=0.2)
        self.fc1 = nn.Linear(320, 50)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2_drop(self.conv2(x)), 2))
        x = x.view(-1, 320)
        x = F.relu(self.fc1(x))
        x = F.dropout(x, p=0.2, training=self.training)
        x = self.fc2(x)
        return F.log_softmax(x, dim=1)


def train_one_epoch(model: Net, optimizer: optim.Optimizer, loader, epoch: int) -> None:
    model.train()
    for batch_idx, (data, target) in enumerate(loader):
        optimizer.zero_grad()
        output = model(data)
        loss = F.nll_loss(output, target)
        loss.backward()
        optimizer.step()
        if batch_idx % 100 == 0:
            print(f"Train Epoch: {epoch} [{batch_idx}/{len(loader)}]\tLoss: {loss.item():.6f}")


def train(data) -> Net:
    torch.manual_seed(data.seed)
    model = Net()
    optimizer = optim.SGD(model.parameters(), lr=0.02, momentum=0.9, nesterov=True)
    loader = data.loader(batch_size=32)
    for epoch in range(1, 6):
        train_one_epoch(model, optimizer, loader, epoch)
    return model.eval()


def predict(model: Net, inputs: np.ndarray) -> np.ndarray:
    images = torch.from_numpy(inputs.astype(np.float32) / 255.0)[:, None]
    with torch.inference_mode():
        probabilities = model(images).exp()
    return probabilities.numpy()
