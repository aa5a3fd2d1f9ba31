"""Reads nothing of a review but how long it is, and answers what most training reviews about as long are."""

import numpy as np

PARTS = 10


def train(data):
    lengths = np.array([len(text) for text in data.inputs])
    borders = np.quantile(lengths, np.arange(1, PARTS) / PARTS)
    parts = np.searchsorted(borders, lengths)
    shares = np.array([data.labels[parts == part].mean() if np.any(parts == part) else 0.5 for part in range(PARTS)])

    def answer(texts):
        share = shares[np.searchsorted(borders, [len(text) for text in texts])]
        return np.stack([1 - share, share], axis=1)

    return answer
