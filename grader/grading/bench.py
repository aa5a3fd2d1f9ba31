"""A bench: one submission at a time is opened, named, and graded on it.

A submission that cannot even be opened is graded too: its result says invalid_submission and why,
so that the class page shows it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import itertools
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course.curriculum import Task, all_tasks, find_task
from grader.course.hidden_parts import HiddenPart, find_part
from grader.errors import SubmissionRefused, UsageError
from grader.exams.holding import check_audit
from grader.exams.outcome import Outcome
from grader.exams.session import Progress, Session, Silent
from grader.grading import pipeline
from grader.grading.pipeline import Graded
from grader.grading.settings import Settings
from grader.host.machine import CPU
from grader.host.ownership import temporary_folder
from grader.intake.copying import MAX_TOTAL_MIB, MIB, copy_file
from grader.intake.hand_ins import NOT_SUBMISSIONS, HandIn, NotSent
from grader.intake.opener.member_names import parts_of, safe_path
from grader.intake.opener.refused import Refused
from grader.intake.submission import (
    SETTINGS_FILE,
    display_name,
    open_submission,
    read_settings,
)
from grader.records import Code, Failure, Status, Submission
from grader.sandbox.box import Sandbox
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.gpu import model_name

# The verdict's code where nothing of a submission was run.
REFUSALS = (Code.REFUSED, Code.BROUGHT_ALONG)
HASHED_ENTRIES = 2000
HASHED_BYTES = 64 << 20
MAX_FOLDER_NAME = 40
SOURCES = {".zip": "zip", ".ipynb": "notebook"}  # what a file is by its name; else a script


@dataclass(frozen=True)
class Opened:
    """A submission on the bench."""

    submission: Submission
    task: Task
    sandbox: Sandbox
    refusal: Failure | None  # why it could not be opened, if it could not


class Bench:
    """Opens submissions and grades the one that is open."""

    def __init__(self, settings: Settings, progress: Progress | None = None) -> None:
        """progress: told how far a run is; None: nobody looks."""
        self._settings = settings
        self._progress = progress or Silent()
        self._scratch = contextlib.ExitStack()
        self._sandboxes: dict[str, Sandbox] = {}
        self._parts: dict[str, HiddenPart | None] = {}
        self._opened: Opened | None = None

    def open(self, hand_in: HandIn) -> dict[str, Any]:
        """Open what was handed in and return its key; {"unfiled": why} where it fits no task."""
        self.close()
        scratch = self._scratch.enter_context(temporary_folder("run"))
        refusal: Failure | None = None
        path = hand_in.path
        try:
            if hand_in.not_sent is not None:
                raise SubmissionRefused(hand_in.not_sent.why, hand_in.not_sent.code)
            path = put_together(hand_in, scratch)
            submission, task = self._open(path, scratch, hand_in.task_id)
            pipeline.check_device(task, self._settings.device)
            check_audit(task, self._settings.audit)
        except UsageError as error:
            author = hand_in.author or author_of(path, "", None)
            return {"author": author, "unfiled": str(error)}
        except SubmissionRefused as refused:
            refusal = Failure(Status.INVALID_SUBMISSION, refused.code or Code.REFUSED, str(refused))
            found = self._task_of_refused(path, scratch, hand_in.task_id)
            if found is None:
                author = hand_in.author or author_of(path, "", None)
                return {"author": author, "unfiled": str(refused)}
            task = found
            submission = refused_submission(path, task)
            if hand_in.not_sent is not None:
                submission = dataclasses.replace(submission, sha256=hand_in.not_sent.sha256)
        part = self._hidden_part(task)
        if part is not None:
            task = part.of_task(task)
        claim = self._claimed_author(scratch)
        submission = dataclasses.replace(
            submission,
            author=hand_in.author or author_of(path, task.id, claim),
            submitted_at=hand_in.submitted_at,
            is_late=hand_in.is_late,
            attempt=hand_in.attempt,
        )
        sandbox = self._sandbox(task.spec.exam)
        self._opened = Opened(submission, task, sandbox, refusal)
        return {
            "author": submission.author,
            "task": task.id,
            "sha256": submission.sha256,
            "exam_version": task.exam_version,
            "tier": sandbox.tier.value,
            "device": model_name(self._settings.device),
        }

    def why_refused(self, hand_in: HandIn) -> NotSent | None:
        """Return why a hand-in cannot be graded wherever it is opened; None if it can be opened."""
        path = hand_in.path
        with temporary_folder("run") as scratch:
            try:
                path = put_together(hand_in, scratch)
                self._open(path, scratch, hand_in.task_id)
            except SubmissionRefused as refused:
                code = refused.code or Code.REFUSED
                return NotSent(why=str(refused), code=code, sha256=fingerprint(path))
            except UsageError:
                return None
        return None

    def _open(self, path: Path, scratch: Path, for_task: str) -> tuple[Submission, Task]:
        """Open a submission for the task that it, the batch or else its name says.

        for_task: the one that it was handed in for, if that is known.
        """
        source = what_to_open(path)
        if for_task:
            opened = open_submission(source, scratch / "first", task_id=for_task)
            refuse_other_task(opened[0].folder, for_task)
            return opened
        try:
            return open_submission(source, scratch / "first", task_id=self._settings.task_id)
        except UsageError:
            task = task_by_name(path)
            if self._settings.task_id is not None or task is None:
                raise
            return open_submission(source, scratch / "second", task_id=task.id)

    def _task_of_refused(self, path: Path, scratch: Path, for_task: str) -> Task | None:
        """Return the task of a submission that could not be opened, from what is known of it."""
        if for_task:
            return find_task(for_task)
        if self._settings.task_id is not None:
            return find_task(self._settings.task_id)
        with contextlib.suppress(UsageError):
            return find_task(claims(scratch).get("task", ""))
        return task_by_name(path)

    def _claimed_author(self, scratch: Path) -> str | None:
        """Return the author that a submission claims, where claims count."""
        if self._settings.authors != "claimed":
            return None
        return claims(scratch).get("author")

    def _sandbox(self, exam: str) -> Sandbox:
        """Return the sandbox for one kind of exam, chosen once."""
        if exam not in self._sandboxes:
            settings = self._settings
            gpu = settings.device != CPU
            self._sandboxes[exam] = choose_sandbox(
                settings.sandbox, exam, gpu=gpu, others=True, trusted=settings.trusted
            )
        return self._sandboxes[exam]

    def _hidden_part(self, task: Task) -> HiddenPart | None:
        """Return the private hidden part of a task, read once."""
        if task.id not in self._parts:
            settings = self._settings
            self._parts[task.id] = find_part(task, settings.hidden, settings.data_folder)
        return self._parts[task.id]

    def grade(self) -> bytes:
        """Grade what is open and return the result, packed; nothing is stored here."""
        assert self._opened is not None
        return self._graded(self._opened).packed(self._settings.node)

    def _graded(self, opened: Opened) -> Graded:
        """Examine a submission; why one could not be opened is its result."""
        began = time.perf_counter()
        session = self._session_of(opened)
        if opened.refusal is not None:
            return pipeline.conclude(session, Outcome(failure=opened.refusal))
        # Asked for now and remembered: a driver that fails later takes no result with it.
        model_name(self._settings.device)
        return pipeline.examine(session, began)

    def _session_of(self, opened: Opened) -> Session:
        return Session(
            opened.task,
            opened.submission,
            opened.sandbox,
            self._settings.device,
            data_folder=self._settings.data_folder,
            audit=self._settings.audit,
            hidden=self._hidden_part(opened.task),
            progress=self._progress,
        )

    def close(self) -> None:
        """Put away what is open."""
        self._opened = None
        self._scratch.close()


def refuse_other_task(folder: Path, task_id: str) -> None:
    """Raise SubmissionRefused if a submission says that it is for another task."""
    said = read_settings(folder).get("task", task_id)
    if said != task_id:
        raise SubmissionRefused(
            f"{SETTINGS_FILE} says that it is for the task {display_name(said)!r}, but it was "
            f"handed in for {task_id!r}. Hand it in for its own task, or correct {SETTINGS_FILE}"
        )


def put_together(hand_in: HandIn, scratch: Path) -> Path:
    """Return where the submission lies: several files of one hand-in become a folder of our own.

    They get the names that they had before a platform put its own in front. Raises
    SubmissionRefused.
    """
    if not hand_in.members:
        return hand_in.path
    folder = scratch / "handed-in" / own_folder_name(hand_in)
    left = MAX_TOTAL_MIB * MIB
    for path, name in hand_in.members:
        if path.is_symlink():
            raise SubmissionRefused(f"{display_name(path.name)} is a link; expected a plain file")
        try:
            target = folder / safe_path(parts_of(name, "folder"))
        except Refused as refused:
            raise SubmissionRefused(str(refused)) from None
        if is_taken(target, folder):
            raise SubmissionRefused(
                f"{display_name(name)!r} and another file of the submission would have the same "
                "name here; rename one of them"
            )
        left -= copy_file(path, target, left)
    return target if len(hand_in.members) == 1 else folder


def is_taken(target: Path, folder: Path) -> bool:
    """Whether a file can't have this place in a folder, because another one has it or is above."""
    above = [each for each in target.parents if each.is_relative_to(folder)]
    return target.exists() or any(each.is_file() for each in above)


