"""Kills its own process."""

import os
import signal


def train(data):
    os.kill(os.getpid(), signal.SIGKILL)
