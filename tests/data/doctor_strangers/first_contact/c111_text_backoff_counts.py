# task: text-generation
# mistake: none
import numpy as np


class Trigrams:
    def __init__(self, tokens, size):
        self.uni = np.bincount(tokens, minlength=size) + 1.0
        self.bi = np.zeros((size, size))
        np.add.at(self.bi, (tokens[:-1], tokens[1:]), 1)
        self.tri = np.zeros((size, size, size), dtype=np.float32)
        np.add.at(self.tri, (tokens[:-2], tokens[1:-1], tokens[2:]), 1)
        p1 = self.uni / self.uni.sum()
        self.p2 = (self.bi + 5 * p1) / (self.bi.sum(1, keepdims=True) + 5)
        self.p3 = (self.tri + 4 * self.p2[None]) / (self.tri.sum(2, keepdims=True) + 4)

    def logits(self, tokens):
        tokens = np.asarray(tokens)
        out = np.empty((*tokens.shape, len(self.uni)), dtype=np.float32)
        out[:, 0] = np.log(self.p2[tokens[:, 0]])
        if tokens.shape[1] > 1:
            out[:, 1:] = np.log(self.p3[tokens[:, :-1], tokens[:, 1:]])
        return out

    def generate(self, prompt, n):
        seq = list(prompt)
        for _ in range(n):
            seq.append(int(self.logits(np.array([seq[-2:]]))[0, -1].argmax()))
        return np.array(seq[len(prompt) :])


def train(data):
    return Trigrams(data.tokens, data.vocabulary_size)
