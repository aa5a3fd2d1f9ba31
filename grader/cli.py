"""The commands. Each is a few lines: read the words, call the grader, print. GraderError is caught
here, once.

Heavy modules are imported inside the commands, so that `grader --help` answers at once.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

os.environ.setdefault(
    "PYDANTIC_DISABLE_PLUGINS", "__all__"
)  # looking for plugins costs 20 ms at every start

import typer

from grader.commands.options import (
    AuthorOption,
    DataOption,
    DeviceOption,
    JsonOption,
    PathArgument,
    ResultsOption,
    SandboxOption,
    SiteOption,
    TaskOption,
)
from grader.commands.output import (
    EXIT_NOT_ACCEPTED,
    EXIT_OURS,
    console,
    print_json,
    shown_progress,
    warn,
    working_folder,
    write_site,
)
from grader.errors import GraderError, UsageError
from grader.subcommands import data_app, image_app

EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="grader",
    help="Grade deep learning solutions: how accurate, how fast, how small, against a reference in the same run.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

DEFAULT_RESULTS = Path("results")
DEFAULT_SITE = Path("site")


@app.command()
def tasks(json: JsonOption = False, results: ResultsOption = DEFAULT_RESULTS) -> None:
    """List the tasks of the course, what each needs first, and what is done."""
    from grader.commands.tasks import list_tasks

    list_tasks(results, as_json=json)


@app.command()
def start(
    task: Annotated[str, typer.Argument(help="Task id, as `grader tasks` lists them.")],
    into: Annotated[
        Path | None, typer.Argument(help="Folder to make; default: the task's id.")
    ] = None,
    notebook: Annotated[
        bool, typer.Option("--notebook", help="Start with a notebook instead of solution.py.")
    ] = False,
) -> None:
    """Make a folder with the task's lesson and a solution to complete."""
    from grader.commands.start import start_task
    from grader.course.curriculum import find_task
    from grader.tutor.questions import load_questions

    found = find_task(task)
    folder = into or Path(found.id)
    file = start_task(found, folder, notebook=notebook)
    out = console()
    out.print(
        f"made {folder}/ : read README.md, complete {file}. It scores low until you do.",
        markup=False,
    )
    out.print(f"then: grader check {folder}   and   grader run {folder}", markup=False)
    if load_questions(found):
        out.print(f"a guess before you begin, if you like: grader ask {found.id}", markup=False)


@app.command()
def check(
    path: PathArgument,
    task: TaskOption = None,
    sandbox: SandboxOption = "auto",
    json: JsonOption = False,
) -> None:
    """Check that a solution can be graded, on small stand-in data, and rehearse its training:
    advice, and no score.
    """
    from grader.commands.check import check_submission

    with working_folder() as scratch, shown_progress(json) as progress:
        outcome = check_submission(
            path, scratch, task_id=task, sandbox_name=sandbox, progress=progress
        )
    outcome.remember(path)
    if json:
        print_json(outcome.as_dict())
    else:
        outcome.print(console())
    raise typer.Exit(0 if outcome.ready else EXIT_NOT_ACCEPTED)


@app.command()
def watch(
    path: PathArgument,
    task: TaskOption = None,
    poll: Annotated[
        bool, typer.Option("--poll", help="Look for changes; for folders that tell of none.")
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Lines instead of a screen with keys.")
    ] = False,
) -> None:
    """Check again whenever a file is saved; keys for a hint, the next task, the list, a run."""
    from grader.commands.watch import watch_submission

    watch_submission(path, task, poll=poll, plain=plain)


@app.command()
def hint(
    path: PathArgument,
    task: TaskOption = None,
    results: ResultsOption = DEFAULT_RESULTS,
    author: AuthorOption = None,
    json: JsonOption = False,
) -> None:
    """One hint more on what the last check or run found; after passing, the worked solution."""
    from grader.commands.hint import show_hint

    show_hint(path, task, results, author, as_json=json)


