from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Settings:
    epochs: int = 4
    batch: int = 64
    lr: float = 0.001
    channels: tuple[int, ...] = (1, 8, 16)


class SmallCNN(nn.Module):
    def __init__(self, channels: tuple[int, ...], classes: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(a, b, kernel_size=3, padding="same") for a, b in zip(channels, channels[1:])
        )
        self.head = nn.LazyLinear(classes)

    def forward(self, images: Tensor) -> Tensor:
        for conv in self.convs:
            images = F.max_pool2d(F.leaky_relu(conv(images)), 2)
        return F.softmax(self.head(images.flatten(start_dim=1)), dim=-1)


def to_tensor(images: np.ndarray) -> Tensor:
    return torch.as_tensor(images, dtype=torch.float32)[:, None] / 255.0


def minibatches(x: Tensor, y: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    for chosen in torch.randperm(len(x)).split(size):
        yield x[chosen], y[chosen]


def optimise(net: nn.Module, x: Tensor, y: Tensor, settings: Settings) -> list[float]:
    criterion: nn.Module = nn.NLLLoss()
    optimizer: torch.optim.Optimizer = torch.optim.RMSprop(net.parameters(), lr=settings.lr)
    curve: list[float] = []
    for epoch in range(settings.epochs):
        for xb, yb in minibatches(x, y, settings.batch):
            loss: Tensor = criterion(net(xb), yb)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            curve.append(float(loss.detach()))
        recent = curve[-20:]
        print(f"epoch {epoch}: {sum(recent) / len(recent):.4f}")
    return curve


def train(data) -> nn.Module:
    torch.manual_seed(data.seed)
    settings = Settings()
    x, y = to_tensor(data.inputs), torch.as_tensor(data.labels)
    net = SmallCNN(settings.channels, data.num_classes)
    net(x[:1])  # lets the lazy layer find out its size
    optimise(net, x, y, settings)
    return net.eval()


@torch.inference_mode()
def predict(model: nn.Module, inputs: np.ndarray) -> np.ndarray:
    return model(to_tensor(inputs)).numpy()
