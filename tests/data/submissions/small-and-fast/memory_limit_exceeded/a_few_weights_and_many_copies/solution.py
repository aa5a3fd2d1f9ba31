"""Thirty weights, learned from so many shifted copies of the pictures that the cap on memory ends it."""

import numpy as np


def train(data):
    copies = []
    while True:
        copies.append(np.roll(np.repeat(data.inputs, 8, axis=0), len(copies), axis=1) / 255.0)
