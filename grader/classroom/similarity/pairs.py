"""Ranked pairs of submissions, with the passages that they share."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from grader.classroom.similarity.tokens import tokens_of
from grader.classroom.similarity.winnow import GRAM, Mark, winnow

# What more than this share of the class has is an idiom of the task, and nobody's own.
COMMON_SHARE = 0.2
COMMON_LEAST = 4
FEWEST_MARKS = 5  # a submission with fewer of its own says nothing
LEAST_SHARE = 0.2
GAP_LINES = 2  # passages that are this close are shown as one


@dataclass(frozen=True)
class Source:
    """What one author handed in."""

    author: str
    file: str
    text: str
    weights: frozenset[str] = frozenset()  # hashes of files with trained weights
    sha256: str = ""


@dataclass(frozen=True)
class Passage:
    """Lines that two submissions share, from 1, both ends included."""

    one: tuple[int, int]
    other: tuple[int, int]


@dataclass(frozen=True)
class Pair:
    """Two submissions, how much they share, and where.

    share: of the fingerprints of the one that has fewer of its own. weight: share, lowered where it
    rests on few fingerprints; pairs are ranked by it.
    """

    one: Source
    other: Source
    share: float
    marks: int
    weight: float
    passages: list[Passage] = field(default_factory=list)
    has_same_weights: bool = False
    has_same_files: bool = False


def similar_pairs(
    sources: Sequence[Source], starters: Iterable[str] = (), least: float = LEAST_SHARE
) -> list[Pair]:
    """Return pairs by different authors that share at least so much, most first.

    starters: the text of everything that all were given.
    """
    given = {mark.value for text in starters for mark in winnow(tokens_of(text))}
    every = [marks_of(source.text) for source in sources]
    common = common_marks(every)
    own = [{mark.value for mark in marks} - given - common for marks in every]
    pairs = []
    for one, other in candidates(own, sources):
        pair = pair_of(sources[one], sources[other], own[one] & own[other], (own[one], own[other]))
        is_copy = pair.has_same_files or pair.has_same_weights
        if is_copy or (pair.marks >= FEWEST_MARKS and pair.share >= least):
            passages = passages_of(every[one], every[other], own[one] & own[other])
            pairs.append(with_passages(pair, passages))
    return sorted(pairs, key=lambda pair: (-pair.weight, pair.one.author, pair.other.author))


def marks_of(text: str) -> list[Mark]:
    return winnow(tokens_of(text))


def common_marks(every: Sequence[Sequence[Mark]]) -> set[int]:
    """Return the fingerprints that many of the class have."""
    counts: Counter[int] = Counter()
    for marks in every:
        counts.update({mark.value for mark in marks})
    most = max(COMMON_LEAST, math.ceil(COMMON_SHARE * len(every)))
    return {value for value, count in counts.items() if count > most}


def candidates(own: Sequence[set[int]], sources: Sequence[Source]) -> list[tuple[int, int]]:
    """Return the pairs, by different authors, that have anything in common."""
    holders: dict[object, list[int]] = defaultdict(list)
    for number, marks in enumerate(own):
        for value in marks:
            holders[value].append(number)
    for number, source in enumerate(sources):
        for weights in source.weights:
            holders["weights", weights].append(number)
        if source.sha256:
            holders["files", source.sha256].append(number)
    found: set[tuple[int, int]] = set()
    for numbers in holders.values():
        found.update(itertools.combinations(numbers, 2))
    return sorted(
        (one, other) for one, other in found if sources[one].author != sources[other].author
    )


def pair_of(one: Source, other: Source, shared: set[int], own: tuple[set[int], set[int]]) -> Pair:
    """Return how much two submissions share."""
    fewer = min(len(own[0]), len(own[1]))
    share = len(shared) / fewer if fewer else 0.0
    same_files = bool(one.sha256) and one.sha256 == other.sha256
    same_weights = bool(one.weights & other.weights)
    # Five fingerprints of five are less of a sign than fifty of fifty.
    weight = share * len(shared) / (len(shared) + FEWEST_MARKS)
    if same_files or same_weights:
        weight = 1.0
    return Pair(
        one=one,
        other=other,
        share=1.0 if same_files else share,
        marks=len(shared),
        weight=weight,
        has_same_weights=same_weights,
        has_same_files=same_files,
    )


def with_passages(pair: Pair, passages: list[Passage]) -> Pair:
    return Pair(
        pair.one,
        pair.other,
        pair.share,
        pair.marks,
        pair.weight,
        passages,
        pair.has_same_weights,
        pair.has_same_files,
    )


def passages_of(one: Sequence[Mark], other: Sequence[Mark], shared: set[int]) -> list[Passage]:
    """Return the lines that two submissions share, in the order of the first one."""
    places: dict[int, Mark] = {}
    for mark in other:
        places.setdefault(mark.value, mark)
    found: list[Passage] = []
    for mark in sorted(one, key=lambda each: each.first_line):
        if mark.value not in shared:
            continue
        there = places[mark.value]
        here = (mark.first_line, mark.last_line)
        passage = Passage(here, (there.first_line, there.last_line))
        if found and are_close(found[-1], passage):
            found[-1] = joined(found[-1], passage)
        else:
            found.append(passage)
    return found


def are_close(one: Passage, other: Passage) -> bool:
    """Whether two passages follow each other on both sides."""
    here = other.one[0] - one.one[1]
    there = other.other[0] - one.other[1]
    return here <= GAP_LINES and -GRAM * GAP_LINES <= there <= GAP_LINES


def joined(one: Passage, other: Passage) -> Passage:
    return Passage(
        (min(one.one[0], other.one[0]), max(one.one[1], other.one[1])),
        (min(one.other[0], other.other[0]), max(one.other[1], other.other[1])),
    )
