"""The catalogue: every entry is whole, and one that claims too much is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from support.doctor import (
    ENTRY,
    FIRST_TWELVE,
    TRAINED,
    entry_with,
)

from benchmarks.doctor.strangers import programs_of
from grader.doctor import entries
from grader.doctor.entries import NUMBERS, catalogue, read_condition, read_entry
from grader.doctor.observables.answers import COMPARED, MEASURED
from grader.doctor.observables.curve import TRACED
from grader.errors import GraderError

FOLDER = Path(__file__).resolve().parent.parent / "data" / "doctor_strangers"
SETS = ("development", "apart", "first_contact")
STRANGERS = [program for each in SETS for program in programs_of(FOLDER / each)]


def test_every_entry_is_whole() -> None:
    assert len(catalogue()) >= 30
    kinds = {entry.exams[0] for entry in catalogue().values()}
    assert kinds == {"classification", "language", "generation", "functions"}
    for entry in catalogue().values():
        assert len(set(entry.hints)) == 3
        assert all(len(hint) > 20 and hint[-1] in ".?" for hint in entry.hints), entry.code
        assert not any(
            word in " ".join(entry.hints).lower().split()
            for word in ("you", "just", "obviously", "simply")
        )


@pytest.mark.parametrize("code", TRAINED)
def test_an_entry_has_what_produces_it_and_what_must_stay_silent(code: str) -> None:
    entry = catalogue()[code]
    by_strangers = {each for program in STRANGERS for each in program.mistakes}
    assert (entry.mutants and entry.correct) or code in by_strangers


def test_the_first_twelve_are_firm() -> None:
    assert all(catalogue()[code].strength == "firm" for code in FIRST_TWELVE)


def test_every_number_has_one_meaning() -> None:
    assert not (
        MEASURED.keys() & TRACED.keys()
        | MEASURED.keys() & COMPARED.keys()
        | TRACED.keys() & COMPARED.keys()
    )
    assert all(NUMBERS.values())


@pytest.mark.parametrize(
    ("text", "numbers", "holds"),
    [
        ("accuracy <= 0.5", {"accuracy": 0.5}, True),
        ("accuracy < 0.5", {"accuracy": 0.5}, False),
        ("last_loss >= 2 * chance_loss", {"last_loss": 4.7, "chance_loss": 2.3}, True),
        ("last_loss > chance_loss + 0.1", {"last_loss": 2.35, "chance_loss": 2.3}, False),
        ("row_sum_gap <= 1e-3", {"row_sum_gap": 2e-4}, True),
        ("last_loss >= -1.01", {"last_loss": -1.0}, True),
        ("last_loss >= 2 * chance_loss", {"last_loss": 4.7}, False),
        ("accuracy <= 0.5", {}, False),
    ],
)
def test_a_condition_holds_or_not(text: str, numbers: Mapping[str, float], holds: bool) -> None:
    assert read_condition(text).holds(numbers) is holds


@pytest.mark.parametrize(
    "text", ["accuracy", "accuracy = 1", "acuracy < 1", "__import__ < 1", "accuracy < 1; 2", 3]
)
def test_what_is_no_condition_is_refused(text: Any) -> None:
    with pytest.raises(ValueError, match=r"condition|there is no number"):
        read_condition(text)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {
                "signs": [
                    {"all": ["last_loss < 0"], "says": "a"},
                    {"all": ["fall < 0"], "says": "b"},
                ]
            },
            "word",
        ),
        ({"signs": [{"all": ["accuracy < 1"], "says": "a"}]}, "never enough"),
        (
            {"signs": [{"all": ["accuracy < 1"], "says": "{largest}"}, ENTRY["signs"][0]]},
            "none of its conditions is about",
        ),
        ({"source": ["no_such_rule"]}, "no_such_rule"),
        ({"severity": "terrible"}, "severity"),
        ({"hints": ["one"]}, "hints"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_entry_that_claims_too_much_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        entry_with(**changes)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("row_sum_gap <=", "row_sum_gapp <=", "Did you mean 'row_sum_gap'"),
        ('"softmax_last"', '"softmax_lst"', "there is no rule 'softmax_lst'. Did you mean 'soft"),
        ('["classification", "language"]', '["clasification"]', "mean 'classification'"),
        ('severity = "essential"', 'severity = "terrible"', "severity: "),
        ("rank =", "rnak =", "rnak: "),
    ],
)
def test_a_mistake_in_an_entry_is_said_with_the_file_the_key_and_the_nearest_name(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    text = (entries.FOLDER / "double_softmax.toml").read_text("utf-8")
    assert right in text
    path = tmp_path / "double_softmax.toml"
    path.write_text(text.replace(right, wrong), "utf-8")
    with pytest.raises(GraderError) as caught:
        read_entry(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert said in message
    assert "pydantic" not in message
    assert "Value error" not in message
    assert len(message) < 600, message


def test_an_entry_that_explains_an_unknown_one_is_told_the_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in entries.FOLDER.glob("*.toml"):
        text = file.read_text("utf-8").replace('"raw_pixels"', '"raw_pixel"')
        (tmp_path / file.name).write_text(text, "utf-8")
    monkeypatch.setattr(entries, "FOLDER", tmp_path)
    catalogue.cache_clear()
    try:
        with pytest.raises(GraderError, match="Did you mean 'raw_pixels'"):
            catalogue()
    finally:
        catalogue.cache_clear()


def test_a_file_is_called_after_its_code(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text((entries.FOLDER / "double_softmax.toml").read_text("utf-8"))
    with pytest.raises(GraderError, match="called after its code"):
        read_entry(path)
    path.write_text("code = ")
    with pytest.raises(GraderError, match=r"other\.toml"):
        read_entry(path)
