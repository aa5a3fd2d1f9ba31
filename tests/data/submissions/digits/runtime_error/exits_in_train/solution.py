"""Ends its process with success in the middle of training."""

import os


def train(data):
    os._exit(0)
