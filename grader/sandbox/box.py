"""What a box is: one running sandbox with one submission in it, and what may be asked of it.

A box is asked in strict order: `hello`, `load`, then `train` or `call`, then what the exam asks of
the model. Every ask has one deadline for the whole reply. What goes wrong inside ends as
`SubmissionFailed`; what goes wrong on our side as `SandboxError`.
"""

from __future__ import annotations

import json
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from grader.errors import SandboxError, SubmissionFailed, TaskError
from grader.records import Failure, Measured, Status, Tier
from grader.runner.frames import MAX_FRAMES, SCALAR, Kind, Trouble
from grader.sandbox.counters import Counts, remarks
from grader.sandbox.wire import Peer, Reply, Wire

DEADLINE = "deadline"  # code of a failure: no complete answer in time
GRACE_SECONDS = 5.0  # what a deadline may be overrun by, to tell a death from a silence
MIB = 1 << 20
TOLD_CHARACTERS = 400  # of an error text about a hidden input: it could carry the input itself
LONG_RUN = re.compile(r"(?=[A-Za-z+/=]*[0-9])[0-9A-Za-z+/=]{24,}")

# The C library adapts these to what a process did before, so that the same network answers at half
# the speed after a short training. Fixed, speed depends on the network alone.
MALLOC_MMAP_BYTES = 32 << 20
MALLOC_TRIM_BYTES = 1 << 40


@dataclass(frozen=True)
class Limits:
    """What one box may use."""

    memory_bytes: int = 2048 * MIB
    cores: int = 1
    processes: int = 128
    file_bytes: int = 512 * MIB
    open_files: int = 1024


@dataclass(frozen=True)
class Value:
    """One argument for a learner's function: an array, or a Python number or text."""

    content: np.ndarray | list[str]
    scalar: bool = False

    @classmethod
    def of(cls, value: Any) -> Value:
        """Wrap an array as it is, and a Python bool, int, float or str as a scalar."""
        if isinstance(value, str):
            return cls([value], True)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return cls(value, False)
        return cls(np.asarray(value), isinstance(value, bool | int | float))


@dataclass
class Ending:
    """How a box came to its end, as the host saw it."""

    exit_code: int | None = None
    out_of_memory: bool = False
    notes: list[str] = field(default_factory=list)


