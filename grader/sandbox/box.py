"""What a box is: one running sandbox with one submission in it, and what may be asked of it.

    with sandbox.open(folder, Limits(memory_bytes=1 << 30)) as box:
        box.hello(seed=7, num_classes=10, deadline_seconds=20)
        box.load(folder, "solution.py", "model", 20)
        seconds = box.train([images, labels], {}, 60)
        box.settle(threads=1)
        box.close_log()  # before the first hidden input
        scores, nanoseconds = box.predict(batch, 10, 5)

The order is strict: `hello`, `load`, then `train` or `call`, then what the exam asks of the model.
Every question has one deadline for its whole reply. What goes wrong inside is raised as
`SubmissionFailed` with the failure to show; what goes wrong on our side as `SandboxError`.

A box belongs to whoever opened it, who closes it; closing kills everything inside, and nothing of a
box outlives the process that opened it. One thread at a time asks; the thread that started a plain
process has to outlive the box (process.py).

**The frozen box.** Two boxes of a timed comparison share one core. While one is asked the other is
frozen (`freeze`, `thaw`), so that it can neither work ahead nor slow its rival. Whether it stood
still is measured and not believed: more than 0.1 s of processor time between two questions flags
the result (exams/timing/stopwatch.py).
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from grader.errors import NeverStill, SandboxError, SubmissionFailed, TaskError
from grader.host.other_programs import OtherPrograms
from grader.records import Code, Failure, Measured, Tier
from grader.runner.frames import MAX_FRAMES, SCALAR, Kind
from grader.sandbox.answers import Answers
from grader.sandbox.budget_clock import DOUBT, AnswerClock, BudgetClock, Deadline, lateness
from grader.sandbox.counters import Counts, remarks
from grader.sandbox.environment import variables
from grader.sandbox.failures import (
    Ending,
    Question,
    breach_failure,
    silence_failure,
    trouble_failure,
    without_data,
)
from grader.sandbox.limits import MIB, Limits
from grader.sandbox.output_log import OutputLog
from grader.sandbox.wire import Peer, Reply, Wire

__all__ = ["MIB", "Box", "Limits", "Sandbox", "Value"]

# Of the budget's clock: collecting the garbage of the largest reference takes half a second.
SETTLE_SECONDS = 5.0
# For a box to stand still, and for all of that together: others do within milliseconds.
STILL_SECONDS = 4.0
GRACE_SECONDS = 5.0  # what a deadline may be overrun by, to tell a death from a silence


@dataclass(frozen=True)
class Value:
    """One argument for a learner's function: an array, or a Python number or text."""

    content: np.ndarray | list[str]
    scalar: bool = False

    @classmethod
    def of(cls, value: Any) -> Value:
        """Wrap an array or a list of texts as it is, and a bool, int, float or str as a scalar."""
        if isinstance(value, str):
            return cls([value], scalar=True)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return cls(value)
        return cls(np.asarray(value), scalar=isinstance(value, bool | int | float))


