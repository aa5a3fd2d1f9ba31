"""Probability: describe numbers, encode labels, update a belief, judge a forecast."""

import numpy as np


def mean_and_variance(x: np.ndarray) -> tuple[float, float]:
    """Return (mean, variance) of the numbers x, shape (n,).

    The variance is the mean of the squared deviations from the mean.
    """
    raise NotImplementedError


def one_hot(y: np.ndarray, k: int) -> np.ndarray:
    """Return floats of shape (n, k): 1.0 in the column of each label, 0.0 elsewhere.

    y: labels, whole numbers from 0 to k - 1, shape (n,)
    k: the number of classes
    """
    raise NotImplementedError


def bayes(prior: np.ndarray, likelihood: np.ndarray) -> np.ndarray:
    """Return the probability of each hypothesis after an observation, shape (k,).

    prior: the probability of each hypothesis before the observation, shape (k,)
    likelihood: how probable the observation is under each hypothesis, shape (k,)

    The prior and the result each sum to 1; the likelihood need not.
    """
    raise NotImplementedError


def negative_log_likelihood(p: np.ndarray, y: np.ndarray) -> float:
    """Return the mean of -log(p of what happened).

    p: the predicted probability of each class, one row per example, shape (n, k)
    y: what happened, whole numbers from 0 to k - 1, shape (n,)
    """
    raise NotImplementedError
