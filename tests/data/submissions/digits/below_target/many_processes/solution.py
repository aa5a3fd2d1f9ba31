"""Starts forty processes that would stay for ten minutes."""

import os
import time

import numpy as np

for _ in range(40):
    if os.fork() == 0:
        time.sleep(600)
        os._exit(0)


def train(data):
    def scores(batch):
        answer = np.zeros((len(batch), data.num_classes), dtype=np.float32)
        answer[:, 3] = 1
        return answer

    return scores
