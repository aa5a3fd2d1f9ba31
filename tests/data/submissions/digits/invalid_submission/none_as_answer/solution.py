"""The model returns nothing."""

import numpy as np


def train(data):
    return lambda batch: None
