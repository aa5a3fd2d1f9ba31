"""`grader regrade`: Grade one learner's work again, beside the old result, and say why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from grader.classroom.arrivals import arrivals
from grader.classroom.class_folder import ClassFolder, need_class
from grader.classroom.compare import compare
from grader.classroom.reckoning import reckon
from grader.commands.batch import SandboxOption, TrustOption
from grader.commands.options import (
    DEFAULT_RESULTS,
    ClassOption,
    DataOption,
    DeviceOption,
    ResultsOption,
    VerboseOption,
)
from grader.commands.parts.comparison import print_comparison
from grader.commands.parts.console import say
from grader.commands.parts.exit_codes import EXIT_OURS
from grader.course.curriculum import Task, find_task
from grader.errors import UsageError
from grader.grading.batch import Batch, find_submissions
from grader.grading.bench import author_of
from grader.grading.settings import Settings
from grader.host.machine import CPU
from grader.intake.hand_ins import HandIn
from grader.records import Result
from grader.records.gradebook import Learner
from grader.results import store
from grader.sandbox.gpu import choose
from grader.spelling import no_such
from grader.text import same_name

HELP_PLACE = ("Grade", 4)
COUNTS = ("both", "new")


def regrade(
    author: Annotated[str, typer.Argument(help="The learner: id, login, e-mail or name.")],
    task: Annotated[str, typer.Argument(help="Task id.")],
    why: Annotated[str, typer.Option("--why", help="The reason; it goes into the journal.")],
    submissions: Annotated[
        Path, typer.Option("--from", help="The folder of submissions that was graded before.")
    ],
    counts: Annotated[
        str,
        typer.Option(
            "--counts", help="both: the median of all runs stands; new: the old ones count no more."
        ),
    ] = "both",
    results: ResultsOption = DEFAULT_RESULTS,
    class_folder: ClassOption = None,
    sandbox: SandboxOption = "auto",
    trust_submissions: TrustOption = False,
    device: DeviceOption = CPU,
    data: DataOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Grade one learner's work again: the old result stays, and both are shown side by side."""
    if not why.strip():
        raise UsageError("--why is empty; expected the reason, for whoever reads the journal")
    if counts not in COUNTS:
        raise UsageError(f"--counts: {no_such('choice', counts, COUNTS)}")
    school = need_class(class_folder, "a regrade needs")
    found = find_task(task)
    learner = learner_of(school, author)
    hand_in = handed_in_by(learner, found, submissions, results, school)
    settings = Settings(
        results=results,
        task_id=task,
        sandbox=sandbox,
        trusted=trust_submissions,
        device=choose(device),
        data_folder=data,
        again=True,
    )
    appeal = Appeal(school, learner, found, results, why, counts)
    if grade_again(appeal, hand_in, settings).score is None:
        raise typer.Exit(EXIT_OURS)


@dataclass(frozen=True)
class Appeal:
    """What is graded again, and why."""

    school: ClassFolder
    learner: Learner
    task: Task
    results: Path
    why: str
    counts: str


def grade_again(appeal: Appeal, hand_in: HandIn, settings: Settings) -> Result:
    """Grade, write it into the journal, and show both results; returns the new one."""
    before = earlier_results(appeal)
    points_before = points_of(appeal)
    new = graded(hand_in, settings)
    same = [each for each in before if each.submission.sha256 == new.submission.sha256]
    old_ids = [each.id for each in same]
    counts = appeal.counts if new.score is not None else "nothing"
    points_after = points_of(appeal, old_ids if counts == "new" else [])
    appeal.school.journal.add(
        "regrade",
        author=appeal.learner.author,
        task=appeal.task.id,
        why=appeal.why,
        counts=counts,
        before=old_ids,
        result=new.id,
        points_before=points_before,
        points_after=points_after,
    )
    say_outcome(same[-1] if same else None, new)
    say(f"grade by the rules: {shown(points_before)} before, {shown(points_after)} now")
    return new


def learner_of(school: ClassFolder, text: str) -> Learner:
    """Return the learner on the roster. UsageError for nobody."""
    found = school.roster.by_author.get(same_name(text))
    if found is None:
        names = [each.author for each in school.roster.learners]
        raise UsageError(no_such("learner on the roster", text, names))
    return found


def handed_in_by(
    learner: Learner, task: Task, folder: Path, results: Path, school: ClassFolder
) -> HandIn:
    """Return the last thing that a learner handed in. UsageError if there is none."""
    arrived = arrivals(
        find_submissions(folder, results),
        school,
        attempts="last",
        names=lambda each: author_of(each.path, task.id, None),
    )
    theirs = [each for each in arrived.hand_ins if each.author == learner.author]
    if not theirs:
        raise UsageError(f"{folder} has nothing by {learner.author}; expected what was graded")
    return theirs[-1]


def earlier_results(appeal: Appeal) -> list[Result]:
    """Return the learner's results of the task, oldest first."""
    found, _ = store.load_results(appeal.results, appeal.task.id)
    name = same_name(appeal.learner.author)
    return [each for each in found if same_name(each.submission.author) == name]


def points_of(appeal: Appeal, aside: Collection[str] = ()) -> float | None:
    """Return the learner's grade for the task by the rules of now; None where there is none.

    aside: ids of results that don't count any more.
    """
    book = reckon(appeal.school, appeal.results, aside).gradebook
    grade = book.by_learner[appeal.learner.id].grades.get(appeal.task.id)
    return None if grade is None else grade.points


def graded(hand_in: HandIn, settings: Settings) -> Result:
    """Grade one hand-in and return its new result."""
    [outcome] = Batch([hand_in], settings, []).run().outcomes
    if outcome.result is None:
        raise UsageError(f"it could not be graded: {outcome.problem}")
    return outcome.results[-1]


def say_outcome(old: Result | None, new: Result) -> None:
    """Show both results side by side."""
    if old is None:
        say(f"there is no earlier result of these files; the new one is {new.id}")
        return
    print_comparison(compare(old, new))


def shown(points: float | None) -> str:
    return "none" if points is None else f"{points:g}"
