"""NumPy alone: shrinks each picture to 8 by 8 pixels and answers with the number of the nearest mean."""

import numpy as np


def shrunk(pictures):
    return pictures.reshape(-1, 8, 4, 8, 4, 3).mean(axis=(2, 4)).reshape(len(pictures), -1)


def train(data):
    small = shrunk(data.inputs)
    means = np.stack([small[data.labels == label].mean(axis=0) for label in range(data.num_classes)])
    return lambda batch: ((shrunk(batch)[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
