"""Numbers and places in; at most two diagnoses out. Pure, and silent where the evidence is thin.

A mistake is named if two signs agree, or one sign and a place in the source; one of the signs at
least is the grader's own measurement. Of several that fit, the more particular one comes first, and
what it explains is not named beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grader.doctor.entries import Entry, Sign, catalogue, placeholders
from grader.records import Diagnosis

MOST = 2
AGREEING = 2
MOST_SIGNS = 3  # that are told, symptoms last
PLACE_COUNTS = 10  # ranks that an entry with a place in the source moves up


@dataclass(frozen=True)
class Source:
    """What a submission's files show: rule -> its first place, "solution.py:41"."""

    places: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = False  # every file was read: what is not there, is not there


@dataclass(frozen=True)
class Found:
    """An entry that fits, with the signs that were seen and the place, if there is one."""

    entry: Entry
    signs: tuple[Sign, ...]
    place: str

    def order(self) -> tuple[int, int, str]:
        return (
            self.entry.rank - (PLACE_COUNTS if self.place else 0),
            -len(self.signs),
            self.entry.code,
        )


def diagnose(
    numbers: Mapping[str, float],
    source: Source | None = None,
    *,
    exam: str = "classification",
    entries: Iterable[Entry] | None = None,
) -> list[Diagnosis]:
    """Return what likely went wrong, the best candidate first; nothing where nothing is sure
    enough.
    """
    source = source or Source()
    numbers = dict(numbers) | source_numbers(source)
    asked = catalogue().values() if entries is None else entries
    found = [
        fit
        for entry in asked
        if exam in entry.exams and (fit := fits(entry, numbers, source)) is not None
    ]
    named: list[Diagnosis] = []
    explained: set[str] = set()
    for each in sorted(found, key=Found.order):
        if each.entry.code not in explained and len(named) < MOST:
            named.append(as_diagnosis(each, numbers, is_first=not named))
            explained |= set(each.entry.explains)
    return named


def source_numbers(source: Source) -> dict[str, float]:
    """Return a 1 for every rule with a place, and where all was read a 0 for the others."""
    from grader.doctor.rules.finder import RULES

    known = RULES if source.is_whole else source.places
    return {f"source_{rule}": float(rule in source.places) for rule in known}


def fits(entry: Entry, numbers: Mapping[str, float], source: Source) -> Found | None:
    """Return the entry with its evidence if that is enough for a name."""
    if any(condition.holds(numbers) for condition in entry.unless):
        return None
    place = next((source.places[rule] for rule in entry.source if rule in source.places), "")
    signs = [sign for sign in entry.signs if place or not sign.soft]
    seen = tuple(sign for sign in signs if all(condition.holds(numbers) for condition in sign.all))
    if any(sign.required and sign not in seen for sign in entry.signs):
        return None
    if all(sign.is_told for sign in seen):
        return None
    if len(seen) + bool(place) < AGREEING:
        return None
    return Found(entry, seen, place)


def as_diagnosis(found: Found, numbers: Mapping[str, float], *, is_first: bool) -> Diagnosis:
    """Put into words what was found, with this run's numbers."""
    entry = found.entry
    shown = sorted(found.signs, key=lambda sign: sign.soft)[:MOST_SIGNS]
    params = {
        name: float(numbers[name]) for sign in shown for name in sorted(placeholders(sign.says))
    }
    because = [sign.says.format(**params) for sign in shown]
    return Diagnosis(
        code=entry.code,
        text_id=entry.text_id,
        title=entry.title,
        severity=entry.severity,
        likelihood="likely" if is_first else "possible",
        because=because + ([f"{found.place} shows a place for it"] if found.place else []),
        where=found.place,
        params=params,
    )
