"""Many submissions: a queue, a few lanes, and an account of what is done.

Theory of operation. Everything in one folder is a submission. Each lane, a thread, takes the next
one from the queue and hands it to its worker, which an engine has started: here, or on another
computer (grader/grading/engines/). The worker opens the submission and says what it is: author,
task, hash, version, tier, device. The lane looks whether a result with this key is stored already;
only if not, the worker grades it and sends the result, and the lane stores it. What is stored is
the only memory of a batch, and the batch alone stores: after a kill at any moment, the same command
grades what has no result yet, with whatever engine.

With several computers, one may be lost. A submission whose worker ends, or that met trouble of our
own, is tried again, elsewhere if there is another place, until the engine's tries are used up; only
the last try's trouble is its result. A place that brings trouble again and again gets nothing more.

A submission that met a busy machine (`grader_error` with the code `busy`) is put off to the end,
where one lane grades what is left with nothing of the batch beside it. If it comes out so again,
that is its result; it never counts among the troubles that stop a batch.

Workers are processes, not threads, because a timed phase needs its process for itself: it pins all
its threads to one core, switches garbage collection off, and must not wait for an interpreter lock
that another run holds. The kernel ends a box with the *thread* that started it, and a worker
likewise: a lane outlives its worker, and in the worker the main thread grades.
"""

from __future__ import annotations

import dataclasses
import logging
import re
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from grader.course.curriculum import Task
from grader.errors import GraderError, UsageError
from grader.grading.batch_outcomes import BatchOutcome, Finished, Key, Standing, State, key_of
from grader.grading.bench import REFUSALS
from grader.grading.engines.engine import Engine, Worker
from grader.grading.engines.local import LocalEngine
from grader.grading.settings import Settings
from grader.host.machine import CPU, usable_cores
from grader.intake.hand_ins import NOT_SUBMISSIONS, HandIn
from grader.records import Code, Result, Status
from grader.results import store
from grader.results.packed import Unpacked, unpack

logger = logging.getLogger(__name__)
MIB = 1 << 20
LOOK_SECONDS = 0.5  # how often a lane without work looks whether a lost submission came back
SAME_TROUBLE = 3  # grader errors in a row for the same reason: the trouble is not one submission's
# Kept free of training while something is timed: one core for the boxes, one for the host.
TIMED_CORES = 2
TIMED_BOXES = 3  # submission, par and null
ONE_SUBMISSION = ("solution.py", "solution.ipynb", "submission.toml")
# Names and numbers that differ between two reports of the same trouble.
CHANGING = re.compile(r"[0-9a-f]{8,}|\d+")

Tell = Callable[[BatchOutcome, Standing], None]


def tell_nobody(outcome: BatchOutcome, standing: Standing) -> None:
    """For batches whose progress nobody watches."""


def find_submissions(folder: Path, results: Path) -> list[Path]:
    """Return everything that lies in the folder and is not hidden, by name.

    UsageError where the folder is none, is one submission, or is empty. The folder of results is
    left out, if it lies there.
    """
    if folder.is_file():
        raise UsageError(
            f"{folder} is a file; unpack it, and give the folder that holds one entry for each "
            "submission"
        )
    if not folder.is_dir():
        raise UsageError(f"{folder} does not exist; give the folder that holds the submissions")
    for name in ONE_SUBMISSION:
        if (folder / name).is_file():
            raise UsageError(
                f"{folder} has a {name}, so it is one submission: `grader run {folder}` grades it. "
                "A batch takes the folder that holds all of them"
            )
    there = [path for path in folder.iterdir() if not path.name.startswith(NOT_SUBMISSIONS)]
    found = [path for path in there if not is_results_folder(path, results)]
    if not found:
        raise UsageError(
            f"{folder} is empty; expected a folder, zip, notebook or script for each submission"
        )
    return sorted(found, key=lambda path: path.name)


def is_results_folder(path: Path, results: Path) -> bool:
    """Whether the results are written there; a link to them is something handed in, and refused."""
    return not path.is_symlink() and path.resolve() == results.resolve()


def default_jobs(tasks: Sequence[Task], device: str) -> int:
    """Return how many submissions can be graded at a time so that every one is graded fairly.

    A box gets the cores its task promises, and nobody trains on the cores that are timed; all boxes
    may use all their memory at the same time. A GPU is for one submission at a time. The most
    demanding of the tasks decides.
    """
    if device != CPU:
        return 1
    cores = len(usable_cores())
    memory = psutil.virtual_memory().available
    return min((jobs_for(task, cores, memory) for task in tasks), default=1)


