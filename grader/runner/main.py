"""The program beside the submission: one request in, one reply out, until the host says END.

It takes the socket away from descriptors 0-2 before any learner's code runs, so that a print or an
`input()` cannot touch the conversation by accident. That is convenience, not a guard: the host
checks every reply.
"""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import socket
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from . import (
    classifier,
    entry,
    frames,
    frameworks,
    generator,
    given_data,
    gradients,
    language,
    loaders,
    notes,
    pace,
    regressor,
    spawned,
)
from .frames import Header, Kind, Trouble
from .problem import Problem, explain
from .time_up import CLOCK
from .training_trace import current

WAYS = {
    "classifier": classifier.ways,
    "generator": generator.ways,
    "language": language.ways,
    "regressor": regressor.ways,
}
SPIN_SECONDS = 2e-4
READ_BYTES = 1 << 16
JOINED_BYTES = 1 << 16  # a reply up to here is sent as one block, header and all


class Streams:
    """Two pipes with the calls of a socket that a conversation needs.

    For a box that no socket can be mounted into: Docker Desktop, remote engines.
    """

    def __init__(self, incoming: int, outgoing: int) -> None:
        self.incoming = incoming
        self.outgoing = outgoing

    def makefile(self, mode: str, buffering: int) -> Any:
        return open(self.incoming, mode, buffering=buffering)

    def sendall(self, data: bytes | memoryview) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self.outgoing, view) :]


class Conversation:
    """The runner's end of the wire. The host speaks first, always."""

    def __init__(self, sock: socket.socket | Streams) -> None:
        self.sock = sock
        self.stream: Any = sock.makefile("rb", buffering=READ_BYTES)
        self.raw = bytearray(frames.HEADER_BYTES)
        self.seq = 0
        self.spin_seconds = 0.0  # in the timed phase: how long to stay awake for the next request
        self.nonce = b"\0" * frames.NONCE_BYTES

    def receive_frame(self) -> tuple[Header, np.ndarray | list[str]]:
        """Return the next frame. Sizes are believed here: the host is trusted by its runner."""
        frames.read_exactly(self.stream, memoryview(self.raw))
        header = frames.parse_header(self.raw)
        if header.dtype == frames.TEXT_CODE:
            buffer = bytearray(header.nbytes)
            frames.read_exactly(self.stream, memoryview(buffer))
            return header, frames.decode_texts(header.shape[0], buffer)
        array = np.empty(header.shape, dtype=frames.DTYPES[header.dtype])
        if array.nbytes:
            frames.read_exactly(self.stream, array.reshape(-1).data.cast("B"))
        return header, array

    def receive(self) -> tuple[Header, np.ndarray | list[str]]:
        """Return the next request's head frame; its seq and nonce mark every reply from here on."""
        if self.spin_seconds and isinstance(self.sock, socket.socket):
            frames.await_bytes(self.sock, self.spin_seconds)
        header, body = self.receive_frame()
        self.seq = header.seq
        self.nonce = header.nonce
        return header, body

    def receive_values(self, count: int) -> list[Any]:
        """Return the values that follow a head frame; 0-d SCALAR ones become Python numbers."""
        values: list[Any] = []
        for _ in range(count):
            header, value = self.receive_frame()
            if not header.flags & frames.SCALAR:
                values.append(value)
            elif isinstance(value, np.ndarray):
                values.append(value.item())
            else:
                values.append(value[0])
        return values

    def send(self, value: np.ndarray | list[str], kind: int, flags: int = 0) -> None:
        """Send one value as a frame of the reply."""
        header, body = frames.frame_of(value, kind, flags=flags, seq=self.seq, nonce=self.nonce)
        if len(body) <= JOINED_BYTES:
            self.sock.sendall(header + bytes(body))
        else:
            self.sock.sendall(header)
            self.sock.sendall(body)

    def send_error(self, trouble: Trouble, text: str) -> None:
        """Reply that something went wrong; the host shows the text and scores nothing by it."""
        raw = text.encode("utf-8", "replace")[: frames.MAX_ERROR_BYTES]
        buffer = np.frombuffer(raw, dtype=np.uint8)
        header = frames.pack_header(
            Kind.ERROR,
            frames.CODES[buffer.dtype],
            (len(raw),),
            len(raw),
            flags=int(trouble),
            seq=self.seq,
            nonce=self.nonce,
        )
        self.sock.sendall(header + raw)


