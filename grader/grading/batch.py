"""Many submissions: a queue, a few workers, and an account of what is done, so that a batch goes on
where it was.

Theory of operation. Everything in one folder is a submission. Each lane, a thread, takes the next
one from the queue and hands it to its worker, a process of its own (grader/worker.py). The worker
opens the submission and says what it is: author, task, hash, version, tier, device. The lane looks
whether a result with this key is stored already; only if not, the worker grades it and stores the
result. What is stored is the only memory of a batch: after a kill at any moment the same command
grades what has no result yet.

Workers are processes, not threads, because a timed phase needs its process for itself: it pins all
its threads to one core, switches garbage collection off, and must not wait for an interpreter lock
that another run holds. The kernel ends a box with the *thread* that started it, and a worker
likewise: a lane outlives its worker, and in the worker the main thread grades. Lane and worker
speak JSON: nothing is unpickled that could have passed through a submission.
"""

from __future__ import annotations

import multiprocessing
import re
import signal
import statistics
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import psutil

from grader.course.curriculum import Task
from grader.errors import UsageError
from grader.grading.worker import REFUSED, Settings, read_message, send_message, work
from grader.host.machine import CPU, usable_cores
from grader.intake.submission import display_name
from grader.records import Result, Status

MIB = 1 << 20
SAME_TROUBLE = 3  # grader errors in a row for the same reason: the trouble is not one submission's
TIMED_CORES = (
    2  # kept free of training while something is timed: one for the boxes, one for the host
)
TIMED_BOXES = 3  # submission, par and null
END_SECONDS = 20.0  # for a worker to close its boxes
ONE_SUBMISSION = ("solution.py", "solution.ipynb", "submission.toml")
CHANGING = re.compile(r"[0-9a-f]{8,}|\d+")  # what differs between two tellings of the same trouble


class Key(NamedTuple):
    """What a result must share with a submission to be its result."""

    author: str
    task: str
    sha256: str
    exam_version: str
    tier: str
    device: str


