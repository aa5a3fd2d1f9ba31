"""The worker of a batch: one process with one submission open at a time. It opens, says what it is,
and grades.

A submission that cannot even be opened is graded too: its result says invalid_submission and why,
so that the class page shows it. Whatever is our own trouble is an answer as well; a worker ends
only when it is told to, or with the batch that started it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import itertools
import json
import os
import signal
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

from grader.course.curriculum import Task, all_tasks, find_task
from grader.errors import GraderError, SubmissionRefused, UsageError
from grader.exams.holding import check_audit
from grader.exams.outcome import Outcome
from grader.exams.session import Session
from grader.grading import pipeline
from grader.host.machine import CPU
from grader.host.ownership import temporary_folder
from grader.intake.submission import display_name, open_submission, read_settings
from grader.records import Failure, Result, Status, Submission
from grader.sandbox.box import Sandbox
from grader.sandbox.choose import choose_sandbox

REFUSED = "refused"  # the verdict's code where a submission could not be opened
PARENT_DEATH_SIGNAL = 1  # prctl's name for it
HASHED_ENTRIES = 2000
HASHED_BYTES = 64 << 20


@dataclass(frozen=True)
class Settings:
    """What every worker of a batch is told once."""

    results: Path
    task_id: str | None = None  # None: each submission says its own
    sandbox: str = "auto"
    trusted: bool = False
    authors: Literal["names", "claimed"] = "names"
    device: str = CPU  # or the UUID of a GPU
    audit: str = ""  # as `pipeline.grade` takes it
    data_folder: Path | None = None
    batch_pid: int = dataclasses.field(default_factory=os.getpid)


@dataclass(frozen=True)
class Opened:
    """A submission on the bench."""

    submission: Submission
    task: Task
    sandbox: Sandbox
    refusal: str  # why it could not be opened; empty if it could


def send_message(pipe: Connection, message: dict[str, Any]) -> None:
    pipe.send_bytes(json.dumps(message).encode())


def read_message(pipe: Connection) -> dict[str, Any]:
    """Return the next message; EOFError if the other side is gone."""
    return dict(json.loads(pipe.recv_bytes()))


def work(pipe: Connection, settings: Settings) -> None:
    """Answer {"open": path} and {"grade": ""} until the pipe is closed. This is the process's whole
    life.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    end_with(settings.batch_pid)
    bench = Bench(settings)
    with contextlib.closing(bench), contextlib.suppress(EOFError, OSError):
        while True:
            request = read_message(pipe)
            try:
                answer = bench.open(Path(request["open"])) if "open" in request else bench.grade()
            except GraderError as error:
                answer = {"failed": str(error)}
            except Exception as error:
                answer = {"failed": f"{type(error).__name__}: {error}"}
            send_message(pipe, answer)


def end_with(batch: int) -> None:
    """End this process when the batch's ends, however that ends; elsewhere than on Linux after the
    run at hand.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != batch:
            sys.exit(1)


class Bench:
    """Opens submissions and grades the one that is open."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._scratch = contextlib.ExitStack()
        self._sandboxes: dict[str, Sandbox] = {}
        self._opened: Opened | None = None

    def open(self, path: Path) -> dict[str, Any]:
        """Open what lies at `path` and return its key; {"unfiled": why} where no task can be its
        own.
        """
        self.close()
        scratch = self._scratch.enter_context(temporary_folder("run"))
        refusal = ""
        try:
            submission, task = self._open(path, scratch)
            pipeline.check_device(task, self._settings.device)
            check_audit(task, self._settings.audit)
        except UsageError as error:
            return {"author": author_of(path, "", None), "unfiled": str(error)}
        except SubmissionRefused as refused:
            refusal = str(refused)
            found = self._task_of_refused(path, scratch)
            if found is None:
                return {"author": author_of(path, "", None), "unfiled": refusal}
            task = found
            submission = refused_submission(path, task)
        claim = claims(scratch).get("author") if self._settings.authors == "claimed" else None
        submission = dataclasses.replace(submission, author=author_of(path, task.id, claim))
        sandbox = self._sandbox(task.spec.exam)
        self._opened = Opened(submission, task, sandbox, refusal)
        return {
            "author": submission.author,
            "task": task.id,
            "sha256": submission.sha256,
            "exam_version": task.exam_version,
            "tier": sandbox.tier.value,
            "device": name_of(self._settings.device),
        }

    def _open(self, path: Path, scratch: Path) -> tuple[Submission, Task]:
        source = what_to_open(path)
        try:
            return open_submission(source, scratch / "first", task_id=self._settings.task_id)
        except UsageError:
            task = task_by_name(path)
            if self._settings.task_id is not None or task is None:
                raise
            return open_submission(source, scratch / "second", task_id=task.id)

    def _task_of_refused(self, path: Path, scratch: Path) -> Task | None:
        """Return the task of a submission that could not be opened, from what is known of it."""
        if self._settings.task_id is not None:
            return find_task(self._settings.task_id)
        with contextlib.suppress(UsageError):
            return find_task(claims(scratch).get("task", ""))
        return task_by_name(path)

    def _sandbox(self, exam: str) -> Sandbox:
        if exam not in self._sandboxes:
            settings = self._settings
            gpu = settings.device != CPU
            self._sandboxes[exam] = choose_sandbox(
                settings.sandbox, exam, gpu=gpu, others=True, trusted=settings.trusted
            )
        return self._sandboxes[exam]

    def grade(self) -> dict[str, Any]:
        """Grade what is open, store the result and return it."""
        assert self._opened is not None
        opened, settings = self._opened, self._settings
        result: Result
        if opened.refusal:
            failure = Failure(Status.INVALID_SUBMISSION, REFUSED, opened.refusal)
            session = Session(opened.task, opened.submission, opened.sandbox, settings.device)
            result = pipeline.conclude(session, settings.results, Outcome(failure=failure))
        else:
            result = pipeline.grade(
                opened.submission,
                opened.task,
                opened.sandbox,
                settings.results,
                device=settings.device,
                data_folder=settings.data_folder,
                audit=settings.audit,
            )
        return {"result": result.model_dump(mode="json")}

    def close(self) -> None:
        """Put away what is open."""
        self._opened = None
        self._scratch.close()


