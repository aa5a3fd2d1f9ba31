"""Ends with a convolution and no pooling: ten scores for each pixel instead of for each picture."""

from torch import nn


def train(data):
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, data.num_classes, 1))
