"""Leaves with sys.exit(0) while it is imported."""

import sys


def train(data):
    return None


sys.exit(0)
