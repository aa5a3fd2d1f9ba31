"""Raises an error whose text and type a careless reader of results would run."""


class Payload(Exception):
    def __str__(self):
        return "!!python/object/apply:os.system ['touch pickle-was-opened']\ncos\nsystem\n(S'touch pickle-was-opened'\ntR."

    def __reduce__(self):
        import os

        return os.system, ("touch pickle-was-opened",)


def train(data):
    raise Payload
