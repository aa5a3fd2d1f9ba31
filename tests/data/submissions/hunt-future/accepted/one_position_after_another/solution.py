"""Needs no mask: it reads position by position and has only the past at hand."""

import numpy as np


def next_scores(tokens, E, Wq, Wk, Wv, Wo):
    rows = []
    for place in range(len(tokens)):
        past = E[tokens[: place + 1]]
        scores = past @ Wk @ (past[-1] @ Wq) / np.sqrt(E.shape[1])
        weights = np.exp(scores - np.logaddexp.reduce(scores))
        rows.append((past[-1] + weights @ past @ Wv) @ Wo)
    return np.stack(rows)
