"""What a submission's `train(data)` is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .curve import Logged


@dataclass
class Data(Logged):
    """What `train(data)` gets.

    inputs: uint8 or other NumPy array, one row an example, or a list of texts; labels: int64, shape (n,).
    """

    inputs: Any
    labels: np.ndarray
    num_classes: int
    seed: int
    device: str
    batch: int = 64

    def loader(self, batch_size: int | None = None, shuffle: bool = True) -> Any:
        """Return a torch DataLoader of (float32 images in [0, 1], channels first; int64 labels)."""
        from . import with_torch

        return with_torch.loader(self, batch_size or self.batch, shuffle)
