"""Leaves out the division in Bayes' rule: the beliefs do not sum to 1."""

import numpy as np


def mean_and_variance(x):
    return float(np.mean(x)), float(np.var(x))


def one_hot(y, k):
    return np.eye(k)[y]


def bayes(prior, likelihood):
    return prior * likelihood


def negative_log_likelihood(p, y):
    return float(-np.mean(np.log(p[np.arange(len(y)), y])))
