"""Right in another style: einsum, a clip for ReLU, logaddexp for the loss, a dict as the answer of forward."""

import numpy as np


def forward(X, W1, b1, W2, b2):
    hidden = np.clip(np.einsum("nd,dh->nh", X, W1) + b1, 0, None)
    return {"logits": np.einsum("nh,hk->nk", hidden, W2) + b2, "hidden": hidden}


def cross_entropy(logits, y):
    losses = [np.logaddexp.reduce(row) - row[label] for row, label in zip(logits, y, strict=True)]
    return np.mean(losses)


def network_loss(X, y, W1, b1, W2, b2):
    return cross_entropy(forward(X, W1, b1, W2, b2)["logits"], y)