@dataclass(frozen=True)
class Outcome:
    """What became of one submission in this batch.

    state: "graded" now; "before", nothing was run; "failed", trouble of ours that left no result;
    "unfiled", no task could be found for it, or not one that is graded in the way asked for, so
    there is no result.
    """

    file: str  # the name of what lies in the folder
    author: str
    task: str
    state: Literal["graded", "before", "failed", "unfiled"]
    results: tuple[Result, ...] = ()  # oldest first; several with repeats
    problem: str = ""  # where there is no result: why

    @property
    def result(self) -> Result | None:
        """Return the result that stands for all: the grader's own trouble, else the one with the
        median score.
        """
        for each in self.results:
            if each.score is None:
                return each
        ranked = sorted(self.results, key=lambda each: each.score.total if each.score else 0.0)
        return ranked[(len(ranked) - 1) // 2] if ranked else None

    @property
    def status(self) -> Status | None:
        """Return the verdict; the grader's own trouble also where no result was left, None where no
        task was found.
        """
        result = self.result
        if result is not None:
            return result.verdict.status
        return Status.GRADER_ERROR if self.state == "failed" else None

    @property
    def reason(self) -> str:
        return self.result.verdict.reason if self.result is not None else self.problem

    @property
    def scores(self) -> list[float]:
        """Return the points of every repeat, lowest first."""
        return sorted(each.score.total for each in self.results if each.score is not None)


@dataclass(frozen=True)
class Standing:
    """How far a batch is."""

    done: int
    total: int
    seconds_left: float | None  # None until a submission was run


@dataclass(frozen=True)
class Finished:
    """The end of a batch."""

    outcomes: tuple[Outcome, ...]
    left: int  # submissions that were not reached
    stopped: str  # why the batch stopped early; empty if it did not
    seconds: float


Tell = Callable[[Outcome, Standing], None]


def find_submissions(folder: Path, results: Path) -> list[Path]:
    """Return everything in the folder that somebody handed in, by name; UsageError where that
    cannot be.
    """
    if folder.is_file():
        raise UsageError(
            f"{folder} is a file; unpack it, and give the folder that holds one thing for each submission"
        )
    if not folder.is_dir():
        raise UsageError(f"{folder} does not exist; give the folder that holds the submissions")
    alone = next((name for name in ONE_SUBMISSION if (folder / name).is_file()), None)
    if alone is not None:
        raise UsageError(
            f"{folder} has a {alone}: it is one submission. `grader run {folder}` grades it; "
            "a batch takes the folder that holds all of them"
        )
    own = results.resolve()
    found = [path for path in folder.iterdir() if not path.name.startswith((".", "__MACOSX"))]
    found = [path for path in found if path.is_symlink() or path.resolve() != own]
    if not found:
        raise UsageError(
            f"{folder} is empty; expected a folder, zip, notebook or script for each submission"
        )
    return sorted(found, key=lambda path: path.name)


def default_jobs(tasks: Sequence[Task], device: str) -> int:
    """Return how many submissions to grade at a time so that the most demanding of these tasks is
    graded fairly.

    A box gets the cores its task promises and nobody trains on the cores that are timed; all boxes
    may use all their memory at the same time. A GPU is for one submission at a time.
    """
    if device != CPU:
        return 1
    cores, memory = len(usable_cores()), psutil.virtual_memory().available
    fitting = []
    for task in tasks:
        limits, timed = task.spec.limits, bool(task.spec.par)
        by_cores = (cores - (TIMED_CORES if timed else 0)) // limits.cores
        by_memory = memory // (limits.memory_mib * MIB * (TIMED_BOXES if timed else 1))
        fitting.append(max(1, min(by_cores, by_memory)))
    return min(fitting, default=1)


def key_of(result: Result) -> Key:
    """Return the key of a stored result."""
    task, submission = result.task, result.submission
    return Key(
        submission.author,
        task.id,
        submission.sha256,
        task.exam_version,
        result.tier.value,
        result.device,
    )


class Worker:
    """The host's end of one worker process."""

    def __init__(self, settings: Settings) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=work, args=(theirs, settings), name="grader-worker", daemon=True
        )
        # Ctrl-C goes to every process of the terminal; a worker ends when it is told to, not before
        # it has cleaned up.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self._process.start()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    def ask(self, **request: str) -> dict[str, Any]:
        """Return the worker's answer; EOFError if it has ended."""
        try:
            send_message(self._pipe, request)
            return read_message(self._pipe)
        except OSError:
            raise EOFError from None

    def how_it_ended(self) -> str:
        self._process.join(END_SECONDS)
        code = self._process.exitcode
        how = (
            "ended"
            if code is None
            else f"was killed by signal {-code}"
            if code < 0
            else f"exited with code {code}"
        )
        return f"the process that graded it {how}; signal 9 usually means that the machine ran out of memory"

    def interrupt(self) -> None:
        """Let it close its boxes and end."""
        self._process.terminate()

    def close(self) -> None:
        self._pipe.close()
        self._process.join(END_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


class Batch:
    """One batch: what is to be done, what is done, and the lanes that do it."""

    def __init__(
        self,
        paths: Sequence[Path],
        settings: Settings,
        stored: Sequence[Result],
        *,
        jobs: int = 1,
        repeats: int = 1,
        tell: Tell = lambda outcome, standing: None,
    ) -> None:
        self._settings, self._jobs, self._repeats, self._tell = settings, jobs, repeats, tell
        self._queue = deque(paths)
        self._total = len(paths)
        self._done: dict[Key, list[Result]] = defaultdict(list)
        self._tried: set[Key] = set()  # ended in trouble of ours before: they come last
        for result in stored:
            if result.score is None:
                self._tried.add(key_of(result))
            else:
                self._done[key_of(result)].append(result)
        self._lock = threading.Lock()
        self._key_locks: dict[Key, threading.Lock] = defaultdict(threading.Lock)
        self._workers: set[Worker] = set()
        self._outcomes: list[Outcome] = []
        self._boxed = 0  # submissions that took a box now
        self._troubles: Counter[str] = Counter()  # since the last run that ended well
        self._stopped = ""
        self._interrupted = False
        self._began = time.monotonic()

    def run(self) -> Finished:
        """Work through the queue. What interrupts it, as Ctrl-C does, ends the workers first."""
        with ThreadPoolExecutor(min(self._jobs, self._total), "lane") as lanes:
            futures = [lanes.submit(self._lane) for _ in range(min(self._jobs, self._total))]
            try:
                wait(futures)
            except BaseException:
                with self._lock:
                    self._interrupted = True
                    for worker in self._workers:
                        worker.interrupt()
                raise
        for future in futures:
            future.result()
        seconds = time.monotonic() - self._began
        return Finished(
            tuple(self._outcomes), self._total - len(self._outcomes), self._stopped, seconds
        )

    def _lane(self) -> None:
        worker = self._start()
        try:
            while worker is not None and (path := self._next()) is not None:
                try:
                    outcome = self._one(worker, path)
                except EOFError:
                    name = display_name(path.name)
                    outcome = Outcome(name, name, "", "failed", problem=worker.how_it_ended())
                    self._end(worker)
                    worker = self._start()
                if outcome is not None and not self._interrupted:
                    self._account(outcome)
        finally:
            if worker is not None:
                self._end(worker)

    def _start(self) -> Worker | None:
        with self._lock:
            if self._interrupted:
                return None
            worker = Worker(self._settings)
            self._workers.add(worker)
            return worker

    def _end(self, worker: Worker) -> None:
        with self._lock:
            self._workers.discard(worker)
        worker.close()

    def _next(self) -> Path | None:
        with self._lock:
            if self._stopped or self._interrupted or not self._queue:
                return None
            return self._queue.popleft()

    def _one(self, worker: Worker, path: Path) -> Outcome | None:
        """Grade one submission as often as it still needs; None if it is put off to the end of the
        queue.
        """
        opened, file = worker.ask(open=str(path)), display_name(path.name)
        author, task = opened.get("author", file), opened.get("task", "")
        if "failed" in opened:
            return Outcome(file, author, task, "failed", problem=opened["failed"])
        if "unfiled" in opened:
            return Outcome(file, author, task, "unfiled", problem=opened["unfiled"])
        key = Key(
            author, task, opened["sha256"], opened["exam_version"], opened["tier"], opened["device"]
        )
        with self._lock:
            if key in self._tried and self._queue:
                self._tried.discard(key)
                self._queue.append(path)
                return None
            key_lock = self._key_locks[key]
        graded = False
        with key_lock:  # the same files may lie in the folder twice
            while len(self._done[key]) < self._repeats and not self._interrupted:
                answer = worker.ask(grade="")
                if "failed" in answer:
                    return Outcome(file, author, task, "failed", problem=answer["failed"])
                result = Result.model_validate(answer["result"])
                graded = True
                if result.score is None:
                    return Outcome(file, author, task, "graded", (*self._done[key], result))
                self._done[key].append(result)
            return Outcome(
                file, author, task, "graded" if graded else "before", tuple(self._done[key])
            )

    def _account(self, outcome: Outcome) -> None:
        """Count, look for trouble that is not one submission's, and tell."""
        with self._lock:
            self._outcomes.append(outcome)
            if outcome.status is Status.GRADER_ERROR:
                trouble = CHANGING.sub("#", outcome.reason)
                self._troubles[trouble] += 1
                if self._troubles[trouble] >= SAME_TROUBLE:
                    self._stopped = outcome.reason
            elif took_a_box(outcome):
                self._troubles.clear()
            self._boxed += took_a_box(outcome)
            done, seconds = len(self._outcomes), time.monotonic() - self._began
            left = seconds / self._boxed * (self._total - done) if self._boxed else None
            self._tell(outcome, Standing(done, self._total, left))


def took_a_box(outcome: Outcome) -> bool:
    """Whether this submission was really run in this batch."""
    return (
        outcome.state == "graded"
        and outcome.result is not None
        and outcome.result.verdict.code != REFUSED
    )


def spread(scores: Sequence[float]) -> str:
    """Return scores for display: the median, and with several the lowest and highest."""
    if not scores:
        return "-"
    middle = f"{statistics.median(scores):g}"
    return (
        middle
        if len(scores) == 1
        else f"{middle} ({scores[0]:g} to {scores[-1]:g}, n={len(scores)})"
    )
