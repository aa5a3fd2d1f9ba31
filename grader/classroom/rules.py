"""The one function that turns results into grades, by the rules of a course.

Pure: a course, the summaries of stored results and a moment go in, a gradebook comes out, and
nothing is read or run. `grader rescore`, boards, the class page and every export ask it, so they
agree to the point, and a deadline that is changed afterwards is one edit.

What happens to one learner's work for one task:

1. *Attempts.* Results of the same bytes are one attempt, which stands with the median of its runs
   (`boards.entries_of`). An attempt was handed in when its platform says, or else when its first
   run was graded. The grader's own trouble is no attempt. If the course counts only so many, the
   first ones count.
2. *Lateness.* Up to the deadline, with every extension and the grace, is in time. After that each
   begun day is a late day, counted on the clock of the course: a day is over at the same time on
   the clock, also in the night in which the clocks are changed. Grace decides whether it is late,
   never how late.
3. *The bank* pays late days in the order of the tasks' deadlines, so that a grade that was given
   is not changed by what comes later. What it does not pay costs its share of the points earned.
4. *Which attempt counts*: the one with most points after all that (of equals the one that takes
   fewer days from the bank, then the earlier one), or the last one. It alone takes days from the
   bank.

A team's members have the team's attempts, each with their own extension and bank.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from grader.classroom.course_file import Course, LateTable, TaskTable, days_later
from grader.records import Status, Summary
from grader.records.gradebook import Grade, Gradebook, Learner, LearnerGrades, PlannedTask
from grader.results.boards import TIERS, entries_of
from grader.text import same_name

FULL = 100.0
MOST_LATE_DAYS = 3660
DAY_SECONDS = 86_400
UNKNOWN_TIME = "when it was handed in is not known: counted as in time"
LATE_MARK = "marked late by the platform, which doesn't say how late: counted as one day"
OLDER_EXAM = "graded by an earlier version of the task"


class Attempt(NamedTuple):
    """One thing that was handed in for one task, and the run that stands for it."""

    run: Summary
    moment: float | None  # seconds since 1970; None where nobody knows
    is_marked_late: bool
    first_graded: float  # when its first run was

    @property
    def age(self) -> tuple[float, str]:
        """Sort key, oldest first: when it was handed in, or else first graded."""
        when = self.first_graded if self.moment is None else self.moment
        return when, self.run.id


class Judged(NamedTuple):
    """An attempt after the rules."""

    attempt: Attempt
    points: float
    late_days: int
    bank_days: int
    penalty_percent: float

    @property
    def order(self) -> tuple[float, int, float, str]:
        """Sort key: the attempt that counts for most comes first."""
        return -self.points, self.bank_days, *self.attempt.age


def gradebook_of(
    course: Course,
    summaries: Iterable[Summary],
    now: datetime,
    *,
    versions: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
    set_aside: Collection[str] = (),
    pseudonyms: Mapping[str, str] | None = None,
) -> Gradebook:
    """Return the grades of everybody on the roster.

    versions: task id -> its exam version of today; a learner's results of earlier ones count only
    where there is none of today's. set_aside: ids of results that a regrade took the place of.
    pseudonyms: pseudonym -> learner's id, for results that carry no names.
    """
    owners = owners_of(course, pseudonyms or {})
    by_owner, unknown = sorted_by_owner(course, summaries, owners, versions or {}, set_aside)
    plan = planned(course, titles or {})
    tasks = in_order_of_deadlines(course)
    moment = now.astimezone(UTC).timestamp()
    rows = []
    for learner in course.roster.learners:
        rows.append(row_of(course, learner, tasks, plan, by_owner, moment))
    return Gradebook(
        title=course.spec.title,
        tasks=tuple(plan),
        rows=tuple(rows),
        bank_days=course.spec.late.bank_days,
        has_bank=course.spec.late.bank_days > 0,
        unknown=tuple(sorted(unknown)),
    )


def planned(course: Course, titles: Mapping[str, str]) -> list[PlannedTask]:
    """Return the tasks of the course in the order of its file."""
    plan = []
    for task in course.spec.tasks:
        title = task.title or titles.get(task.id, task.id)
        deadline = None if task.deadline is None else course.moment(task.deadline)
        plan.append(PlannedTask(task.id, title, task.weight, task.points, deadline))
    return plan


def in_order_of_deadlines(course: Course) -> list[TaskTable]:
    """Return the tasks as the bank pays for them: the earliest deadline first, those without last.

    Python's sort is stable: of equals the one that stands first in the file.
    """

    def order(task: TaskTable) -> float:
        if task.deadline is None:
            return math.inf
        return course.moment(task.deadline).timestamp()

    return sorted(course.spec.tasks, key=order)


# Whose results are whose.


def owners_of(course: Course, pseudonyms: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return what a result may call its author -> the ids of the learners it belongs to."""
    owners = dict(course.teams_by_name)
    owners |= {name: (learner.id,) for name, learner in course.roster.by_author.items()}
    owners |= {same_name(name): (learner_id,) for name, learner_id in pseudonyms.items()}
    return owners