@app.command()
def ask(
    task: Annotated[str, typer.Argument(help="Task id, or the folder of a solution.")],
    answer: Annotated[
        int | None, typer.Option("--answer", min=1, help="Your prediction, by its number.")
    ] = None,
    results: ResultsOption = DEFAULT_RESULTS,
    json: JsonOption = False,
) -> None:
    """Predict before a run: a question about the task; the answer comes after the run, with its own
    figures.
    """
    from grader.commands.ask import ask as ask_question

    ask_question(task, answer, results, as_json=json)


@app.command()
def run(
    path: PathArgument,
    task: TaskOption = None,
    results: ResultsOption = DEFAULT_RESULTS,
    sandbox: SandboxOption = "auto",
    device: DeviceOption = "cpu",
    author: AuthorOption = None,
    data: DataOption = None,
    audit: Annotated[
        str, typer.Option("--audit", help="retrain: train again, with the classes renumbered.")
    ] = "",
    repeats: Annotated[
        int, typer.Option("--repeats", min=1, help="Train and grade so many times.")
    ] = 1,
    json: JsonOption = False,
) -> None:
    """Grade a solution: train, ask, measure, score; the result is stored and shown."""
    from grader.commands.run import run_submission

    code = run_submission(
        path,
        results,
        task_id=task,
        sandbox=sandbox,
        device=device,
        author=author,
        data_folder=data,
        audit=audit,
        repeats=repeats,
        as_json=json,
    )
    raise typer.Exit(code)


@app.command()
def batch(
    folder: Annotated[
        Path, typer.Argument(help="Folder of submissions: folders, zips, notebooks or scripts.")
    ],
    task: TaskOption = None,
    results: ResultsOption = DEFAULT_RESULTS,
    sandbox: Annotated[
        str,
        typer.Option(
            "--sandbox", help="auto (a container), container, gvisor, or process with trust."
        ),
    ] = "auto",
    trust_submissions: Annotated[
        bool,
        typer.Option(
            "--trust-submissions", help="Allow plain processes, which may do all that you may."
        ),
    ] = False,
    authors: Annotated[
        str,
        typer.Option(
            "--authors", help="names: of what lies in the folder; claimed: in submission.toml."
        ),
    ] = "names",
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="How many at a time; default: what is fair.")
    ] = None,
    repeats: Annotated[
        int, typer.Option("--repeats", min=1, help="Train and grade each so many times.")
    ] = 1,
    again: Annotated[
        bool, typer.Option("--again", help="Grade also what has a result already.")
    ] = False,
    device: DeviceOption = "cpu",
    data: DataOption = None,
    audit: Annotated[
        str, typer.Option("--audit", help="retrain: train again, with the classes renumbered.")
    ] = "",
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write a row for each submission to this file.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Grade a folder of submissions by others, in containers; the same command goes on after a
    stop.
    """
    from grader.commands.batch import run_batch

    code = run_batch(
        folder,
        results,
        task_id=task,
        sandbox=sandbox,
        trusted=trust_submissions,
        authors=authors,
        device=device,
        audit=audit,
        data_folder=data,
        jobs=jobs,
        repeats=repeats,
        again=again,
        as_json=json,
        table=csv,
    )
    raise typer.Exit(code)


@app.command()
def submit(
    path: PathArgument,
    task: TaskOption = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="The zip to write; default: TASK-AUTHOR.zip.")
    ] = None,
    author: AuthorOption = None,
    sandbox: SandboxOption = "auto",
    json: JsonOption = False,
) -> None:
    """Check a solution, pack it into a zip to hand in, and print a receipt."""
    from grader.commands.check import check_submission
    from grader.commands.submit import pack

    with working_folder() as scratch, shown_progress(json) as progress:
        outcome = check_submission(
            path,
            scratch,
            task_id=task,
            author=author,
            sandbox_name=sandbox,
            progress=progress,
            advising=False,
        )
        if outcome.failed:
            outcome.print(console(stderr=True))
            print(
                "grader: not packed; mend what the check found, then submit again", file=sys.stderr
            )
            raise typer.Exit(EXIT_NOT_ACCEPTED)
        name = f"{outcome.submission.task_id}-{outcome.submission.author}.zip".replace(
            "/", "_"
        ).replace(" ", "_")
        receipt = pack(outcome.submission, to or Path(name))
    if json:
        return print_json(receipt.as_dict())
    for key, value in receipt.as_dict().items():
        print(f"{key.replace('_', ' '):<20}{value}")


@app.command()
def board(
    task: Annotated[str | None, typer.Argument(help="Task id; all tasks without it.")] = None,
    results: ResultsOption = DEFAULT_RESULTS,
    latest: Annotated[
        bool, typer.Option("--latest", help="Each author's last result instead of the best.")
    ] = False,
    json: JsonOption = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the entries to this file as well.")
    ] = None,
) -> None:
    """Show the leaderboards in the terminal."""
    from grader.commands.board import show_boards

    show_boards(task, results, latest=latest, as_json=json, table=csv)


@app.command()
def report(
    results: ResultsOption = DEFAULT_RESULTS,
    site: SiteOption = DEFAULT_SITE,
    latest: Annotated[
        bool, typer.Option("--latest", help="Each author's last result instead of the best.")
    ] = False,
) -> None:
    """Write the leaderboard pages: they open from disk, without a network."""
    console().print(f"wrote {write_site(results, site, latest)}", markup=False, soft_wrap=True)


@app.command()
def rescore(
    results: ResultsOption = DEFAULT_RESULTS, task: TaskOption = None, json: JsonOption = False
) -> None:
    """Apply the tasks' scoring of today to stored results, without running anything."""
    from grader.commands.rescore import rescore_all

    changed, kept, skipped = rescore_all(results, task)
    if json:
        return print_json({"changed": changed, "kept": kept, "skipped": skipped})
    out = console()
    for line in changed:
        out.print(
            f"{line['id']}  {line['task']}  {line['before']} -> {line['after']}", markup=False
        )
    out.print(f"{len(changed)} changed, {kept} as before, {len(skipped)} left alone", markup=False)
    warn([f"left alone: {line}" for line in skipped])


