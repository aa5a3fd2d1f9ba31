"""How the wire gets into a container: through a mounted socket, or over the standard streams of the
runner's exec.

A socket is mounted where engine and grader share a kernel. Where they don't (Docker Desktop, an
engine reached over TCP or SSH, a gVisor sandbox, a grader that runs in a container itself), the
same bytes travel over the exec: the runner reads its standard input and writes its standard output,
its standard error is the log. The engine cuts both outputs into pieces with a header of 8 bytes
each (stream number, 3 zeros, length); a relay in a thread puts the wire's pieces on a socket pair,
so that the host's end of the wire is an ordinary socket in either case.

The relay holds at most 64 KiB in each direction: what is not taken waits in the box. It never looks
into the bytes.
"""

from __future__ import annotations

import contextlib
import os
import platform
import select
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.errors import SandboxError, UsageError
from grader.host.ownership import temporary_file_error
from grader.sandbox.wire import Wire

VARIABLE = "GRADER_DOCKER_TRANSPORT"
SOCKET, STDIO = "socket", "stdio"
HERE = "http+docker://localhost"  # what docker-py calls an engine behind a Unix socket
DESKTOP = "Docker Desktop"
PIECE_HEADER_BYTES = 8
STDOUT = 1
ROOM_BYTES = 64 << 10
SLOWER = "the wire went over the exec's standard streams, so each round trip takes longer; its null is measured as well"
POLL_SECONDS = 60.0
CONNECT_SECONDS = 60.0
LOOK_SECONDS = 0.1
INNER = "inner"
NOT_THERE = "bind source path does not exist"  # says an engine that sees other files than we do
ELSEWHERE = f"If the engine is not on this computer, set {VARIABLE}={STDIO}"


def choose_transport(client: Any, runtime: str | None) -> str:
    """Return "socket" or "stdio": what GRADER_DOCKER_TRANSPORT says, else what the engine's place
    allows.

    UsageError if the variable is anything else.
    """
    named = os.environ.get(VARIABLE, "").strip().lower()
    if named in (SOCKET, STDIO):
        return named
    if named:
        raise UsageError(
            f"{VARIABLE} is {named!r}; expected {SOCKET}, {STDIO}, or nothing to choose by the engine"
        )
    if runtime == "runsc" or not is_here(client):
        return STDIO
    return SOCKET


def is_here(client: Any) -> bool:
    """Whether the engine runs on this very kernel, as far as that can be told before anything is
    mounted.
    """
    if sys.platform != "linux" or client.api.base_url != HERE:
        return False
    product = (client.api.version().get("Platform") or {}).get("Name") or ""
    return not product.startswith(DESKTOP)


def place_of(client: Any) -> str:
    """Return the name of the computer that the engine is on, or an empty text if that is this
    one.
    """
    if client.api.base_url == HERE:
        return ""
    name = str(client.api.info().get("Name") or "")
    return "" if name and name == platform.node() else name or "unnamed"


class Door:
    """A socket in a folder that only the box is given; other users of this computer cannot enter
    it.
    """

    def __init__(self, folder: Path) -> None:
        """folder: a private one; what is mounted is INNER in it. GraderError if there is no room
        for a socket.
        """
        inner = folder / INNER
        self._path = inner / "socket"
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            inner.mkdir(mode=0o711)
            inner.chmod(0o711)
            self._listener.bind(str(self._path))
            self._path.chmod(0o666)
        except OSError as error:  # a path may be too long for a socket as well
            self._listener.close()
            raise temporary_file_error(f"make the socket {self._path}", error) from None
        self._listener.listen(1)
        self._listener.settimeout(LOOK_SECONDS)

    def accept(self, is_coming: Callable[[], bool]) -> socket.socket | None:
        """Return the one connection there will ever be; None if it did not come within a minute, or
        never will.
        """
        until = time.monotonic() + CONNECT_SECONDS
        try:
            while time.monotonic() < until:
                try:
                    return self._listener.accept()[0]
                except TimeoutError:
                    if not is_coming():
                        break
        finally:
            self.close()
        return None

    def close(self) -> None:
        self._listener.close()
        self._path.unlink(missing_ok=True)


class RelayedWire(Wire):
    """A wire whose other end is a relay in this process."""

    def __init__(self, sock: socket.socket, relay: Relay) -> None:
        super().__init__(sock)
        self._relay = relay

    def _wait(self, poll: select.poll) -> None:
        # looking without sleeping would keep the relay from its core and from the interpreter
        self.spin_seconds = 0.0
        super()._wait(poll)

    def close(self) -> None:
        super().close()
        self._relay.close()


