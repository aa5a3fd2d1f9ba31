"""Why a box gave no answer, in words for the person who handed in.

Everything here turns what the host saw (how the peer behaved, how the process ended, which limits
it met) into one `records.Failure`. Nothing the box says decides a verdict: an error text from
inside is shown, and its code can only choose between verdicts that all lose the points.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.records import Code, Failure, Status
from grader.runner.frames import Trouble
from grader.sandbox.limits import MIB
from grader.sandbox.wire import Peer, Reply

# An error text about a hidden input could carry the input itself: it is cut to this length, and
# long runs of letters and digits, which encoded data has, are taken out.
SHOWN_CHARACTERS = 400
LONG_RUN = re.compile(r"(?=[A-Za-z+/=]*[0-9])[0-9A-Za-z+/=]{24,}")

RAISED = (Status.RUNTIME_ERROR, Code.RAISED)
TROUBLES = {
    Trouble.RAISED: RAISED,
    Trouble.NOT_IMPORTABLE: (Status.INVALID_SUBMISSION, Code.NOT_IMPORTABLE),
    Trouble.NOT_DEFINED: (Status.INVALID_SUBMISSION, Code.NOT_DEFINED),
    Trouble.NOT_ATTEMPTED: (Status.BELOW_TARGET, Code.NOT_ATTEMPTED),
    Trouble.WRONG_TYPE: (Status.INVALID_SUBMISSION, Code.WRONG_OUTPUT),
    Trouble.TIME_UP: (Status.TIME_LIMIT_EXCEEDED, Code.DEADLINE),
    Trouble.OUT_OF_MEMORY: (Status.MEMORY_LIMIT_EXCEEDED, Code.MEMORY),
}


@dataclass
class Ending:
    """How a box came to its end, as the host saw it."""

    exit_code: int | None = None  # minus the signal that killed it; None if it did not end itself
    out_of_memory: bool = False


@dataclass(frozen=True)
class Question:
    """What the box was asked when it failed."""

    doing: str  # "training", "importing solution.py": it stands behind "while"
    deadline_seconds: float
    memory_bytes: int  # what the box may use
    limits_met: str = ""  # sentences about limits that it met, each after a space


def trouble_failure(reply: Reply, asked: Question) -> Failure:
    """Return the failure for an ERROR reply. A trouble nobody defined counts as an exception."""
    status, code = RAISED
    if reply.trouble is not None:
        status, code = TROUBLES.get(reply.trouble, RAISED)
    return Failure(status, code, f"{said_while(reply.text, asked.doing)}{asked.limits_met}")


def said_while(text: str, doing: str) -> str:
    """Return a text with what was being done before it, unless it names the file by itself."""
    is_named = text.startswith(f"{doing.removeprefix('importing ')} ")
    return text if is_named else f"while {doing}: {text}"


def breach_failure(reply: Reply, asked: Question) -> Failure:
    """Return the failure for a reply that broke the rules of the wire."""
    return Failure(
        Status.INVALID_SUBMISSION,
        Code.PROTOCOL,
        f"while {asked.doing}: {reply.text}; expected one well-formed reply to each request. "
        "Only the runner speaks to the grader: a submission returns values.",
    )


def silence_failure(peer: Peer, ending: Ending, asked: Question) -> Failure:
    """Return the failure for a box that was late or gone, which `ending` tells apart."""
    if ending.out_of_memory:
        return Failure(
            Status.MEMORY_LIMIT_EXCEEDED,
            Code.MEMORY,
            f"while {asked.doing}: needed more than the {asked.memory_bytes // MIB} MiB this task "
            "allows. Smaller batches, a smaller model or freeing what is no longer used help.",
        )
    if peer is Peer.LATE:
        return Failure(
            Status.TIME_LIMIT_EXCEEDED,
            Code.DEADLINE,
            f"while {asked.doing}: no complete answer within the limit of "
            f"{asked.deadline_seconds:.0f} s.{asked.limits_met}",
        )
    return Failure(
        Status.RUNTIME_ERROR,
        Code.ENDED,
        f"while {asked.doing}: the process {how_it_ended(ending.exit_code)}. A submission answers "
        f"what it is asked; it must not exit by itself.{asked.limits_met}",
    )


def how_it_ended(exit_code: int | None) -> str:
    """Return the predicate to "the process"."""
    if exit_code is None:
        return "ended"
    if exit_code < 0:
        return f"was killed by signal {-exit_code}"
    return f"exited with code {exit_code}"


def without_data(text: str) -> str:
    """Return an error text about a hidden input, too short and too plain to carry the input."""
    plain = LONG_RUN.sub("[...]", text)
    if len(plain) <= SHOWN_CHARACTERS:
        return plain
    return plain[:SHOWN_CHARACTERS] + " [...]"