def what_to_open(path: Path) -> Path:
    """Return the submission itself: what lies at `path`, or the one zip in a folder, as some
    systems lay it out.
    """
    if path.is_symlink():
        raise SubmissionRefused(
            f"{display_name(path.name)} is a link; expected a folder, .py, .ipynb or .zip"
        )
    if not path.is_dir() and not path.is_file():
        raise SubmissionRefused(
            f"{display_name(path.name)} is not a regular file; expected a folder or a plain file"
        )
    if path.is_dir():
        inside = [entry for entry in path.iterdir() if not entry.name.startswith((".", "__MACOSX"))]
        if (
            len(inside) == 1
            and inside[0].suffix == ".zip"
            and inside[0].is_file()
            and not inside[0].is_symlink()
        ):
            return inside[0]
    return path


def name_of(device: str) -> str:
    """Return what results call a device: "cpu", or the model of the GPU with this UUID."""
    if device == CPU:
        return CPU
    from grader.sandbox.gpu import model_name

    return model_name(device)


def claims(scratch: Path) -> dict[str, str]:
    """Return what submission.toml says, as far as the submission could be unpacked."""
    for folder in (scratch / "second", scratch / "first"):
        with contextlib.suppress(SubmissionRefused):
            if (folder / "submission").is_dir():
                return read_settings(folder / "submission")
    return {}


def task_by_name(path: Path) -> Task | None:
    """Return the task that a name like TASK-AUTHOR.zip, or else the folder around it, says; None if
    neither does.
    """
    tasks = {task.id: task for task in all_tasks()}
    fitting = [name for name in tasks if path.name.startswith(f"{name}-")]
    return tasks[max(fitting, key=len)] if fitting else tasks.get(path.parent.resolve().name)


def author_of(path: Path, task_id: str, claim: str | None) -> str:
    """Return the author: the claim where claims count, else the name of what lies in the folder,
    without `TASK-`.
    """
    name = path.name if path.is_dir() else path.stem.removesuffix(".tar")
    return display_name(claim or name.removeprefix(f"{task_id}-") or name)


def refused_submission(path: Path, task: Task) -> Submission:
    """Return a submission that stands for what could not be opened."""
    source = (
        "folder"
        if path.is_dir()
        else {".zip": "zip", ".ipynb": "notebook"}.get(path.suffix, "script")
    )
    return Submission(
        folder=path,
        file="",
        task_id=task.id,
        author="",
        name=display_name(path.stem),
        sha256=fingerprint(path),
        source=source,
    )


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of what lies at `path` without opening it: names and kinds, and contents
    up to a bound.
    """
    total = hashlib.sha256()
    left = HASHED_BYTES
    inside = path.rglob("*") if path.is_dir() and not path.is_symlink() else iter([path])
    for entry in sorted(itertools.islice(inside, HASHED_ENTRIES)):
        total.update(os.fsencode(entry.relative_to(path.parent)) + b"\0")
        if entry.is_symlink():
            total.update(os.fsencode(os.readlink(entry)))
        elif entry.is_file():
            total.update(str(entry.stat().st_size).encode())
            with entry.open("rb") as file:
                content = file.read(left)
            total.update(content)
            left -= len(content)
    return total.hexdigest()