class Runner:
    """One submission's state between requests."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.settings: dict[str, Any] = {}
        self.submission: entry.Loaded | None = None
        self.ways: entry.Ways = {}

    def answer(self, header: Header, body: Any) -> None:
        """Answer one request; a Problem becomes an ERROR frame."""
        if header.kind in entry.ASKED_OF_MODELS:
            self.talk.send(self.asked(header.kind, body), Kind.RESULT)
            return
        ask = json.loads(body[0]) if body else {}
        values = self.talk.receive_values(header.flags)
        if header.kind == Kind.HELLO:
            self.hello(ask)
        elif header.kind == Kind.LOAD:
            self.submission = entry.load(ask)
            self.report()
        elif header.kind == Kind.TRAIN:
            self.train(ask, values)
        elif header.kind == Kind.CALL:
            self.call(ask, values)
        elif header.kind == Kind.SETTLE:
            self.settle(ask)
        else:
            raise Problem(Trouble.BAD_REQUEST, f"this runner does not know request {header.kind}")

    def hello(self, settings: dict[str, Any]) -> None:
        """Seed everything, and get ready for the submission's imports."""
        self.settings = settings
        random.seed(settings["seed"])
        np.random.seed(settings["seed"] % 2**32)
        loaders.install(settings["seed"])
        spawned.watch(settings["seed"])
        self.report()

    def report(self, more: Sequence[str] = ()) -> None:
        """Say what this runner sees of itself, and after a training its trace.

        more: further names and values in turn. It is shown beside the result, never scored.
        """
        trace = current().account.take()
        texts = [*frameworks.report(), *more, *notes.report()]
        if trace is None:
            self.talk.send(texts, Kind.DONE)
        else:
            self.talk.send(texts, Kind.DONE, flags=frames.HAS_TRACE)
            self.talk.send(trace, Kind.VALUE)

    def loaded(self) -> entry.Loaded:
        """Return the submission; Problem where none was loaded."""
        if self.submission is None:
            raise Problem(Trouble.BAD_REQUEST, "nothing is loaded yet")
        return self.submission

    def train(self, ask: dict[str, Any], values: list[Any]) -> None:
        """Train or load the model; from then on it answers in the ways of its kind of exam.

        A training that has a time to stop at is stopped then, and the model is taken as it stands.
        """
        gradients.Reach.keeps_models = bool(ask.get("rehearsal"))
        loaded = self.loaded()
        pace.begin(loaded.folder)
        if ask.get("stop_after"):
            CLOCK.begin(
                ask["stop_after"],
                str(loaded.folder),
                is_in_library=lambda: current().fitting > 0,
                has_trained=lambda: current().took_steps,
                patience=ask.get("patience", 0.0),
            )
        try:
            self.ways = WAYS[ask.get("form", "classifier")](loaded, ask, values)
        finally:
            CLOCK.end()
            given_data.end_short_passes()
        stopped = ["stopped", "1"] if CLOCK.is_over else []
        epochs = pace.PACE.report() if ask.get("rehearsal") else []
        self.report([*current().account.told, *stopped, *epochs])

    def asked(self, kind: int, body: Any) -> np.ndarray:
        """Return the trained model's answer to one request."""
        if kind not in self.ways:
            raise Problem(Trouble.BAD_REQUEST, "no model to ask")
        return self.ways[Kind(kind)](body)

    def call(self, ask: dict[str, Any], values: list[Any]) -> None:
        """Call one function and send what it returns."""
        results = entry.call(self.loaded(), ask, values)
        self.talk.send([""], Kind.RESULT, flags=len(results))
        for value, is_scalar in results:
            self.talk.send(value, Kind.VALUE, flags=frames.SCALAR if is_scalar else 0)

    def settle(self, ask: dict[str, Any]) -> None:
        """Get ready for the timed phase.

        Garbage is collected now and what is left is frozen, so that no collection of a large heap
        falls into one timed answer; and this process stays awake between requests.
        """
        frameworks.settle(ask["threads"])
        gc.collect()
        gc.freeze()
        self.talk.spin_seconds = SPIN_SECONDS
        self.report()


def take_socket(path: str | None, is_stdio: bool = False) -> socket.socket | Streams:
    """Return the host's socket on a descriptor of its own, and point 0-2 where they can do no harm.

    path: where a socket listens; without one, descriptor 0 is the socket, or 0 and 1 are a pipe
    each way. Descriptor 0 then reads nothing, and 1 writes where 2 does: into the log.
    """
    talk: socket.socket | Streams
    talk = Streams(os.dup(0), os.dup(1)) if is_stdio else connect(path)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return talk


def connect(path: str | None) -> socket.socket:
    """Return a socket that listens at a path, or the one on descriptor 0."""
    if path is None:
        sock = socket.socket(fileno=os.dup(0))
    else:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.connect(path)
    sock.setblocking(True)
    sock.set_inheritable(False)
    return sock


def limit_myself(limits: dict[str, int], die_with_parent: int) -> None:
    """Set resource limits (name -> bytes or count), and end when the grader ends.

    die_with_parent: the grader's process id. It may have ended before the signal was asked for, so
    the parent is compared once more afterwards.
    """
    import resource

    for name, value in limits.items():
        which = getattr(resource, f"RLIMIT_{name.upper()}")
        hard = resource.getrlimit(which)[1]
        wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (wanted, wanted))
    if die_with_parent and sys.platform == "linux":
        import ctypes
        import signal

        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != die_with_parent:
            os._exit(1)


def serve() -> NoReturn:
    """Serve requests until END or until the host is gone."""
    start = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    sys.argv[1:] = []
    limit_myself(start.get("limits", {}), start.get("die_with_parent", 0))
    if "copy" in start:
        shutil.copytree(start["copy"]["from"], start["copy"]["to"], copy_function=shutil.copyfile)
    talk = Conversation(take_socket(start.get("socket"), start.get("stdio", False)))
    runner = Runner(talk)
    while True:
        try:
            header, body = talk.receive()
        except (EOFError, OSError):
            os._exit(0)
        if header.kind == Kind.END:
            os._exit(0)
        try:
            runner.answer(header, body)
        except BaseException as error:
            talk.send_error(*explain(error))