def sorted_by_owner(
    course: Course,
    summaries: Iterable[Summary],
    owners: Mapping[str, tuple[str, ...]],
    versions: Mapping[str, str],
    set_aside: Collection[str],
) -> tuple[dict[tuple[str, str], list[Summary]], set[str]]:
    """Return the runs of each learner and task, and the authors who are nobody on the roster."""
    tasks = {task.id for task in course.spec.tasks}
    tiers = set(course.spec.tiers) or {tier.value for tier in TIERS}
    found: dict[tuple[str, str], list[Summary]] = defaultdict(list)
    unknown: set[str] = set()
    known: dict[str, tuple[str, ...]] = {}
    for run in summaries:
        if run.task not in tasks or run.tier not in tiers or run.id in set_aside:
            continue
        author = known.get(run.author)
        if author is None:
            author = known[run.author] = owners.get(same_name(run.author), ())
        if not author:
            unknown.add(run.author)
        for learner_id in author:
            found[learner_id, run.task].append(run)
    for key, runs in found.items():
        current = [run for run in runs if run.exam_version == versions.get(key[1])]
        found[key] = current or runs
    return found, unknown


def row_of(
    course: Course,
    learner: Learner,
    tasks: Sequence[TaskTable],
    plan: Sequence[PlannedTask],
    by_owner: Mapping[tuple[str, str], list[Summary]],
    now: float,
) -> LearnerGrades:
    """Return all grades of one learner. tasks: in the order in which the bank pays."""
    bank = course.spec.late.bank_days
    grades = {}
    for task in tasks:
        runs = runs_of(course, learner, task.id, by_owner)
        grade = grade_of(course, learner, task, runs, bank) if runs else Grade(learner.id, task.id)
        bank -= grade.bank_days
        grades[task.id] = grade
    total, so_far = totals(plan, grades, now)
    return LearnerGrades(learner, grades, total, so_far, bank)


def runs_of(
    course: Course,
    learner: Learner,
    task_id: str,
    by_owner: Mapping[tuple[str, str], list[Summary]],
) -> list[Summary]:
    """Return the runs of a learner, or of the whole team that the learner is in."""
    team = course.teammates.get((learner.id, task_id))
    if team is None:
        return by_owner.get((learner.id, task_id), [])
    together = {run.path: run for each in team for run in by_owner.get((each, task_id), ())}
    return list(together.values())


# One learner, one task.


def grade_of(
    course: Course, learner: Learner, task: TaskTable, runs: Sequence[Summary], bank: int
) -> Grade:
    """Return the grade that some runs come to. bank: the late days that are left."""
    attempts = attempts_of(runs)
    if not attempts:
        return Grade(learner.id, task.id, remarks=("only the grader's own trouble so far",))
    most = task.attempts or course.spec.attempts
    counted = attempts[:most] if most else attempts
    late = course.late_of(task)
    deadline = course.deadline_of(task, learner)
    judged = []
    for attempt in counted:
        days = late_days_of(attempt, deadline, late, course)
        judged.append(judge(attempt, days, late, bank))
    chosen = judged[-1] if course.counts_of(task) == "last" else min(judged, key=best_first)
    run = chosen.attempt.run
    return Grade(
        learner=learner.id,
        task=task.id,
        points=chosen.points,
        raw=run.total,
        result=run.id,
        path=run.path,
        status=run.status,
        submitted_at=chosen.attempt.moment,
        late_days=chosen.late_days,
        bank_days=chosen.bank_days,
        penalty_percent=chosen.penalty_percent,
        attempts=len(attempts),
        remarks=tuple(remarks_on(chosen, attempts, counted, deadline)),
    )


def best_first(judged: Judged) -> tuple[float, int, float, str]:
    return judged.order


