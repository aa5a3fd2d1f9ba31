"""Numbers and places in; at most two diagnoses out. Pure, and silent where the evidence is thin.

A mistake is named if two signs agree, or one sign and a place in the source; at least one of the
signs is the grader's own measurement. An entry may say that the place does for that: the grader
read the source itself, and no answer shows that a layer was left out of an optimizer. A wrong name
costs a learner more than none, and every threshold was set on trained recipes: no reference
solution that is meant to be good was called mistaken in 1,620 rounds
(docs/measure/doctor-figures.md). Of several entries that fit, the more particular one comes first,
and what it explains is not named beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.doctor.entries import Entry, Sign, catalogue, placeholders
from grader.doctor.evidence import Source
from grader.doctor.rules.finder import RULES
from grader.records import Diagnosis

MOST = 2
AGREEING = 2
MOST_SIGNS = 3  # that are shown, symptoms last
PLACE_COUNTS = 10  # ranks that an entry with a place in the source moves up


@dataclass(frozen=True)
class Found:
    """An entry that fits, with the signs that were seen and the place, if there is one."""

    entry: Entry
    signs: tuple[Sign, ...]
    place: str

    def order(self) -> tuple[int, int, str]:
        """Sort by this: the most particular entry first, then the one with most signs."""
        rank = self.entry.rank
        if self.place:
            rank -= PLACE_COUNTS
        return (rank, -len(self.signs), self.entry.code)


def diagnose(
    numbers: Mapping[str, float],
    source: Source | None = None,
    *,
    exam: str = "classification",
    entries: Iterable[Entry] | None = None,
) -> list[Diagnosis]:
    """Return what likely went wrong, the best candidate first; nothing where nothing is sure.

    numbers: of `observables`, by name; an absent one meets no condition. entries: those to try,
    the whole catalogue by default.
    """
    source = source or Source()
    numbers = {**numbers, **source_numbers(source)}
    tried = catalogue().values() if entries is None else entries
    found: list[Found] = []
    for entry in tried:
        fit = fits(entry, numbers, source) if exam in entry.exams else None
        if fit is not None:
            found.append(fit)
    named: list[Diagnosis] = []
    explained: set[str] = set()
    for each in sorted(found, key=Found.order):
        if each.entry.code not in explained and len(named) < MOST:
            named.append(as_diagnosis(each, numbers, is_first=not named))
            explained.update(each.entry.explains)
    return named


def source_numbers(source: Source) -> dict[str, float]:
    """Return a 1 for every rule with a place, and where all was read a 0 for the others."""
    known = RULES if source.is_whole else source.places
    return {f"source_{rule}": float(rule in source.places) for rule in known}


def fits(entry: Entry, numbers: Mapping[str, float], source: Source) -> Found | None:
    """Return the entry with its evidence if that is enough for a name."""
    if any(condition.holds(numbers) for condition in entry.unless):
        return None
    place = place_of(entry, source)
    seen: list[Sign] = []
    for sign in entry.signs:
        if (place or not sign.soft) and sign.holds(numbers):
            seen.append(sign)
        elif sign.required:
            return None
    rests_on_word = all(sign.rests_on_trace for sign in seen)
    if rests_on_word and not (place and entry.word_and_place and seen):
        return None
    if len(seen) + bool(place) < AGREEING:
        return None
    return Found(entry, tuple(seen), place)


def place_of(entry: Entry, source: Source) -> str:
    """Return the place of the first of an entry's rules that has one; else nothing."""
    for rule in entry.source:
        if rule in source.places:
            return source.places[rule]
    return ""


def as_diagnosis(found: Found, numbers: Mapping[str, float], *, is_first: bool) -> Diagnosis:
    """Put into words what was found, with this run's numbers."""
    entry = found.entry
    shown = sorted(found.signs, key=lambda sign: sign.soft)[:MOST_SIGNS]
    params: dict[str, float] = {}
    for sign in shown:
        for name in sorted(placeholders(sign.says)):
            params[name] = float(numbers[name])
    because = [sign.says.format(**params) for sign in shown]
    if found.place:
        because.append(f"{found.place} is the line to look at")
    return Diagnosis(
        code=entry.code,
        text_id=entry.text_id,
        title=entry.title,
        severity=entry.severity,
        likelihood="likely" if is_first else "possible",
        because=because,
        where=found.place,
        params=params,
    )
