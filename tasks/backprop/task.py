"""Cases and right answers for `backprop`: the gradients of a two-layer network, by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]


def softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def one_hot(y: Array, k: int) -> Array:
    return np.eye(k)[y]


def loss_gradient(logits: Array, y: Array) -> tuple[float, Array]:
    n, k = logits.shape
    loss = np.logaddexp.reduce(logits, axis=1) - logits[np.arange(n), y]
    return float(loss.mean()), (softmax(logits) - one_hot(y, k)) / n


def layer_gradient(X: Array, W: Array, dZ: Array) -> tuple[Array, Array, Array]:
    return dZ @ W.T, X.T @ dZ, dZ.sum(axis=0)


def backprop(X: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Any, ...]:
    before = X @ W1 + b1
    hidden = np.maximum(before, 0.0)
    loss, dlogits = loss_gradient(hidden @ W2 + b2, y)
    dhidden, dW2, db2 = layer_gradient(hidden, W2, dlogits)
    _, dW1, db1 = layer_gradient(X, W1, dhidden * (before > 0))
    return loss, dW1, db1, dW2, db2


def network(draw: np.random.Generator, n: int, d: int, h: int, k: int) -> Case:
    X, y = draw.normal(size=(n, d)), draw.integers(0, k, size=n)
    W1, b1 = draw.normal(size=(d, h)) * np.sqrt(2 / d), draw.uniform(-0.5, 0.5, size=h)
    W2, b2 = draw.normal(size=(h, k)) * np.sqrt(1 / h), draw.uniform(-0.5, 0.5, size=k)
    return X, y, W1, b1, W2, b2


def scored(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[2.0, 1.0, 0.0], [1.0, 0.0, 3.0]]), np.array([0, 1])
    for n, k in ((3, 2), (2, 5), (5, 3), (8, 10)):
        yield draw.normal(scale=2.0, size=(n, k)), draw.integers(0, k, size=n)


def scored_far_out(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[1000.0, 0.0]]), np.array([1])
    yield np.array([[-1000.0, -1001.0, -999.5]]), np.array([0])
    yield np.array([[1000.0, 998.0, 999.0], [-1000.0, -998.0, -999.0]]), np.array([2, 1])
    yield draw.normal(scale=600.0, size=(6, 5)), draw.integers(0, 5, size=6)


def layers(draw: np.random.Generator) -> Iterator[Case]:
    X, W = (
        np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]]),
        np.array([[1.0, -1.0, 0.0, 2.0], [0.0, 1.0, -1.0, 1.0]]),
    )
    yield X, W, np.array([[1.0, 0.0, 2.0, 1.0], [0.0, 1.0, 0.0, -1.0], [0.5, 0.0, 0.0, 1.0]])
    for n, d, k in ((2, 3, 4), (5, 4, 2), (7, 3, 5)):
        yield draw.normal(size=(n, d)), draw.normal(size=(d, k)), draw.normal(size=(n, k))


def thin_layers(draw: np.random.Generator) -> Iterator[Case]:
    for n, d, k in ((1, 1, 2), (4, 1, 1), (3, 1, 2), (1, 2, 3)):
        yield draw.normal(size=(n, d)), draw.normal(size=(d, k)), draw.normal(size=(n, k))


def networks(draw: np.random.Generator) -> Iterator[Case]:
    X, y = np.array([[1.0, 2.0], [-1.0, 0.5], [3.0, 1.0], [0.5, -1.0]]), np.array([1, 0, 0, 1])
    W1, b1 = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]), np.array([0.0, 0.5, 1.0])
    W2, b2 = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]]), np.array([1.0, -0.5])
    yield X, y, W1, b1, W2, b2
    for n, d, h, k in ((5, 2, 4, 3), (4, 3, 6, 2), (7, 5, 8, 4), (16, 10, 12, 5)):
        yield network(draw, n, d, h, k)


def unusual_networks(draw: np.random.Generator) -> Iterator[Case]:
    yield network(draw, 1, 2, 4, 3)
    X, y, W1, b1, W2, b2 = network(draw, 5, 3, 4, 2)
    yield X, y, W1, b1 - np.array([0.0, 100.0, 0.0, 100.0]), W2, b2
    yield X, y, W1, b1 - 100.0, W2, b2
    X, y, W1, b1, W2, b2 = network(draw, 6, 4, 8, 3)
    yield X * 1000.0, y, W1, b1, W2, b2


def large_network(draw: np.random.Generator) -> Iterator[Case]:
    yield network(draw, 16, 300, 400, 10)


def backprop_with(
    *,
    relu: str = "right",
    factor: str = "",
    loss_factor: str = "",
    sign: float = 1.0,
    target: bool = True,
    bias_mean: bool = False,
) -> Any:
    """Return backprop with something changed; a factor is a power of the batch size n."""

    def wrong(X: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Any, ...]:
        n = len(y)
        scale = {"": 1.0, "n": n, "1/n": 1 / n}
        before = X @ W1 + b1
        hidden = np.maximum(before, 0.0)
        logits = hidden @ W2 + b2
        dlogits = (softmax(logits) - one_hot(y, len(b2)) * target) / n * sign * scale[factor]
        dhidden = dlogits @ W2.T
        inner = {
            "right": dhidden * (before > 0),
            "none": dhidden,
            "of gradient": np.maximum(dhidden, 0.0),
        }[relu]
        share = 1 / n if bias_mean else 1.0
        loss = loss_gradient(logits, y)[0] * scale[loss_factor]
        return (
            loss,
            X.T @ inner,
            inner.sum(axis=0) * share,
            hidden.T @ dlogits,
            dlogits.sum(axis=0) * share,
        )

    return wrong


def with_raw_hidden(
    X: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array
) -> tuple[Any, ...]:
    loss, dW1, db1, _, db2 = backprop(X, y, W1, b1, W2, b2)
    before = X @ W1 + b1
    dlogits = loss_gradient(np.maximum(before, 0.0) @ W2 + b2, y)[1]
    return loss, dW1, db1, before.T @ dlogits, db2


def reordered(*case: Array) -> tuple[Any, ...]:
    loss, dW1, db1, dW2, db2 = backprop(*case)
    return loss, dW2, db2, dW1, db1


def bias_rows(*case: Array) -> tuple[Any, ...]:
    loss, dW1, db1, dW2, db2 = backprop(*case)
    return loss, dW1, db1[None], dW2, db2[None]


def transposed(*case: Array) -> tuple[Any, ...]:
    loss, dW1, db1, dW2, db2 = backprop(*case)
    return loss, dW1.T, db1, dW2.T, db2


def changed_loss_gradient(change: Any) -> Any:
    """Return loss_gradient with its results passed through `change(loss, dlogits, n, k)`."""
    return lambda logits, y: change(*loss_gradient(logits, y), *logits.shape)


def changed_layer_gradient(change: Any) -> Any:
    """Return layer_gradient with its results passed through `change(dX, dW, db, n)`."""
    return lambda X, W, dZ: change(*layer_gradient(X, W, dZ), len(X))


def plain_loss_gradient(logits: Array, y: Array) -> tuple[Any, ...]:
    n, k = logits.shape
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return -np.log(chances[np.arange(n), y]).mean(), (chances - one_hot(y, k)) / n


def loss_of_shares(logits: Array, y: Array) -> tuple[Any, ...]:
    """Return the loss by way of a softmax that is safe, and a logarithm of it that is not."""
    n, k = logits.shape
    chances = softmax(logits)
    return -np.log(chances[np.arange(n), y]).mean(), (chances - one_hot(y, k)) / n


FUNCTIONS = [
    Function(
        name="loss_gradient",
        answer=loss_gradient,
        returns=("loss", "dlogits"),
        axes=("n k", "n"),
        groups=[
            Group("typical", scored, "logits of a few units"),
            Group("extreme", scored_far_out, "logits up to 1000 and beyond"),
        ],
        mistakes={
            "exp overflows or log gets a 0: the softmax was computed first": plain_loss_gradient,
            "log gets a 0: take the maximum off, but inside the logarithm, z - log(sum(exp(z)))": (
                loss_of_shares
            ),
            "the gradient was not divided by the number of examples": changed_loss_gradient(
                lambda loss, dlogits, n, k: (loss, dlogits * n)
            ),
            "loss and gradient were summed over the batch, not averaged": changed_loss_gradient(
                lambda loss, dlogits, n, k: (loss * n, dlogits * n)
            ),
            "the gradient was divided by the batch size twice": changed_loss_gradient(
                lambda loss, dlogits, n, k: (loss, dlogits / n)
            ),
            "the gradient was divided by the number of classes as well": changed_loss_gradient(
                lambda loss, dlogits, n, k: (loss, dlogits / k)
            ),
            "the gradient has the wrong sign: it is softmax minus one-hot": changed_loss_gradient(
                lambda loss, dlogits, n, k: (loss, -dlogits)
            ),
            "1 was not subtracted at the right class": lambda logits, y: (
                loss_gradient(logits, y)[0],
                softmax(logits) / len(y),
            ),
        },
    ),
    Function(
        name="layer_gradient",
        answer=layer_gradient,
        returns=("dX", "dW", "db"),
        axes=("n d", "d k", "n k"),
        groups=[
            Group("typical", layers, "a few examples, inputs and units"),
            Group("thin", thin_layers, "one example, one input or one unit"),
        ],
        mistakes={
            "db is the mean over the examples, not the sum": changed_layer_gradient(
                lambda dX, dW, db, n: (dX, dW, db / n)
            ),
            "dW and db were divided by the batch size, which dZ already holds": (
                changed_layer_gradient(lambda dX, dW, db, n: (dX, dW / n, db / n))
            ),
            "dW is transposed": changed_layer_gradient(lambda dX, dW, db, n: (dX, dW.T, db)),
            "db kept a side of length 1": changed_layer_gradient(
                lambda dX, dW, db, n: (dX, dW, db[None])
            ),
            "the results were returned in another order": changed_layer_gradient(
                lambda dX, dW, db, n: (dW, db, dX)
            ),
            "db has one number for each example, not for each unit": lambda X, W, dZ: (
                *layer_gradient(X, W, dZ)[:2],
                dZ.sum(axis=1),
            ),
        },
    ),
    Function(
        name="backprop",
        answer=backprop,
        returns=("loss", "dW1", "db1", "dW2", "db2"),
        axes=("n d", "n", "d h", "h", "h k", "k"),
        groups=[
            Group("typical", networks, "a few examples, two to twelve units a layer"),
            Group(
                "edge",
                unusual_networks,
                "one example, hidden units that never fire, inputs of thousands",
            ),
            Group("large", large_network, "124,410 weights and biases at once"),
        ],
        mistakes={
            "the derivative of ReLU was left out": backprop_with(relu="none"),
            "the derivative of ReLU was taken at the gradient, not at the hidden layer": (
                backprop_with(relu="of gradient")
            ),
            "the gradients were summed over the batch, not averaged": backprop_with(factor="n"),
            "loss and gradients were summed over the batch, not averaged": backprop_with(
                factor="n", loss_factor="n"
            ),
            "the gradients were divided by the batch size twice": backprop_with(factor="1/n"),
            "the gradients have the wrong sign": backprop_with(sign=-1.0),
            "1 was not subtracted at the right class": backprop_with(target=False),
            "the bias gradients are means over the examples, not sums": backprop_with(
                bias_mean=True
            ),
            "the bias gradients kept a side of length 1": bias_rows,
            "dW2 was computed from the hidden layer as it is before the ReLU": with_raw_hidden,
            "the gradients of the output layer were returned first": reordered,
            "dW1 and dW2 are transposed": transposed,
        },
    ),
]