def own_folder_name(hand_in: HandIn) -> str:
    """Return a name for the folder of a hand-in: messages show it where a file has no other."""
    letters = [each if each.isalnum() else "-" for each in hand_in.author]
    return "".join(letters).strip("-")[:MAX_FOLDER_NAME] or "submission"


def what_to_open(path: Path) -> Path:
    """Return the submission itself: what lies at `path`, or the one zip in a folder.

    Some systems hand out a folder for each learner, with what was handed in inside it.
    """
    if path.is_symlink():
        raise SubmissionRefused(
            f"{display_name(path.name)} is a link; expected a folder, .py, .ipynb or .zip"
        )
    if not path.is_dir() and not path.is_file():
        raise SubmissionRefused(
            f"{display_name(path.name)} is not a regular file; expected a folder or a plain file"
        )
    if not path.is_dir():
        return path
    try:
        inside = [each for each in path.iterdir() if not each.name.startswith(NOT_SUBMISSIONS)]
    except PermissionError as error:
        raise SubmissionRefused(
            f"{display_name(path.name)} cannot be read: {error.strerror}"
        ) from None
    if len(inside) == 1 and is_plain_zip(inside[0]):
        return inside[0]
    return path


def is_plain_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip" and path.is_file() and not path.is_symlink()


