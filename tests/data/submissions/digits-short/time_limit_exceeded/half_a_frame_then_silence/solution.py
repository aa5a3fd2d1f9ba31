"""Sends half of the right reply and then nothing, with the wire left open."""

import gc
import struct
import time

import numpy as np


HEADER = struct.Struct("<4sBBBBIQ16s7I")


def reply(seq, nonce, rows):
    """A well-formed RESULT of float32 scores."""
    body = np.ones((rows, 10), dtype=np.float32).tobytes()
    return HEADER.pack(b"DLG1", 101, 11, 2, 0, seq, len(body), nonce, rows, 10, 0, 0, 0, 0, 0) + body


def wire():
    """Find the runner's end of the wire in the memory of this process."""
    return next(item for item in gc.get_objects() if type(item).__name__ == "Conversation")


def train(data):
    talk = wire()

    def answer(batch):
        talk.sock.sendall(reply(talk.seq, talk.nonce, len(batch))[:-1])
        time.sleep(60)

    return answer
