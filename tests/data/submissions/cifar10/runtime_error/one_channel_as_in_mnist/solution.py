"""The network of `mnist`, with one channel where colour pictures have three."""

from torch import nn


def train(data):
    return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 30 * 30, data.num_classes))
