"""`grader batch`: Grade a folder of other people's submissions, in containers."""

from __future__ import annotations

import csv as csv_files
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer
from filelock import FileLock

from grader.classroom.class_folder import find_class
from grader.commands.options import (
    DEFAULT_RESULTS,
    ENGINES,
    LOCAL,
    AddressOption,
    AuditOption,
    ClassOption,
    DataOption,
    DeviceOption,
    EngineOption,
    HiddenOption,
    JsonOption,
    RepeatsOption,
    ResultsOption,
    TaskOption,
    VerboseOption,
)
from grader.commands.parts.arriving import arrived_in, note_hand_ins
from grader.commands.parts.console import console, print_json, say, warn
from grader.commands.parts.exit_codes import EXIT_OURS
from grader.commands.parts.node_table import what_is_lacking
from grader.course.curriculum import Task, all_tasks, find_task
from grader.course.hidden_parts import find_part
from grader.errors import UsageError
from grader.exams.holding import check_audit
from grader.figures import rough_time
from grader.grading.batch import Batch, default_jobs, tell_nobody
from grader.grading.batch_outcomes import BatchOutcome, Finished, Standing, spread
from grader.grading.bench import REFUSALS
from grader.grading.engines.ray import RayEngine
from grader.grading.parts import WHOLE, read_share
from grader.grading.pipeline import check_device
from grader.grading.settings import Authors, Settings
from grader.host.granted_cores import keep_to_grant, release
from grader.host.machine import CPU
from grader.intake.hand_ins import HandIn
from grader.records import Result, Status
from grader.results import store
from grader.results.merging import write_part_list
from grader.results.soundness import require_sound
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.gpu import choose
from grader.sandbox.leftovers import remove_leftovers
from grader.spelling import no_such
from grader.terminal import Column, print_table
from grader.text import same_name, table_cell, terminal_line

HELP_PLACE = ("Grade", 3)
UNFILED = "not graded"
# What a person should look at first. None: no task was found.
ORDER = [
    Status.GRADER_ERROR,
    None,
    Status.FLAGGED,
    Status.INVALID_SUBMISSION,
    Status.RUNTIME_ERROR,
    Status.MEMORY_LIMIT_EXCEEDED,
    Status.TIME_LIMIT_EXCEEDED,
    Status.BELOW_TARGET,
    Status.ACCEPTED,
]
REASON_WIDTH = 200

FolderArgument = Annotated[
    Path,
    typer.Argument(help="Folder that holds the submissions: folders, zips, notebooks or scripts."),
]
# Not the option of `grader run`: there "auto" is a plain process, for code of one's own.
SandboxOption = Annotated[
    str,
    typer.Option(
        "--sandbox",
        help="auto (a container), container, gvisor, or process (needs --trust-submissions).",
    ),
]
TrustOption = Annotated[
    bool,
    typer.Option(
        "--trust-submissions", help="Allow plain processes, which can do everything that you can."
    ),
]
AuthorsOption = Annotated[
    str,
    typer.Option(
        "--authors",
        help="names: the names of the files and folders; claimed: what submission.toml says.",
    ),
]
JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs", min=1, help="How many at a time (default: as many as can be graded fairly)."
    ),
]
AgainOption = Annotated[bool, typer.Option("--again", help="Also grade what already has a result.")]
AttemptsOption = Annotated[
    str | None,
    typer.Option(
        "--attempts",
        help="Of a learner's attempts on a platform: all, or last (default: as course.toml "
        "counts).",
    ),
]
PartOption = Annotated[
    str,
    typer.Option(
        "--part",
        help="I/N: grade only every Nth submission by name, from the Ith; any scheduler can run "
        "the N parts, and `grader results merge` brings them together.",
    ),
]
CsvOption = Annotated[
    Path | None, typer.Option("--csv", help="Write a row for each submission to this file.")
]


