"""Gradient descent in three kinds of step, and a line fitted with the plainest of them."""

import numpy as np


def sgd_step(w: np.ndarray, g: np.ndarray, lr: float) -> np.ndarray:
    """Return the weights after one step against the gradient.

    w, g: weights and the gradient of the loss at w, both of the same shape, (d,) or (d, k)
    lr: the learning rate
    """
    raise NotImplementedError


def momentum_step(
    w: np.ndarray, g: np.ndarray, v: np.ndarray, lr: float, beta: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return (w, v) after one step: the velocity first, v = beta * v + g, then the weights with it.

    v: the velocity before this step, of the shape of w; beta: how much of it is kept, between 0 and
    1
    """
    raise NotImplementedError


def adam_step(
    w: np.ndarray,
    g: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (w, m, v) after step number t; the first step has t = 1.

    m, v: running averages of the gradient and of its square before this step, of the shape of w
    beta1, beta2: how much of them is kept; eps: a small number that keeps the division safe
    """
    raise NotImplementedError


def fit_line(x: np.ndarray, y: np.ndarray, lr: float, steps: int) -> tuple[float, float]:
    """Return (w, b) of the line w * x + b after `steps` steps of gradient descent from w = 0, b =
    0.

    x, y: the points, both of shape (n,); the loss is the mean of (w * x + b - y) ** 2
    """
    w, b = 0.0, 0.0
    # Repeat `steps` times: errors, both gradients from the same errors, then both steps.
    return w, b
