"""Tiers `container` and `gvisor`: one hardened Docker container a box.

The package's `__init__` says who owns what. This module makes one container into a box: it asks the
engine for it, starts the runner in it, watches it through its control group, and removes whatever
was made, also what the engine is still making when a request is broken off.

**Whose trouble it is.** A submission cannot reach process 1 of its container. So a container that
ended without lack of memory was ended from outside, and so was one that is paused without us: both
are our trouble, as is everything that the engine refuses, and never a verdict.
"""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import signal
import threading
import time
from collections.abc import Iterable, Sequence
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
from grader.sandbox.box import Box, Limits, Sandbox
from grader.sandbox.docker import gvisor, podman
from grader.sandbox.docker.cache_filler import FILL_SECONDS, CacheFiller
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
    PYTHON,
    RUNNER_GROUP,
    SOCKET_FOLDER,
    SUBMISSION,
    WORK,
    container_arguments,
)
from grader.sandbox.docker.runner_user import RunnerUser
from grader.sandbox.failures import Ending
from grader.sandbox.transport import SOCKET, STDIO, Door, Relay
from grader.sandbox.wire import Wire

log = logging.getLogger(__name__)
RUNNER = "/opt/grader/runner/__main__.py"
ASKED_SECONDS = 2.0  # how long the engine may still be making what nobody waits for any more
SETTLE_SECONDS = 2.0  # how long after a runner's death the engine may think its container runs
EXIT_CODE_SECONDS = 1.0  # how long a runner that left the wire may take to end
LOOK_SECONDS = 0.05
LOG_CHARACTERS = 500  # of the log, in the message about a runner that did not start
SIGNALLED = 128  # what an exit code is above if a signal ended the process
AGAIN = "The submission inside it had nothing to do with that: grade it again."