class Relay:
    """The thread between a socket pair and the streams of one exec."""

    def __init__(self, stream: Any, log: Callable[[bytes], None]) -> None:
        """stream: what docker-py's exec_start(socket=True) returned. log: takes what came on
        standard error.
        """
        self._engine = Channel(stream)
        self._log = log
        self.socket, self._inner = socket.socketpair()
        self._inner.setblocking(False)
        self._to_engine = bytearray()
        self._to_wire = bytearray()
        self._piece_header = bytearray()
        self._piece_left = 0
        self._piece_stream = 0
        self._closed = False
        # the box takes nothing any more, but may have answered before it ended
        self._is_deaf = False
        self._wakes, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._run, name="box-relay", daemon=True)
        self._thread.start()

    def wire(self) -> Wire:
        """Return the host's end."""
        return RelayedWire(self.socket, self)

    def close(self) -> None:
        """End the relay; the engine then closes the runner's standard input. May be called
        twice.
        """
        if not self._closed:
            self._closed = True
            with contextlib.suppress(OSError):  # it has ended by itself
                os.write(self._wake, b"x")
            self._thread.join(POLL_SECONDS)
            os.close(self._wake)

    def _run(self) -> None:
        try:
            with contextlib.suppress(OSError, EOFError):
                self._carry()
        finally:
            self._inner.close()  # the wire sees that the box is gone
            self._engine.close()
            os.close(self._wakes)

    def _carry(self) -> None:
        """Move bytes both ways until an end closes. Reads only what there is room for."""
        self._take_from_engine(self._engine.early())
        while not self._closed:
            poll = select.poll()
            poll.register(self._wakes, select.POLLIN)
            takes, brings = bool(self._to_engine), bool(self._to_wire)
            poll.register(
                self._inner, (0 if takes else select.POLLIN) | (select.POLLOUT if brings else 0)
            )
            for descriptor, events in self._engine.asks(not brings, takes).items():
                poll.register(descriptor, events)
            if not (self._engine.has_more and not brings):
                ready = dict(poll.poll(POLL_SECONDS * 1000))
                if self._wakes in ready:
                    return
            self._flush()
            if not self._to_engine:
                self._take_from_wire()
            if not self._to_wire:
                self._take_from_engine(self._engine.receive(ROOM_BYTES))

    def _flush(self) -> None:
        """Pass on what is held, as far as it is taken."""
        if self._to_engine:
            try:
                del self._to_engine[: 0 if self._is_deaf else self._engine.send(self._to_engine)]
            except (BrokenPipeError, ConnectionError):
                self._is_deaf = True
            if self._is_deaf:
                self._to_engine.clear()
        if self._to_wire:
            with contextlib.suppress(BlockingIOError):
                del self._to_wire[: self._inner.send(self._to_wire)]

    def _take_from_wire(self) -> None:
        with contextlib.suppress(BlockingIOError):
            piece = self._inner.recv(ROOM_BYTES)
            if not piece:
                raise EOFError
            self._to_engine += piece
            self._flush()

    def _take_from_engine(self, piece: bytes) -> None:
        """Cut what came into the engine's pieces; what is the wire's goes on at once, as far as it
        is taken.
        """
        view = memoryview(piece)
        while view:
            if self._piece_left == 0:
                missing = PIECE_HEADER_BYTES - len(self._piece_header)
                self._piece_header += view[:missing]
                view = view[missing:]
                if len(self._piece_header) == PIECE_HEADER_BYTES:
                    self._piece_stream = self._piece_header[0]
                    self._piece_left = int.from_bytes(self._piece_header[4:], "big")
                    self._piece_header.clear()
                continue
            part = view[: self._piece_left]
            view = view[len(part) :]
            self._piece_left -= len(part)
            if self._piece_stream == STDOUT:
                self._to_wire += part
            else:
                self._log(bytes(part))
        self._flush()


class Channel:
    """The connection of one exec, read and written without blocking, whatever docker-py made
    it of.
    """

    def __init__(self, stream: Any) -> None:
        self._keep = stream  # the response behind it would close the connection
        process = getattr(stream, "proc", None)  # the ssh client
        self._socket: Any = None
        self._process = process
        self.has_more = False
        if process is not None:
            self._in, self._out = process.stdout.fileno(), process.stdin.fileno()
            os.set_blocking(self._in, False)
            os.set_blocking(self._out, False)
            return
        self._socket = getattr(stream, "_sock", stream)
        if not hasattr(self._socket, "setblocking"):
            raise SandboxError(
                f"this connection to the engine ({type(stream).__name__}) carries no standard streams"
            )
        self._socket.setblocking(False)
        self._in = self._out = self._socket.fileno()

    def asks(self, wants_in: bool, wants_out: bool) -> dict[int, int]:
        """Return the events to wait for, by file descriptor."""
        events: dict[int, int] = {}
        if wants_in:
            events[self._in] = select.POLLIN
        if wants_out:
            events[self._out] = events.get(self._out, 0) | select.POLLOUT
        return events

    def early(self) -> bytes:
        """Return what arrived together with the engine's answer and lies in docker-py's reader
        already.
        """
        response = getattr(self._keep, "_response", None)
        try:
            return bytes(response.raw._fp.fp.peek()) if response is not None else b""
        except (AttributeError, OSError, ValueError):
            return b""

    def receive(self, most: int) -> bytes:
        """Return what is there, at most so many bytes; EOFError at the end, b"" if nothing came."""
        try:
            piece: bytes = (
                os.read(self._in, most) if self._socket is None else self._socket.recv(most)
            )
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            self.has_more = False
            return b""
        if not piece:
            raise EOFError
        self.has_more = isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0
        return piece

    def send(self, data: bytes | bytearray) -> int:
        """Return how many bytes were taken."""
        if not data:
            return 0
        try:
            return int(
                os.write(self._out, data) if self._socket is None else self._socket.send(data)
            )
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._keep.close()
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
        if self._process is not None:
            with contextlib.suppress(OSError):
                self._process.kill()
                self._process.wait()
