"""How the wire gets into a container: a mounted socket, or standard streams of the runner's exec.

**The private socket** (`Door`) is used where engine and grader share a kernel. It lies in a folder
that only this box is given, below one that no other user of the computer may enter, and takes one
connection ever: the runner connects before any code of the submission exists, and nobody can
connect after it. A round trip for one MNIST image takes 25 to 41 us, as in a plain process.

**The relay** (`Relay`) is used where nothing can be mounted: Docker Desktop, an engine reached over
TCP or SSH, gVisor, a grader that runs in a container itself. The same bytes travel over the exec:
the runner reads its standard input and writes its standard output, its standard error is the log.
The engine cuts both outputs into pieces, each with a header of 8 bytes (stream number, 3 zeros,
length). A thread takes them apart and puts the wire's on a socket pair, so the host's end of the
wire is an ordinary socket in either case:

    Wire --- socket pair --- Relay thread --- Channel --- engine --- exec: stdin, stdout, stderr
                                  +--- OutputLog (what came on stderr)

It holds at most 64 KiB in each direction and never looks into the bytes: what is not taken waits in
the box. A round trip takes some 300 us (`python -m benchmarks boxes`), the result says so, and the
null submission that is measured beside every run goes the same way.
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
SOCKET = "socket"
STDIO = "stdio"
HERE = "http+docker://localhost"  # what docker-py calls an engine behind a Unix socket
DESKTOP = "Docker Desktop"
PIECE_HEADER_BYTES = 8
STDOUT = 1
ROOM_BYTES = 64 << 10
SLOWER = (
    "messages went over the exec's standard streams, so each round trip took longer; the null "
    "round trip was measured in the same way"
)
POLL_SECONDS = 60.0
CONNECT_SECONDS = 60.0
LOOK_SECONDS = 0.1
NOT_READY = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
INNER = "inner"  # the folder that is mounted, inside a private one
NOT_THERE = "bind source path does not exist"  # from an engine that sees other files than we do
ELSEWHERE = f"If the engine is not on this computer, set {VARIABLE}={STDIO}"


def choose_transport(client: Any, runtime: str | None) -> str:
    """Return "socket" or "stdio", as GRADER_DOCKER_TRANSPORT says or the engine's place allows.

    Raises UsageError if the variable is anything else.
    """
    named = os.environ.get(VARIABLE, "").strip().lower()
    if named in (SOCKET, STDIO):
        return named
    if named:
        raise UsageError(
            f"{VARIABLE} is {named!r}; expected {SOCKET} or {STDIO}; unset, it depends on where "
            "the engine runs"
        )
    if runtime == "runsc" or not is_here(client):
        return STDIO
    return SOCKET


def is_here(client: Any) -> bool:
    """Whether the engine seems to run on this very kernel; mounting a socket will show it."""
    if sys.platform != "linux" or client.api.base_url != HERE:
        return False
    product = (client.api.version().get("Platform") or {}).get("Name") or ""
    return not product.startswith(DESKTOP)


def place_of(client: Any) -> str:
    """Return the name of the computer that the engine is on; empty if that is this one."""
    if client.api.base_url == HERE:
        return ""
    name = str(client.api.info().get("Name") or "unnamed")
    if name == platform.node():
        return ""
    return name


class Door:
    """A socket in a folder that only one box is given."""

    def __init__(self, folder: Path) -> None:
        """Listen in a private folder, of which INNER is what may be mounted.

        Everybody may use the socket and enter INNER, for the runner has another user id. The folder
        around it is closed to other users of this computer. Raises GraderError if the socket cannot
        be made.
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
        """Return the one connection there will ever be, and close the door behind it.

        is_coming: asked ten times a second whether it may still come. None if it does not.
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
        # Looking without sleeping would keep the relay from its core and from the interpreter.
        self.spin_seconds = 0.0
        super()._wait(poll)

    def close(self) -> None:
        super().close()
        self._relay.close()


class Relay:
    """The thread between a socket pair and the streams of one exec."""

    def __init__(self, stream: Any, log: Callable[[bytes], None]) -> None:
        """Begin to carry.

        stream: what docker-py's exec_start(socket=True) returned. log: takes what came on standard
        error, in this relay's thread.
        """
        self._engine = Channel(stream)
        self._pieces = Pieces(log)
        self.socket, self._inner = socket.socketpair()
        self._inner.setblocking(False)
        self._to_engine = bytearray()
        self._closed = False
        # The box takes nothing any more, but it may have answered before it ended.
        self._is_deaf = False
        self._wakes, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._run, name="box-relay", daemon=True)
        self._thread.start()

    @property
    def held_bytes(self) -> tuple[int, int]:
        """How many bytes wait here: for the engine, and for the wire."""
        return len(self._to_engine), len(self._pieces.wire)

    @property
    def is_running(self) -> bool:
        """Whether the thread that carries still lives."""
        return self._thread.is_alive()

    def wire(self) -> Wire:
        """Return the host's end. Closing it closes the relay."""
        return RelayedWire(self.socket, self)

    def close(self) -> None:
        """End the relay; the engine then closes the runner's standard input. Twice is fine."""
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
            has_room = not self._pieces.wire
            # Bytes that TLS has decrypted already make no file descriptor ready.
            if not (self._engine.has_more and has_room) and self._wait(has_room):
                return
            self._flush()
            if not self._to_engine:
                self._take_from_wire()
            if not self._pieces.wire:
                self._take_from_engine(self._engine.receive(ROOM_BYTES))

    def _wait(self, has_room: bool) -> bool:
        """Wait until something can be moved; returns whether the relay was closed meanwhile."""
        poll = select.poll()
        poll.register(self._wakes, select.POLLIN)
        events = 0
        if not self._to_engine:
            events |= select.POLLIN
        if not has_room:
            events |= select.POLLOUT
        poll.register(self._inner, events)
        wanted = self._engine.events(reads=has_room, writes=bool(self._to_engine))
        for descriptor, engine_events in wanted.items():
            poll.register(descriptor, engine_events)
        return self._wakes in dict(poll.poll(POLL_SECONDS * 1000))

    def _flush(self) -> None:
        """Pass on what is held, as far as it is taken."""
        if self._to_engine:
            try:
                if not self._is_deaf:
                    del self._to_engine[: self._engine.send(self._to_engine)]
            except (BrokenPipeError, ConnectionError):
                self._is_deaf = True
            if self._is_deaf:
                self._to_engine.clear()
        if self._pieces.wire:
            with contextlib.suppress(BlockingIOError):
                del self._pieces.wire[: self._inner.send(self._pieces.wire)]

    def _take_from_wire(self) -> None:
        with contextlib.suppress(BlockingIOError):
            piece = self._inner.recv(ROOM_BYTES)
            if not piece:
                raise EOFError
            self._to_engine += piece
            self._flush()

    def _take_from_engine(self, piece: bytes) -> None:
        self._pieces.add(piece)
        self._flush()


