"""Honest: compiles for a second or two in the first answer of each kind, as JAX and TensorFlow do."""

import time

import numpy as np

READY_SECONDS = 1.0


def compile_for(rows):
    until = time.process_time() + READY_SECONDS
    while time.process_time() < until:
        sum(range(1000))
    return rows


def train(data):
    known = data.inputs.reshape(len(data.inputs), -1).astype(np.float32)
    compiled = set()

    def label(batch):
        is_alone = len(batch) == 1
        if is_alone not in compiled:
            compiled.add(is_alone)
            compile_for(len(batch))
        rows = batch.reshape(len(batch), -1).astype(np.float32)
        near = (rows**2).sum(1)[:, None] - 2 * rows @ known.T + (known**2).sum(1)[None]
        return data.labels[near.argmin(axis=1)]

    return label