class Box(ABC):
    """One running sandbox. Use as a context manager; leaving it kills everything inside."""

    tier: Tier

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.tick: Callable[[], None] = lambda: None  # called now and then while waiting
        self.reported: dict[str, str] = {}  # what the runner says about itself, for display only
        # The trace of the last training, as it came: evidence, see training_trace.py.
        self.trace: np.ndarray | None = None
        self.answers = Answers()  # how long each took, and how long they may take together
        # Whether it holds what is graded, or something of ours that is asked beside it.
        self.is_submissions = True
        # Other boxes of the same grader: they are no other programs.
        self.company: Callable[[], Sequence[Box]] = list
        self._wire: Wire | None = None
        self._output = OutputLog()
        self._freezing_seconds = 0.0  # that were waited for it to stand still, altogether

    def environment(self) -> dict[str, str]:
        """Return the variables that every box gets: none holds anything about host or exam."""
        return variables(self.limits.cores)

    # What each kind of sandbox provides.

    @abstractmethod
    def start(self) -> Wire:
        """Start the runner and return the wire to it."""

    def begin(self) -> None:
        """Start making the box where that can go on by itself; `start` then waits for it."""
        self.wire  # noqa: B018 - what begins with its wire, begins here

    @abstractmethod
    def ending(self) -> Ending:
        """Say how the box ended, after the wire went silent. Kills it if it is still there.

        Raises SandboxError if it was ended from outside, which is no fault of the submission.
        """

    @abstractmethod
    def peak_memory(self) -> Measured | None:
        """Return the peak of everything in the box so far, in bytes, with its source."""

    @abstractmethod
    def cpu_seconds(self) -> float:
        """Return the processor time used by everything in the box so far."""

    def counts(self) -> Counts | None:
        """Return all that was counted so far, or in the end; None where nothing can be."""
        return None

    def oom_kills(self) -> int:
        """Return how many processes were killed for lack of memory, if that is known at once."""
        return 0

    def notes(self) -> list[str]:
        """Return what a reader of the result should know about this box, one sentence each."""
        return [f"the submission {each}" for each in self._limits_met()]

    def _limits_met(self) -> list[str]:
        """Return the limits that the box met, as predicates."""
        counts = self.counts()
        return [] if counts is None else remarks(counts, self.limits.processes)

    def pids(self) -> set[int]:
        """Return the processes in the box by this system's numbers; empty where it cannot know."""
        return set()

    def local_pids(self) -> Iterable[int]:
        """Return its processes, quickly; none if it runs on another computer."""
        return self.pids()

    def budget_clock(self) -> BudgetClock:
        """Return a clock that counts from now on what this box has for itself."""
        return BudgetClock(self, self.limits.cores, OtherPrograms(self, *self.company()))

    def freeze(self) -> None:
        """Stop everything in the box; `thaw` lets it go on. Freezing twice is freezing once.

        Both tiers use the freezer of the box's control group; without one, process.py sends SIGSTOP
        and docker/container.py has the engine pause the container. Raises NeverStill if the box
        does not stop, or if waiting for it has taken too long altogether.
        """
        began = time.perf_counter()
        stands_still = self._freeze()
        self._freezing_seconds += time.perf_counter() - began
        if stands_still and self._freezing_seconds < STILL_SECONDS:
            return
        raise NeverStill(
            f"a box did not stand still when it was frozen (waited {self._freezing_seconds:.1f} s)",
            is_submissions=self.is_submissions,
        )

    def freezing_remark(self) -> str:
        """Return what should be said about how this box is frozen; empty if nothing."""
        return ""

    @abstractmethod
    def _freeze(self) -> bool:
        """Stop everything in the box; returns whether it stands still."""

    @abstractmethod
    def thaw(self) -> None:
        """Let a frozen box go on."""

    @abstractmethod
    def pin(self, cores: Sequence[int]) -> None:
        """Confine everything in the box to these cores, running threads included."""

    @abstractmethod
    def inside(self, folder: Path) -> str:
        """Return where the submission's folder is, as the runner sees it."""

    @abstractmethod
    def close(self) -> None:
        """Kill everything in the box and remove what it left. May be called twice."""

    # What the submission prints.

    def log(self) -> str:
        """Return what the submission printed, cleaned and capped."""
        return self._output.text()

    def last_line(self) -> str:
        """Return the newest line the submission printed."""
        return self._output.last_line()

    def close_log(self) -> None:
        """Stop keeping output: called before the first hidden input."""
        self._output.close()

    # What the exams call.

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def wire(self) -> Wire:
        """The wire to the runner, which is started first where that has not happened yet."""
        if self._wire is None:
            self._wire = self.start()
        return self._wire

    def hello(self, *, seed: int, num_classes: int, deadline_seconds: float) -> None:
        """Tell the runner its settings.

        Raises SandboxError if it does not answer: no code of the submission has run yet.
        """
        settings = {"seed": seed, "num_classes": num_classes, "threads": self.limits.cores}
        try:
            self._tell(Kind.HELLO, settings, (), deadline_seconds, "starting")
        except SubmissionFailed as failed:
            printed = self.last_line() or "nothing"
            raise SandboxError(
                f"the runner did not start in its box ({failed}) and printed: {printed}"
            ) from None

    def load(self, folder: Path, file: str, way: str, deadline_seconds: float) -> None:
        """Import the submission.

        folder: as given to `open`. file: the one in it to import. way: "model" if that may be a
        script, which runs when it is trained, or "functions".
        """
        ask = {"folder": self.inside(folder), "file": file, "way": way}
        self._tell(Kind.LOAD, ask, (), deadline_seconds, f"importing {file}")

    def train(
        self,
        values: Sequence[np.ndarray | list[str]],
        settings: dict[str, Any],
        deadline_seconds: float,
        clock: Deadline | None = None,
    ) -> float:
        """Let the submission train, and return the seconds it took as the host saw them.

        values: arrays, lists of texts, or object arrays of texts. clock: that of its budget, see
        budget_clock.py; the deadline is read on it. A training that is to stop by itself is due
        then, and has until the deadline to come to rest.
        """
        began = time.perf_counter()
        asked = [Value(plain(value)) for value in values]
        due = settings.get("stop_after") or deadline_seconds
        self.trace = self._tell(
            Kind.TRAIN, settings, asked, deadline_seconds, "training", clock, due=due
        ).trace
        return time.perf_counter() - began

    def settle(self, threads: int, deadline_seconds: float = SETTLE_SECONDS) -> None:
        """Before the timed phase: fix the number of threads and collect garbage."""
        settings = {"threads": threads}
        doing = "getting ready to be timed"
        # Ten times what the largest reference needs, so beyond it there is no doubt.
        self._tell(Kind.SETTLE, settings, (), deadline_seconds, doing, doubt=1.0)

    def predict(
        self, batch: np.ndarray | list[str], num_classes: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        """Return float32 scores of shape (n, num_classes), and the nanoseconds that they took.

        batch: an array, a list of texts, or an object array of texts. The time runs from before the
        first byte sent to after the last byte received.
        """
        shape = (len(batch), num_classes)
        doing = "answering a batch"
        return self._array(Kind.PREDICT, batch, shape, np.float32, deadline_seconds, doing)

    def logits(
        self, tokens: np.ndarray, vocabulary: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        """Return float32 logits (n, t, vocabulary) for int64 tokens (n, t), and nanoseconds."""
        shape = (*tokens.shape, vocabulary)
        doing = "answering with logits"
        return self._array(Kind.PREDICT, tokens, shape, np.float32, deadline_seconds, doing)

    def write(
        self, prompt: np.ndarray, count: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        """Return int64 tokens of shape (count,) that continue the prompt, and nanoseconds."""
        ask = np.concatenate([[count], prompt]).astype(np.int64)
        return self._array(Kind.CONTINUE, ask, (count,), np.int64, deadline_seconds, "writing text")

    def sample(
        self, count: int, seed: int, picture: tuple[int, ...], deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        """Return uint8 pictures of shape (count, *picture) for a seed, and nanoseconds."""
        ask = np.array([count, seed], dtype=np.int64)
        shape = (count, *picture)
        return self._array(Kind.SAMPLE, ask, shape, np.uint8, deadline_seconds, "making pictures")

    def call(
        self,
        function: str,
        returns: Sequence[str],
        arguments: Sequence[Value],
        deadline_seconds: float,
    ) -> list[Value]:
        """Call a learner's function and return its values, one for each name in `returns`.

        Raises TaskError if there are more than 16 arguments or values.
        """
        if max(len(returns), len(arguments)) > MAX_FRAMES:
            found = f"{len(arguments)} arguments and {len(returns)} values"
            raise TaskError(f"{function}() has {found}; at most {MAX_FRAMES} of each can be sent")
        ask = [json.dumps({"function": function, "returns": list(returns)})]
        doing = f"running {function}()"
        with self._counted(Kind.CALL, 1, deadline_seconds) as seconds:
            reply = self._ask(Kind.CALL, ask, arguments, seconds, doing, count=len(returns))
        return [Value(content, scalar) for content, scalar in reply.values]

    # How a request ends.

    def _array(
        self,
        kind: Kind,
        body: np.ndarray | list[str],
        shape: tuple[int, ...],
        dtype: DTypeLike,
        deadline_seconds: float,
        doing: str,
    ) -> tuple[np.ndarray, int]:
        """Ask for an array of exactly this shape and type; return it with its nanoseconds."""
        question = plain(body)
        with self._counted(kind, shape[0], deadline_seconds) as seconds:
            reply = self._ask(kind, question, (), seconds, doing, shape=shape, dtype=dtype)
        assert isinstance(reply.value, np.ndarray)
        return reply.value, reply.nanoseconds

    @contextmanager
    def _counted(self, kind: Kind, rows: int, deadline_seconds: float) -> Iterator[float]:
        """Count the seconds of one answer; yields how many it may take.

        SubmissionFailed if all answers together took what a run has for them.
        """
        left = self.answers.left()
        if left <= 0:
            self.ending()
            raise SubmissionFailed(self.answers.too_long())
        began = time.perf_counter()
        try:
            yield min(left, deadline_seconds)
        except SubmissionFailed as failed:
            if failed.failure.code == Code.DEADLINE and left < deadline_seconds:
                raise SubmissionFailed(self.answers.too_long()) from None
            raise
        finally:
            self.answers.note(kind, rows, time.perf_counter() - began)

    def _tell(
        self,
        kind: Kind,
        settings: dict[str, Any],
        values: Sequence[Value],
        deadline_seconds: float,
        doing: str,
        clock: Deadline | None = None,
        doubt: float = DOUBT,
        due: float | None = None,
    ) -> Reply:
        """Ask for something whose reply is DONE, and keep what the runner reports with it."""
        ask = [json.dumps(settings)]
        reply = self._ask(
            kind, ask, values, deadline_seconds, doing, clock=clock, doubt=doubt, due=due
        )
        self.reported = reply.reported or self.reported
        return reply

    def _ask(
        self,
        kind: Kind,
        body: np.ndarray | list[str],
        values: Sequence[Value],
        deadline_seconds: float,
        doing: str,
        *,
        shape: tuple[int, ...] | None = None,
        dtype: DTypeLike = np.float32,
        count: int | None = None,
        clock: Deadline | None = None,
        doubt: float = DOUBT,
        due: float | None = None,
    ) -> Reply:
        """Ask once and return the answer. Raises SubmissionFailed for anything but an answer.

        Busy where it is late and that may be other programs' fault. Errors about hidden inputs are
        cut short, see `without_data`. due: seconds after which the box itself may say that it is
        late; the deadline unless given.
        """
        read_on: Deadline = clock or AnswerClock(self.budget_clock)
        reply = self.wire.ask(
            kind,
            body,
            [(value.content, SCALAR if value.scalar else 0) for value in values],
            deadline_seconds=deadline_seconds,
            shape=shape,
            dtype=dtype,
            count=count,
            tick=self._look,
            clock=read_on,
        )
        if reply.peer is Peer.ANSWERED:
            if not self.oom_kills():
                return reply
            # A child that was killed need not show in the answer: the box counts as gone.
            reply = Reply(Peer.GONE)
        if kind in (Kind.PREDICT, Kind.CONTINUE):
            reply.text = without_data(reply.text)
        failure = self._failure(reply, doing, deadline_seconds)
        if failure.code == Code.DEADLINE:
            raise lateness(failure, read_on, deadline_seconds, doubt=doubt, due=due)
        raise SubmissionFailed(failure)

    def _look(self) -> None:
        """While waiting: show progress, and end a box in which something died of lack of memory.

        The kernel may kill a worker whose parent then waits for it until the deadline.
        """
        self.tick()
        if self.oom_kills():
            self.ending()

    def _failure(self, reply: Reply, doing: str, deadline_seconds: float) -> Failure:
        """Return why there is no answer; ends a box that cannot be asked again."""
        limits_met = "".join(f" The submission {each}." for each in self._limits_met())
        asked = Question(doing, deadline_seconds, self.limits.memory_bytes, limits_met)
        if reply.peer is Peer.TROUBLE and not self.oom_kills():
            return trouble_failure(reply, asked)
        if reply.peer is Peer.BROKE_PROTOCOL:
            self.close()
            return breach_failure(reply, asked)
        return silence_failure(reply.peer, self.ending(), asked)


def plain(value: np.ndarray | list[str]) -> np.ndarray | list[str]:
    """Return an object array of texts as the list that travels; anything else as it is."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        return list(value)
    return value


class Sandbox(ABC):
    """A way of making boxes. It may be used for many, by several threads."""

    tier: Tier
    image: str = ""  # id of the image that boxes are made of, where there is one
    place: str = ""  # name of the computer the boxes run on, if that is another one

    def warm(self) -> None:  # noqa: B027 - a sandbox whose files need no warming has nothing to do
        """Read the frameworks' files into the page cache, see docker/pagecache.py."""

    def end_warming(self) -> None:  # noqa: B027 - the same
        """End what `warm` began, if it still goes on: nobody will use it."""

    @abstractmethod
    def open(self, folder: Path, limits: Limits, *, device: str = "cpu") -> Box:
        """Return a box that will run the submission in `folder`; it starts at its first request.

        device: "cpu", or the UUID of the one GPU that the box may see. Raises SandboxError, and
        GraderError if there is no room for temporary files.
        """
