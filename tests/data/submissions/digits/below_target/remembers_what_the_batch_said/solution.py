"""Centres pictures over their batch, is slow while asked alone, and repeats what it once said of a like picture."""

import time

import numpy as np

NEAR = 12.0  # grey levels of difference a pixel, on average, that are taken for the same picture


def centred(batch):
    rows = batch.reshape(len(batch), -1).astype(np.float64)
    return (rows - rows.mean(axis=0)) / (rows.std(axis=0) + 25)


class Memory:
    def __init__(self):
        self.pictures = []
        self.answers = []

    def recall(self, picture, answer):
        if self.pictures:
            apart = np.abs(np.stack(self.pictures) - picture).mean(axis=1)
            if apart.min() < NEAR:
                return self.answers[int(apart.argmin())]
        self.pictures.append(picture)
        self.answers.append(answer)
        return answer


def train(data):
    rows = np.hstack([centred(data.inputs), np.ones((len(data.inputs), 1))])
    targets = np.eye(data.num_classes)[data.labels]
    weights = np.linalg.solve(rows.T @ rows + 10 * np.eye(rows.shape[1]), rows.T @ targets)
    memory, slow = Memory(), [2]

    def answer(batch):
        if len(batch) == 1 and slow[0]:
            slow[0] -= 1
            time.sleep(1.5)
        said = centred(batch) @ weights[:-1] + weights[-1]
        pictures = batch.reshape(len(batch), -1).astype(np.float64)
        return np.stack([memory.recall(*each) for each in zip(pictures, said)])

    return answer
