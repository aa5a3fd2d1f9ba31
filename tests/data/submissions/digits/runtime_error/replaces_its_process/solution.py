"""Becomes another program."""

import os


def train(data):
    os.execv("/bin/true", ["true"])
