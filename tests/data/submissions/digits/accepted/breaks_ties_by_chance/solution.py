"""Four nearest neighbours vote; where they are divided, chance decides, anew each time it is asked."""

import numpy as np


def train(data):
    known = data.inputs.reshape(len(data.inputs), -1).astype(np.float32)
    draw = np.random.default_rng()

    def scores(batch):
        rows = batch.reshape(len(batch), -1).astype(np.float32)
        distances = (rows**2).sum(1)[:, None] - 2 * rows @ known.T + (known**2).sum(1)[None]
        nearest = np.argsort(distances, axis=1)[:, :4]
        votes = np.eye(data.num_classes)[data.labels[nearest]].sum(axis=1)
        return votes + draw.uniform(0, 1e-3, size=votes.shape)

    return scores
