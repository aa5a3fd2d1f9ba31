"""Brings setup.py, conftest.py, a build backend and requirements that leave a mark; right only if none ran."""

import importlib.util
import os

import numpy as np

MARK = "/tmp/grader-install-hook-ran"
RAN = os.path.exists(MARK) or importlib.util.find_spec("installed_by_a_hook") is not None


def weighted_sum(x, w, b):
    return float(x @ w + b) if not RAN else float("nan")


def neuron(x, w, b):
    return float(1 / (1 + np.exp(-weighted_sum(x, w, b))))


def layer(X, W, b):
    return 1 / (1 + np.exp(-(X @ W + b))) if not RAN else np.full((len(X), W.shape[1]), np.nan)
