"""Tiers `container` and `gvisor`: one hardened Docker container a box.

Theory of operation. Files go in through a volume that a never-started container fills; nothing is
ever copied out. Process 1 is a sleeper under one user id; the runner is an exec under another, so
that it cannot touch process 1, and the control group with its counters outlives a crash of the
runner. The only ways across the wall are the wire, which is a Unix socket in a mounted folder,
accepted once, or the exec's standard streams (transport.py), and the exec's output, which is kept
within bounds as a log. There is no network, no capability, no writable root, no log kept by the
engine. A box is made in a thread, so that several are made at the same time.

Process 1 reads from the grader and hears nothing. When the grader dies, however it dies, the engine
closes that stream, process 1 ends and takes the box with it. A box that is frozen just then, and
whatever else is left, carries the grader's mark and is removed at the next start. A submission
can't reach process 1: a container that ended without lack of memory was ended from outside, which
is our trouble, as is all that the engine refuses.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.types import Mount

from grader.errors import SandboxError
from grader.host.machine import CPU
from grader.host.ownership import make_folder, remove_tree
from grader.records import Measured, Tier
from grader.sandbox import counters, transport
from grader.sandbox.box import Box, Ending, Limits, Sandbox
from grader.sandbox.docker import gvisor
from grader.sandbox.docker.engine import (
    API_SECONDS,
    GONE_SECONDS,
    archive,
    connect,
    engine_trouble,
    group_in_engine,
    labels,
    nvidia_trouble,
    remove_container,
    remove_leftovers,
)
from grader.sandbox.docker.engine_counters import EngineCounters
from grader.sandbox.docker.hardening import (
    FILL_SECONDS,
    PYTHON,
    RUNNER_USER,
    SOCKET_FOLDER,
    SUBMISSION,
    WORK,
    Filling,
    container_arguments,
)
from grader.sandbox.output_log import Printed
from grader.sandbox.transport import SOCKET, STDIO, Door, Relay
from grader.sandbox.wire import Wire

RUNNER = "/opt/grader/runner/__main__.py"
ASKED_SECONDS = 2.0  # how long the engine may still be making what nobody waits for any more
SETTLE_SECONDS = 2.0  # how long after a runner's death its container may still be thought to run
AGAIN = "The submission was in it and had no part in that: grade it again."


class DockerSandbox(Sandbox):
    """Makes boxes that are containers of one image."""

    def __init__(self, image: str, *, runtime: str | None = None) -> None:
        self.tier = Tier.GVISOR if runtime == "runsc" else Tier.CONTAINER
        self._client = connect()
        self._runtime = runtime
        self._filling: Filling | None = None
        with engine_trouble("looking at the engine"):
            self._transport = transport.choose_transport(self._client, runtime)
            self.place = transport.place_of(self._client)
        with engine_trouble("looking for the image"):
            try:
                self.image = str(self._client.api.inspect_image(image)["Id"])
            except ImageNotFound:
                raise SandboxError(
                    f"there is no image {image!r}; make it with `grader image build`"
                ) from None
        remove_leftovers(self._client)

    def open(self, folder: Path, limits: Limits, *, device: str = "cpu") -> Box:
        self._client.api.timeout = API_SECONDS  # a new chance, should it have been away
        more = (self._transport, self._filling, self.place)
        return DockerBox(
            self._client, self.image, self._runtime, self.tier, folder, limits, device, *more
        )

    def warm(self) -> None:
        """Begin to fill the page cache; boxes wait for the end of it before they load anything."""
        self._filling = Filling(self._client, self.image)
        self._filling.start()

    def end_warming(self) -> None:
        if self._filling is not None:
            self._filling.stop()


class DockerBox(Box):
    """One container with one runner in it."""

    def __init__(
        self,
        client: docker.DockerClient,
        image: str,
        runtime: str | None,
        tier: Tier,
        folder: Path,
        limits: Limits,
        device: str,
        way: str = SOCKET,
        filling: threading.Thread | None = None,
        place: str = "",
    ) -> None:
        super().__init__(limits)
        self.tier, self.place = tier, place
        self._transport, self._filling = way, filling
        self._making: threading.Thread | None = None
        self._made: Wire | BaseException | None = None
        self._client, self._image, self._runtime = client, image, runtime
        self._submission, self._device = folder, device
        self._name = f"grader-{secrets.token_hex(6)}"
        self._volume = f"{self._name}-files"
        self._labels = labels()
        self._sockets = make_folder("box")
        self._container: Any = None
        self._asked: list[str] = []  # names of containers that the engine was asked for
        self._pending: set[str] = set()  # those of them that it has not answered
        self._leash: Any = None  # what process 1 reads from, for as long as we live
        self._exec: str | None = None
        self._group: counters.Group | EngineCounters | None = None
        self._counts: counters.Counts | None = (
            None  # the last ones read: the group is gone with the container
        )
        self._printed = Printed()
        self._ending: Ending | None = None
        self._closed = False
        self._paused = False  # by the engine, where the group's own files are out of reach

    def begin(self) -> None:
        if self._making is None:
            self._making = threading.Thread(target=self._make, name="box-maker", daemon=True)
            self._making.start()

    def start(self) -> Wire:
        self.begin()
        assert self._making is not None
        self._making.join()
        if not isinstance(self._made, Wire):
            raise self._made or SandboxError("the box was closed while it was made")
        return self._made

    def _make(self) -> None:
        try:
            self._made = self._wire_to_runner()
        except BaseException as error:
            self._made = error

    def _wire_to_runner(self) -> Wire:
        """Make the container, start the runner in it and return the wire to it."""
        with engine_trouble("making a box"), ThreadPoolExecutor(1) as beside:
            self._client.volumes.create(name=self._volume, labels=self._labels)
            filled = beside.submit(self._fill_volume)
            door = self._start_container()
            filled.result()
            if self._filling is not None:
                self._filling.join(FILL_SECONDS)
            stream = self._run()
            if door is None:
                return Relay(stream, self._printed.add).wire()
            self._printed.follow_pieces(stream)
        sock = door.accept(self._is_starting)
        if sock is None:
            said = self.log()[-500:] or "it printed nothing"
            raise SandboxError(
                f"the runner did not start in its container: {said}. {transport.ELSEWHERE}"
            )
        return Wire(sock)

    def _start_container(self) -> Door | None:
        """Make the container and start it; return where its runner will knock, if a socket can be
        mounted.
        """
        door = Door(self._sockets) if self._transport == SOCKET else None
        try:
            self._container = self._create(**self._arguments())
        except APIError as error:
            if door is None or transport.NOT_THERE not in str(error):
                raise
            door.close()  # the engine sees other files than we do: it is not where we are
            door, self._transport = None, STDIO
            self._container = self._create(**self._arguments())
        self._leash = self._container.attach_socket(params={"stdin": 1, "stream": 1})
        with contextlib.nullcontext() if self._device == CPU else nvidia_trouble():
            self._container.start()
        found = self._client.api.inspect_container(self._container.id)
        self._group = group_in_engine(found) or EngineCounters(self._client.api, self._container.id)
        return door

    def _create(self, **arguments: Any) -> Any:
        """Return a new container; what is asked for is remembered, should nobody be there for the
        answer.
        """
        if self._closed:
            raise SandboxError("the box was closed while it was made")
        self._asked.append(arguments["name"])
        self._pending.add(arguments["name"])
        container = self._client.containers.create(**arguments)
        self._pending.discard(arguments["name"])
        return container

    def _fill_volume(self) -> None:
        """Copy the submission into the volume through a container that never starts."""
        loader = self._create(
            image=self._image,
            command=["true"],
            mounts=[Mount(type="volume", source=self._volume, target=SUBMISSION, no_copy=True)],
            network_mode="none",
            labels=self._labels,
            name=f"{self._name}-loader",
        )
        loader.put_archive(
            SUBMISSION, archive(self._submission, int(RUNNER_USER.partition(":")[0]))
        )
        loader.remove(force=True)

    def _arguments(self) -> dict[str, Any]:
        """Return everything that makes the container a box."""
        sockets = None if self._transport == STDIO else self._sockets / transport.INNER
        made = container_arguments(
            self._image, self._volume, sockets, self.limits, self._device, self.environment()
        )
        named = {"name": self._name, "labels": self._labels}
        return made | named | gvisor.other_runtime(self._runtime, self.limits)

    def _run(self) -> Any:
        """Start the runner beside the sleeper, under another user; return what it prints, or the
        stream both ways.
        """
        is_stdio = self._transport == STDIO
        way = {"stdio": True} if is_stdio else {"socket": f"{SOCKET_FOLDER}/socket"}
        start = json.dumps({**way, "copy": {"from": SUBMISSION, "to": f"{WORK}/work"}})
        api = self._client.api
        self._exec = api.exec_create(
            self._container.id,
            [PYTHON, "-s", "-P", "-B", RUNNER, start],
            user=RUNNER_USER,
            workdir=WORK,
            stdin=is_stdio,
            stdout=True,
            stderr=True,
        )["Id"]
        return api.exec_start(self._exec, stream=not is_stdio, socket=is_stdio)

    def _is_starting(self) -> bool:
        """Whether the runner may still come: it runs, and somebody waits for it."""
        with engine_trouble("starting the runner"):
            return not self._closed and bool(self._client.api.exec_inspect(self._exec)["Running"])

    def inside(self, folder: Path) -> str:
        return f"{WORK}/work"

    def ending(self) -> Ending:
        if self._ending is None:
            out_of_memory = self.oom_kills() > 0
            code = self._exit_code()
            state = self._state(settled=code != -signal.SIGKILL)
            out_of_memory = out_of_memory or bool(state["OOMKilled"])
            if not (
                out_of_memory or state["Running"] or gvisor.kernel_gave_up(self._runtime, state)
            ):
                raise SandboxError(
                    f"somebody else stopped the container (exit code {state['ExitCode']}). {AGAIN}"
                )
            if state["Paused"] and not self._paused:
                raise SandboxError(f"somebody else paused the container. {AGAIN}")
            self.counts()
            self._ending = Ending(code, out_of_memory)
            self._kill()
        return self._ending

    def _exit_code(self) -> int | None:
        """Return what the runner ended with, minus the signal if one killed it; None if it lives on
        or nobody knows.
        """
        until = time.monotonic() + 1.0
        with engine_trouble("looking at a box"):
            try:
                while (state := self._client.api.exec_inspect(self._exec)).get("Running"):
                    if time.monotonic() > until:
                        return None
                    time.sleep(0.05)
            except APIError:  # it goes with its container
                return -signal.SIGKILL
        code: int | None = state.get("ExitCode")
        return -(code - 128) if code is not None and code > 128 else code

    def _state(self, settled: bool) -> dict[str, Any]:
        """Return what the engine says of the container; SandboxError if somebody removed it.

        Not settled: the runner was killed, perhaps with its container, and the engine may not know
        of the latter yet.
        """
        until = time.monotonic() + (0.0 if settled else SETTLE_SECONDS)
        with engine_trouble("looking at a box"):
            try:
                while True:
                    state = dict(self._client.api.inspect_container(self._container.id)["State"])
                    if not state["Running"] or time.monotonic() >= until:
                        return state
                    time.sleep(0.05)
            except NotFound:
                raise SandboxError(f"somebody else removed the container. {AGAIN}") from None

    def _kill(self) -> None:
        if self._container is not None:
            with engine_trouble("ending a box"), contextlib.suppress(APIError):
                self._container.kill()

    def counts(self) -> counters.Counts | None:
        if self._group is not None and self._ending is None:
            seen = self._group.counts()
            if seen.peak_bytes is not None or self._counts is None:
                self._counts = seen
        return self._counts

    def peak_memory(self) -> Measured | None:
        seen = self.counts()
        if self._group is None or seen is None or seen.peak_bytes is None:
            return None
        return Measured(value=seen.peak_bytes, unit="bytes", source=self._group.source)

    def oom_kills(self) -> int:
        if self._ending is not None:
            return int(self._ending.out_of_memory)
        return self._group.oom_kills() if self._group is not None else 0

    def notes(self) -> list[str]:
        place = [f"the box ran on another computer: {self.place}"] if self.place else []
        return [*super().notes(), *([transport.SLOWER] if self._transport == STDIO else []), *place]

    def pids(self) -> set[int]:
        return set(self._group.pids()) if self._group is not None else set()

    def cpu_seconds(self) -> float:
        if self._group is None or self._ending is not None:
            return (self._counts.cpu_seconds if self._counts is not None else None) or 0.0
        return self._group.cpu_seconds() or 0.0

    def log(self) -> str:
        return self._printed.text()

    def last_line(self) -> str:
        return self._printed.last_line()

    def close_log(self) -> None:
        self._printed.close()

    def freeze(self) -> None:
        if not self._paused and (self._group is None or not self._group.freeze(True)):
            with engine_trouble("freezing a box"):
                self._container.pause()
            self._paused = True

    def thaw(self) -> None:
        if (
            self._container is None or self._closed or self._ending is not None
        ):  # what was killed does not go on
            return
        if self._paused:
            with engine_trouble("thawing a box"):
                self._container.unpause()
            self._paused = False
        elif self._group is not None:
            self._group.freeze(False)

    def pin(self, cores: Sequence[int]) -> None:
        if self._group is None or not self._group.pin(
            cores
        ):  # quicker, and gVisor's runtime has no `update`
            with engine_trouble("pinning a box"):
                self._container.update(cpuset_cpus=",".join(str(core) for core in cores))

    def close(self) -> None:
        if self._closed:
            return
        with contextlib.suppress(SandboxError):
            self.thaw()
        self.counts()
        self._closed = True
        for thread in (self._making, self._filling):
            if thread is not None:
                thread.join(GONE_SECONDS)
        if isinstance(self._made, Wire):
            self._made.close()
        if self._leash is not None:
            self._leash.close()
        if isinstance(self._group, EngineCounters):
            self._group.close()
        try:
            self._remove()
        except (DockerException, OSError) as error:
            self._client.api.timeout = GONE_SECONDS
            raise SandboxError(
                f"the Docker engine did not answer when a box was to be removed ({str(error)[:200]}). What is left "
                "goes at the next start."
            ) from None
        finally:
            remove_tree(self._sockets)

    def _remove(self) -> None:
        """Remove all that the engine was asked for, also what it is still making because the
        request was broken off.
        """
        until = time.monotonic() + (ASKED_SECONDS if self._pending else 0.0)
        for name in reversed(self._asked):
            while not remove_container(self._client, name) and time.monotonic() < until:
                time.sleep(0.05)
        with contextlib.suppress(APIError):
            self._client.api.remove_volume(self._volume, force=True)
