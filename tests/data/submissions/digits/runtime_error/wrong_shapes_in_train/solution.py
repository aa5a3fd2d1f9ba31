"""Multiplies matrices that do not fit."""

import numpy as np


def train(data):
    return data.inputs.reshape(len(data.inputs), -1) @ np.zeros((63, 10))
