"""Every answer leaves 100 MiB behind."""

import numpy as np


kept = []


def train(data):
    def scores(batch):
        kept.append(np.ones(100 << 17))
        return np.zeros((len(batch), 10))

    return scores
