"""`grader similar`: Rank pairs of submissions that share more than chance explains."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from grader.classroom.arrivals import arrivals
from grader.classroom.class_folder import ClassFolder, find_class, write_whole
from grader.classroom.similarity.pairs import LEAST_SHARE, Pair, Source, similar_pairs
from grader.classroom.view import SIMILAR_FILE
from grader.commands.options import DEFAULT_RESULTS, ClassOption, JsonOption, ResultsOption
from grader.commands.parts.console import console, print_json, say, warn
from grader.commands.parts.working_folder import working_folder
from grader.course.curriculum import Task, find_task
from grader.errors import SubmissionRefused, UsageError
from grader.grading.batch import find_submissions
from grader.grading.bench import author_of, put_together, what_to_open
from grader.intake.contents import WEIGHT_SUFFIXES
from grader.intake.hand_ins import HandIn
from grader.intake.submission import open_submission
from grader.records import Submission
from grader.records.gradebook import SimilarPair
from grader.terminal import columns
from reports.pages.similar import similar_page

HELP_PLACE = ("Class", 4)
MOST_SHOWN = 20
ONE_READ = 1 << 20


def similar(
    folder: Annotated[Path, typer.Argument(help="Folder of submissions, as `grader batch` takes.")],
    task: Annotated[str, typer.Option("--task", "-t", help="Task id: its starter is discounted.")],
    page: Annotated[
        Path, typer.Option("--page", help="Where to write the passages side by side.")
    ] = Path("similar.html"),
    least: Annotated[
        float, typer.Option("--least", min=0, max=1, help="Share of a pair to be listed.")
    ] = LEAST_SHARE,
    results: ResultsOption = DEFAULT_RESULTS,
    class_folder: ClassOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rank pairs of submissions that share more than chance and the starter explain.

    They are pairs to look at, not verdicts.
    """
    found = find_task(task)
    school = find_class(class_folder)
    sources = sources_of(folder, found, results, school)
    if len(sources) < 2:
        raise UsageError(f"{folder} has {len(sources)} submissions that can be read; it takes two")
    pairs = similar_pairs(sources, given_to_all(found), least)
    write_whole(page, similar_page(pairs, found.spec.title).encode("utf-8", "replace"))
    listed = [listed_pair(pair, task) for pair in pairs]
    if school is not None:
        content = json.dumps({"pairs": [asdict(pair) for pair in listed]}, ensure_ascii=False)
        write_whole(school.path / SIMILAR_FILE, content.encode("utf-8", "replace"))
    if as_json:
        return print_json([asdict(pair) for pair in listed])
    print_pairs(pairs, page)


def sources_of(folder: Path, task: Task, results: Path, school: ClassFolder | None) -> list[Source]:
    """Return what can be read of the submissions; a warning says what cannot."""
    arrived = arrivals(
        find_submissions(folder, results),
        school,
        attempts="last",
        names=lambda each: author_of(each.path, task.id, None),
    )
    sources = []
    unread = []
    for hand_in in arrived.hand_ins:
        try:
            sources.append(source_of(hand_in, task))
        except SubmissionRefused:
            unread.append(hand_in.file)
    if unread:
        warn([f"not compared, because they cannot be opened: {', '.join(unread[:8])}"])
    return sources


def source_of(hand_in: HandIn, task: Task) -> Source:
    """Return the source of one submission: every script in it, that of a notebook's cells too."""
    with working_folder() as scratch:
        path = what_to_open(put_together(hand_in, scratch))
        submission, _ = open_submission(path, scratch, task_id=task.id)
        texts = []
        for script in sorted(submission.folder.rglob("*.py")):
            texts.append(script.read_bytes()[:ONE_READ].decode("utf-8", "replace"))
        return Source(
            author=hand_in.author or author_of(hand_in.path, task.id, None),
            file=hand_in.file,
            text="\n".join(texts),
            weights=frozenset(weights_of(submission)),
            sha256=submission.sha256,
        )


def weights_of(submission: Submission) -> list[str]:
    """Return the hashes of files that hold trained weights."""
    found = []
    for path in submission.folder.rglob("*"):
        if path.is_file() and path.suffix.lower() in WEIGHT_SUFFIXES:
            found.append(hashlib.sha256(path.read_bytes()).hexdigest())
    return found


def given_to_all(task: Task) -> list[str]:
    """Return what every learner was given: the starter, and code in the lesson."""
    given = [path.read_text("utf-8", "replace") for path in task.starter.rglob("*.py")]
    lesson = task.folder / "README.md"
    if lesson.is_file():
        given += lesson.read_text("utf-8", "replace").split("```")[1::2]
    return given


def listed_pair(pair: Pair, task: str) -> SimilarPair:
    return SimilarPair(task, pair.one.author, pair.other.author, round(pair.share, 3), pair.marks)


def print_pairs(pairs: list[Pair], page: Path) -> None:
    """Print the first pairs, and where the passages are."""
    rows = []
    for pair in pairs[:MOST_SHOWN]:
        what = "the same files" if pair.has_same_files else ""
        what = what or ("the same weights" if pair.has_same_weights else "")
        share = f"{100 * pair.share:.0f} %"
        rows.append((share, str(pair.marks), pair.one.author, pair.other.author, what))
    columns(console(), ("shared", "fingerprints", "one", "other", ""), rows)
    more = len(pairs) - len(rows)
    if more > 0:
        say(f"and {more} more")
    say(f"Pairs to look at, not verdicts. Side by side: {page}", wrap=False)
