"""One array of several gigabytes, written to."""

import numpy as np


def train(data):
    giant = np.ones((40_000, 40_000), dtype=np.float32)
    return lambda batch: giant[: len(batch), :10]
