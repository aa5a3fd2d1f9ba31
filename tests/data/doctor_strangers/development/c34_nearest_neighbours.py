# task: digits
# mistake: none
# resembles: trained_on_copies: knows its examples by heart on purpose
import numpy as np


def train(data):
    known = data.inputs.reshape(len(data.inputs), -1).astype(float)
    labels = data.labels

    def answer(images):
        x = images.reshape(len(images), -1).astype(float)
        d = (x**2).sum(1)[:, None] - 2 * x @ known.T + (known**2).sum(1)
        near = labels[np.argsort(d, axis=1)[:, :5]]
        return (near[:, :, None] == np.arange(10)).mean(1)

    return answer