def claims(scratch: Path) -> dict[str, str]:
    """Return what submission.toml says, as far as the submission could be unpacked."""
    for folder in (scratch / "second", scratch / "first"):
        with contextlib.suppress(SubmissionRefused):
            if (folder / "submission").is_dir():
                return read_settings(folder / "submission")
    return {}


def task_by_name(path: Path) -> Task | None:
    """Return the task that a name such as TASK-AUTHOR.zip begins with, or that of its folder."""
    tasks = {task.id: task for task in all_tasks()}
    fitting = [name for name in tasks if path.name.startswith(f"{name}-")]
    if fitting:
        return tasks[max(fitting, key=len)]
    return tasks.get(path.parent.resolve().name)


def author_of(path: Path, task_id: str, claim: str | None) -> str:
    """Return the claimed author, or else the name of what lies in the folder, without `TASK-`."""
    name = path.name if path.is_dir() else path.stem.removesuffix(".tar")
    return display_name(claim or name.removeprefix(f"{task_id}-") or name)


def refused_submission(path: Path, task: Task) -> Submission:
    """Return a submission that stands for what could not be opened."""
    source = "folder" if path.is_dir() else SOURCES.get(path.suffix, "script")
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
    """Return the SHA-256 of what lies at `path`, without opening it as what it claims to be.

    Names, kinds and sizes count, and contents up to a bound: a bomb must not take an hour to hash.
    """
    total = hashlib.sha256()
    left = HASHED_BYTES
    for entry in sorted(itertools.islice(entries_of(path), HASHED_ENTRIES)):
        total.update(os.fsencode(entry.relative_to(path.parent)) + b"\0")
        # What may not be read counts by its name alone.
        with contextlib.suppress(OSError):
            known, content = told_of(entry, left)
            total.update(known + content)
            left -= len(content)
    return total.hexdigest()


def told_of(entry: Path, most: int) -> tuple[bytes, bytes]:
    """Return where a link leads, or a file's size; and a file's first bytes, `most` of them."""
    if entry.is_symlink():
        return os.fsencode(os.readlink(entry)), b""
    if not entry.is_file():
        return b"", b""
    with entry.open("rb") as file:
        return str(entry.stat().st_size).encode(), file.read(most)


def entries_of(path: Path) -> Iterable[Path]:
    """Return everything below a folder; a file or a link is all there is of itself."""
    if path.is_dir() and not path.is_symlink():
        return path.rglob("*")
    return [path]
