"""`grader serve`: Serve the hand-in page of a class: upload, queue, results, boards."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from grader.classroom.class_folder import DEFAULT_CLASS, ClassFolder
from grader.commands.options import DataOption, DeviceOption, HiddenOption, VerboseOption
from grader.commands.parts.checking import Checked, check_submission
from grader.commands.parts.console import say
from grader.commands.parts.site_pages import write_site
from grader.course.curriculum import Task
from grader.doctor.source import Lacks, read_lacks
from grader.errors import SubmissionRefused, UsageError
from grader.grading.bench import put_together
from grader.grading.settings import Settings as GradingSettings
from grader.host.machine import CPU
from grader.host.ownership import temporary_folder
from grader.intake.submission import open_submission, read_settings
from grader.records import Status
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.gpu import choose
from grader.sandbox.leftovers import remove_leftovers
from grader.spelling import no_such
from grader.text import shown_name

if TYPE_CHECKING:
    from grader.server.order import Order, Watcher
    from grader.server.settings import Settings

HELP_PLACE = ("Class", 2)
BOTH = "both"
PAGES = "pages"
GRADING = "grading"
PARTS = (BOTH, PAGES, GRADING)
HTTPS = 443
HTTP = 80
SHOWN_CASES = 5

CourseArgument = Annotated[
    Path, typer.Argument(help="Folder of the class (default: ./class).", show_default=False)
]
ServeResultsOption = Annotated[
    Path | None,
    typer.Option("--results", help="Folder of results (default: results, in that of the class)."),
]
HostOption = Annotated[
    str, typer.Option("--host", help="Address to listen on; 0.0.0.0 listens on all.")
]
PortOption = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")]
PublicOption = Annotated[
    str,
    typer.Option("--address", help="What browsers open (https://HOST, behind a reverse proxy)."),
]
CertificateOption = Annotated[
    Path | None, typer.Option("--certificate", help="TLS certificate, a PEM file.")
]
KeyOption = Annotated[Path | None, typer.Option("--key", help="Its private key, a PEM file.")]
OnlyOption = Annotated[
    str,
    typer.Option("--only", help="pages or grading: run one of the two processes (default: both)."),
]
BackupOption = Annotated[
    Path | None,
    typer.Option(
        "--backup",
        help="Copy the class to this new folder and end; the page may run meanwhile.",
        show_default=False,
    ),
]
ServeSandboxOption = Annotated[
    str,
    typer.Option(
        "--sandbox",
        help="auto (a container), container, gvisor, or process (needs --trust-submissions).",
    ),
]
ServeTrustOption = Annotated[
    bool,
    typer.Option(
        "--trust-submissions", help="Allow plain processes, which can do everything that you can."
    ),
]


def serve(
    course: CourseArgument = DEFAULT_CLASS,
    results: ServeResultsOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    address: PublicOption = "",
    certificate: CertificateOption = None,
    key: KeyOption = None,
    only: OnlyOption = BOTH,
    backup: BackupOption = None,
    sandbox: ServeSandboxOption = "auto",
    trust_submissions: ServeTrustOption = False,
    device: DeviceOption = CPU,
    data: DataOption = None,
    hidden: HiddenOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Serve the hand-in page of a class: upload, queue, results, boards."""
    require_packages()
    from grader.server.settings import Settings

    if only not in PARTS:
        raise UsageError(f"--only: {no_such('choice', only, PARTS)}")
    for option, path in (("--certificate", certificate), ("--key", key)):
        if path is not None and not path.is_file():
            raise UsageError(f"{option}: there is no file {path}; expected a PEM file")
    if address:
        must_be_an_address(address)
    opened = address or address_of(host, port, is_https=certificate is not None)
    settings = Settings(course.resolve(), (results or course / "results").resolve(), opened)
    if backup is not None:
        return copy_class(settings, backup)
    grading = GradingSettings(
        settings.results,
        sandbox=sandbox,
        trusted=trust_submissions,
        device=choose(device),
        data_folder=data,
        hidden=hidden,
    )
    if only == GRADING:
        return grade_for_page(settings, grading)
    if only == BOTH:
        # Said now, not by a process in the background: an engine or image that is missing.
        choose_sandbox(sandbox, "functions", others=True, trusted=trust_submissions)
    serve_pages(settings, host, port, certificate, key, is_alone=only == PAGES)


def require_packages() -> None:
    """Raise UsageError if the packages of the page are not installed."""
    try:
        import fastapi  # noqa: F401
        import itsdangerous  # noqa: F401
        import python_multipart  # noqa: F401
        import uvicorn  # noqa: F401
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the hand-in page needs the package {error.name}, which is not installed; "
            "`pip install 'dl-grader[serve]'` installs what it needs"
        ) from None


