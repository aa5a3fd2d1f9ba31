"""Labels beyond the last class would stop two of the measures; a text and one number are no labels at all."""

import numpy as np


def breaks_accuracy(n, k):
    return np.zeros((n, k)), np.full((n, 1), k)


def breaks_reached_best(n, k):
    return np.zeros((n, k)), np.full(n, -1)


def breaks_mean_recall(n, k):
    return "class 0", 0
