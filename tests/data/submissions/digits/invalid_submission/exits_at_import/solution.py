"""Leaves with sys.exit(0) at the end of its import, which ends that and nothing else; its train() has no model."""

import sys


def train(data):
    return None


sys.exit(0)
