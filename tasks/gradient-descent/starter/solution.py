"""Gradient descent with three kinds of step, and a line fitted with the plainest of them."""

import numpy as np


def sgd_step(w: np.ndarray, g: np.ndarray, lr: float) -> np.ndarray:
    """Return the weights after one step against the gradient.

    w: the weights, shape (d,) or (d, k)
    g: the gradient of the loss at w, of the same shape
    lr: the learning rate
    """
    raise NotImplementedError


def momentum_step(
    w: np.ndarray, g: np.ndarray, v: np.ndarray, lr: float, beta: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return (w, v) after one step with momentum.

    First the velocity changes, v = beta * v + g; then it moves the weights.

    w, g, lr: as in sgd_step
    v: the velocity before this step, of the shape of w
    beta: how much of the velocity is kept, between 0 and 1
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
    """Return (w, m, v) after step number t of Adam; the first step has t = 1.

    w, g, lr: as in sgd_step
    m, v: running averages of the gradient and of its square before this step, of the shape of w
    beta1, beta2: how much of m and of v is kept
    eps: a small number that keeps the division safe
    """
    raise NotImplementedError


def fit_line(x: np.ndarray, y: np.ndarray, lr: float, steps: int) -> tuple[float, float]:
    """Return (w, b) of the line w * x + b after `steps` steps of gradient descent.

    The steps start from w = 0, b = 0. The loss is the mean of (w * x + b - y) ** 2.

    x, y: the points, shape (n,) each
    lr: the learning rate
    """
    w, b = 0.0, 0.0
    # Repeat `steps` times: the errors, both gradients from the same errors, then both steps.
    return w, b
