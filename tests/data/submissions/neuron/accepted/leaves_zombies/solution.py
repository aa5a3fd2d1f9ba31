"""Leaves 30 dead children that nobody buries, and 30 orphans that die later."""

import os
import time

import numpy as np

for number in range(30):
    if os.fork() == 0:
        if os.fork() == 0:
            time.sleep(0.02 * number)
        os._exit(0)


def weighted_sum(x, w, b):
    return float(x @ w + b)


def neuron(x, w, b):
    return float(1 / (1 + np.exp(-weighted_sum(x, w, b))))


def layer(X, W, b):
    return 1 / (1 + np.exp(-(X @ W + b)))
