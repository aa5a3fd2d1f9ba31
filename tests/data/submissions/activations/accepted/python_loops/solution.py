"""Right in another style: recursion over rows and Python's math alone, nested lists as answers."""

import math


def each(function, x):
    return [each(function, item) for item in x] if x.ndim > 1 else [function(float(item)) for item in x]


def relu(x):
    return each(lambda value: value if value > 0 else 0.0, x)


def stable_sigmoid(value):
    if value >= 0:
        return 1.0 / (1.0 + math.exp(-value))
    power = math.exp(value)
    return power / (1.0 + power)


def sigmoid(x):
    return each(stable_sigmoid, x)


def softmax(x):
    if x.ndim > 1:
        return [softmax(row) for row in x]
    values = [float(item) for item in x]
    largest = max(values)
    powers = [math.exp(value - largest) for value in values]
    return [power / sum(powers) for power in powers]
