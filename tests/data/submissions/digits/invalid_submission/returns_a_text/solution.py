"""train(data) returns a text."""

import numpy as np


def train(data):
    return "trained"
