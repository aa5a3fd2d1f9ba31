"""An ensemble: seven small models, each of random features of its own and of a random half of the examples."""

import numpy as np


def train(data):
    draw = np.random.default_rng(data.seed)
    x, targets = data.inputs.reshape(len(data.inputs), -1) / 255.0, np.eye(data.num_classes)[data.labels]
    members = []
    for _ in range(7):
        picked = draw.permutation(len(x))[: 2 * len(x) // 3]
        mixing = draw.normal(0, 0.35, size=(64, 300))
        hidden = np.maximum(x[picked] @ mixing, 0)
        weights = np.linalg.solve(hidden.T @ hidden + np.eye(300), hidden.T @ targets[picked])
        members.append((mixing, weights))

    def scores(batch):
        rows = batch.reshape(len(batch), -1) / 255.0
        votes = [(np.maximum(rows @ mixing, 0) @ weights).argmax(axis=1) for mixing, weights in members]
        return np.eye(data.num_classes)[np.array(votes)].sum(axis=0)

    return scores
