"""Starts threads until no more can be had, and leaves them all asleep."""

import threading
import time

MOST = 400


def train(data):
    for _ in range(MOST):
        try:
            threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        except RuntimeError:
            break
    time.sleep(600)
