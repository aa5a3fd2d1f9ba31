# task: diabetes
# mistake: none
import numpy as np


def train(data):
    mu = data.inputs.mean(axis=0)
    sd = data.inputs.std(axis=0)

    def design(X):
        Z = (X - mu) / sd
        return np.hstack([np.ones((len(Z), 1)), Z, Z[:, [2]] * Z[:, [3]]])

    A = design(data.inputs)
    penalty = 3.0 * np.eye(A.shape[1])
    penalty[0, 0] = 0
    w = np.linalg.solve(A.T @ A + penalty, A.T @ data.labels)
    return lambda X: design(X) @ w
