"""Closes everything that is open."""

import os


def train(data):
    os.closerange(0, 256)
    return lambda batch: None
