"""What a submission's `train(data)` is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import training_trace


class Logged:
    """What `train(data)` is given can log."""

    def log(self, loss: Any = None, **others: Any) -> None:
        """Tell how the training goes, as often as you like: `data.log(loss=loss, accuracy=0.93)`.

        loss: a number, or an array or tensor of one element. It becomes the curve of the result's
        page, and helps to name mistakes; it is never scored. What else is given is printed beside
        it, twice a second at most.
        """
        try:
            training_trace.CURRENT[0].account.log(loss, others)
        except Exception:  # a value that cannot be shown ends no training
            return


@dataclass
class Data(Logged):
    """What `train(data)` gets.

    inputs: uint8 or other NumPy array, one row an example, or a list of texts; labels: int64, shape
    (n,).
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
