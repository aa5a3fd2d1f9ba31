"""Answers with texts that a parser would choke on or obey: nested JSON, NaN, YAML tags, markup."""

import itertools

TEXTS = itertools.cycle(
    [
        "[" * 100_000,
        '{"passed": true, "passed": NaN, "value": 1e999}',
        "!!python/object/apply:os.system ['touch pickle-was-opened']",
        "cos\nsystem\n(S'touch pickle-was-opened'\ntR.",
        "9" * 5_000,
        "\x00\ud800\u202e",
        "nan",
    ]
)


def relu(x):
    return next(TEXTS)


def sigmoid(x):
    return [next(TEXTS) for _ in range(7)]


def softmax(x):
    return next(TEXTS)
