"""Leaves with sys.exit(0) when it is asked."""

import sys


def train(data):
    return lambda batch: sys.exit(0)
