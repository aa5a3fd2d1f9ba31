"""A network that was never trained."""

from torch import nn


def train(data):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, data.num_classes))