def must_be_an_address(address: str) -> None:
    """Raise UsageError for what no browser could open as the beginning of every link."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise UsageError(
            f"--address {address!r} is no address of a page; expected https://HOST or http://HOST"
        )


def copy_class(settings: Settings, target: Path) -> None:
    """Copy a class whose page may run."""
    from grader.server.backup import back_up

    count = back_up(settings, target)
    say(f"Copied {settings.course} to {target}, with {count} uploads.", wrap=False)


def address_of(host: str, port: int, *, is_https: bool) -> str:
    """Return what browsers open where nobody says otherwise."""
    name = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    name = f"[{name}]" if ":" in name else name
    scheme = "https" if is_https else "http"
    is_usual = port == (HTTPS if is_https else HTTP)
    return f"{scheme}://{name}" if is_usual else f"{scheme}://{name}:{port}"


def serve_pages(
    settings: Settings,
    host: str,
    port: int,
    certificate: Path | None,
    key: Path | None,
    *,
    is_alone: bool,
) -> None:
    """Answer requests, with the grading process beside it unless this is to run alone."""
    from grader.server.desk import Desk
    from grader.server.serving import grading_beside, listening, pages_alone, serve

    desk = Desk(settings)
    with pages_alone(settings), listening(host, port) as door:
        code = desk.accounts.invite_instructor()
        minutes = settings.limits.instructor_link_minutes
        say(f"{desk.rules.course.spec.title}: {settings.address}", wrap=False)
        say(f"For instructors, once, within {minutes:.0f} minutes:", wrap=False)
        say(f"  {settings.address}/join/{code}", wrap=False)
        say("For learners: `grader class invite` makes a link for each. Ctrl-C stops.", wrap=False)
        beside = nullcontext() if is_alone else grading_beside(grading_command())
        with beside:
            serve(desk, door, certificate, key)


def grading_command() -> list[str]:
    """Return the command of the grading process: this one, for the other part.

    Of an option that is given twice, the last one counts.
    """
    return [sys.executable, "-m", "grader", *sys.argv[1:], "--only", GRADING]


def grade_for_page(settings: Settings, grading: GradingSettings) -> None:
    """Grade what is handed in, until ended."""
    from grader.server.database import Database
    from grader.server.engine_room import EngineRoom
    from grader.server.grading import Grading
    from grader.server.jobs import Jobs
    from grader.server.rules import Rules
    from grader.server.serving import end_with_parent, grading_alone

    end_with_parent()
    rules = Rules(settings.course, settings.limits.settle_seconds)
    database = Database(settings.database)
    checks = Checks(grading)
    room = EngineRoom(grading, rules, database, checks.read, checks.check, Pages(settings).write)
    with grading_alone(settings), ExitStack() as closing:
        closing.callback(room.close)
        remove_leftovers()
        Grading(settings, rules, Jobs(database), room).run(threading.Event())


@dataclass(frozen=True)
class Steps:
    """Progress of a check, for those who watch the page."""

    watcher: Watcher

    def step(self, what: str, seconds: float | None = None) -> None:
        self.watcher.step(f"checking: {what}")

    def note(self, text: str) -> None:
        pass


@dataclass(frozen=True)
class Checks:
    """Holds the quick check of what was handed in, in a box of the kind that grades."""

    settings: GradingSettings

    @property
    def sandbox(self) -> str:
        """Return the sandbox's name: for a check, "auto" would be a plain process."""
        return "container" if self.settings.sandbox == "auto" else self.settings.sandbox

    def read(self, order: Order) -> Mapping[str, object]:
        """Return what is seen without running anything. SubmissionRefused if it can't be graded."""
        hand_in = order.hand_in
        with temporary_folder("read") as scratch:
            submission, task = open_submission(
                put_together(hand_in, scratch),
                scratch / "read",
                task_id=hand_in.task_id,
                author=hand_in.author,
            )
            meant = read_settings(submission.folder).get("task", task.id)
            if meant != task.id:
                raise SubmissionRefused(
                    f"its submission.toml says that it is for {shown_name(meant)!r}, and it was "
                    f"handed in for {task.id!r}; hand it in there"
                )
            lacks = read_lacks(submission.folder / submission.file, functions_of(task))
        return {"problem": "", "lines": [*submission.notes, *said_of(lacks, submission.file)]}

    def check(self, order: Order, watcher: Watcher) -> Mapping[str, object]:
        """Return what the check found. SubmissionRefused if nothing of it could be graded."""
        hand_in = order.hand_in
        with temporary_folder("check") as scratch:
            found = check_submission(
                put_together(hand_in, scratch),
                scratch / "check",
                task_id=hand_in.task_id,
                author=hand_in.author,
                sandbox_name=self.sandbox,
                progress=Steps(watcher),
                advising=False,
            )
        failure = found.outcome.failure
        if found.failed and failure is not None and failure.status is not Status.GRADER_ERROR:
            raise SubmissionRefused(failure.reason)
        return said_by(found)


def functions_of(task: Task) -> list[str]:
    """Return the names of the functions that a task asks for; none where it asks for a model."""
    if task.spec.exam != "functions":
        return []
    from grader.exams.function_cases.cases import load_functions

    return [each.name for each in load_functions(task)]


def said_of(lacks: Lacks, file: str) -> list[str]:
    """Return what was seen to be wrong with a file, in sentences."""
    if lacks.broken_line is not None:
        where = f"line {lacks.broken_line} of {file}" if lacks.broken_line else file
        return [f"{where} does not read as Python."]
    if lacks.functions:
        names = ", ".join(f"{name}()" for name in lacks.functions)
        return [f"{file} defines no {names}; what is not there counts as not attempted."]
    return []


def said_by(found: Checked) -> dict[str, object]:
    """Return a check as the page shows it."""
    wrong = [case for case in found.outcome.cases if case.status != "pass"]
    lines = list(found.submission.notes)
    if wrong:
        names = ", ".join(case.group for case in wrong[:SHOWN_CASES])
        lines.append(f"{len(wrong)} of {len(found.outcome.cases)} cases do not pass yet: {names}")
    failure = found.outcome.failure
    return {"problem": "" if failure is None else failure.reason, "lines": lines}


@dataclass(frozen=True)
class Pages:
    """Writes the pages that the hand-in page shows of results."""

    settings: Settings

    def write(self, school: ClassFolder, is_anonymous: bool) -> None:
        target = self.settings.public_site if is_anonymous else self.settings.site
        write_site(
            self.settings.results,
            target,
            False,
            school,
            is_anonymous=is_anonymous,
            has_readers_of_their_own=True,
        )