class DockerSandbox(Sandbox):
    """Makes boxes that are containers of one image.

    Raises SandboxError if no engine answers, or if it does not have the image.
    """

    def __init__(self, image: str, *, runtime: str | None = None) -> None:
        self.tier = Tier.GVISOR if runtime == "runsc" else Tier.CONTAINER
        self._client = connect()
        self._runtime = runtime
        self._filling: CacheFiller | None = None
        with engine_trouble("looking at the engine"):
            self._transport = transport.choose_transport(self._client, runtime)
            self.place = transport.place_of(self._client)
            self._is_podman = podman.is_podman(self._client)
        with engine_trouble("looking for the image"):
            try:
                self.image = str(self._client.api.inspect_image(image)["Id"])
            except ImageNotFound:
                raise SandboxError(
                    f"the engine has no image {image!r}; make it with `grader image build`"
                ) from None
        remove_leftovers(self._client)

    def open(self, folder: Path, limits: Limits, *, device: str = CPU) -> Box:
        self._client.api.timeout = API_SECONDS  # a new chance for an engine that was away
        return DockerBox(
            self._client,
            self.image,
            self._runtime,
            self.tier,
            folder,
            limits,
            device,
            self._transport,
            self._filling,
            self.place,
            self._is_podman,
        )

    def warm(self) -> None:
        """Begin to fill the page cache; boxes wait for the end of it before they load anything."""
        self._filling = CacheFiller(self._client, self.image)
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
        is_podman: bool = False,
    ) -> None:
        super().__init__(limits)
        self.tier = tier
        self.place = place
        self._client = client
        self._image = image
        self._runtime = runtime
        self._submission = folder
        self._device = device
        self._transport = way
        self._is_podman = is_podman
        self._filling = filling
        self._making: threading.Thread | None = None
        self._made: Wire | BaseException | None = None
        self._name = f"grader-{secrets.token_hex(6)}"
        self._runner = RunnerUser()
        self._volume = f"{self._name}-files"
        self._labels = labels()
        self._sockets = make_folder("box")
        self._container: Any = None
        self._asked: list[str] = []  # names of containers that the engine was asked for
        self._pending: set[str] = set()  # those of them that it has not answered
        self._leash: Any = None  # what process 1 reads from, for as long as we live
        self._exec: str | None = None
        self._group: counters.Group | EngineCounters | None = None
        self._counts: counters.Counts | None = None  # read last: the group goes with the container
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
            raise self._made or SandboxError("the box was closed while it was being made")
        return self._made

    def _make(self) -> None:
        try:
            self._made = self._wire_to_runner()
        except BaseException as error:
            self._made = error

    def _wire_to_runner(self) -> Wire:
        """Make the container, start the runner in it and return the wire to it."""
        with engine_trouble("making a box"), ThreadPoolExecutor(1) as beside:
            log.info("engine: create volume %s", self._volume)
            self._client.volumes.create(name=self._volume, labels=self._labels)
            filled = beside.submit(self._fill_volume)
            door = self._start_container()
            filled.result()
            if self._filling is not None:
                self._filling.join(FILL_SECONDS)
            stream = self._run()
            if door is None:
                return Relay(stream, self._output.add).wire()
            self._output.follow_pieces(stream)
        sock = door.accept(self._is_starting)
        if sock is None:
            printed = self.log()[-LOG_CHARACTERS:] or "it printed nothing"
            raise SandboxError(
                f"the runner did not start in its container: {printed}. {transport.ELSEWHERE}"
            )
        return Wire(sock)

    def _start_container(self) -> Door | None:
        """Make the container and start it.

        Returns where its runner will knock, or None where no socket can be mounted. An engine that
        does not find the socket's folder sees other files than we do, so it is not where we are.
        """
        door = Door(self._sockets) if self._transport == SOCKET else None
        try:
            self._container = self._create(**self._arguments())
        except APIError as error:
            if door is None or transport.NOT_THERE not in str(error):
                raise
            door.close()
            door = None
            self._transport = STDIO
            self._container = self._create(**self._arguments())
        self._leash = self._container.attach_socket(params={"stdin": 1, "stream": 1})
        with contextlib.nullcontext() if self._device == CPU else nvidia_trouble():
            self._container.start()
        found = self._client.api.inspect_container(self._container.id)
        self._group = group_in_engine(found) or EngineCounters(self._client.api, self._container.id)
        if self._is_podman:
            podman.prepare(self._container, self._arguments(), found)
        return door

    def _create(self, **arguments: Any) -> Any:
        """Return a new container.

        What was asked for is remembered: a request that is broken off may still make it.
        """
        if self._closed:
            raise SandboxError("the box was closed while it was being made")
        self._asked.append(arguments["name"])
        self._pending.add(arguments["name"])
        log.info("engine: create container %s from %s", arguments["name"], arguments["image"])
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
        loader.put_archive(SUBMISSION, archive(self._submission, self._runner.number))
        loader.remove(force=True)

    def _arguments(self) -> dict[str, Any]:
        """Return everything that makes the container a box."""
        sockets = None if self._transport == STDIO else self._sockets / transport.INNER
        made = container_arguments(
            self._image,
            self._volume,
            sockets,
            self.limits,
            self._device,
            self.environment(),
            self._runner.number,
        )
        named = {"name": self._name, "labels": self._labels}
        made |= named | gvisor.other_runtime(self._runtime, self.limits)
        return podman.adapted(made, self._sockets) if self._is_podman else made

    def _run(self) -> Any:
        """Start the runner beside the sleeper, under another user.

        Returns what it prints, piece by piece, or the stream that is the wire both ways.
        """
        is_stdio = self._transport == STDIO
        settings: dict[str, Any] = {"copy": {"from": SUBMISSION, "to": f"{WORK}/work"}}
        if is_stdio:
            settings["stdio"] = True
        else:
            settings["socket"] = f"{SOCKET_FOLDER}/socket"
        api = self._client.api
        self._exec = api.exec_create(
            self._container.id,
            [PYTHON, "-s", "-P", "-B", RUNNER, json.dumps(settings)],
            user=f"{self._runner.number}:{RUNNER_GROUP}",
            workdir=WORK,
            stdin=is_stdio,
            stdout=True,
            stderr=True,
        )["Id"]
        return api.exec_start(self._exec, stream=not is_stdio, socket=is_stdio)

    def _is_starting(self) -> bool:
        """Whether the runner may still connect: it runs, and somebody waits for it."""
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
            if not out_of_memory:
                self._must_be_its_own_end(state)
            if state["Paused"] and not self._paused:
                raise SandboxError(f"somebody else paused the container. {AGAIN}")
            self.counts()
            self._ending = Ending(code, out_of_memory)
            self._kill()
        return self._ending

    def _must_be_its_own_end(self, state: dict[str, Any]) -> None:
        """Raise SandboxError if the container was stopped from outside."""
        if not state["Running"] and not gvisor.kernel_gave_up(self._runtime, state):
            raise SandboxError(
                f"somebody else stopped the container (exit code {state['ExitCode']}). {AGAIN}"
            )

    def _exit_code(self) -> int | None:
        """Return the runner's exit code, minus the signal if one killed it.

        None if it lives on, or if nobody knows. An exec that the engine no longer knows went with
        its container, which is killed.
        """
        until = time.monotonic() + EXIT_CODE_SECONDS
        with engine_trouble("looking at a box"):
            try:
                while (state := self._client.api.exec_inspect(self._exec)).get("Running"):
                    if time.monotonic() > until:
                        return None
                    time.sleep(LOOK_SECONDS)
            except APIError:
                return -signal.SIGKILL
        code: int | None = state.get("ExitCode")
        if code is not None and code > SIGNALLED:
            return SIGNALLED - code
        return code

    def _state(self, settled: bool) -> dict[str, Any]:
        """Return what the engine says about the container. Raises SandboxError if it is gone.

        Not settled: the runner was killed, perhaps together with its container, and the engine may
        take a moment to notice the latter.
        """
        until = time.monotonic()
        if not settled:
            until += SETTLE_SECONDS
        with engine_trouble("looking at a box"):
            try:
                while True:
                    state = dict(self._client.api.inspect_container(self._container.id)["State"])
                    if not state["Running"] or time.monotonic() >= until:
                        return state
                    time.sleep(LOOK_SECONDS)
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
        if self._group is None:
            return 0
        return self._group.oom_kills()

    def notes(self) -> list[str]:
        found = super().notes()
        if self._transport == STDIO:
            found.append(transport.SLOWER)
        if self.place:
            found.append(f"the box ran on another computer: {self.place}")
        return found

    def pids(self) -> set[int]:
        if self._group is None:
            return set()
        return set(self._group.pids())

    def cpu_seconds(self) -> float:
        if self._group is not None and self._ending is None:
            return self._group.cpu_seconds() or 0.0
        if self._counts is not None:
            return self._counts.cpu_seconds or 0.0
        return 0.0

    def local_pids(self) -> Iterable[int]:
        return [] if self.place else self.pids()

    def _freeze(self) -> bool:
        if self._paused:
            return True
        if self._group is not None and self._group.has_freezer:
            return self._group.freeze()
        with engine_trouble("freezing a box"):
            self._container.pause()
        self._paused = True
        return True

    def thaw(self) -> None:
        if self._container is None or self._closed or self._ending is not None:
            return
        if self._paused:
            with engine_trouble("thawing a box"):
                self._container.unpause()
            self._paused = False
        elif self._group is not None:
            self._group.thaw()

    def pin(self, cores: Sequence[int]) -> None:
        # The group's own file is quicker than the engine, and gVisor's runtime has no `update`.
        if self._group is None or not self._group.pin(cores):
            with engine_trouble("pinning a box"):
                self._container.update(cpuset_cpus=",".join(str(core) for core in cores))

    def close(self) -> None:
        if self._closed:
            return
        with contextlib.suppress(SandboxError):
            self.thaw()  # what is frozen does not die
        self.counts()
        self._closed = True
        for thread in (self._making, self._filling):
            if thread is not None:
                thread.join(GONE_SECONDS)
        self._close_streams()
        try:
            self._remove()
        except (DockerException, OSError) as error:
            self._client.api.timeout = GONE_SECONDS
            raise SandboxError(
                "the Docker engine did not answer when asked to remove a box "
                f"({str(error)[:200]}). What is left will be removed at the next start of the "
                "grader."
            ) from None
        finally:
            remove_tree(self._sockets)
            self._runner.release()

    def _close_streams(self) -> None:
        """Close everything that leads to the container."""
        if isinstance(self._made, Wire):
            self._made.close()
        if self._leash is not None:
            self._leash.close()
        if isinstance(self._group, EngineCounters):
            self._group.close()

    def _remove(self) -> None:
        """Remove everything that the engine was asked for.

        It may still be making what was asked for in a request that was broken off; that is waited
        for a moment, so that it can be removed as well.
        """
        until = time.monotonic()
        if self._pending:
            until += ASKED_SECONDS
        for name in reversed(self._asked):
            log.info("engine: remove container %s", name)
            while not remove_container(self._client, name) and time.monotonic() < until:
                time.sleep(LOOK_SECONDS)
        with contextlib.suppress(APIError):
            self._client.api.remove_volume(self._volume, force=True)