def jobs_for(task: Task, cores: int, memory: int) -> int:
    """Return how many submissions to one task fit into so many cores and bytes, one at least."""
    limits = task.spec.limits
    boxes = 1
    if task.spec.par:
        boxes = TIMED_BOXES
        cores -= TIMED_CORES
    by_cores = cores // limits.cores
    by_memory = memory // (limits.memory_mib * MIB * boxes)
    return max(1, min(by_cores, by_memory))


@dataclass
class Job:
    """A submission in the queue, and where it was tried in vain."""

    hand_in: HandIn
    failed_at: list[str] = field(default_factory=list)  # the names of places, one for each try


class Batch:
    """One batch: what is to be done, what is done, and the lanes that do it."""

    def __init__(
        self,
        handed_in: Sequence[HandIn | Path],
        settings: Settings,
        stored: Sequence[Result],
        *,
        tell: Tell = tell_nobody,
        engine: Engine | None = None,
    ) -> None:
        """handed_in: a path stands for a submission whose author its name says.

        stored: results of before; what has one is not graded again, unless the settings say so.

        tell: called after each submission, by one lane at a time. engine: where workers come from;
        None: this computer.
        """
        self._settings = settings
        self._engine = engine or LocalEngine(settings)
        self._tell = tell
        self._queue = deque(Job(each) for each in as_hand_ins(handed_in))
        self._total = len(self._queue)
        self._done: dict[Key, list[Result]] = defaultdict(list)
        self._tried: set[Key] = set()  # ended in trouble of ours before: they come last
        if not settings.again:
            self._remember(stored)
        # Met a busy machine: graded again at the very end, with nothing of ours beside them.
        self._put_off: list[Job] = []
        self._is_alone = False
        self._lock = threading.Lock()
        self._key_locks: dict[Key, threading.Lock] = defaultdict(threading.Lock)
        self._workers: set[Worker] = set()
        self._lanes: Counter[str] = Counter()  # at each place, those that take submissions
        self._at_work = 0  # submissions that a lane has in its hands
        self._trouble_at: Counter[str] = Counter()  # since that place last graded one
        self._outcomes: list[BatchOutcome] = []
        self._boxed = 0  # submissions that took a box now
        self._troubles: Counter[str] = Counter()  # since the last run that ended well
        self._stopped = ""
        self._interrupted = False
        self._began = time.monotonic()

    def _remember(self, stored: Sequence[Result]) -> None:
        """Sort stored results by what they are results of."""
        for result in stored:
            if result.score is None:
                self._tried.add(key_of(result))
            else:
                self._done[key_of(result)].append(result)

    def run(self) -> Finished:
        """Work through the queue. What interrupts it, as Ctrl-C does, ends the workers first."""
        places = list(self._engine.places())
        if self._engine.tries == 1:
            places = places[: self._total]
        self._work(places)
        if self._put_off and not self._stopped:
            self._is_alone = True
            self._queue.extend(self._put_off)
            self._work(self._places_left(places)[:1])
        if self._queue and not self._stopped:
            self._stopped = "no node is left that could grade"
        seconds = time.monotonic() - self._began
        left = self._total - len(self._outcomes)
        return Finished(tuple(self._outcomes), left, self._stopped, seconds)

    def _places_left(self, places: Sequence[str]) -> list[str]:
        """Return the places that may grade what was put off, the least troubled first.

        One that brought nothing but trouble comes last: it is better than none, if none is left.
        """
        left = [each for each in places if not self._engine.is_lost(each)]
        return sorted(left, key=lambda place: self._trouble_at[place] >= SAME_TROUBLE)

    def _work(self, places: Sequence[str]) -> None:
        """Work through the queue, with a lane for each place."""
        if not places:
            return
        self._lanes = Counter(places)
        with ThreadPoolExecutor(len(places), "lane") as lanes:
            futures = [lanes.submit(self._lane, place) for place in places]
            try:
                wait(futures)
            except BaseException:
                self._interrupt()
                raise
        for future in futures:
            future.result()

    def _interrupt(self) -> None:
        """Let every worker close its boxes and end."""
        with self._lock:
            self._interrupted = True
            for worker in self._workers:
                worker.interrupt()

    def _lane(self, place: str) -> None:
        """Take submissions from the queue until it is empty, with one worker after another."""
        worker = self._start(place)
        try:
            while worker is not None and (job := self._next(place)) is not None:
                try:
                    outcome = self._handle(worker, job)
                except EOFError:
                    outcome = self._lost(job, worker.how_it_ended())
                    self._end(worker)
                    worker = None
                # Before the next worker starts, which may take long: others can have the job.
                self._settle(outcome, job, place)
                worker = worker or self._start(place)
        finally:
            with self._lock:
                self._lanes[place] -= 1
            if worker is not None:
                self._end(worker)

    def _lost(self, job: Job, problem: str) -> BatchOutcome:
        """Return what became of a submission whose worker ended under it."""
        author = job.hand_in.author or job.hand_in.file
        return BatchOutcome(job.hand_in.file, author, "", "failed", problem=problem)

    def _settle(self, outcome: BatchOutcome | None, job: Job, place: str) -> None:
        """Account for a submission, or put it back where it is to be tried again."""
        if self._interrupted:
            return
        with self._lock:
            self._at_work -= 1
            if outcome is None:
                return
            has_trouble = is_trouble(outcome)
            self._trouble_at[place] = self._trouble_at[place] + 1 if has_trouble else 0
            if has_trouble and self._may_try_again(job):
                job.failed_at.append(place)
                self._queue.append(job)
                logger.info("%s is tried again: %s", job.hand_in.file, outcome.reason)
                return
        self._account(said_where(outcome, [*job.failed_at, place]))

    def _may_try_again(self, job: Job) -> bool:
        return len(job.failed_at) + 1 < self._engine.tries

    def _start(self, place: str) -> Worker | None:
        """Return a new worker; None if there is no place for it any more, or nothing to do."""
        if not self._is_wanted():
            return None
        worker = self._engine.start(place, self._is_wanted)
        if worker is None:
            return None
        with self._lock:
            if not self._interrupted:
                self._workers.add(worker)
                return worker
        worker.close()
        return None

    def _is_wanted(self) -> bool:
        """Whether one more worker may still find something to do."""
        with self._lock:
            if self._stopped or self._interrupted:
                return False
            return not self._is_all_taken()

    def _is_all_taken(self) -> bool:
        """Whether nothing is in the queue, and nothing comes back to it. With the lock held."""
        return not self._queue and (self._engine.tries == 1 or not self._at_work)

    def _end(self, worker: Worker) -> None:
        with self._lock:
            self._workers.discard(worker)
        worker.close()

    def _next(self, place: str) -> Job | None:
        """Return a submission for a place; None if there is none left for it.

        Where submissions are tried again, one that is at work elsewhere may come back.
        """
        while True:
            with self._lock:
                if self._stopped or self._interrupted or self._is_given_up(place):
                    return None
                for job in self._queue:
                    if self._suits(job, place):
                        self._queue.remove(job)
                        self._at_work += 1
                        return job
                is_last = self._is_all_taken()
            if is_last or self._engine.is_lost(place):
                return None
            time.sleep(LOOK_SECONDS)

    def _suits(self, job: Job, place: str) -> bool:
        """Whether a submission may be graded there: where it failed, only if it failed everywhere.

        Called with the lock held.
        """
        if place not in job.failed_at:
            return True
        return not any(count for other, count in self._lanes.items() if other not in job.failed_at)

    def _is_given_up(self, place: str) -> bool:
        """Whether a place brought nothing but trouble while others work. With the lock held."""
        others = sum(count for other, count in self._lanes.items() if other != place)
        return self._trouble_at[place] >= SAME_TROUBLE and others > 0

    def _handle(self, worker: Worker, job: Job) -> BatchOutcome | None:
        """Grade one submission as often as it still needs; None if it is put off to the end."""
        opened = worker.open(job.hand_in)
        file = job.hand_in.file
        author = opened.get("author", file)
        task = opened.get("task", "")
        if "failed" in opened:
            return BatchOutcome(file, author, task, "failed", problem=opened["failed"])
        if "unfiled" in opened:
            return BatchOutcome(file, author, task, "unfiled", problem=opened["unfiled"])
        key = Key(**opened)
        with self._lock:
            if key in self._tried and self._queue:
                self._tried.discard(key)
                self._queue.append(job)
                return None
            key_lock = self._key_locks[key]
        # The same files may lie in the folder twice, and two lanes have them.
        with key_lock:
            outcome = self._grade(worker, key, job)
        if met_busy_machine(outcome) and not self._is_alone:
            with self._lock:
                self._put_off.append(job)
            return None
        return outcome

    def _grade(self, worker: Worker, key: Key, job: Job) -> BatchOutcome:
        """Grade what the worker has open until it has as many results as asked for."""
        done = self._done[key]
        state: State = "before"
        file = job.hand_in.file
        while len(done) < self._settings.repeats and not self._interrupted:
            try:
                result = self._graded_once(worker, key, job)
            except GraderError as error:
                return BatchOutcome(file, key.author, key.task, "failed", problem=str(error))
            logger.info("%s by %s: %s", key.task, key.author, result.verdict.status.value)
            state = "graded"
            if result.score is None:
                return BatchOutcome(file, key.author, key.task, state, (*done, result))
            done.append(result)
        return BatchOutcome(file, key.author, key.task, state, tuple(done))

    def _graded_once(self, worker: Worker, key: Key, job: Job) -> Result:
        """Grade what the worker has open, and store the result: here and nowhere else.

        Trouble of our own is not stored while the submission is to be tried again.
        """
        results = self._settings.results
        store.prepare(results, key.task)
        graded = unpack(worker.grade())
        verdict = graded.result.verdict
        if graded.result.score is not None or verdict.code == Code.BUSY:
            graded.save(results)
            return graded.result
        if not self._may_try_again(job):
            graded = with_places(graded, job.failed_at)
            graded.save(results)
        return graded.result

    def _account(self, outcome: BatchOutcome) -> None:
        """Count, look for trouble that is not one submission's, and tell."""
        with self._lock:
            self._outcomes.append(outcome)
            if met_busy_machine(outcome):
                logger.info("%s by %s met a busy machine twice", outcome.task, outcome.author)
            elif outcome.status is Status.GRADER_ERROR:
                self._count_trouble(outcome.reason)
            elif took_a_box(outcome):
                self._troubles.clear()
            self._boxed += took_a_box(outcome)
            self._tell(outcome, self._standing())

    def _count_trouble(self, reason: str) -> None:
        """Stop the batch when the same trouble has come again and again."""
        trouble = CHANGING.sub("#", reason)
        self._troubles[trouble] += 1
        if self._troubles[trouble] >= SAME_TROUBLE:
            self._stopped = reason

    def _standing(self) -> Standing:
        """Return how far the batch is, and about how long the rest takes."""
        done = len(self._outcomes)
        if not self._boxed:
            return Standing(done, self._total, None)
        seconds_each = (time.monotonic() - self._began) / self._boxed
        return Standing(done, self._total, seconds_each * (self._total - done))


