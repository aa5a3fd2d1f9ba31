"""Reads from address zero."""

import ctypes


def train(data):
    return lambda batch: ctypes.string_at(0)
