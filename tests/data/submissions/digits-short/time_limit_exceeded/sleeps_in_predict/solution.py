"""Takes longer over one input than a call may take."""

import time

import numpy as np


def train(data):
    def scores(batch):
        time.sleep(60)
        return np.zeros((len(batch), 10))

    return scores
