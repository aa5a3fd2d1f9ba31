"""Counts the classes from one."""

import numpy as np


def train(data):
    return lambda batch: np.full(len(batch), 10)
