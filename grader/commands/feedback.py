"""`grader feedback`: Write a folder for each learner, with their result and nobody else's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.classroom.class_folder import ClassFolder, need_class, write_whole
from grader.classroom.feedback import (
    Returned,
    folder_names,
    name_for_upload,
    names_on_platform,
    packed,
    returned,
    summary_of,
)
from grader.classroom.reckoning import reckon, results_that_count
from grader.commands.options import DEFAULT_RESULTS, ClassOption, ResultsOption, VerboseOption
from grader.commands.parts.console import say, warn
from grader.commands.parts.site_pages import task_hint
from grader.errors import UsageError
from grader.intake.hand_ins import collect
from grader.records import Details
from grader.records.gradebook import Gradebook
from grader.results import store
from grader.spelling import no_such
from reports.advice import next_steps
from reports.pages.result import Beside, page_alone

HELP_PLACE = ("Class", 3)

LikeOption = Annotated[
    Path | None,
    typer.Option(
        "--like",
        help="The platform's download of the submissions: a zip is made that it takes back.",
    ),
]


def feedback(
    task: Annotated[str | None, typer.Argument(help="Task id (default: the whole course).")] = None,
    to: Annotated[Path, typer.Option("--to", help="Folder to write to.")] = Path("feedback"),
    like: LikeOption = None,
    results: ResultsOption = DEFAULT_RESULTS,
    class_folder: ClassOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Write a folder for each learner: the result as one page, and a summary in Markdown."""
    school = need_class(class_folder, "feedback needs")
    reckoned = reckon(school, results)
    warn(reckoned.left_out)
    book = reckoned.gradebook
    given = returned(book, results_that_count(results, reckoned), tasks_of(book, task))
    if not given:
        raise UsageError(f"there is nothing to give back: no result in {results} counts")
    folders = folder_names(school.roster.learners)
    files = {}
    for each in given:
        for name, content in files_of(each, results).items():
            files[folders[each.learner.id], each.learner.author, name] = content
    for (folder, _, name), content in files.items():
        write_whole(to / folder / name, content)
    say(
        f"wrote {len(files)} files for {len({f for f, _, _ in files})} learners to {to}", wrap=False
    )
    if like is not None:
        write_upload(to, like, school, files)


def tasks_of(book: Gradebook, task: str | None) -> list[str]:
    """Return the ids of the tasks to give back."""
    ids = [each.id for each in book.tasks]
    if task is None:
        return ids
    if task not in ids:
        raise UsageError(no_such("task of the course", task, ids, "course.toml lists them"))
    return [task]


def files_of(each: Returned, results: Path) -> dict[str, bytes]:
    """Return the page and the summary of one result."""
    result = each.result
    hint = task_hint(result)
    details = store.read_details(results, result)
    beside = Beside(
        log=store.read_log(results, result),
        details=details if isinstance(details, Details) else None,
        hint=hint,
        grade=each.grade,
    )
    page = page_alone(result, beside)
    return {
        f"{result.task.id}.html": page.encode("utf-8", "replace"),
        f"{result.task.id}.md": summary_of(each, next_steps(result, hint)).encode(),
    }


def write_upload(
    to: Path, like: Path, school: ClassFolder, files: dict[tuple[str, str, str], bytes]
) -> None:
    """Write a zip in the layout of the platform's own download."""
    if not like.is_dir():
        raise UsageError(f"--like {like}: expected the unpacked folder that the platform gave")
    names = names_on_platform(collect(list(like.iterdir())).hand_ins, school.roster)
    members = {}
    for (_, author, name), content in files.items():
        if author in names:
            members[name_for_upload(names[author], f"feedback-{name}")] = content
    missing = sorted({author for _, author, _ in files if author not in names})
    if missing:
        warn([f"not in {like}, so not in the zip: {', '.join(missing[:8])}"])
    write_whole(to / "upload.zip", packed(members))
    say(f"wrote {to / 'upload.zip'}: {len(members)} files for the platform", wrap=False)
