"""A table of how often one character follows another: must not pass.

It has no training loop, and no context beyond one character.

Claim: about 3.5 bits a character on `text-generation`: far from the gate, and what every network
must beat.
Evidence: `grader run reference/text-generation/bigram`;
figures and machine in reference/RESULTS.md.
"""

import numpy as np


class Bigram:
    def __init__(self, counts):
        shares = counts / counts.sum(axis=1, keepdims=True)
        self.table = np.log(shares).astype(np.float32)
        self.following = self.table.argmax(axis=1)

    def logits(self, tokens):
        return self.table[tokens]

    def generate(self, prompt, n):
        written, last = np.empty(n, dtype=np.int64), prompt[-1]
        for i in range(n):
            last = written[i] = self.following[last]
        return written


def train(data):
    size = data.vocabulary_size
    counts = np.full((size, size), 0.1)
    np.add.at(counts, (data.tokens[:-1], data.tokens[1:]), 1)
    return Bigram(counts)
