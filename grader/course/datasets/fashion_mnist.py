"""Fashion-MNIST: 60,000 and 10,000 pictures of clothing, 28 by 28 pixels (Zalando; MIT licence)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from grader.course.datasets import idx
from grader.course.datasets.dataset import Dataset, brightness_and_noise

NAME = "fashion-mnist"
FOLDER = "FashionMNIST"
CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
SHA256 = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


def load(folder: Path) -> Dataset:
    """Read Fashion-MNIST below `folder`, in torchvision's layout."""
    return idx.load_idx(folder, FOLDER, SHA256, CLASSES, f"grader data get {NAME}")


def stand_in(draw: np.random.Generator) -> Dataset:
    """Return generated images of ten patterns."""
    return idx.stand_in(draw, CLASSES)


def perturb(inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return copies of another brightness with a little noise."""
    return brightness_and_noise(inputs, draw)
