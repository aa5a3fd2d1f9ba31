"""Writes the prompt again and again, whatever its logits say."""

import numpy as np


class Model:
    def __init__(self, table):
        self.table = table

    def logits(self, tokens):
        return self.table[tokens]

    def generate(self, prompt, n):
        return np.resize(prompt, n)


def train(data):
    counts = np.full((data.vocabulary_size, data.vocabulary_size), 0.1)
    np.add.at(counts, (data.tokens[:-1], data.tokens[1:]), 1)
    return Model(np.log(counts / counts.sum(axis=1, keepdims=True)).astype(np.float32))
