"""Two weights and no mistake in speed: answers with one kind for dark pictures, with another for bright ones."""

import numpy as np


def train(data):
    limit = float(np.median(data.inputs[:, ::8, ::8].mean(axis=(1, 2, 3))))
    bright = data.inputs[:, ::8, ::8].mean(axis=(1, 2, 3)) > limit
    kinds = [int(np.bincount(data.labels[bright == side]).argmax()) for side in (False, True)]
    return lambda batch: np.where(batch[:, ::8, ::8].mean(axis=(1, 2, 3)) > limit, kinds[1], kinds[0])
