"""Cases and right answers for `recurrent-cells`: RNN, LSTM, GRU, and the gradient through time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]


def sigmoid(z: Array) -> Array:
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def rnn_step(x: Array, h: Array, Wx: Array, Wh: Array, b: Array) -> Array:
    return np.tanh(x @ Wx + h @ Wh + b)


def read_sequence(X: Array, h: Array, Wx: Array, Wh: Array, b: Array) -> Array:
    states = []
    for t in range(X.shape[1]):
        h = rnn_step(X[:, t], h, Wx, Wh, b)
        states.append(h)
    return np.stack(states, axis=1)


def lstm_gates(
    x: Array, h: Array, Wx: Array, Wh: Array, b: Array
) -> tuple[Array, Array, Array, Array]:
    """Return input gate, forget gate, candidate and output gate."""
    i, f, g, o = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)


def lstm_step(x: Array, h: Array, c: Array, Wx: Array, Wh: Array, b: Array) -> tuple[Array, Array]:
    i, f, g, o = lstm_gates(x, h, Wx, Wh, b)
    memory = f * c + i * g
    return o * np.tanh(memory), memory


def gru_step(x: Array, h: Array, Wx: Array, Wh: Array, bx: Array, bh: Array) -> Array:
    from_x, from_h = np.split(x @ Wx + bx, 3, axis=1), np.split(h @ Wh + bh, 3, axis=1)
    r, z = sigmoid(from_x[0] + from_h[0]), sigmoid(from_x[1] + from_h[1])
    return (1.0 - z) * np.tanh(from_x[2] + r * from_h[2]) + z * h


def gradient_through_time(H: Array, Wh: Array, dlast: Array) -> Array:
    dH = np.empty_like(H)
    dH[-1] = dlast
    for t in range(len(H) - 1, 0, -1):
        dH[t - 1] = Wh @ (dH[t] * (1.0 - H[t] ** 2))
    return dH


def biases(draw: np.random.Generator, size: int) -> Array:
    """Return biases away from 0, so that leaving one out shows."""
    return draw.uniform(0.3, 0.8, size=size) * draw.choice([-1.0, 1.0], size=size)


def cell(draw: np.random.Generator, n: int, d: int, k: int, gates: int) -> Case:
    """Return x, h, Wx, Wh and b of a cell with the given number of gates."""
    return (
        draw.normal(size=(n, d)),
        draw.uniform(-0.9, 0.9, size=(n, k)),
        draw.normal(size=(d, gates * k)) / np.sqrt(d),
        draw.normal(size=(k, gates * k)) / np.sqrt(k),
        biases(draw, gates * k),
    )


def plain(draw: np.random.Generator) -> Iterator[Case]:
    yield (
        np.array([[1.0]]),
        np.array([[0.5, -0.5]]),
        np.array([[1.0, 2.0]]),
        np.array([[0.0, 1.0], [-1.0, 0.5]]),
        np.array([0.5, -1.0]),
    )
    for n, d, k in ((2, 3, 4), (3, 2, 5), (5, 4, 3), (8, 6, 7)):
        yield cell(draw, n, d, k, 1)


def plain_thin(draw: np.random.Generator) -> Iterator[Case]:
    for n, d, k in ((1, 1, 1), (1, 2, 3), (3, 1, 2)):
        yield cell(draw, n, d, k, 1)
    x, _, *weights = cell(draw, 2, 3, 4, 1)
    yield x, np.zeros((2, 4)), *weights


def sequences(draw: np.random.Generator) -> Iterator[Case]:
    for n, steps, d, k in ((1, 2, 1, 2), (2, 3, 3, 2), (3, 5, 2, 4), (4, 9, 3, 5)):
        _, *rest = cell(draw, n, d, k, 1)
        yield draw.normal(size=(n, steps, d)), *rest


def unusual_sequences(draw: np.random.Generator) -> Iterator[Case]:
    for n, steps, d, k in ((2, 1, 2, 3), (3, 3, 3, 3), (1, 40, 2, 4)):
        _, *rest = cell(draw, n, d, k, 1)
        yield draw.normal(size=(n, steps, d)), *rest


def with_memory(draw: np.random.Generator, n: int, d: int, k: int) -> Case:
    x, h, *weights = cell(draw, n, d, k, 4)
    return x, h, draw.normal(scale=1.5, size=(n, k)), *weights


def lstm_cells(draw: np.random.Generator) -> Iterator[Case]:
    yield (
        np.array([[1.0]]),
        np.array([[0.5]]),
        np.array([[2.0]]),
        np.array([[1.0, 2.0, -1.0, 0.5]]),
        np.array([[0.0, -1.0, 1.0, 1.0]]),
        np.array([0.0, 0.5, 1.0, -1.0]),
    )
    for n, d, k in ((2, 3, 2), (3, 2, 4), (5, 4, 3), (8, 6, 7)):
        yield with_memory(draw, n, d, k)


def saturated_lstm_cells(draw: np.random.Generator) -> Iterator[Case]:
    """Yield cells whose gates are open or shut: memory is kept, replaced or hidden."""
    for n, d, k in ((1, 1, 1), (2, 3, 2), (3, 2, 4)):
        x, h, c, Wx, Wh, b = with_memory(draw, n, d, k)
        yield x, h, c, Wx, Wh, b + 40.0 * np.repeat(draw.choice([-1.0, 1.0], size=4), k)
    x, h, c, Wx, Wh, b = with_memory(draw, 4, 3, 3)
    yield 600.0 * x, h, c, Wx, Wh, b


def gru_case(draw: np.random.Generator, n: int, d: int, k: int) -> Case:
    return *cell(draw, n, d, k, 3), biases(draw, 3 * k)


def gru_cells(draw: np.random.Generator) -> Iterator[Case]:
    yield (
        np.array([[1.0]]),
        np.array([[0.5]]),
        np.array([[1.0, -0.5, 2.0]]),
        np.array([[-1.0, 1.0, 2.0]]),
        np.array([0.0, 0.5, -1.0]),
        np.array([0.5, 0.0, 1.0]),
    )
    for n, d, k in ((2, 3, 2), (3, 2, 4), (5, 4, 3), (8, 6, 7)):
        yield gru_case(draw, n, d, k)


def saturated_gru_cells(draw: np.random.Generator) -> Iterator[Case]:
    """Yield cells whose gates are open or shut: the state is kept or replaced."""
    for n, d, k in ((1, 1, 1), (2, 3, 2), (3, 2, 4)):
        x, h, Wx, Wh, bx, bh = gru_case(draw, n, d, k)
        shift = np.append(np.repeat(draw.choice([-40.0, 40.0], size=2), k), np.zeros(k))
        yield x, h, Wx, Wh, bx + shift, bh
    x, h, Wx, Wh, bx, bh = gru_case(draw, 4, 3, 3)
    yield 600.0 * x, h, Wx, Wh, bx, bh


def states(draw: np.random.Generator, steps: int, k: int, scale: float = 1.0) -> Case:
    """Return H, Wh and a gradient at the last state.

    The states H are those that a network really passes through on one example.
    """
    Wh = scale * draw.normal(size=(k, k)) / np.sqrt(k)
    h, H = np.zeros(k), []
    for _ in range(steps):
        h = np.tanh(h @ Wh + draw.normal(scale=0.7, size=k))
        H.append(h)
    return np.array(H), Wh, draw.normal(size=k)


def histories(draw: np.random.Generator) -> Iterator[Case]:
    yield (
        np.array([[0.8, 0.0], [0.0, 0.5], [-0.6, 0.0]]),
        np.array([[0.5, 1.0], [0.0, -0.5]]),
        np.array([1.0, -2.0]),
    )
    for steps, k in ((2, 3), (4, 2), (5, 5), (8, 6)):
        yield states(draw, steps, k)


def long_histories(draw: np.random.Generator) -> Iterator[Case]:
    yield states(draw, 1, 3)
    for steps, k, scale in ((30, 4, 1.0), (60, 8, 0.5), (40, 12, 2.0)):
        yield states(draw, steps, k, scale)


def lstm_with(change: Any, *, g: Any = np.tanh, order: str = "ifgo", last: Any = np.tanh) -> Any:
    """Return lstm_step with something changed; `change(i, f, g, o, c)` gives the new memory."""

    def wrong(x: Array, h: Array, c: Array, Wx: Array, Wh: Array, b: Array) -> tuple[Array, Array]:
        parts = dict(zip(order, np.split(x @ Wx + h @ Wh + b, 4, axis=1), strict=True))
        i, f, o = (sigmoid(parts[name]) for name in "ifo")
        memory = change(i, f, g(parts["g"]), o, c)
        return o * last(memory), memory

    return wrong


def right_memory(i: Array, f: Array, g: Array, o: Array, c: Array) -> Array:
    return f * c + i * g


def lstm_of_old_memory(x: Array, h: Array, c: Array, *weights: Array) -> tuple[Array, Array]:
    return lstm_gates(x, h, *weights)[3] * np.tanh(c), lstm_step(x, h, c, *weights)[1]


def lstm_without_bias(
    x: Array, h: Array, c: Array, Wx: Array, Wh: Array, b: Array
) -> tuple[Array, Array]:
    return lstm_step(x, h, c, Wx, Wh, 0.0 * b)


def gru_with(
    *,
    order: str = "rzn",
    mix: str = "right",
    reset: str = "after",
    candidate: Any = np.tanh,
    bias: bool = True,
) -> Any:
    """Return gru_step with something changed."""

    def wrong(x: Array, h: Array, Wx: Array, Wh: Array, bx: Array, bh: Array) -> Array:
        from_x = dict(zip(order, np.split(x @ Wx + bx * bias, 3, axis=1), strict=True))
        from_h = dict(zip(order, np.split(h @ Wh + bh * bias, 3, axis=1), strict=True))
        r, z = (sigmoid(from_x[name] + from_h[name]) for name in "rz")
        k, at = h.shape[1], order.index("n")
        Wn, bn = Wh[:, at * k : (at + 1) * k], bh[at * k : (at + 1) * k] * bias
        past = {
            "after": r * from_h["n"],
            "before": (r * h) @ Wn + bn,
            "without bias": r * (h @ Wn) + bn,
            "none": from_h["n"],
        }[reset]
        n = candidate(from_x["n"] + past)
        return {
            "right": (1.0 - z) * n + z * h,
            "swapped": z * n + (1.0 - z) * h,
            "added": n + z * h,
        }[mix]

    return wrong


def through_time_with(*, slope: str = "right", transposed: bool = False) -> Any:
    def wrong(H: Array, Wh: Array, dlast: Array) -> Array:
        dH = np.empty_like(H)
        dH[-1] = dlast
        back = Wh.T if transposed else Wh
        for t in range(len(H) - 1, 0, -1):
            slopes = {
                "right": 1.0 - H[t] ** 2,
                "none": np.ones_like(H[t]),
                "earlier": 1.0 - H[t - 1] ** 2,
                "of tanh": 1.0 - np.tanh(H[t]) ** 2,
            }[slope]
            dH[t - 1] = back @ (dH[t] * slopes)
        return dH

    return wrong


def sequence_of_starts(X: Array, h: Array, *weights: Array) -> Array:
    return np.stack([rnn_step(X[:, t], h, *weights) for t in range(X.shape[1])], axis=1)


FUNCTIONS = [
    Function(
        name="rnn_step",
        answer=rnn_step,
        returns=("h",),
        axes=("n d", "n k", "d k", "k k", "k"),
        groups=[
            Group("typical", plain, "a few examples, two to seven units"),
            Group("thin", plain_thin, "one example, one input, one unit, a state of zeros"),
        ],
        mistakes={
            "tanh was left out": lambda x, h, Wx, Wh, b: x @ Wx + h @ Wh + b,
            "a sigmoid was used, not tanh": lambda x, h, Wx, Wh, b: sigmoid(x @ Wx + h @ Wh + b),
            "ReLU was used, not tanh": lambda x, h, Wx, Wh, b: np.maximum(x @ Wx + h @ Wh + b, 0.0),
            "the old state was left out": lambda x, h, Wx, Wh, b: np.tanh(x @ Wx + b),
            "the input was left out": lambda x, h, Wx, Wh, b: np.tanh(h @ Wh + b),
            "the bias was left out": lambda x, h, Wx, Wh, b: np.tanh(x @ Wx + h @ Wh),
            "the bias was added twice": lambda x, h, Wx, Wh, b: np.tanh(x @ Wx + h @ Wh + 2.0 * b),
            "Wh was transposed": lambda x, h, Wx, Wh, b: np.tanh(x @ Wx + h @ Wh.T + b),
            "the old state was added after tanh": lambda x, h, Wx, Wh, b: np.tanh(x @ Wx + b) + h,
        },
    ),
    Function(
        name="read_sequence",
        answer=read_sequence,
        returns=("H",),
        axes=("n t d", "n k", "d k", "k k", "k"),
        groups=[
            Group("typical", sequences, "two to nine steps"),
            Group("edge", unusual_sequences, "one step, forty steps, as many steps as examples"),
        ],
        mistakes={
            "every step began from the first state: the new one was not carried on": (
                sequence_of_starts
            ),
            "the steps came out as the first axis, not the second": lambda *case: read_sequence(
                *case
            ).swapaxes(0, 1),
            "only the last state was returned": lambda *case: read_sequence(*case)[:, -1],
            "the sequence was read backwards": lambda X, *rest: read_sequence(X[:, ::-1], *rest),
            "the state before each step was returned, not the one after": lambda X, h, *rest: (
                np.concatenate([h[:, None], read_sequence(X, h, *rest)[:, :-1]], axis=1)
            ),
            "the first state was returned as well": lambda X, h, *rest: np.concatenate(
                [h[:, None], read_sequence(X, h, *rest)], axis=1
            ),
            "reading began with a state of zeros": lambda X, h, *rest: read_sequence(
                X, 0.0 * h, *rest
            ),
        },
    ),
    Function(
        name="lstm_step",
        answer=lstm_step,
        returns=("h", "c"),
        axes=("n d", "n .", "n .", "d .", ". .", "."),
        groups=[
            Group("typical", lstm_cells, "a few examples, one to seven units"),
            Group(
                "saturated", saturated_lstm_cells, "gates that are open or shut, inputs of hundreds"
            ),
        ],
        mistakes={
            "the forget gate was left out: the memory only grows": lstm_with(
                lambda i, f, g, o, c: c + i * g
            ),
            "the input gate was left out": lstm_with(lambda i, f, g, o, c: f * c + g),
            "input and forget gate changed places": lstm_with(right_memory, order="figo"),
            "output gate and candidate changed places: the order is i, f, g, o": lstm_with(
                right_memory, order="ifog"
            ),
            "the candidate went through a sigmoid, not tanh": lstm_with(right_memory, g=sigmoid),
            "the candidate went through no function": lstm_with(right_memory, g=lambda z: z),
            "the new h is o * c without tanh": lstm_with(right_memory, last=lambda c: c),
            "the new h was made from the old memory": lstm_of_old_memory,
            "h and c were returned in the other order": lambda *case: lstm_step(*case)[::-1],
            "the old h was left out": lambda x, h, *rest: lstm_step(x, 0.0 * h, *rest),
            "the bias was left out": lstm_without_bias,
        },
    ),
    Function(
        name="gru_step",
        answer=gru_step,
        returns=("h",),
        axes=("n d", "n .", "d .", ". .", ".", "."),
        groups=[
            Group("typical", gru_cells, "a few examples, one to seven units"),
            Group(
                "saturated", saturated_gru_cells, "gates that are open or shut, inputs of hundreds"
            ),
        ],
        mistakes={
            "z and 1 - z changed places: here z keeps the old state": gru_with(mix="swapped"),
            "the candidate was not weighed with 1 - z": gru_with(mix="added"),
            "reset and update gate changed places: the order is r, z, n": gru_with(order="zrn"),
            "the reset gate was left out": gru_with(reset="none"),
            "the state was reset before the matrix product; here the product is reset": gru_with(
                reset="before"
            ),
            "bh was added to the candidate outside the reset gate": gru_with(reset="without bias"),
            "the candidate went through a sigmoid, not tanh": gru_with(candidate=sigmoid),
            "both biases were left out": gru_with(bias=False),
        },
    ),
    Function(
        name="gradient_through_time",
        answer=gradient_through_time,
        returns=("dH",),
        axes=("t k", "k k", "k"),
        groups=[
            Group("typical", histories, "two to eight steps"),
            Group(
                "long", long_histories, "one step, and up to sixty: gradients that fade or explode"
            ),
        ],
        mistakes={
            "the derivative of tanh was left out": through_time_with(slope="none"),
            "the derivative of tanh was taken at the earlier state": through_time_with(
                slope="earlier"
            ),
            "tanh was taken once more: H holds it already, and its derivative is 1 - H**2": (
                through_time_with(slope="of tanh")
            ),
            "Wh was not transposed on the way back": through_time_with(transposed=True),
            "the rows are in the other order: row t belongs to step t": lambda *case: (
                gradient_through_time(*case)[::-1]
            ),
            "only the gradient at the first step was returned": lambda *case: gradient_through_time(
                *case
            )[0],
            "the gradient was passed back unchanged": lambda H, Wh, dlast: np.tile(
                dlast, (len(H), 1)
            ),
            "the gradients were added up on the way": lambda *case: np.cumsum(
                gradient_through_time(*case)[::-1], axis=0
            )[::-1],
        },
    ),
]