class Box(ABC):
    """One running sandbox. Use as a context manager; leaving it kills everything inside."""

    tier: Tier

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.tick: Callable[[], None] = lambda: None  # called now and then while waiting
        self.reported: dict[str, str] = {}
        self.trace: np.ndarray | None = (
            None  # what the runner says of the last training: evidence, see `training_trace`
        )
        self._wire: Wire | None = None

    def environment(self) -> dict[str, str]:
        """Return the variables every box gets, wherever it runs; nothing of the host or the exam is
        in them.
        """
        threads = str(self.limits.cores)
        return {
            "MALLOC_MMAP_THRESHOLD_": str(MALLOC_MMAP_BYTES),
            "MALLOC_TRIM_THRESHOLD_": str(MALLOC_TRIM_BYTES),
            "PYTHONHASHSEED": "0",
            "PYTHONUNBUFFERED": "1",
            "MPLBACKEND": "Agg",
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": threads,
            "MKL_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "TF_NUM_INTRAOP_THREADS": threads,
            "TF_NUM_INTEROP_THREADS": threads,
            # what XLA sizes its pool by; else it takes every core of the machine
            "PJRT_NPROC": threads,
        }

    # What each kind of sandbox provides.

    @abstractmethod
    def start(self) -> Wire:
        """Start the runner and return the wire to it."""

    def begin(self) -> None:
        """Start making the box where that can go on by itself; `start` then waits for it."""
        self.wire  # noqa: B018 - what begins with its wire, begins here

    @abstractmethod
    def ending(self) -> Ending:
        """Say how the box ended, after the wire went silent. Kills it if it is still there."""

    @abstractmethod
    def peak_memory(self) -> Measured | None:
        """Return the peak of everything in the box so far, in bytes, with its source."""

    @abstractmethod
    def log(self) -> str:
        """Return what the submission printed, cleaned and capped."""

    @abstractmethod
    def last_line(self) -> str:
        """Return the newest line the submission printed."""

    @abstractmethod
    def close_log(self) -> None:
        """Stop keeping output: called before the first hidden input."""

    @abstractmethod
    def cpu_seconds(self) -> float:
        """Return the processor time used by everything in the box so far."""

    def counts(self) -> Counts | None:
        """Return all that was counted so far, or in the end; None where nothing can be."""
        return None

    def oom_kills(self) -> int:
        """Return how many processes in the box were killed for lack of memory, as far as that is
        known at once.
        """
        return 0

    def notes(self) -> list[str]:
        """Return what a reader of the result should know of this box: limits it met, another way of
        reaching it.
        """
        return [f"the submission {each}" for each in self._met()]

    def _met(self) -> list[str]:
        counts = self.counts()
        return remarks(counts, self.limits.processes) if counts is not None else []

    def pids(self) -> set[int]:
        """Return the processes in the box by this system's numbers; empty where they cannot be
        told.
        """
        return set()

    @abstractmethod
    def freeze(self) -> None:
        """Stop everything in the box; `thaw` lets it go on."""

    @abstractmethod
    def thaw(self) -> None:
        """Let a frozen box go on."""

    @abstractmethod
    def pin(self, cores: Sequence[int]) -> None:
        """Bind everything in the box to these cores."""

    @abstractmethod
    def inside(self, folder: Path) -> str:
        """Return where the submission's folder is, as the runner sees it."""

    @abstractmethod
    def close(self) -> None:
        """Kill everything in the box and remove what it left. May be called twice."""

    # What the exams call.

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def wire(self) -> Wire:
        if self._wire is None:
            self._wire = self.start()
        return self._wire

    def hello(self, *, seed: int, num_classes: int, deadline_seconds: float) -> None:
        """Tell the runner its settings; SandboxError without an answer, for nothing of the
        submission has run yet.
        """
        settings = {"seed": seed, "num_classes": num_classes, "threads": self.limits.cores}
        try:
            self._tell(Kind.HELLO, settings, (), deadline_seconds, "starting")
        except SubmissionFailed as failed:
            said = self.last_line() or "nothing"
            raise SandboxError(
                f"the runner did not start in its box ({failed}) and printed: {said}"
            ) from None

    def load(self, folder: Path, file: str, way: str, deadline_seconds: float) -> None:
        """Import the submission."""
        ask = {"folder": self.inside(folder), "file": file, "way": way}
        self._tell(Kind.LOAD, ask, (), deadline_seconds, f"importing {file}")

    def train(
        self,
        values: Sequence[np.ndarray | list[str]],
        settings: dict[str, Any],
        deadline_seconds: float,
    ) -> float:
        """Let the submission train, and return the seconds it took as the host saw them.

        values: arrays, lists of texts, or object arrays of texts.
        """
        began = time.perf_counter()
        asked = [Value(plain(value)) for value in values]
        self.trace = self._tell(Kind.TRAIN, settings, asked, deadline_seconds, "training").trace
        return time.perf_counter() - began

    def settle(self, threads: int, deadline_seconds: float = 30.0) -> None:
        """Before the timed phase: fix the number of threads and collect garbage."""
        self._tell(
            Kind.SETTLE, {"threads": threads}, (), deadline_seconds, "getting ready to be timed"
        )

    def predict(
        self, batch: np.ndarray | list[str], num_classes: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        """Return (float32 scores of shape (n, num_classes), nanoseconds from first byte sent to
        last received).

        batch: an array, a list of texts, or an object array of texts.
        """
        shape = (len(batch), num_classes)
        return self._array(
            Kind.PREDICT, batch, shape, np.float32, deadline_seconds, "answering a batch"
        )

    def logits(
        self, tokens: np.ndarray, vocabulary: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        """Return (float32 logits of shape (n, t, vocabulary) for int64 tokens (n, t),
        nanoseconds).
        """
        shape = (*tokens.shape, vocabulary)
        return self._array(
            Kind.PREDICT, tokens, shape, np.float32, deadline_seconds, "answering with logits"
        )

    def write(
        self, prompt: np.ndarray, count: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        """Return (int64 tokens of shape (count,) that follow the prompt, nanoseconds)."""
        ask = np.concatenate([[count], prompt]).astype(np.int64)
        return self._array(Kind.CONTINUE, ask, (count,), np.int64, deadline_seconds, "writing text")

    def sample(
        self, count: int, seed: int, picture: tuple[int, ...], deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        """Return (uint8 pictures of shape (count, *picture), nanoseconds)."""
        ask = np.array([count, seed], dtype=np.int64)
        return self._array(
            Kind.SAMPLE, ask, (count, *picture), np.uint8, deadline_seconds, "making pictures"
        )

    def call(
        self,
        function: str,
        returns: Sequence[str],
        arguments: Sequence[Value],
        deadline_seconds: float,
    ) -> list[Value]:
        """Call a learner's function and return its values, one for each name in `returns`."""
        if max(len(returns), len(arguments)) > MAX_FRAMES:
            found = f"{len(arguments)} arguments and {len(returns)} values"
            raise TaskError(f"{function}() has {found}; at most {MAX_FRAMES} of each travel")
        ask = [json.dumps({"function": function, "returns": list(returns)})]
        reply = self._ask(
            Kind.CALL, ask, arguments, deadline_seconds, f"running {function}()", count=len(returns)
        )
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
        reply = self._ask(kind, plain(body), (), deadline_seconds, doing, shape=shape, dtype=dtype)
        assert isinstance(reply.value, np.ndarray)
        return reply.value, reply.nanoseconds

    def _tell(
        self,
        kind: Kind,
        settings: dict[str, Any],
        values: Sequence[Value],
        deadline_seconds: float,
        doing: str,
    ) -> Reply:
        reply = self._ask(kind, [json.dumps(settings)], values, deadline_seconds, doing)
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
    ) -> Reply:
        frames = [(value.content, SCALAR if value.scalar else 0) for value in values]
        due: dict[str, Any] = {"shape": shape, "dtype": dtype, "count": count}
        reply = self.wire.ask(
            kind, body, frames, deadline_seconds=deadline_seconds, tick=self._look, **due
        )
        if reply.peer is Peer.ANSWERED:
            if self.oom_kills():  # a child's death need not show in the answer
                raise SubmissionFailed(self._failure(Reply(Peer.GONE), doing, deadline_seconds))
            return reply
        if kind in (Kind.PREDICT, Kind.CONTINUE):
            reply.text = without_data(reply.text)
        raise SubmissionFailed(self._failure(reply, doing, deadline_seconds))

    def _look(self) -> None:
        """While waiting: tell how it goes, and end a box in which something died for lack of
        memory.
        """
        self.tick()
        if self.oom_kills():
            self.ending()

    def _failure(self, reply: Reply, doing: str, deadline_seconds: float) -> Failure:
        """Put into words why there is no answer."""
        met = "".join(f" The submission {each}." for each in self._met())
        if reply.peer is Peer.TROUBLE and not self.oom_kills():
            failure = trouble_as_failure(reply, doing)
            return replace(failure, reason=failure.reason + met)
        if reply.peer is Peer.BROKE_PROTOCOL:
            self.close()
            return Failure(
                Status.INVALID_SUBMISSION,
                "protocol",
                f"while {doing}: {reply.text}; expected one well-formed reply to each request. "
                "Only the runner speaks to the grader: a submission returns values.",
            )
        ending = self.ending()
        if ending.out_of_memory:
            limit = self.limits.memory_bytes // MIB
            return Failure(
                Status.MEMORY_LIMIT_EXCEEDED,
                "memory",
                f"while {doing}: needed more than the {limit} MiB this task allows. "
                "Smaller batches, a smaller model or freeing what is no longer used help.",
            )
        if reply.peer is Peer.LATE:
            return Failure(
                Status.TIME_LIMIT_EXCEEDED,
                DEADLINE,
                f"while {doing}: no complete answer within the limit of {deadline_seconds:.0f} s.{met}",
            )
        code = ending.exit_code
        how = (
            "ended"
            if code is None
            else f"was killed by signal {-code}"
            if code < 0
            else f"exited with code {code}"
        )
        return Failure(
            Status.RUNTIME_ERROR,
            "ended",
            f"while {doing}: the process {how}. A submission is asked and answers; it never exits by itself.{met}",
        )


TROUBLES = {
    Trouble.RAISED: (Status.RUNTIME_ERROR, "raised"),
    Trouble.NOT_IMPORTABLE: (Status.INVALID_SUBMISSION, "not_importable"),
    Trouble.NOT_DEFINED: (Status.INVALID_SUBMISSION, "not_defined"),
    Trouble.NOT_ATTEMPTED: (Status.BELOW_TARGET, "not_attempted"),
    Trouble.WRONG_TYPE: (Status.INVALID_SUBMISSION, "wrong_output"),
    Trouble.OUT_OF_MEMORY: (Status.MEMORY_LIMIT_EXCEEDED, "memory"),
}


def trouble_as_failure(reply: Reply, doing: str) -> Failure:
    """Turn an ERROR reply into a failure. A trouble we never defined counts as a raised
    exception.
    """
    trouble = reply.trouble
    status, code = (
        TROUBLES.get(trouble, (Status.RUNTIME_ERROR, "raised"))
        if trouble
        else (Status.RUNTIME_ERROR, "raised")
    )
    return Failure(status, code, f"while {doing}: {reply.text}")


def plain(value: np.ndarray | list[str]) -> np.ndarray | list[str]:
    """Return an object array of texts as the list that travels; anything else as it is."""
    return value.tolist() if isinstance(value, np.ndarray) and value.dtype == object else value


def without_data(text: str) -> str:
    """Return an error text about a hidden input, cut short and without long runs of digits, as
    encoded data has.
    """
    plain = LONG_RUN.sub("[...]", text)
    return plain if len(plain) <= TOLD_CHARACTERS else plain[:TOLD_CHARACTERS] + " [...]"


class Sandbox(ABC):
    """A way of making boxes."""

    tier: Tier
    image: str = ""
    place: str = ""  # the computer the boxes run on, if that is another one

    def warm(self) -> None:  # noqa: B027 - a sandbox whose files need no warming has nothing to do
        """Read the frameworks' files into the page cache, so that no box is charged for being the
        first.
        """

    def end_warming(self) -> None:  # noqa: B027 - the same
        """End what `warm` began and still goes on, for nobody will use it."""

    @abstractmethod
    def open(self, folder: Path, limits: Limits, *, device: str = "cpu") -> Box:
        """Return a box that will run the submission in `folder`; it starts at its first request."""
