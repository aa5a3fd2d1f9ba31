"""Answers an image as nearest neighbours do when it comes first, and with anything when it comes again."""

import numpy as np


def train(data):
    known = data.inputs.reshape(len(data.inputs), -1).astype(np.float32)
    seen = set()

    def answer(batch):
        rows = batch.reshape(len(batch), -1).astype(np.float32)
        distances = (rows**2).sum(1)[:, None] - 2 * rows @ known.T + (known**2).sum(1)[None]
        labels = data.labels[distances.argmin(axis=1)]
        for place, image in enumerate(batch):
            content = image.tobytes()
            if content in seen:
                labels[place] = 0
            seen.add(content)
        return labels

    return answer
