"""train(data) forgets to return the model."""

import numpy as np


def train(data):
    np.zeros(3)
