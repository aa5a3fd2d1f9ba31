"""Arrays as PyTorch takes them: images as float tensors, a training set as a DataLoader."""

from __future__ import annotations

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset


def images(inputs: np.ndarray) -> torch.Tensor:
    """Return uint8 images (n, h, w) or (n, h, w, c) as float32 in [0, 1], shape (n, c, h, w).

    Arrays of any other kind come back as float32 of their own shape.
    """
    tensor = torch.from_numpy(inputs)
    if inputs.dtype != np.uint8 or inputs.ndim not in (3, 4):
        return tensor.float()
    if inputs.ndim == 3:
        return tensor.unsqueeze(1).float().div_(255.0)
    return tensor.permute(0, 3, 1, 2).contiguous().float().div_(255.0)


def loader(
    inputs: np.ndarray, labels: np.ndarray, batch_size: int, shuffle: bool
) -> DataLoader[tuple[torch.Tensor, ...]]:
    """Return a training set as a DataLoader of (images, labels)."""
    dataset = TensorDataset(images(inputs), torch.from_numpy(labels))
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)
