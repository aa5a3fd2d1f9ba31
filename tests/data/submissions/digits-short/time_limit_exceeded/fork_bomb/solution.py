"""Forks in every process it has, each in a session of its own and deaf to signals, and waits.

It stops at eight generations by itself, for machines where no control group counts processes.
"""

import contextlib
import os
import signal
import time

GENERATIONS = 8


def train(data):
    for _ in range(GENERATIONS):
        with contextlib.suppress(OSError):
            if os.fork() == 0:
                with contextlib.suppress(OSError):
                    os.setsid()
                for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(1)
