"""Softmax regression in NumPy: one matrix and one bias, full-batch gradient descent.

Claim: 95 % accuracy on `digits`, in less than a second on one core.
Evidence: `grader run reference/digits/linear`; figures and machine in reference/RESULTS.md.
"""

import numpy as np

STEPS = 300
LEARNING_RATE = 0.5
MOMENTUM = 0.9
WEIGHT_DECAY = 1e-4


def features(inputs):
    """Return images as rows of 64 numbers in [0, 1]."""
    return inputs.reshape(len(inputs), -1).astype(np.float64) / 255.0


def softmax(scores):
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def train(data):
    x = features(data.inputs)
    one_hot = np.eye(data.num_classes)[data.labels]
    weights = np.zeros((x.shape[1], data.num_classes))
    bias = np.zeros(data.num_classes)
    weights_step, bias_step = np.zeros_like(weights), np.zeros_like(bias)
    for _ in range(STEPS):
        error = (softmax(x @ weights + bias) - one_hot) / len(x)
        weights_step = MOMENTUM * weights_step - LEARNING_RATE * (
            x.T @ error + WEIGHT_DECAY * weights
        )
        bias_step = MOMENTUM * bias_step - LEARNING_RATE * error.sum(axis=0)
        weights += weights_step
        bias += bias_step
    return lambda inputs: features(inputs) @ weights + bias
