"""Bug hunts: is the mistake that was planted in a starter still there? Pure.

The answer decides a verdict, so it rests on what the grader measured itself: no source is read and
no training trace is looked at. A mistake is there if the catalogue's entry fits these numbers, or
if one of the bounds that the task names is broken. What could not be measured does not count as
fixed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.doctor.diagnose import diagnose
from grader.doctor.entries import catalogue
from grader.doctor.observables.answers import MEASURED
from grader.errors import TaskError
from grader.records import Diagnosis


@dataclass(frozen=True)
class Hunted:
    """What was seen: signs of the planted mistake, or if it is fixed, what else is likely wrong."""

    signs: tuple[str, ...]  # none: the planted mistake is fixed
    diagnoses: list[Diagnosis]


def check_hunt(absent: Sequence[str], at_most: Mapping[str, float]) -> None:
    """Raise TaskError where a hunt names what the doctor does not know."""
    unknown = [code for code in absent if code not in catalogue()]
    if unknown:
        raise TaskError(
            f"[hunt] absent lists unknown mistakes: {', '.join(unknown)}; "
            "docs/measure/doctor-figures.md lists every mistake that has a name"
        )
    unmeasured = sorted(at_most.keys() - MEASURED.keys())
    if unmeasured:
        raise TaskError(
            f"[hunt] at_most lists figures that are not measured: {', '.join(unmeasured)}; "
            f"measured are {', '.join(MEASURED)}"
        )


def hunt(
    numbers: Mapping[str, float], absent: Sequence[str], at_most: Mapping[str, float]
) -> Hunted:
    """Look for planted mistakes in what was measured of a model.

    absent: codes of the catalogue. at_most: a name of `MEASURED` -> the most it may be.
    """
    measured = {name: value for name, value in numbers.items() if name in MEASURED}
    signs = signs_of(absent, measured) or broken_bounds(at_most, measured)
    if signs:
        return Hunted(tuple(signs), [])
    others = [each for each in diagnose(measured) if each.code not in absent]
    return Hunted((), others)


def signs_of(codes: Sequence[str], measured: Mapping[str, float]) -> list[str]:
    """Return the signs of these mistakes, each once."""
    planted = diagnose(measured, entries=[catalogue()[code] for code in codes])
    return list(dict.fromkeys(sign for each in planted for sign in each.because))


def broken_bounds(at_most: Mapping[str, float], measured: Mapping[str, float]) -> list[str]:
    """Say which bounds are broken, and how."""
    said: list[str] = []
    for name, most in at_most.items():
        value = measured.get(name)
        if value is None:
            said.append(
                f"{MEASURED[name]}: could not be measured, because the answers did not come, "
                "came late or were all the same"
            )
        elif value > most:
            said.append(f"{MEASURED[name]}: {value:.3g}; expected at most {most:g}")
    return said
