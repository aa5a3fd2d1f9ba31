"""From results to grades: lateness, the bank, attempts, extensions, teams, and what course.toml may
not say.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.classroom import course, roster, run

from grader.classroom.course_file import read_course
from grader.classroom.course_template import course_template
from grader.classroom.rules import attempts_of, gradebook_of
from grader.course.curriculum import all_tasks
from grader.errors import UsageError
from grader.records import Summary
from grader.records.gradebook import Grade, Gradebook

DUE = datetime(2026, 10, 12, 10, 0, tzinfo=UTC)  # noon in Berlin
NOW = datetime(2027, 1, 1, tzinfo=UTC)
NEURON = {"id": "neuron", "deadline": datetime(2026, 10, 12, 12, 0)}
LATER = {"id": "layers", "deadline": datetime(2026, 10, 19, 12, 0)}


def book(*runs: Summary, **spec: Any) -> Gradebook:
    return gradebook_of(course(**spec), runs, NOW)


def grade(*runs: Summary, learner: str = "4711", task: str = "neuron", **spec: Any) -> Grade:
    return book(*runs, **spec).by_learner[learner].grades[task]


def after(**late: float) -> datetime:
    return DUE + timedelta(**late)


@pytest.mark.parametrize(
    ("late", "days", "points"),
    [
        ({"minutes": 0}, 0, 80.0),
        ({"minutes": 9}, 0, 80.0),
        ({"minutes": 11}, 1, 72.0),
        ({"hours": 24}, 1, 72.0),
        ({"hours": 24, "seconds": 1}, 2, 64.0),
        ({"days": 3}, 3, 56.0),
        ({"days": 3, "seconds": 1}, 4, 0.0),
    ],
)
def test_each_begun_day_costs_its_share(late: dict[str, float], days: int, points: float) -> None:
    rules = {"grace_minutes": 10, "penalty_percent_per_day": 10, "closed_after_days": 3}
    found = grade(run(at=after(**late)), late=rules)
    assert (found.late_days, found.points, found.raw) == (days, points, 80.0)


def test_late_is_nothing_where_the_course_says_nothing_else() -> None:
    assert grade(run(at=after(hours=1))).points == 0.0


def test_the_bank_pays_in_the_order_of_deadlines() -> None:
    runs = [
        run(at=DUE + timedelta(days=2), task="neuron"),
        run(at=DUE + timedelta(days=9), task="layers"),
    ]
    rules = {"bank_days": 3, "penalty_percent_per_day": 25}
    found = book(*runs, late=rules, tasks=[LATER, NEURON]).by_learner["4711"]
    assert found.grades["neuron"].bank_days == 2
    assert found.grades["neuron"].points == 80.0
    assert found.grades["layers"].bank_days == 1
    assert found.grades["layers"].points == 60.0
    assert found.bank_left == 0


def test_a_late_attempt_that_does_not_count_leaves_the_bank_alone() -> None:
    runs = [run(points=80, at=after(hours=-1)), run(points=70, at=after(days=2))]
    found = book(*runs, late={"bank_days": 3}).by_learner["4711"]
    assert found.grades["neuron"].points == 80.0
    assert found.bank_left == 3


def test_days_that_buy_nothing_stay_in_the_bank() -> None:
    found = book(run(at=after(days=5)), late={"bank_days": 2}).by_learner["4711"]
    assert found.grades["neuron"].points == 0.0
    assert found.bank_left == 2


def test_the_best_or_the_last_attempt_counts() -> None:
    runs = [run(points=90, at=after(days=-2)), run(points=60, at=after(days=-1))]
    assert grade(*runs, counts="best").points == 90.0
    assert grade(*runs, counts="last").points == 60.0


def test_attempts_beyond_the_limit_do_not_count_and_are_said() -> None:
    runs = [run(points=10, at=after(days=-3)), run(points=20, at=after(days=-2)), run(points=99)]
    found = grade(*runs, attempts=2)
    assert found.points == 20.0
    assert found.attempts == 3
    assert "1 attempt too many, not counted" in found.remarks


def test_the_same_bytes_are_one_attempt_with_the_median_of_its_runs() -> None:
    first = run(points=50, at=after(days=-1))
    again = [run(points=points, sha256=first.sha256) for points in (60, 95)]
    found = grade(first, *again)
    assert (found.points, found.attempts) == (60, 1)


def test_an_attempt_is_as_old_as_its_first_run() -> None:
    """Its median is from a run that was made last; it stays the earlier one of two attempts."""
    first = run(points=50)._replace(created=1.0, submitted=None, sha256="a")
    other = run(points=60)._replace(created=2.0, submitted=None, sha256="b")
    again = [
        run(points=points)._replace(created=3.0 + points, submitted=None, sha256="a")
        for points in (60, 70)
    ]
    found = attempts_of([again[0], other, again[1], first])
    assert [(each.run.sha256, each.first_graded) for each in found] == [("a", 1.0), ("b", 2.0)]
    assert found[0].run.total == 60
    kept = grade(first, other, *again, attempts=1)
    assert kept.result == found[0].run.id


def test_the_graders_own_trouble_is_no_attempt() -> None:
    found = grade(run(points=None, at=after(days=-1)))
    assert found.points is None
    assert found.attempts == 0


def test_without_a_time_it_is_in_time_and_that_is_said() -> None:
    found = grade(run(at=None))
    assert found.points == 80.0
    assert "not known" in found.remarks[0]
    marked = grade(run(at=None, is_late=1.0), late={"penalty_percent_per_day": 10})
    assert marked.points == 72.0
    assert "marked late" in marked.remarks[1]


@pytest.mark.parametrize(
    "extension",
    [{"days": 2}, {"until": datetime(2026, 10, 14, 12, 0)}, {"days": 2, "task": "neuron"}],
)
def test_an_extension_is_one_learners(extension: dict[str, Any]) -> None:
    runs = [run(at=after(days=2)), run("Ben Roe", at=after(days=2))]
    found = book(*runs, extensions=[{"learner": "ada", **extension}])
    assert found.by_learner["4711"].grades["neuron"].points == 80.0
    assert found.by_learner["4712"].grades["neuron"].points == 0.0


def test_what_a_team_hands_in_counts_for_each_with_their_own_bank() -> None:
    runs = [run("Ben Roe", at=after(days=1)), run("Ada Lovelace", 10, at=after(days=-1))]
    runs.append(run("Ada Lovelace", at=DUE + timedelta(days=8), task="layers"))
    teams = [{"members": ["4711", "ben@example.org"], "tasks": ["neuron"]}]
    found = book(*runs, late={"bank_days": 1}, teams=teams, tasks=[NEURON, LATER])
    ada = found.by_learner["4711"]
    assert ada.grades["neuron"].points == found.by_learner["4712"].grades["neuron"].points == 80.0
    assert ada.grades["layers"].points == 0.0
    assert found.by_learner["4713"].grades["neuron"].points is None


def test_a_team_may_hand_in_under_its_name() -> None:
    teams = [{"name": "The Neurons", "members": ["4711", "4712"]}]
    found = book(run("the neurons", at=DUE), teams=teams)
    assert [row.grades["neuron"].points for row in found.rows] == [80.0, 80.0, None]
    assert found.unknown == ()


def test_a_day_is_over_at_the_same_time_on_the_clock() -> None:
    """Clocks in Berlin go back in the night to October 25, 2026: that day has 25 hours."""
    tasks = [{"id": "neuron", "deadline": datetime(2026, 10, 24, 12, 0)}]
    due = datetime(2026, 10, 24, 10, 0, tzinfo=UTC)
    assert grade(run(at=due + timedelta(hours=25)), tasks=tasks).late_days == 1
    assert grade(run(at=due + timedelta(hours=25, seconds=1)), tasks=tasks).late_days == 2
    spring = [{"id": "neuron", "deadline": datetime(2026, 3, 28, 12, 0)}]
    due = datetime(2026, 3, 28, 11, 0, tzinfo=UTC)
    assert grade(run(at=due + timedelta(hours=23)), tasks=spring).late_days == 1
    assert grade(run(at=due + timedelta(hours=23, seconds=1)), tasks=spring).late_days == 2


def test_results_of_an_earlier_exam_count_only_where_there_are_no_others() -> None:
    old = run(points=90, at=after(days=-3), exam_version="old")
    new = run(points=50, at=after(days=-1), exam_version="new")
    versions = {"neuron": "new"}
    for runs, points in (((old, new), 50), ((old,), 90)):
        found = gradebook_of(course(), runs, NOW, versions=versions)
        assert found.by_learner["4711"].grades["neuron"].points == points


def test_what_a_regrade_took_the_place_of_no_longer_counts() -> None:
    old, new = run(points=90, at=DUE), run(points=40, at=DUE)
    found = gradebook_of(course(), [old, new], NOW, set_aside={old.id})
    assert found.by_learner["4711"].grades["neuron"].points == 40


def test_results_of_weaker_isolation_count_only_where_the_course_takes_them() -> None:
    assert grade(run(at=DUE, tier="process"), tiers=["container"]).points is None


def test_the_whole_course_is_weighed() -> None:
    tasks = [NEURON | {"weight": 3}, LATER, {"id": "gan", "deadline": datetime(2027, 6, 1)}]
    found = book(run(points=80, at=DUE), tasks=tasks).by_learner["4711"]
    assert found.total == 48.0
    assert found.so_far == 60.0


def test_who_is_not_on_the_roster_is_said() -> None:
    assert book(run("Mallory")).unknown == ("Mallory",)


POINTS = st.floats(0, 100)
HOURS = st.floats(-300, 300)


@given(st.lists(st.tuples(POINTS, HOURS), min_size=1, max_size=6), st.integers(0, 5))
def test_no_rule_gives_more_than_was_earned(attempts: list[tuple[float, float]], bank: int) -> None:
    runs = [run(points=points, at=after(hours=hours)) for points, hours in attempts]
    rules = {"bank_days": bank, "penalty_percent_per_day": 20, "closed_after_days": 6}
    found = book(*runs, late=rules).by_learner["4711"]
    mine = found.grades["neuron"]
    assert mine.points is not None
    assert 0 <= mine.points <= max(points for points, _ in attempts) + 0.01
    assert 0 <= mine.bank_days <= bank
    assert found.bank_left == bank - mine.bank_days
    richer = book(*runs, late=rules | {"bank_days": bank + 1}).by_learner["4711"]
    assert richer.grades["neuron"].points is not None
    assert richer.grades["neuron"].points >= mine.points


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('timezone = "Mars/Olympus"', "no time zone"),
        ('[[tasks]]\nid = "a"\n[[tasks]]\nid = "a"', "two tasks are called 'a'"),
        (
            'timezone = "Europe/Berlin"\n[[tasks]]\nid = "a"\ndeadline = 2026-03-29T02:30:00',
            "shown never by the clocks of Europe/Berlin",
        ),
        (
            'timezone = "Europe/Berlin"\n[[tasks]]\nid = "a"\ndeadline = 2026-10-25T02:30:00',
            r"2026-10-25T02:30:00\+02:00 or 2026-10-25T02:30:00\+01:00",
        ),
        (
            '[[tasks]]\nid = "a"\n[[teams]]\nname = "X"\nmembers = ["ada", "ben"]\n'
            '[[teams]]\nname = "Y"\nmembers = ["ada", "cleo"]',
            "Ada Lovelace is in two teams for 'a': X and Y",
        ),
        ('[[teams]]\nmembers = ["ada", "eve"]', "'eve', who is nobody on the roster"),
        ('[[extensions]]\nlearner = "eve"\ndays = 1', "the extension of 'eve'"),
        ('[[extensions]]\nlearner = "ada"', "either days or until"),
        ('[[extensions]]\nlearner = "ada"\ntask = "b"\ndays = 1', "no task of the course"),
        ("wieght = 3", "wieght"),
        ("title = ", "not valid TOML"),
    ],
)
def test_whatever_is_wrong_with_the_rules_is_one_message(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "course.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=says):
        read_course(path, roster())


def test_a_time_with_its_offset_is_taken_in_the_night_of_the_change(tmp_path: Path) -> None:
    path = tmp_path / "course.toml"
    path.write_text(
        'timezone = "Europe/Berlin"\n[[tasks]]\nid = "a"\ndeadline = 2026-10-25T02:30:00+01:00'
    )
    found = read_course(path, roster())
    assert found.moment(found.spec.tasks[0].deadline or NOW) == datetime(
        2026, 10, 25, 1, 30, tzinfo=UTC
    )


def test_a_new_class_begins_with_rules_that_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "course.toml"
    path.write_text(course_template(all_tasks()))
    assert len(read_course(path, roster()).spec.tasks) == 1
    path.write_text(course_template(all_tasks()).replace("\n# [[tasks]]", "\n[[tasks]]"))


RULES = 'title = "Übung"\n[[tasks]]\nid = "a"\n'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (RULES.encode("utf-16"), "is in UTF-16.*save it again as UTF-8"),
        (RULES.encode("utf-16-be", "strict").join([b"\xfe\xff", b""]), "is in UTF-16"),
        (f"# rules\n{RULES}".encode("latin-1"), "line 2: the byte 0xDC is not UTF-8.*Latin-1"),
        (b"\xff" + RULES.encode(), "line 1: the byte 0xFF"),
    ],
    ids=["utf-16", "big", "latin-1", "other"],
)
def test_rules_in_other_bytes_are_named_and_not_guessed(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "course.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=says):
        read_course(path, roster())


def test_rules_as_windows_saves_them_are_read(tmp_path: Path) -> None:
    path = tmp_path / "course.toml"
    path.write_bytes(RULES.replace("\n", "\r\n").encode("utf-8-sig"))
    assert read_course(path, roster()).spec.title == "Übung"
