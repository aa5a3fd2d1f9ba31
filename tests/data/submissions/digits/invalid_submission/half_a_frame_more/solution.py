"""Sends the right reply and, in the same breath, half of another."""

import gc
import struct

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
    send = talk.send

    def send_more(value, kind, flags=0):
        send(value, kind, flags)
        if kind == 101:
            talk.sock.sendall(reply(talk.seq, talk.nonce, len(value))[:40])

    talk.send = send_more
    return lambda batch: np.full(len(batch), 3)
