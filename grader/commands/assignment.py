"""`grader assignment`: Make a student notebook from one with solutions and hidden tests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.classroom.assignments.build import Built
from grader.classroom.assignments.build import build as built
from grader.classroom.class_folder import write_whole
from grader.commands.options import JsonOption
from grader.commands.parts.console import console, print_json, say
from grader.terminal import columns
from reports.pages.rubric import rubric_page

HELP_PLACE = ("Teach", 7)

app = typer.Typer(
    name="assignment",
    help="Make a student notebook from one with solutions and hidden tests.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.callback()
def assignment() -> None:
    """Make a student notebook from one with solutions and hidden tests."""


@app.command("build")
def build(
    source: Annotated[Path, typer.Argument(help="A notebook in nbgrader's or otter's format.")],
    to: Annotated[Path, typer.Option("--to", help="Folder to write to.")] = Path("assignment"),
    as_json: JsonOption = False,
) -> None:
    """Write student/ (what learners get) and private/ (questions, tests, a page for rubrics)."""
    found = built(source)
    write_whole(to / "student" / source.name, found.student)
    write_whole(to / "private" / "questions.json", found.questions_content())
    manual = [question for question in found.questions if question.is_manual]
    if manual:
        page = rubric_page(source.stem, manual)
        write_whole(to / "private" / "rubric.html", page.encode("utf-8", "replace"))
    if as_json:
        return print_json(as_dict(found))
    rows = []
    for question in found.questions:
        how = "by hand" if question.is_manual else "by tests"
        rows.append((question.id, f"{question.points:g}", how))
    columns(console(), ("question", "points", "graded"), rows)
    say(f"{len(found.questions)} questions, {found.points:g} points, read as {found.format}")
    say(f"Give away {to / 'student' / source.name}; keep {to / 'private'} to yourself.", wrap=False)


def as_dict(found: Built) -> dict[str, object]:
    questions = [{"id": each.id, "points": each.points} for each in found.questions]
    return {"format": found.format, "points": found.points, "questions": questions}
