"""Whose hand-in it is: one learner for sure, or a person is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.classroom import ADA, BEN, roster

from grader.classroom.arrivals import only_last
from grader.classroom.matching import Matched, match
from grader.classroom.roster import Roster
from grader.intake.hand_ins import HandIn
from grader.intake.parts import Person

SPANISH = "4714,mjn,María José Núñez,A,mj@example.org\n"


def handed_in(name: str = "", **said: str) -> HandIn:
    people = (Person(**said),) if said else ()
    return HandIn(path=Path(name or "submission"), people=people)


def matched(found: HandIn, of: Roster) -> Matched:
    return match([found], of, lambda hand_in: hand_in.path.stem)


@pytest.mark.parametrize(
    "said",
    [
        {"id": "4714"},
        {"login": "MJN"},
        {"email": "MJ@example.org"},
        {"name": "María José Núñez"},
        {"name": "Nunez María José"},
        {"squashed": "nunezmariajose"},
        {"squashed": "núñezmaríajosé"},
        {"squashed": "josenunezmaria"},
    ],
)
def test_any_of_the_platforms_ways_to_name_somebody(said: dict[str, str]) -> None:
    found = matched(handed_in(**said), roster(ADA, SPANISH))
    assert [each.author for each in found.hand_ins] == ["María José Núñez"]


@pytest.mark.parametrize("name", ["Ada_Lovelace.zip", "lovelace-ada.py", "4711.ipynb", "ada"])
def test_without_a_platform_the_files_name_counts(name: str) -> None:
    [found] = matched(handed_in(name), roster()).hand_ins
    assert found.author == "Ada Lovelace"


def test_nobody_on_the_roster_is_said_and_not_graded() -> None:
    found = matched(handed_in("Mallory.py"), roster())
    assert found.hand_ins == []
    [unknown, missing] = found.remarks()
    assert "'Mallory.py'" in unknown
    assert "`also`" in unknown
    assert "nothing from 3" in missing


def test_what_could_be_two_people_is_left_to_a_person() -> None:
    found = matched(handed_in(name="Doe, Jane"), roster("1,a,Jane Doe,A,\n", "2,b,Doe Jane,A,\n"))
    assert found.hand_ins == []
    assert "Jane Doe or Doe Jane" in found.remarks()[0]


def test_an_id_decides_where_names_are_the_same() -> None:
    of = roster("1,a,Jane Doe,A,\n", "2,b,Jane Doe,A,\n")
    [found] = matched(handed_in(name="Jane Doe", id="2"), of).hand_ins
    assert found.author == "Jane Doe (b)"


def test_two_submissions_of_one_learner_are_said() -> None:
    both = [handed_in("Ada.py", id="4711"), handed_in("Ada (1).py", id="4711")]
    found = match(both, roster(ADA, BEN), lambda hand_in: hand_in.path.stem)
    assert any("several submissions by Ada Lovelace" in line for line in found.remarks())


def test_a_column_of_the_roster_names_further_names() -> None:
    of = roster("1,a,Ada,A,,Countess\n", heading="id,login,name,section,email,also\n")
    assert matched(handed_in("Countess.zip"), of).hand_ins[0].author == "Ada"


def test_the_last_of_several_attempts_is_graded_and_the_others_are_said() -> None:
    from datetime import UTC, datetime

    both = [
        HandIn(
            path=Path(f"a{hour}"), author="Ada", submitted_at=datetime(2026, 1, 1, hour, tzinfo=UTC)
        )
        for hour in (9, 10)
    ]
    kept, remarks = only_last(both)
    assert [each.path.name for each in kept] == ["a10"]
    assert "1 earlier attempts" in remarks[0]


def test_what_a_platform_calls_a_groups_work_is_said() -> None:
    both = HandIn(path=Path("submission_3"), people=(Person(id="4711"), Person(id="4712")))
    found = matched(both, roster())
    assert [each.author for each in found.hand_ins] == ["Ada Lovelace"]
    assert "by Ada Lovelace and Ben Roe" in found.remarks()[0]
    assert [each.author for each in found.missing] == ["Cleo Doe"]
