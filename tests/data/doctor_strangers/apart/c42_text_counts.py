# task: text-generation
# mistake: none
# resembles: never_trained: counts of pairs, no gradient anywhere
import numpy as np


def train(data):
    v = data.vocabulary_size
    pairs = np.ones((v, v, v), dtype=np.float32) * 0.02
    np.add.at(pairs, (data.tokens[:-2], data.tokens[1:-1], data.tokens[2:]), 1)
    single = np.ones((v, v), dtype=np.float32)
    np.add.at(single, (data.tokens[:-1], data.tokens[1:]), 1)
    single /= single.sum(1, keepdims=True)
    mixed = np.log((pairs + 5 * single[None]) / (pairs.sum(2, keepdims=True) + 5))
    alone = np.log(single)

    def logits(tokens):
        out = alone[tokens]
        out[:, 1:] = mixed[tokens[:, :-1], tokens[:, 1:]]
        return out

    return logits
