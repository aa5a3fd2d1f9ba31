"""course.toml: title, tasks with weights and deadlines, and what lateness, attempts and teams mean.

Everything that can be wrong with the file is said when it is read, in one message. Times without a
zone are in the course's. A time that its clock skips or shows twice, in the night when it is
changed, is refused: nobody knows which moment is meant.
"""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator

from grader.classroom.roster import Roster, twice
from grader.errors import UsageError
from grader.records import Record, problems_in
from grader.records.gradebook import Learner
from grader.text import same_name

COURSE_FILE = "course.toml"
GUIDE = "docs/teach/running-a-class.md explains every key"
GITHUB = "github"
# Without TLS on this computer alone, to try it out.
SAFE_PROVIDER = re.compile(r"https://[^/\s]+|http://(127\.0\.0\.1|localhost)(:\d+)?(/|$)")
Counts = Literal["best", "last"]
Days = Annotated[int, Field(ge=0)]


class LateTable(Record):
    """What handing in after the deadline costs."""

    grace_minutes: Annotated[float, Field(ge=0)] = 0
    bank_days: Days = 0  # free late days for each learner, for the whole course
    most_bank_days_per_task: Days | None = None
    # Of the points earned, for each day that the bank doesn't pay. 100: late is nothing.
    penalty_percent_per_day: Annotated[float, Field(ge=0, le=100)] = 100
    closed_after_days: Days | None = None  # later than this brings nothing, whatever the bank has


class TaskTable(Record):
    """One task of the course."""

    id: str
    title: str = ""  # the task's own, if it is empty
    weight: Annotated[float, Field(ge=0)] = 1
    points: Annotated[float, Field(gt=0)] = 100  # what full marks are worth on the platform
    deadline: datetime | None = None
    attempts: Days = 0  # how many count; 0: all
    counts: Counts | None = None
    late: LateTable | None = None


class ExtensionTable(Record):
    """More time for one learner."""

    learner: str  # id, login, e-mail or name
    task: str = ""  # empty: every task
    days: Days = 0
    until: datetime | None = None
    why: str = ""


class TeamTable(Record):
    """Learners who hand in together: what one hands in counts for all."""

    name: str = ""
    members: Annotated[list[str], Field(min_length=2)]
    tasks: list[str] = Field(default_factory=list)  # empty: every task


class SignInTable(Record):
    """Of the hand-in page: whose accounts learners may sign in with, beside codes."""

    provider: str  # https://…, of an OpenID Connect provider, or "github"
    client_id: Annotated[str, Field(min_length=1)]
    match: Literal["email", "login"] = "email"  # of the roster; e-mails have to be verified
    label: str = "your account"  # "Sign in with …"

    @field_validator("provider")
    @classmethod
    def _is_encrypted(cls, value: str) -> str:
        if value == GITHUB or SAFE_PROVIDER.match(value):
            return value
        raise ValueError('expected "github" or an address that begins with https://')


class CourseSpec(Record):
    """A whole course.toml."""

    title: str = "The course"
    timezone: str = "UTC"
    attempts: Days = 0
    counts: Counts = "best"
    tiers: list[Literal["gvisor", "container", "process"]] = Field(default_factory=list)
    anonymous_boards: bool = False  # of the hand-in page: learners see pseudonyms, not names
    show_source: bool = False  # on the pages of `grader report`: lines that diagnoses name
    sign_in: SignInTable | None = None
    late: LateTable = LateTable()
    tasks: list[TaskTable] = Field(default_factory=list)
    extensions: list[ExtensionTable] = Field(default_factory=list)
    teams: list[TeamTable] = Field(default_factory=list)


