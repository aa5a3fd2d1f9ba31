"""Knows the 256 bytes, not the characters of the task."""

import numpy as np


class Model:
    def __init__(self, table):
        self.table = table

    def logits(self, tokens):
        return np.zeros((*tokens.shape, 256), dtype=np.float32)


def train(data):
    counts = np.full((data.vocabulary_size, data.vocabulary_size), 0.1)
    np.add.at(counts, (data.tokens[:-1], data.tokens[1:]), 1)
    return Model(np.log(counts / counts.sum(axis=1, keepdims=True)).astype(np.float32))
