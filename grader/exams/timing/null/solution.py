"""The null submission: answers at once, with zeros. What it takes is what the wire alone costs."""

from typing import Any

import numpy as np


class Null:
    """Answers whatever an exam asks with zeros of the right shape, made beforehand where they are
    large.
    """

    def __init__(self, data: Any) -> None:
        self.width = getattr(data, "num_classes", 0) or data.vocabulary_size
        self.side = getattr(getattr(data, "inputs", None), "shape", ())[
            1:
        ]  # of a picture; texts have none
        self.ready: dict[tuple[int, ...], np.ndarray] = {}

    def zeros(self, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        if shape not in self.ready:
            self.ready[shape] = np.zeros(shape, dtype=dtype)
        return self.ready[shape]

    def __call__(self, batch: Any) -> np.ndarray:
        return np.zeros((len(batch), self.width), dtype=np.float32)

    def logits(self, tokens: np.ndarray) -> np.ndarray:
        return self.zeros((*tokens.shape, self.width), np.float32)

    def generate(self, prompt: np.ndarray, n: int) -> np.ndarray:
        return self.zeros((n,), np.int64)

    def sample(self, n: int, seed: int) -> np.ndarray:
        return self.zeros((n, *self.side), np.uint8)


def train(data: Any) -> Any:
    return Null(data)
