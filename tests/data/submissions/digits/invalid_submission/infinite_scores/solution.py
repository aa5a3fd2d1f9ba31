"""An infinite score for one class."""

import numpy as np


def train(data):
    def scores(batch):
        answer = np.zeros((len(batch), 10))
        answer[:, 3] = np.inf
        return answer

    return scores
