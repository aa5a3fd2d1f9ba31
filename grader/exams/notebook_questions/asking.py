"""The host between the notebook's box and the tests' box: it carries messages and reads none.

A message is a text and a block of bytes. Which box it came from and how long it may be is all that
is looked at here. What each test came to is read from the tests' box, which runs the teacher's code
and ours alone, as arrays of a size that was known before.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from grader.errors import SubmissionFailed, TaskError
from grader.exams.lasting_box import FUNCTIONS, LastingBox
from grader.exams.notebook_questions.in_box.examiner import ASKS, BEGINS, DONE, HIDES, NOT_REACHED
from grader.exams.notebook_questions.in_box.plain_values import (
    MOST_BLOCK_BYTES,
    MOST_TEXT_BYTES,
    packed,
    refuse,
)
from grader.exams.notebook_questions.work import Work
from grader.exams.session import Session
from grader.records import Failure, Submission
from grader.sandbox.box import Box, Value

IN_BOX = Path(__file__).resolve().parent / "in_box"
PACKAGE = "grader_in_box"
ENTRY = "grader_in_box_entry.py"
MOST_QUESTIONS = 50_000
MOST_LOST_BOXES = 3  # of the notebook: then nothing more is asked
NOTHING = np.zeros(0, np.uint8)
RESPONDENT = """from pathlib import Path
from {package} import respondent
ask = respondent.begin(Path(__file__).resolve().parent / {file!r})
"""
EXAMINER = """from pathlib import Path
from {package} import examiner
_examiner = examiner.begin(Path(__file__).resolve().parent / "work.json")
go = _examiner.go
outcomes = _examiner.outcomes
"""


@dataclass(frozen=True)
class Message:
    """What goes from one box to the other."""

    text: str
    block: np.ndarray

    @property
    def values(self) -> list[Value]:
        return [Value.of(self.text), Value(self.block)]


@dataclass(frozen=True)
class TestOutcome:
    """What one test came to. status: one of examiner.py's. share: of its points."""

    status: int
    share: float
    text: str


class NotebookBox:
    """The box of the learner's notebook, and a fresh one in its place whenever it has ended."""

    def __init__(self, session: Session, scratch: Path) -> None:
        self.session = session
        self.failure: Failure | None = None  # the first one that ended a box
        self.lost = 0
        self.is_hiding = False  # hidden tests are asked: nothing in the box's words is told
        self.told: str | None = None  # messages of public tests, as a tests' box handed them out
        self.asked = 0
        given = session.submission
        folder = scratch / "notebook"
        shutil.copytree(given.box_folder, folder)
        put_in_box(folder, RESPONDENT.format(package=PACKAGE, file=given.file))
        self._boxes = LastingBox(session, folder, ENTRY, logs_once=True)

    def load(self) -> None:
        """Have a box with its cells run. SubmissionFailed if that is not possible."""
        self._box()

    def _box(self) -> Box:
        try:
            return self._boxes.get()
        except SubmissionFailed as failed:
            failure = failed.failure
            reason = failure.reason.replace(f"importing {ENTRY}", "running the notebook's cells")
            raise SubmissionFailed(replace(failure, reason=reason)) from None

    def ask(self, message: Message) -> Message:
        """Return the answer to one question; what went wrong is an answer as well."""
        self.asked += 1
        if self.lost > MOST_LOST_BOXES or self.asked > MOST_QUESTIONS:
            return raised("RuntimeError", "the notebook is not asked any more")
        limit = self.session.task.spec.limits.call_seconds
        try:
            text, block = self._box().call("ask", ("text", "block"), message.values, limit)
        except SubmissionFailed as failed:
            return self._after(failed.failure)
        answer = message_of(text, block)
        if answer is None:
            return refused("the answer is no value, or too large")
        return answer

    def begin_hiding(self, told: str) -> None:
        """Note that hidden parts are asked from here on. told: what was said until now."""
        self.is_hiding = True
        self.told = told if self.told is None else self.told

    def _after(self, failure: Failure) -> Message:
        """Note that the box ended; the next question opens another one."""
        if self.is_hiding:
            reason = f"{failure.code.meaning}, in a test that is not shown"
            failure = replace(failure, reason=reason)
        self.failure = self.failure or failure
        self.lost += 1
        self.close()
        return raised("RuntimeError", failure.reason)

    def close(self) -> None:
        """Close the box; the next question opens another one, in which all cells run again."""
        self._boxes.leave()


def put_in_box(folder: Path, entry: str) -> None:
    """Lay our program into a folder, in the place of whatever has its name."""
    clear(folder / PACKAGE)
    clear(folder / ENTRY)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(IN_BOX, folder / PACKAGE, ignore=ignored)
    (folder / ENTRY).write_text(entry, "utf-8")