def batch(
    folder: FolderArgument,
    task: TaskOption = None,
    results: ResultsOption = DEFAULT_RESULTS,
    sandbox: SandboxOption = "auto",
    trust_submissions: TrustOption = False,
    authors: AuthorsOption = "names",
    jobs: JobsOption = None,
    repeats: RepeatsOption = 1,
    again: AgainOption = False,
    device: DeviceOption = CPU,
    data: DataOption = None,
    audit: AuditOption = "",
    hidden: HiddenOption = None,
    csv: CsvOption = None,
    class_folder: ClassOption = None,
    attempts: AttemptsOption = None,
    part: PartOption = "",
    engine: EngineOption = LOCAL,
    address: AddressOption = "auto",
    as_json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Grade a folder of other people's submissions, in containers; after a stop, the same command
    picks up where it stopped.
    """
    check_authors(authors)
    tasks = tasks_to_grade(task, device, audit, hidden, data)
    school = find_class(class_folder)
    arrived = arrived_in(folder, results, school, task, attempts)
    share = read_share(part) if part else WHOLE
    hand_ins = share.take(arrived.hand_ins)
    locks = prepare_engine(engine, results, jobs)
    chosen = choose(device) if engine == LOCAL else device
    settings = Settings(results, task, sandbox, trust_submissions, cast(Authors, authors))
    settings = replace(settings, device=chosen, audit=audit, data_folder=data, hidden=hidden)
    at_a_time = min(len(hand_ins), jobs or default_jobs(tasks, chosen))
    settings = replace(settings, jobs=at_a_time, repeats=repeats, again=again)
    try:
        if engine == LOCAL:
            finished = grade_all(hand_ins, settings, tasks[0].spec.exam, quiet=as_json)
        else:
            finished = grade_on_nodes(hand_ins, settings, tasks, address, quiet=as_json)
    finally:
        release(locks)
    note_hand_ins(school, finished)
    if part:
        write_part_list(results, share.number, share.of, files_in_order(arrived.hand_ins))
    show_outcomes(finished, csv, as_json=as_json)
    raise typer.Exit(exit_code_of(finished) or (UsageError.exit_code if arrived.unmatched else 0))


def show_outcomes(finished: Finished, csv: Path | None, *, as_json: bool) -> None:
    """Print the whole class, for people or programs, and write it to a file if one is named."""
    outcomes = sorted(finished.outcomes, key=urgency)
    if csv:
        write_table(outcomes, csv)
    if as_json:
        print_json(as_dict(finished, outcomes))
    else:
        print_outcomes(finished, outcomes)
    warn(about_names(outcomes))


def check_authors(authors: str) -> None:
    """Raise UsageError for a way to name authors that does not exist."""
    if authors not in get_args(Authors):
        raise UsageError(f"--authors: {no_such('choice', authors, get_args(Authors))}")


def tasks_to_grade(
    task_id: str | None, device: str, audit: str, hidden: Path | None, data: Path | None
) -> list[Task]:
    """Return the task the batch is for, or every task where each submission says its own.

    What is wrong with a private hidden part for the one task is said here, before anything runs.
    """
    if task_id is None:
        return all_tasks()
    task = find_task(task_id)
    check_device(task, device)
    check_audit(task, audit)
    find_part(task, hidden, data)
    return [task]


def grade_all(
    handed_in: Sequence[HandIn], settings: Settings, exam: str, *, quiet: bool
) -> Finished:
    """Grade what has no result yet. exam: a kind whose sandbox has to be there before we begin."""
    gpu = settings.device != CPU
    sandbox = choose_sandbox(settings.sandbox, exam, gpu=gpu, others=True, trusted=settings.trusted)
    remove_leftovers()
    stored, broken = store.load_results(settings.results, settings.task_id)
    warn(broken)
    if not quiet:
        at_a_time = f", {settings.jobs} at a time" if settings.jobs > 1 else ""
        say(
            f"{len(handed_in)} submissions, in {sandbox.tier} boxes{at_a_time}. Ctrl-C stops; "
            "repeat the command to continue.",
            wrap=False,
            stderr=True,
        )
    tell = tell_nobody if quiet else say_outcome
    return Batch(handed_in, settings, stored, tell=tell).run()


def grade_on_nodes(
    handed_in: Sequence[HandIn],
    settings: Settings,
    tasks: Sequence[Task],
    address: str,
    *,
    quiet: bool,
) -> Finished:
    """Grade on the nodes of a cluster what has no result yet; what nodes lack is said first."""
    engine = RayEngine(settings, tasks, address)
    try:
        warn(what_is_lacking(engine.nodes))
        engine.require_nodes()
        stored, broken = store.load_results(settings.results, settings.task_id)
        warn(broken)
        if not quiet:
            at_work = [node for node in engine.nodes if node.jobs]
            say(
                f"{len(handed_in)} submissions on {len(at_work)} nodes, "
                f"{sum(node.jobs for node in at_work)} at a time. Ctrl-C stops; repeat the command "
                "to continue.",
                wrap=False,
                stderr=True,
            )
        tell = tell_nobody if quiet else say_outcome
        return Batch(handed_in, settings, stored, tell=tell, engine=engine).run()
    finally:
        engine.close()


def files_in_order(hand_ins: Sequence[HandIn]) -> list[str]:
    return sorted(each.file for each in hand_ins)


def prepare_engine(engine: str, results: Path, jobs: int | None) -> list[FileLock]:
    """Keep to the cores that a scheduler granted here, if any, and look where results go.

    Returns the locks on those cores. They are to be kept for as long as anything is graded: a lock
    that nobody refers to is released. UsageError for an engine that does not exist, and a folder
    where results are not safe.
    """
    if engine not in ENGINES:
        raise UsageError(f"--engine: {no_such('choice', engine, ENGINES)}")
    require_sound(results)
    if engine == LOCAL:
        return keep_to_grant()
    if jobs is not None:
        warn(["--jobs counts on this computer alone; on a cluster, each node takes what fits it"])
    return []


def say_outcome(outcome: BatchOutcome, standing: Standing) -> None:
    """Print one line for a submission that is done."""
    count = f"{standing.done:>{len(str(standing.total))}}/{standing.total}"
    word = "graded before" if outcome.state == "before" else word_of(outcome)
    line = f"{count}  {outcome.author:<24} {word:<22} {spread(outcome.scores):>7}"
    if standing.seconds_left and standing.done < standing.total:
        line += f"   about {rough_time(standing.seconds_left)} left"
    say(line, wrap=False, stderr=True)


def word_of(outcome: BatchOutcome) -> str:
    return UNFILED if outcome.status is None else outcome.status.value


def urgency(outcome: BatchOutcome) -> tuple[int, float, str, str]:
    """Sort key: what a person should look at first, then by score, best first, and name."""
    best = outcome.scores[-1] if outcome.scores else 0.0
    return ORDER.index(outcome.status), -best, outcome.author.casefold(), outcome.file


def print_outcomes(finished: Finished, outcomes: Sequence[BatchOutcome]) -> None:
    """Print the whole class as a table, and what it comes to."""
    print_class(outcomes)
    counts = Counter(word_of(outcome) for outcome in outcomes)
    listed = ", ".join(f"{number} {word}" for word, number in counts.items())
    say(f"\n{len(outcomes)} submissions: {listed}", wrap=False)
    say(how_long_it_took(finished))
    for line in advice_on(finished):
        say(line, wrap=False, stderr=True)


def print_class(outcomes: Sequence[BatchOutcome]) -> None:
    """Print a row for each submission; the task is a column where there are several."""
    tasks = {outcome.task for outcome in outcomes if outcome.task}
    columns = [
        Column("verdict", folds=True),
        Column("author", folds=True),
        Column("task", folds=True, drop=2),
        Column("score", is_number=True),
        Column("reason", folds=True, drop=1),
    ]
    rows: list[tuple[str, ...]] = []
    for each in outcomes:
        word = word_of(each).replace("_", " ")
        rows.append((word, each.author, each.task, spread(each.scores), shortened(each.reason)))
    if len(tasks) <= 1:
        columns.pop(2)
        rows = [(*row[:2], *row[3:]) for row in rows]
    out = console()
    out.print()
    print_table(out, columns, rows)


def how_long_it_took(finished: Finished) -> str:
    graded = 0
    for outcome in finished.outcomes:
        graded += outcome.state == "graded" and outcome.status is not Status.GRADER_ERROR
    line = f"{graded} graded now in {finished.seconds:.0f} s"
    before = sum(outcome.state == "before" for outcome in finished.outcomes)
    return f"{line}, {before} had been graded before" if before else line


def advice_on(finished: Finished) -> list[str]:
    """Say what to do about what was not graded."""
    lines = []
    if finished.stopped:
        lines.append(
            f"grader: stopped with {finished.left} left to do. The same trouble came again and "
            f"again, so it is not the fault of one submission: {finished.stopped}\n"
            "Fix it and repeat the command; it picks up where it stopped."
        )
    elif has_trouble(finished):
        lines.append(
            "grader_error is the grader's own trouble: it is never scored, and repeating the "
            "command tries again."
        )
    if is_any_unfiled(finished):
        lines.append(
            "Not graded: no task was found that they could be graded for. With --task, they are "
            "graded for that task."
        )
    return lines


def has_trouble(finished: Finished) -> bool:
    """Whether any submission met trouble of the grader's own."""
    return any(outcome.status is Status.GRADER_ERROR for outcome in finished.outcomes)


def is_any_unfiled(finished: Finished) -> bool:
    """Whether no task was found for any submission."""
    return any(outcome.state == "unfiled" for outcome in finished.outcomes)


def shortened(text: str) -> str:
    """Return a reason as one line that a table has room for."""
    line = terminal_line(text)
    if len(line) <= REASON_WIDTH:
        return line
    return line[: REASON_WIDTH - 1] + "…"


def about_names(outcomes: Iterable[BatchOutcome]) -> list[str]:
    """Return what a person should know: authors of one name, and work that is the same."""
    by_name: dict[tuple[str, str], list[BatchOutcome]] = defaultdict(list)
    by_files: dict[tuple[str, str], list[BatchOutcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.task:
            by_name[same_name(outcome.author), outcome.task].append(outcome)
        if outcome.result is not None and outcome.result.verdict.code not in REFUSALS:
            by_files[outcome.result.submission.sha256, outcome.task].append(outcome)
    lines = []
    for (_, task), same in sorted(by_name.items()):
        if len(same) > 1:
            author = same[0].author
            lines.append(
                f"{files_of(same)}: all by {author!r}, who gets one place on the board of {task}"
            )
    for (_, task), same in sorted(by_files.items()):
        if len({same_name(outcome.author) for outcome in same}) > 1:
            lines.append(
                f"{files_of(same)}: identical files, handed in for {task} by different authors"
            )
    return lines


def files_of(outcomes: Iterable[BatchOutcome]) -> str:
    return ", ".join(sorted(outcome.file for outcome in outcomes))


def exit_code_of(finished: Finished) -> int:
    """Return 3 with trouble of our own, 2 where a submission's task is unknown, else 0.

    Verdicts do not count: a class is graded, whatever its grades are.
    """
    if finished.stopped or has_trouble(finished):
        return EXIT_OURS
    return UsageError.exit_code if is_any_unfiled(finished) else 0


def row_of(outcome: BatchOutcome) -> dict[str, Any]:
    """Return one submission of the batch as plain values."""
    result = outcome.result
    scores = outcome.scores
    return {
        "file": outcome.file,
        "author": outcome.author,
        "task": outcome.task,
        "state": outcome.state,
        "verdict": outcome.status.value if outcome.status is not None else None,
        "score": score_of(result),
        "low": scores[0] if scores else None,
        "high": scores[-1] if scores else None,
        "runs": len(scores),
        "reason": terminal_line(outcome.reason),
        "sha256": result.submission.sha256 if result is not None else None,
        "result": result.id if result is not None else None,
    }


def score_of(result: Result | None) -> float | None:
    if result is None or result.score is None:
        return None
    return result.score.total


def as_dict(finished: Finished, outcomes: Sequence[BatchOutcome]) -> dict[str, Any]:
    """Return the batch for programs."""
    return {
        "submissions": [row_of(outcome) for outcome in outcomes],
        "left": finished.left,
        "stopped": finished.stopped,
        "seconds": round(finished.seconds, 1),
    }


def write_table(outcomes: Sequence[BatchOutcome], path: Path) -> None:
    """Write a row for each submission as CSV; texts that look like a formula stay texts."""
    rows = [row_of(outcome) for outcome in outcomes]
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv_files.writer(file)
            writer.writerow(rows[0] if rows else ())
            for row in rows:
                writer.writerow(map(harmless_cell, row.values()))
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror or error}; choose another file with --csv"
        ) from None


def harmless_cell(value: Any) -> Any:
    return table_cell(value) if isinstance(value, str) else value
