"""`grader demo`: Grade the built-in references for real, and write the leaderboard."""

from __future__ import annotations

from pathlib import Path

import typer

from grader.commands.options import ResultsOption, SandboxOption, SiteOption, VerboseOption
from grader.commands.parts.console import say
from grader.commands.parts.exit_codes import EXIT_NOT_ACCEPTED
from grader.commands.parts.progress import shown_progress
from grader.commands.parts.site_pages import write_site
from grader.course.curriculum import find_task
from grader.exams.session import Progress
from grader.grading.pipeline import grade
from grader.host.ownership import temporary_folder
from grader.intake.submission import open_submission
from grader.records import Result, Status
from grader.sandbox.choose import choose_sandbox

HELP_PLACE = ("Set up", 1)
SHOWN = ("neuron", "activations", "digits")  # tasks that need neither a download nor an engine


def demo(
    results: ResultsOption = Path("demo/results"),
    site: SiteOption = Path("demo/site"),
    sandbox: SandboxOption = "auto",
    verbose: VerboseOption = False,
) -> None:
    """Grade the references of the tasks that need no download, and write the leaderboard."""
    with shown_progress() as progress:
        accepted = grade_references(results, sandbox, progress)
    page = write_site(results, site, latest=False)
    say(f"\nopen {page.resolve()} in a browser", wrap=False)
    raise typer.Exit(0 if accepted else EXIT_NOT_ACCEPTED)


def grade_references(results: Path, sandbox_name: str, progress: Progress) -> bool:
    """Grade every reference of the demo's tasks; returns whether all were accepted."""
    say(f"grading the references of {', '.join(SHOWN)} for real; this takes about half a minute\n")
    all_accepted = True
    for task_id in SHOWN:
        sandbox = choose_sandbox(sandbox_name, find_task(task_id).spec.exam)
        for reference in find_task(task_id).references:
            with temporary_folder("run") as scratch:
                submission, task = open_submission(
                    reference, scratch, task_id=task_id, author="reference"
                )
                result = grade(submission, task, sandbox, results, progress=progress)
            say(line_of(reference.name, result))
            all_accepted &= result.verdict.status is Status.ACCEPTED
    return all_accepted


def line_of(reference: str, result: Result) -> str:
    """Return one reference's result as a line of a table."""
    score = "-" if result.score is None else f"{result.score.total:g}"
    verdict = result.verdict
    names = f"{result.task.id:<12} {reference:<12} {verdict.status.value:<12}"
    return f"{names} score {score:>6}   {verdict.reason}"
