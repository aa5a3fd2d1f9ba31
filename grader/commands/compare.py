"""`grader compare`: Compare two results, and say which differences mean something."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.classroom.class_folder import write_whole
from grader.classroom.compare import Comparison, Row, meaningful
from grader.classroom.compare import compare as compared
from grader.commands.options import DEFAULT_RESULTS, JsonOption, ResultsOption
from grader.commands.parts.comparison import print_comparison
from grader.commands.parts.console import print_json, say
from grader.commands.parts.working_folder import working_folder
from grader.course.curriculum import find_task
from grader.errors import UsageError
from grader.intake.submission import open_submission
from grader.records import Details, Measured, Result
from grader.results import store
from reports.pages.comparison import comparison_page

HELP_PLACE = ("Look", 3)


def compare(
    one: Annotated[str, typer.Argument(help="Id of a result, or the beginning of it.")],
    other: Annotated[str, typer.Argument(help="Id of another one.")],
    results: ResultsOption = DEFAULT_RESULTS,
    sources: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--sources", help="What was handed in, for both: shows what changed in it."),
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", help="Write the comparison as one HTML file as well.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show two results side by side, and which differences mean something."""
    first = find_result(results, one)
    second = find_result(results, other)
    texts = None
    if sources is not None:
        texts = (source_of(sources[0], first), source_of(sources[1], second))
    found = compared(first, second, texts)
    if page is not None:
        beside = (details_of(results, first), details_of(results, second))
        write_whole(page, comparison_page(found, beside).encode("utf-8", "replace"))
    if as_json:
        return print_json(as_dict(found))
    print_comparison(found)
    if page is not None:
        say(f"wrote {page}", wrap=False)


def find_result(results: Path, text: str) -> Result:
    """Return the result whose id begins like this. UsageError where none does, or several."""
    known, _ = store.summaries(results)
    fitting = [each for each in known if each.id.startswith(text)]
    exact = [each for each in fitting if each.id == text]
    chosen = exact or fitting
    if len(chosen) != 1:
        found = "no result" if not chosen else f"{len(chosen)} results"
        raise UsageError(
            f"{found} in {results} with an id that begins with {text!r}; expected one. The ids are "
            "the names of the folders in results/TASK/, and stand on each result's page"
        )
    return store.whole(results, chosen[0])


def details_of(results: Path, result: Result) -> Details | None:
    """Return what is kept beside a result; None where there is nothing, or nothing readable."""
    found = store.read_details(results, result)
    return found if isinstance(found, Details) else None


def source_of(path: Path, result: Result) -> str:
    """Return the text of the file that was run; of a notebook the code of its cells."""
    with working_folder() as scratch:
        submission, _ = open_submission(path, scratch, task_id=find_task(result.task.id).id)
        return (submission.folder / submission.file).read_text("utf-8", "replace")


def as_dict(found: Comparison) -> dict[str, object]:
    """Return a comparison for programs."""
    return {
        "one": found.one.id,
        "other": found.other.id,
        "points": {name: [one, other] for name, one, other in found.points},
        "figures": {row.key: figure_as_dict(row) for row in found.rows},
        "differ": [row.key for row in meaningful(found.rows)],
        "cases": found.cases,
        "notes": found.notes,
        "diff": found.diff,
    }


def figure_as_dict(row: Row) -> dict[str, object]:
    """Return both figures of a row, and what their difference means."""
    return {"one": dumped(row.one), "other": dumped(row.other), "meaning": row.meaning}


def dumped(measured: Measured | None) -> dict[str, object] | None:
    return None if measured is None else measured.model_dump(mode="json")
