"""Stops its own process and waits for somebody to wake it."""

import os
import signal


def train(data):
    os.kill(os.getpid(), signal.SIGSTOP)