class Course:
    """The rules of a course, with every name found in the roster and every time in its zone."""

    def __init__(self, spec: CourseSpec, roster: Roster, source: str = COURSE_FILE) -> None:
        """Raises UsageError with everything in the spec that means nothing or contradicts."""
        self.spec = spec
        self.roster = roster
        problems = list(self._problems())
        if problems:
            raise UsageError(f"{source}: {'; '.join(problems)}. {GUIDE}.")

    def _problems(self) -> Iterator[str]:
        if zone_of(self.spec.timezone) is None:
            yield (
                f"timezone = {self.spec.timezone!r} is no time zone; expected a name such as "
                '"Europe/Berlin" or "UTC"'
            )
            return
        ids = [task.id for task in self.spec.tasks]
        for each in twice(ids):
            yield f"two tasks are called {each!r}"
        for task in self.spec.tasks:
            yield from self._time_problems(task.deadline, f"the deadline of {task.id!r}")
        for extension in self.spec.extensions:
            where = f"the extension of {extension.learner!r}"
            yield from self._time_problems(extension.until, where)
            if self.find(extension.learner) is None:
                yield f"{where} is for nobody on the roster, or for several; write the id"
            if extension.task and extension.task not in ids:
                yield f"{where} is for {extension.task!r}, which is no task of the course"
            if bool(extension.days) == (extension.until is not None):
                yield f"{where} needs either days or until"
        yield from self._team_problems(ids)

    def _time_problems(self, moment: datetime | None, what: str) -> Iterator[str]:
        if moment is None or moment.tzinfo is not None:
            return
        early = moment.replace(tzinfo=self.zone, fold=0)
        late = moment.replace(tzinfo=self.zone, fold=1)
        if early.utcoffset() == late.utcoffset():
            return
        shown = f"{moment:%Y-%m-%dT%H:%M:%S}"
        before = shown + offset_text(early)
        after = shown + offset_text(late)
        how = "twice" if exists(early) else "never"
        yield (
            f"{what}, {shown}, is shown {how} by the clocks of {self.spec.timezone}, which are "
            f"changed that night; write {before} or {after}"
        )

    def _team_problems(self, ids: list[str]) -> Iterator[str]:
        seen: dict[tuple[str, str], str] = {}
        for number, team in enumerate(self.spec.teams, start=1):
            name = team.name or f"number {number}"
            for task in team.tasks:
                if task not in ids:
                    yield f"team {name} is for {task!r}, which is no task of the course"
            for member in team.members:
                learner = self.find(member)
                if learner is None:
                    yield f"team {name} has {member!r}, who is nobody on the roster, or several"
                    continue
                for task in team.tasks or ids:
                    other = seen.setdefault((learner.id, task), name)
                    if other != name:
                        yield (
                            f"{learner.author} is in two teams for {task!r}: {other} and {name}; "
                            "take the name out of one of them"
                        )
                        break

    @cached_property
    def zone(self) -> ZoneInfo:
        return zone_of(self.spec.timezone) or ZoneInfo("UTC")

    def moment(self, time: datetime) -> datetime:
        """Return a time with a zone: its own, or the course's."""
        return time.replace(tzinfo=self.zone) if time.tzinfo is None else time

    def find(self, text: str) -> Learner | None:
        """Return the learner with this id, login, e-mail or name; None for nobody or several."""
        return self.roster.by_author.get(same_name(text))

    def deadline_of(self, task: TaskTable, learner: Learner) -> datetime | None:
        """Return until when a learner may hand in, with every extension; the latest one holds."""
        if task.deadline is None:
            return None
        deadlines = [self.moment(task.deadline)]
        for extension in self._extensions.get(learner.id, ()):
            if extension.task not in ("", task.id):
                continue
            if extension.until is not None:
                deadlines.append(self.moment(extension.until))
            else:
                deadlines.append(days_later(deadlines[0], extension.days, self.zone))
        return max(deadlines)

    @cached_property
    def _extensions(self) -> dict[str, list[ExtensionTable]]:
        found: dict[str, list[ExtensionTable]] = {}
        for extension in self.spec.extensions:
            learner = self.find(extension.learner)
            if learner is not None:
                found.setdefault(learner.id, []).append(extension)
        return found

    @cached_property
    def teammates(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Learner's id and task -> the ids of the whole team, the learner's own among them."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for team in self.spec.teams:
            members = [self.find(member) for member in team.members]
            ids = tuple(sorted({each.id for each in members if each is not None}))
            for task in team.tasks or [task.id for task in self.spec.tasks]:
                found |= {(member, task): ids for member in ids}
        return found

    @cached_property
    def teams_by_name(self) -> dict[str, tuple[str, ...]]:
        """What a team is called -> the ids of its members, for work in the team's own name."""
        found = {}
        for team in self.spec.teams:
            members = [self.find(member) for member in team.members]
            if team.name:
                found[same_name(team.name)] = tuple(each.id for each in members if each)
        return found

    def late_of(self, task: TaskTable) -> LateTable:
        return task.late or self.spec.late

    def counts_of(self, task: TaskTable) -> Counts:
        return task.counts or self.spec.counts


def zone_of(name: str) -> ZoneInfo | None:
    """Return a time zone by its name; None if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def exists(moment: datetime) -> bool:
    """Whether the clocks of its zone ever show this time."""
    utc = ZoneInfo("UTC")
    again = moment.astimezone(utc).astimezone(moment.tzinfo)
    return again.replace(tzinfo=None) == moment.replace(tzinfo=None)


def offset_text(moment: datetime) -> str:
    return moment.isoformat()[-6:]


def days_later(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the same time on the clock some days later, also over a night of changed clocks."""
    return moment.astimezone(zone) + timedelta(days=days)


def in_utf8(content: bytes, path: Path) -> str:
    """Return the text of a file. Raises UsageError for bytes that are no UTF-8.

    TOML is always UTF-8. What else an editor may have written is named and not guessed: a deadline
    or a name that was read wrongly would be worse than a file that has to be saved again.
    """
    again = "save it again as UTF-8"
    for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if content.startswith(mark):
            raise UsageError(f"{path} is in UTF-16, and TOML is always in UTF-8; {again}")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path}, line {line}: the byte 0x{content[error.start]:02X} is not UTF-8, as TOML is "
            f"always (Latin-1 or Windows-1252?); {again}"
        ) from None


def read_course(path: Path, roster: Roster) -> Course:
    """Read a course.toml. Raises UsageError with everything that is wrong with it."""
    try:
        raw = tomllib.loads(in_utf8(path.read_bytes(), path))
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror or error}; `grader class init` writes one"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from None
    try:
        spec = CourseSpec.model_validate(raw)
    except ValidationError as error:
        problems = "; ".join(problems_in(error))
        raise UsageError(f"{path}: {problems}. {GUIDE}.") from None
    return Course(spec, roster, str(path))
