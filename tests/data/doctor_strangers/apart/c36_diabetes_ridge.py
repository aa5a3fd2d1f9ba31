# task: diabetes
# mistake: none
# resembles: linear_only
import numpy as np


def train(data):
    mean, std = data.inputs.mean(0), data.inputs.std(0)

    def design(x):
        return np.hstack([(x - mean) / std, np.ones((len(x), 1))])

    a = design(data.inputs)
    w = np.linalg.solve(a.T @ a + 1.0 * np.eye(11), a.T @ data.labels)
    return lambda x: design(x) @ w
