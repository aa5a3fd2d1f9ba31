"""Sleeps instead of training, whatever signal comes."""

import signal
import time


def train(data):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    time.sleep(600)
