"""Trains in a loop without end."""


def train(data):
    while True:
        pass