class Pieces:
    """Takes an engine's stream apart: standard output is the wire's, everything else the log's."""

    def __init__(self, log: Callable[[bytes], None]) -> None:
        self.wire = bytearray()  # what is the wire's and was not passed on yet
        self._log = log
        self._header = bytearray()
        self._left = 0  # bytes of the current piece that are still to come
        self._stream = 0

    def add(self, data: bytes) -> None:
        """Take the next bytes of the stream, wherever they begin and end."""
        view = memoryview(data)
        while view:
            if self._left == 0:
                missing = PIECE_HEADER_BYTES - len(self._header)
                self._header += view[:missing]
                view = view[missing:]
                if len(self._header) == PIECE_HEADER_BYTES:
                    self._stream = self._header[0]
                    self._left = int.from_bytes(self._header[4:], "big")
                    self._header.clear()
                continue
            part = view[: self._left]
            view = view[len(part) :]
            self._left -= len(part)
            if self._stream == STDOUT:
                self.wire += part
            else:
                self._log(bytes(part))


class Channel:
    """The connection of one exec, read and written without blocking.

    docker-py gives a Unix or TCP socket, a TLS socket, or for ssh the process of a client with a
    pipe each way. Raises SandboxError if it gives anything else.
    """

    def __init__(self, stream: Any) -> None:
        self._keep = stream  # the response behind it would close the connection
        self._process = getattr(stream, "proc", None)  # the ssh client
        self._socket: Any = None
        self.has_more = False  # whether bytes wait that no poll can see
        if self._process is not None:
            self._in = self._process.stdout.fileno()
            self._out = self._process.stdin.fileno()
            os.set_blocking(self._in, False)
            os.set_blocking(self._out, False)
            return
        self._socket = getattr(stream, "_sock", stream)
        if not hasattr(self._socket, "setblocking"):
            raise SandboxError(
                f"this connection to the engine ({type(stream).__name__}) cannot carry the wire; "
                "reach the engine over a Unix socket, TCP or SSH"
            )
        self._socket.setblocking(False)
        self._in = self._socket.fileno()
        self._out = self._in

    def events(self, *, reads: bool, writes: bool) -> dict[int, int]:
        """Return the events to wait for, by file descriptor."""
        events: dict[int, int] = {}
        if reads:
            events[self._in] = select.POLLIN
        if writes:
            events[self._out] = events.get(self._out, 0) | select.POLLOUT
        return events

    def early(self) -> bytes:
        """Return what came together with the engine's answer, which docker-py's reader holds."""
        response = getattr(self._keep, "_response", None)
        if response is None:
            return b""
        try:
            return bytes(response.raw._fp.fp.peek())
        except (AttributeError, OSError, ValueError):
            return b""

    def receive(self, most: int) -> bytes:
        """Return what is there, at most so many bytes; nothing if nothing came.

        Raises EOFError at the end.
        """
        try:
            piece = self._receive(most)
        except NOT_READY:
            self.has_more = False
            return b""
        if not piece:
            raise EOFError
        self.has_more = isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0
        return piece

    def _receive(self, most: int) -> bytes:
        if self._socket is None:
            return os.read(self._in, most)
        return bytes(self._socket.recv(most))

    def send(self, data: bytes | bytearray) -> int:
        """Return how many bytes were taken."""
        if not data:
            return 0
        try:
            if self._socket is None:
                return os.write(self._out, data)
            return int(self._socket.send(data))
        except NOT_READY:
            return 0

    def close(self) -> None:
        """Close the connection, and end the ssh client if there is one."""
        with contextlib.suppress(Exception):
            self._keep.close()
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
        if self._process is not None:
            with contextlib.suppress(OSError):
                self._process.kill()
                self._process.wait()
