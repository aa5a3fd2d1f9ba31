"""`grader class`: Set up a class: its roster, its rules, its journal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from grader.classroom.class_folder import DEFAULT_CLASS, ClassFolder, open_class, write_whole
from grader.classroom.course_file import COURSE_FILE
from grader.classroom.course_template import course_template
from grader.classroom.pseudonyms import pseudonyms_of
from grader.classroom.roster import ROSTER_FILE, read_roster, roster_content
from grader.classroom.tables import table_bytes
from grader.commands.options import ClassOption, JsonOption, VerboseOption
from grader.commands.parts.console import console, print_json, say, warn
from grader.course.curriculum import all_tasks
from grader.errors import UsageError
from grader.records.gradebook import Learner
from grader.terminal import columns
from grader.text import same_name

HELP_PLACE = ("Class", 1)

app = typer.Typer(
    name="class",
    help="Set up a class: its roster, its rules, its journal.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

RosterArgument = Annotated[
    Path,
    typer.Argument(help="The class as Canvas, Moodle, Gradescope or a spreadsheet exports it."),
]


@app.command("init")
def init(
    roster: RosterArgument,
    class_folder: ClassOption = None,
    again: Annotated[
        bool, typer.Option("--again", help="Take the place of a roster that is there already.")
    ] = False,
    verbose: VerboseOption = False,
) -> None:
    """Make the folder of a class from a roster; a second time, read a newer roster."""
    folder = class_folder or DEFAULT_CLASS
    found = read_roster(roster)
    is_there = (folder / ROSTER_FILE).is_file()
    if is_there and not again:
        raise UsageError(
            f"{folder / ROSTER_FILE} is there already; --again takes the new one in its place and "
            f"leaves {COURSE_FILE} as it is"
        )
    write_whole(folder / ROSTER_FILE, roster_content(found))
    if not (folder / COURSE_FILE).is_file():
        write_whole(folder / COURSE_FILE, course_template(all_tasks()).encode())
    school = open_class(folder)
    school.journal.add("roster", learners=len(found.learners), source=roster.name)
    say(f"{len(found.learners)} learners in {folder / ROSTER_FILE}", wrap=False)
    say(f"Next: put tasks and deadlines into {folder / COURSE_FILE}.")
    say(f"Then `grader serve {folder}` lets learners hand in on a page, or `grader batch FOLDER`")
    say("grades what they handed in elsewhere.")


@app.command("show")
def show(class_folder: ClassOption = None, as_json: JsonOption = False) -> None:
    """Check roster, rules and journal, and say what they come to."""
    school = open_class(class_folder or DEFAULT_CLASS)
    course = school.course
    warn(school.journal.problems())
    if as_json:
        return print_json(
            {
                "title": course.spec.title,
                "learners": [each.author for each in school.roster.learners],
                "tasks": [task.id for task in course.spec.tasks],
            }
        )
    say(f"{course.spec.title}: {len(school.roster.learners)} learners, {course.spec.timezone}")
    rows = []
    for task in course.spec.tasks:
        deadline = course.moment(task.deadline) if task.deadline is not None else None
        when = "none" if deadline is None else f"{deadline:%a %Y-%m-%d %H:%M %Z}"
        rows.append((task.id, f"{task.weight:g}", when))
    columns(console(), ("task", "weight", "deadline"), rows)


@app.command("roster")
def roster(class_folder: ClassOption = None) -> None:
    """Print the roster as CSV, with the pseudonyms that boards without names show."""
    school = open_class(class_folder or DEFAULT_CLASS)
    names = pseudonyms_of(school)
    rows = []
    for each in school.roster.learners:
        rows.append([each.id, each.author, each.section, names.get(each.id, "")])
    typer.echo(table_bytes(["id", "author", "section", "pseudonym"], rows).decode(), nl=False)


@app.command("invite")
def invite(
    learners: Annotated[
        list[str] | None,
        typer.Argument(help="Ids, logins, e-mails or names (default: everybody on the roster)."),
    ] = None,
    class_folder: ClassOption = None,
    address: Annotated[
        str, typer.Option("--address", help="Of the hand-in page: print links in place of codes.")
    ] = "",
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write a row for each learner to this file.")
    ] = None,
) -> None:
    """Make a code for each learner, to sign in to the hand-in page of `grader serve`; each works
    once, and one that was not used before is void.
    """
    school = open_class(class_folder or DEFAULT_CLASS)
    chosen = chosen_learners(school, learners or [])
    codes = new_codes(school.path, chosen)
    link = f"{address.rstrip('/')}/join/" if address else ""
    rows = []
    for each in chosen:
        rows.append([each.id, each.author, each.email, f"{link}{codes[each.id]}"])
    heading = ["id", "name", "email", "link" if link else "code"]
    if csv is not None:
        write_whole(csv, table_bytes(heading, rows), is_secret=True)
        return say(f"{len(rows)} codes in {csv}; each works once. Keep the file to yourself.")
    columns(console(), tuple(heading), [tuple(row) for row in rows])


def chosen_learners(school: ClassFolder, names: Sequence[str]) -> list[Learner]:
    """Return the learners who were named, or everybody. UsageError for a name that is nobody's."""
    if not names:
        return list(school.roster.learners)
    found = []
    for name in names:
        learner = school.roster.by_author.get(same_name(name))
        if learner is None:
            raise UsageError(f"{name!r} is nobody on the roster, or stands for several; give an id")
        found.append(learner)
    return found


def new_codes(folder: Path, learners: Sequence[Learner]) -> dict[str, str]:
    """Return a new code for each learner's id. UsageError without the packages of the page."""
    try:
        from grader.server.accounts import Accounts
        from grader.server.database import Database
        from grader.server.settings import Settings
    except ModuleNotFoundError as error:
        raise UsageError(
            f"invitations need the package {error.name}, which is not installed; "
            "`pip install 'dl-grader[serve]'` installs what they need"
        ) from None
    settings = Settings(folder, folder / "results")
    database = Database(settings.database)
    return Accounts(database, settings.secret, settings.limits).invite(learners)


@app.command("journal")
def journal(class_folder: ClassOption = None, as_json: JsonOption = False) -> None:
    """Print what happened in the class, oldest first."""
    school = open_class(class_folder or DEFAULT_CLASS)
    warn(school.journal.problems())
    lines = school.journal.lines()
    if as_json:
        return print_json(lines)
    for line in lines:
        about = ", ".join(
            f"{key} {value}"
            for key, value in line.items()
            if key not in ("at", "what", "by", "after")
        )
        say(f"{line.get('at', '')}  {line.get('what', '')}  by {line.get('by', '')}  {about}")
