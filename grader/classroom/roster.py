"""The roster: who is in the class, as a platform exported it, and as it lies in the class's folder.

Canvas, Moodle, Gradescope and plain tables name the same few things differently. Which column is
which is said by its heading alone, in the order of `COLUMNS`; nobody is guessed from the content.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.classroom.tables import Table, read_table, table_bytes
from grader.errors import UsageError
from grader.intake.names import display_name
from grader.records.gradebook import Learner
from grader.text import same_name

ROSTER_FILE = "roster.csv"
WHAT = "a roster: a row for each learner, with a column for the name and one for an id"
FIELDS = ("id", "platform_id", "login", "name", "section", "email", "also")
# What a column may be called, by what it holds; small letters, without what is no letter or digit.
# Of several that are there, the first one of the list is taken.
COLUMNS: dict[str, tuple[str, ...]] = {
    "id": (
        "sid",
        "studentid",
        "sisuserid",
        "idnumber",
        "orgdefinedid",
        "matrikelnummer",
        "id",
        "userid",
    ),
    "platform_id": ("platformid", "canvasid", "canvasuserid", "id", "userid"),
    "login": ("sisloginid", "loginid", "login", "username", "user", "netid", "account", "githubid"),
    "name": ("name", "fullname", "student", "studentname", "learner", "displayname"),
    "first": ("firstname", "givenname", "first", "vorname"),
    "last": ("lastname", "surname", "familyname", "last", "nachname"),
    "section": ("section", "sections", "sectionname", "group", "groups"),
    "email": ("email", "emailaddress", "mail"),
    "also": ("also", "othernames", "alias", "aliases"),
}
# Canvas writes one below the heading, and puts a learner who does not exist at the end.
NO_LEARNERS = ("points possible", "student, test", "test student", "muted")
SHOWN = 5


@dataclass(frozen=True)
class Roster:
    """Everybody in the class, in the order of the export."""

    learners: tuple[Learner, ...]

    @cached_property
    def by_author(self) -> dict[str, Learner]:
        """What a result may call its author -> the learner; without what stands for several."""
        found: dict[str, list[Learner]] = defaultdict(list)
        for learner in self.learners:
            ids = (learner.id, learner.platform_id, learner.login, learner.email)
            keys = {learner.author, learner.name, *ids}
            for key in {same_name(text) for text in (*keys, *learner.also) if text}:
                found[key].append(learner)
        for learner in self.learners:
            found[same_name(learner.author)] = [learner]
        return {key: same[0] for key, same in found.items() if len(same) == 1}


def read_roster(path: Path) -> Roster:
    """Read a roster or a platform's export. Raises UsageError with everything that is wrong."""
    return roster_of(read_table(path, WHAT), str(path))


def roster_of(table: Table, name: str) -> Roster:
    """Return the roster in a table. name: of its file, for messages."""
    places = places_of(table, name)
    learners = []
    for row in table.rows:
        learner = learner_of(row, places)
        if learner is not None:
            learners.append(learner)
    if not learners:
        raise UsageError(f"{name} has a heading but no learners; expected {WHAT}")
    refuse_doubles(learners, name)
    return Roster(tuple(with_authors(learners)))


def places_of(table: Table, name: str) -> dict[str, int]:
    """Return which column holds what. Raises UsageError if that is not clear."""
    headings = [letters_of(each) for each in table.heading]
    places = {}
    for kind, wanted in COLUMNS.items():
        for heading in wanted:
            count = headings.count(heading)
            if count > 1:
                raise UsageError(
                    f"{name} has {count} columns called "
                    f"{table.heading[headings.index(heading)]!r}; expected one. Rename or remove "
                    "the others"
                )
            if count == 1:
                places[kind] = headings.index(heading)
                break
    has_name = "name" in places or {"first", "last"} <= places.keys()
    if not has_name:
        raise UsageError(
            f"{name} has the columns {', '.join(table.heading[:12])}; expected one for the name "
            "(Name, Student, or First name and Last name). Add a heading in the first line"
        )
    if not {"id", "login", "email"} & places.keys():
        raise UsageError(
            f"{name} has the columns {', '.join(table.heading[:12])}; expected one that tells "
            "learners apart whatever they are called (ID, SID, Login or Email)"
        )
    return places


def letters_of(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


def learner_of(row: Sequence[str], places: dict[str, int]) -> Learner | None:
    """Return the learner of a row; None for a row that is nobody's."""

    def cell(kind: str) -> str:
        return row[places[kind]].strip().removeprefix("'") if kind in places else ""

    name = cell("name")
    if not name:
        name = f"{cell('first')} {cell('last')}".strip()
    if name.casefold().strip() in NO_LEARNERS:
        return None
    identity = cell("id") or cell("login") or cell("email") or cell("platform_id")
    if not identity:
        return None if not name else Learner(id="", name=display_name(name))
    also = [part.strip() for part in cell("also").split(";")]
    platform_id = cell("platform_id")
    return Learner(
        id=identity,
        login=cell("login"),
        name=display_name(forename_first(name) if name else identity),
        section=cell("section"),
        email=cell("email"),
        platform_id=platform_id if platform_id != identity else "",
        also=tuple(dict.fromkeys(part for part in also if part)),
    )


def forename_first(name: str) -> str:
    """Return "Jane Doe" for "Doe, Jane"."""
    last, comma, first = name.partition(",")
    if not comma or not first.strip() or not last.strip():
        return name
    return f"{first.strip()} {last.strip()}"


def refuse_doubles(learners: Sequence[Learner], name: str) -> None:
    """Raise UsageError where two rows are of one learner, or one has no id."""
    problems = []
    nameless = [each.name for each in learners if not each.id]
    if nameless:
        problems.append(f"no id, login or e-mail for {listed(nameless)}")
    for field in ("id", "login", "email"):
        doubled = twice([same_name(getattr(each, field)) for each in learners])
        if doubled:
            problems.append(f"several rows with the {field} {listed(doubled)}")
    if problems:
        raise UsageError(
            f"{name}: {'; '.join(problems)}. Expected one row for each learner, with an id of "
            "their own; remove the rows that are too many, or fill in what is missing"
        )


def twice(texts: Sequence[str]) -> list[str]:
    """Return what stands in a list more than once, in order; empty texts don't count."""
    counts = Counter(text for text in texts if text)
    return [text for text, count in counts.items() if count > 1]


def listed(texts: Sequence[str]) -> str:
    """Return the first few texts for a message."""
    more = len(texts) - SHOWN
    shown = ", ".join(repr(text) for text in texts[:SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def with_authors(learners: Sequence[Learner]) -> list[Learner]:
    """Return learners with the name under which their results stand: no two share one."""
    counts = Counter(same_name(each.name) for each in learners)
    named = []
    for each in learners:
        author = each.name
        if counts[same_name(each.name)] > 1:
            author = display_name(f"{each.name} ({each.login or each.id})")
        named.append(each.with_author(author))
    return named


def roster_content(roster: Roster) -> bytes:
    """Return a roster as it is kept in the class's folder."""
    rows = []
    for each in roster.learners:
        also = ";".join(each.also)
        about = [each.login, each.name, each.section, each.email, also]
        rows.append([each.id, each.platform_id, *about])
    return table_bytes(FIELDS, rows)


def without_accents(text: str) -> str:
    """Return text without the marks on its letters, as some platforms write names."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(each for each in apart if not unicodedata.combining(each))
