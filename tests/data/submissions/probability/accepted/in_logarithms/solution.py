"""Bayes' rule in logarithms, labels compared with a row of classes."""

import numpy as np


def mean_and_variance(x):
    middle = sum(x) / len(x)
    return float(middle), float(sum((value - middle) ** 2 for value in x) / len(x))


def one_hot(y, k):
    return (y[:, None] == np.arange(k)[None]).astype(np.float64)


def bayes(prior, likelihood):
    with np.errstate(divide="ignore"):
        logs = np.log(prior) + np.log(likelihood)
    powers = np.exp(logs - logs.max())
    return powers / powers.sum()


def negative_log_likelihood(p, y):
    return float(np.mean([-np.log(row[label]) for row, label in zip(p, y)]))
