"""Winnowing: of all runs of tokens, a few that are chosen the same way in every text."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from grader.classroom.similarity.tokens import Token

GRAM = 9  # tokens in a fingerprint: shorter runs are idioms
WINDOW = 5  # of this many fingerprints in a row one is kept


class Mark(NamedTuple):
    """A fingerprint and the lines that it covers."""

    value: int
    first_line: int
    last_line: int


def winnow(tokens: Sequence[Token]) -> list[Mark]:
    """Return the fingerprints of some tokens: the least of each window, of equals the last."""
    grams = [gram(tokens, start) for start in range(len(tokens) - GRAM + 1)]
    if len(grams) <= WINDOW:
        return [min(grams)] if grams else []
    kept: dict[int, Mark] = {}
    for start in range(len(grams) - WINDOW + 1):
        window = range(start, start + WINDOW)
        place = min(window, key=lambda each: (grams[each].value, -each))
        kept[place] = grams[place]
    return list(kept.values())


def gram(tokens: Sequence[Token], start: int) -> Mark:
    """Return the fingerprint of the tokens from a place on."""
    some = tokens[start : start + GRAM]
    text = "\0".join(token.text for token in some)
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return Mark(int.from_bytes(digest, "big"), some[0].line, some[-1].line)