def clear(path: Path) -> None:
    """Remove a file, a link or a folder, if there is one."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def message_of(text: Value, block: Value) -> Message | None:
    """Return what came from a box as a message; None if it is not one, or too large."""
    words = text.content
    raw = block.content
    is_text = isinstance(words, list) and len(words) == 1
    is_block = isinstance(raw, np.ndarray) and raw.dtype == np.uint8 and raw.ndim == 1
    if not (is_text and is_block):
        return None
    if len(words[0]) > MOST_TEXT_BYTES or len(raw) > MOST_BLOCK_BYTES:
        return None
    assert isinstance(raw, np.ndarray)
    return Message(str(words[0]), raw)


def raised(kind: str, text: str) -> Message:
    """Return the answer that says that the learner's code raised something."""
    return Message(*packed(("raised", kind, f"{kind}: {text}"), refuse))


def refused(reason: str) -> Message:
    """Return the answer that says why there is none, which is nobody's mistake."""
    return Message(*packed(("refused", reason), refuse))


def run_tests(
    session: Session, work: Work, notebook: NotebookBox, scratch: Path
) -> list[TestOutcome]:
    """Run every test, and return what each came to.

    A test in which the tests' own box ends, because it ran too long on what it was given, is left
    out of the next one. All others are run again there, the public ones as well, and of a notebook
    that may have seen hidden arguments by then. So it gets a fresh box, and as files may have
    outlived the old one, messages of public tests are those from before: the first box hands them
    out when it begins to hide, and later ones are given them and add none.
    """
    ended: dict[int, str] = {}
    for attempt in range(len(work.tests) + 1):
        if len(ended) == len(work.tests):
            return [did_not_end(ended[number]) for number in range(len(ended))]
        folder = scratch / f"tests-{attempt}"
        folder.mkdir()
        steps = work.for_examiner(set(ended), notebook.told)
        (folder / "work.json").write_text(json.dumps(steps), "utf-8")
        put_in_box(folder, EXAMINER.format(package=PACKAGE))
        run = Run(session, notebook, len(work.tests))
        try:
            found = run.through(folder)
        except SubmissionFailed as failed:
            notebook.close()
            reason = failed.failure.code.meaning
            if run.at is None and not notebook.asked:
                raise TaskError(
                    f"the cells of {session.task.id} beside its tests could not be run: "
                    f"{failed.failure.reason}"
                ) from None
            if run.at is None:  # a cell of the teacher's, on what the learner's code gave it
                ended |= dict.fromkeys(range(len(work.tests)), reason)
            else:
                ended[run.at] = reason
            continue
        for number, reason in ended.items():
            found[number] = did_not_end(reason)
        return found
    raise TaskError(f"the tests of {session.task.id} could not be run: {ended}")


def did_not_end(reason: str) -> TestOutcome:
    return TestOutcome(NOT_REACHED, 0.0, f"the test did not end: {reason}")


class Run:
    """One tests' box, from its first question to its outcomes. at: the test that is running."""

    def __init__(self, session: Session, notebook: NotebookBox, count: int) -> None:
        self.session = session
        self.notebook = notebook
        self.count = count
        self.at: int | None = None

    def through(self, folder: Path) -> list[TestOutcome]:
        """Carry questions and answers until the tests are done."""
        session = self.session
        limits = session.task.spec.limits
        ours = Submission(folder, ENTRY, "", "grader", "tests", "", "folder")
        box = session.open(ours)
        try:
            box.hello(seed=session.seed, num_classes=0, deadline_seconds=limits.load_seconds)
            box.load(folder, ENTRY, FUNCTIONS, limits.load_seconds)
            answer = Message("", NOTHING)
            while True:
                what, text, block = box.call(
                    "go", ("what", "text", "block"), answer.values, limits.call_seconds
                )
                said = message_of(text, block)
                code = int(np.asarray(what.content).ravel()[0])
                if code == DONE:
                    return self.outcomes(box, limits.call_seconds)
                if said is None:
                    answer = refused("what a test gives to the notebook is too large to be sent")
                elif code == BEGINS:
                    number = int(said.text)
                    self.at = number if 0 <= number < self.count else None
                    answer = Message("on", NOTHING)
                elif code == HIDES:
                    self.notebook.begin_hiding(said.text)
                    answer = Message("on", NOTHING)
                elif code == ASKS:
                    answer = self.notebook.ask(said)
        finally:
            session.finish(box)

    def outcomes(self, box: Box, seconds: float) -> list[TestOutcome]:
        """Return what each test came to, read as arrays of a known size."""
        names = ("status", "share", "text")
        status, share, text = (each.content for each in box.call("outcomes", names, [], seconds))
        lengths = {len(status), len(share), len(text)}
        if lengths != {self.count} or not isinstance(text, list):
            raise TaskError(f"the tests of {self.session.task.id} gave no outcome for each of them")
        rows = zip(np.asarray(status).tolist(), np.asarray(share).tolist(), text, strict=True)
        return [
            TestOutcome(int(each), min(1.0, max(0.0, float(part))), words)
            for each, part, words in rows
        ]
