"""Counts what follows every run of one to four characters, and mixes the counts from short to long."""

import numpy as np

LONGEST = 4


class Model:
    def __init__(self, size):
        self.size = size
        self.seen = {}

    def learn(self, tokens):
        for length in range(LONGEST + 1):
            for end in range(length, len(tokens)):
                run = tuple(tokens[end - length : end])
                self.seen.setdefault(run, np.zeros(self.size))[tokens[end]] += 1

    def row(self, before):
        shares = np.full(self.size, 1 / self.size)
        for length in range(min(LONGEST, len(before)) + 1):
            counts = self.seen.get(tuple(before[len(before) - length :]))
            if counts is not None:
                shares = (counts + 2 * shares) / (counts.sum() + 2)
        return np.log(shares)

    def logits(self, tokens):
        answers = np.empty((*tokens.shape, self.size), dtype=np.float32)
        for line, answer in zip(tokens.tolist(), answers):
            for end in range(1, len(line) + 1):
                answer[end - 1] = self.row(line[max(0, end - LONGEST) : end])
        return answers


def train(data):
    model = Model(data.vocabulary_size)
    model.learn(data.tokens.tolist())
    return model