def is_trouble(outcome: BatchOutcome) -> bool:
    """Whether an outcome is trouble of our own, but for a busy machine."""
    return outcome.status is Status.GRADER_ERROR and not met_busy_machine(outcome)


def with_places(graded: Unpacked, failed_at: Sequence[str]) -> Unpacked:
    """Return trouble of our own with the names of the computers that met it."""
    result = graded.result
    reason = at_places(result.verdict.reason, [*failed_at, result.machine.node])
    verdict = result.verdict.model_copy(update={"reason": reason})
    return graded.changed(result.model_copy(update={"verdict": verdict}))


def said_where(outcome: BatchOutcome, places: Sequence[str]) -> BatchOutcome:
    """Return trouble that left no result with the names of the computers that met it."""
    if outcome.state != "failed":
        return outcome
    return dataclasses.replace(outcome, problem=at_places(outcome.problem, places))


def at_places(reason: str, places: Sequence[str]) -> str:
    """Return a reason with the names of computers; as it is where there is only this one."""
    names = [place for place in places if place]
    if not names:
        return reason
    return f"{reason} (tried {len(names)} times, on {', '.join(names)})"


def as_hand_ins(handed_in: Sequence[HandIn | Path]) -> list[HandIn]:
    """Return hand-ins; a path becomes one whose author its name says."""
    return [each if isinstance(each, HandIn) else HandIn(path=each) for each in handed_in]


def met_busy_machine(outcome: BatchOutcome) -> bool:
    """Whether other programs kept this submission from being graded: that says nothing of others.

    See "in doubt" in sandbox/budget_clock.py.
    """
    return outcome.result is not None and outcome.result.verdict.code == Code.BUSY


def took_a_box(outcome: BatchOutcome) -> bool:
    """Whether this submission was really run in this batch."""
    if outcome.state != "graded" or outcome.result is None:
        return False
    return outcome.result.verdict.code not in REFUSALS
