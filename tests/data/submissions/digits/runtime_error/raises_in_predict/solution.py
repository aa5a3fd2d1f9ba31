"""Divides by zero when it is asked."""


def train(data):
    return lambda batch: 1 / 0
