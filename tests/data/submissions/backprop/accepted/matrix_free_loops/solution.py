"""Right in plain Python lists, without NumPy: slow, and still within the limits."""

import math


def loss_gradient(logits, y):
    n = len(y)
    loss, gradient = 0.0, []
    for row, label in zip(logits.tolist() if hasattr(logits, "tolist") else logits, y.tolist(), strict=True):
        largest = max(row)
        powers = [math.exp(value - largest) for value in row]
        total = sum(powers)
        loss += (math.log(total) + largest - row[label]) / n
        gradient.append([(power / total - (j == label)) / n for j, power in enumerate(powers)])
    return loss, gradient


def product(A, B):
    columns = list(zip(*B, strict=True))
    return [[math.fsum(a * b for a, b in zip(row, column, strict=True)) for column in columns] for row in A]


def flip(A):
    return [list(column) for column in zip(*A, strict=True)]


def layer_gradient(X, W, dZ):
    return product(dZ, flip(W)), product(flip(X), dZ), [sum(column) for column in zip(*dZ, strict=True)]


def backprop(X, y, W1, b1, W2, b2):
    X, W1, b1, W2, b2 = (item.tolist() for item in (X, W1, b1, W2, b2))
    before = [[z + b for z, b in zip(row, b1, strict=True)] for row in product(X, W1)]
    hidden = [[max(z, 0.0) for z in row] for row in before]
    logits = [[z + b for z, b in zip(row, b2, strict=True)] for row in product(hidden, W2)]
    loss, dlogits = loss_gradient(logits, y)
    dhidden, dW2, db2 = layer_gradient(hidden, W2, dlogits)
    dbefore = [
        [gradient * (z > 0) for gradient, z in zip(*pair, strict=True)] for pair in zip(dhidden, before, strict=True)
    ]
    return loss, product(flip(X), dbefore), [sum(column) for column in zip(*dbefore, strict=True)], dW2, db2
