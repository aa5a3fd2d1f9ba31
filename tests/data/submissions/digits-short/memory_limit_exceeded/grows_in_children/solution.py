"""Lets its children hold the memory."""

import os
import time


def train(data):
    for _ in range(4):
        if os.fork() == 0:
            kept = bytearray(200 << 20)
            time.sleep(60 + len(kept) * 0)
            os._exit(0)
    time.sleep(60)