@app.command()
def machine(json: JsonOption = False, data: DataOption = None) -> None:
    """Look at this computer: processor, memory, engine, GPU, data, and whether it is quiet enough
    to time on.
    """
    from grader.commands.machine import tour
    from grader.terminal import columns

    found = tour(data)
    if json:
        return print_json(found)
    columns(
        console(), ("", ""), [(key.replace("_", " "), str(value)) for key, value in found.items()]
    )


app.add_typer(image_app, name="image")
app.add_typer(data_app, name="data")


@app.command()
def demo(
    results: ResultsOption = Path("demo/results"),
    site: SiteOption = Path("demo/site"),
    sandbox: SandboxOption = "auto",
) -> None:
    """Grade the references of the tasks that need no download, for real, and write the
    leaderboard.
    """
    from grader.commands.demo import run_demo

    out = console()
    with shown_progress(False) as progress:
        accepted = run_demo(results, sandbox, progress, lambda line: out.print(line, markup=False))
    page = write_site(results, site, False)
    out.print(f"\nopen {page.resolve()} in a browser", markup=False, soft_wrap=True)
    raise typer.Exit(0 if accepted else EXIT_NOT_ACCEPTED)


def end_by_signal(number: int, _: object) -> NoReturn:
    """Leave as on Ctrl-C, through everything that cleans up."""
    raise SystemExit(128 + number)


def main() -> None:
    """Run the command line; every GraderError ends as one message and its exit code."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if (
            number is not None and signal.getsignal(number) is signal.SIG_DFL
        ):  # nohup has it ignored, and stays right
            signal.signal(number, end_by_signal)
    try:
        code = app(standalone_mode=False) or 0
    except GraderError as error:
        print(f"grader: {error}", file=sys.stderr)
        code = error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        os._exit(0)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        print(f"grader: the system refused: {error.strerror or error}{where}", file=sys.stderr)
        code = EXIT_OURS
    except Exception as error:
        usage = getattr(error, "format_message", None)
        if usage is None:
            raise
        print(f"grader: {usage()} See `grader --help`.", file=sys.stderr)
        code = UsageError.exit_code
    if code == EXIT_INTERRUPTED:
        print("grader: stopped; nothing half-written was left", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
