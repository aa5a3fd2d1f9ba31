"""The null submission: answers at once, with zeros. What it takes is what the wire alone costs."""

from typing import Any

import numpy as np


def train(data: Any) -> Any:
    classes = data.num_classes
    return lambda batch: np.zeros((len(batch), classes), dtype=np.float32)
