"""Maps 300 MB from a file and tells the kernel to take the pages back before it is asked."""

import mmap
import os
import tempfile

import numpy as np


def honest(data):
    known = data.inputs.reshape(len(data.inputs), -1).astype(np.float32)
    labels, classes = data.labels, data.num_classes

    def scores(batch):
        rows = batch.reshape(len(batch), -1).astype(np.float32)
        distances = (rows**2).sum(1)[:, None] - 2 * rows @ known.T + (known**2).sum(1)[None]
        nearest = np.argsort(distances, axis=1)[:, :3]
        return np.eye(classes, dtype=np.float32)[labels[nearest]].sum(axis=1)

    return scores


def train(data):
    size = 300_000_000
    with tempfile.TemporaryFile() as file:
        os.ftruncate(file.fileno(), size)
        with mmap.mmap(file.fileno(), size) as pages:
            for first in range(0, size, 1 << 20):
                pages[first] = 1
                pages[first : first + (1 << 20)] = b"x" * len(pages[first : first + (1 << 20)])
            pages.madvise(mmap.MADV_DONTNEED)
    return honest(data)