def attempts_of(runs: Sequence[Summary]) -> list[Attempt]:
    """Return what was handed in, oldest first; the grader's own trouble is no attempt."""
    graded = [run for run in runs if run.status != Status.GRADER_ERROR]
    by_bytes: dict[str, list[Summary]] = defaultdict(list)
    for run in graded:
        by_bytes[run.sha256].append(run)
    if len(by_bytes) == len(graded):
        attempts = [Attempt(run, run.submitted, bool(run.is_late), run.created) for run in graded]
        return sorted(attempts, key=oldest_first)
    attempts = []
    for sha256, entry in entries_of(graded).items():
        same = by_bytes[sha256]
        moments = [run.submitted for run in same if run.submitted is not None]
        moment = min(moments) if moments else None
        first = min(run.created for run in same)
        attempts.append(Attempt(entry, moment, all(run.is_late for run in same), first))
    return sorted(attempts, key=oldest_first)


def oldest_first(attempt: Attempt) -> tuple[float, str]:
    return attempt.age


def late_days_of(
    attempt: Attempt, deadline: datetime | None, late: LateTable, course: Course
) -> int:
    """Return how many days after the deadline an attempt was handed in; 0: in time."""
    if deadline is None:
        return 0
    if attempt.moment is None:
        return int(attempt.is_marked_late)
    return late_days_at(attempt.moment, deadline, late, course.zone)


def late_days_at(moment: float, deadline: datetime, late: LateTable, zone: ZoneInfo) -> int:
    """Return how many days after the deadline a moment is, in seconds since 1970; 0: in time."""
    over = moment - end_of_day(deadline, 0, zone)
    if over <= 60 * late.grace_minutes:
        return 0
    # From a day fewer on: one day of the two on which clocks are changed has 25 hours.
    days = max(1, math.ceil(over / DAY_SECONDS) - 1)
    while days < MOST_LATE_DAYS and moment > end_of_day(deadline, days, zone):
        days += 1
    return days


@lru_cache(maxsize=1 << 14)
def end_of_day(deadline: datetime, days: int, zone: ZoneInfo) -> float:
    """Return when so many late days are over, in seconds since 1970."""
    return days_later(deadline, days, zone).timestamp()


def judge(attempt: Attempt, late_days: int, late: LateTable, bank: int) -> Judged:
    """Return an attempt with what its lateness costs."""
    raw = max(0.0, attempt.run.total or 0.0)
    if late_days == 0:
        return Judged(attempt, raw, 0, 0, 0.0)
    if late.closed_after_days is not None and late_days > late.closed_after_days:
        return Judged(attempt, 0.0, late_days, 0, FULL)
    most = bank if late.most_bank_days_per_task is None else late.most_bank_days_per_task
    paid = min(late_days, bank, most) if raw > 0 else 0
    percent = min(FULL, (late_days - paid) * late.penalty_percent_per_day)
    if percent == FULL:
        # Days that buy nothing stay in the bank.
        paid = 0
    return Judged(attempt, round(raw * (1 - percent / FULL), 2), late_days, paid, percent)


def remarks_on(
    chosen: Judged,
    attempts: Sequence[Attempt],
    counted: Sequence[Attempt],
    deadline: datetime | None,
) -> list[str]:
    """Say what a person should know about a grade."""
    remarks = []
    if chosen.late_days:
        days = f"{chosen.late_days} day{'s' if chosen.late_days > 1 else ''} late"
        if chosen.bank_days:
            days += f", {chosen.bank_days} paid from the bank"
        if chosen.penalty_percent:
            days += f", {chosen.penalty_percent:g} % less"
        remarks.append(days)
    if deadline is not None and chosen.attempt.moment is None:
        remarks.append(LATE_MARK if chosen.attempt.is_marked_late else UNKNOWN_TIME)
    left = len(attempts) - len(counted)
    if left:
        remarks.append(f"{left} attempt{'s' if left > 1 else ''} too many, not counted")
    return remarks


def totals(
    plan: Sequence[PlannedTask], grades: Mapping[str, Grade], now: float
) -> tuple[float, float | None]:
    """Return the points of 100 over the whole course, and over what is due or handed in."""
    won = 0.0
    whole = 0.0
    due = 0.0
    for task in plan:
        points = grades[task.id].points
        whole += task.weight
        is_due = task.deadline is not None and task.deadline.timestamp() <= now
        if points is not None or is_due:
            due += task.weight
        won += task.weight * (points or 0.0)
    total = won / whole if whole else 0.0
    return round(total, 2), round(won / due, 2) if due else None
