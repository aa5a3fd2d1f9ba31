"""The engine of a Ray cluster: each place is a worker on one of its nodes.

Theory of operation. The nodes are looked at first: the same Python, the same code of the grader,
cores and memory for one job at least, and what a batch needs there. What lacks something gets no
work and is named with the command that mends it. Each place belongs to one node. A worker there is
a Ray actor that asks for the task's cores and one for the host, for the memory of all its boxes,
and for a whole GPU where the batch is for GPUs; Ray never restarts it and never repeats a call,
because only the batch knows what has a result. When the actor or its node is gone, the batch hears
it as the end of a worker, and tries the submission elsewhere.

Nothing is sent to anybody but the cluster: usage reports are off, and no dashboard is started.
"""

from __future__ import annotations

import dataclasses
import importlib
import io
import logging
import os
import platform
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from typing import Any

from grader import __version__
from grader.course.curriculum import Task, task_parents
from grader.errors import GraderError, UsageError
from grader.grading.bench import Bench
from grader.grading.engines.code_version import code_version
from grader.grading.engines.engine import IsWanted
from grader.grading.engines.needs import Lack, Need
from grader.grading.engines.node import NodeWorker, look_around
from grader.grading.engines.packing import (
    CannotTravel,
    pack_folders,
    pack_hand_in,
    pack_stand_in,
    with_full_paths,
)
from grader.grading.settings import Settings
from grader.intake.hand_ins import HandIn

logger = logging.getLogger(__name__)
CONNECT_SECONDS = 5.0  # for somebody to listen at the address
LOOK_SECONDS = 60.0  # for a node to say what it has
START_SECONDS = 2.0  # between two looks whether a worker has started
END_SECONDS = 20.0  # for a worker to close its boxes
JOIN_SECONDS = 180.0  # for all nodes of a cluster to start
STARTS = 3  # how often a worker is started in vain before its node counts as lost
FRESH_SECONDS = 1.0  # for which what is known of the nodes is believed
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DISABLE_IMPORT_WARNING": "1"}
INSTALL = f"pip install 'dl-grader[ray]=={__version__}'"


@dataclass(frozen=True)
class Node:
    """One node of the cluster, and what it lacks for grading a batch."""

    id: str
    name: str
    cores: int
    memory_bytes: int
    gpus: int
    jobs: int  # that it can grade at a time
    lacks: tuple[Lack, ...]


class NoClusterYet(UsageError):
    """Nobody answers at an address; somebody may later."""


class InLog(io.TextIOBase):
    """A stream whose lines go to the log."""

    def write(self, text: str) -> int:
        if text.strip():
            logger.info("%s", text.strip())
        return len(text)


class RayEngine:
    """Workers on the nodes of a Ray cluster."""

    tries = 3

    def __init__(self, settings: Settings, tasks: Sequence[Task], address: str = "auto") -> None:
        """Connect, and look at every node.

        tasks: what may be graded; the most demanding one decides what a job asks for. Raises
        UsageError where no cluster of this Python and Ray answers.
        """
        self._settings = with_full_folders(settings)
        self._need = Need.of(tasks, settings.device)
        self._ray = connect(address)
        # Ray prints what it hears of lost nodes; standard output is for the batch's own rows.
        self._open = ExitStack()
        self._open.enter_context(redirect_stdout(InLog()))
        self._open.callback(self._ray.shutdown)
        own = task_parents()[1:]
        self._tasks = pack_folders(own) if own else b""
        self.nodes = self._look_at_nodes()
        self._by_name = {node.name: node for node in self.nodes}
        self._lost: set[str] = set()
        self._alive: tuple[float, set[str]] = (0.0, set())
        self._lock = threading.Lock()

    def require_nodes(self) -> None:
        """Raise GraderError, with what each node lacks, if none of them can grade the batch."""
        if not any(node.jobs for node in self.nodes):
            lines = [
                f"{node.name}: {lack.what}; there: {lack.command}"
                for node in self.nodes
                for lack in node.lacks
            ]
            raise GraderError("no node can grade this:\n" + "\n".join(lines))

    def places(self) -> list[str]:
        """Return the nodes' names, each as often as it grades at a time, in turns."""
        most = max((node.jobs for node in self.nodes), default=0)
        return [node.name for turn in range(most) for node in self.nodes if node.jobs > turn]

    def start(self, place: str, is_wanted: IsWanted) -> RayWorker | None:
        """Start a worker on a node; None if the node is lost, or nobody wants it any more."""
        for _ in range(STARTS):
            if self.is_lost(place) or not is_wanted():
                return None
            actor = self._new_actor(self._by_name[place])
            if self._has_started(actor, place, is_wanted):
                return RayWorker(self._ray, actor, place, self._settings)
            self._ray.kill(actor)
        if not is_wanted():
            return None
        with self._lock:
            self._lost.add(place)
        return None

    def _has_started(self, actor: Any, place: str, is_wanted: IsWanted) -> bool:
        """Wait for a worker to start, as long as its node lives and somebody wants it.

        On a cluster that others keep busy, that is until they are done.
        """
        ready = actor.is_ready.remote()
        while True:
            done, _ = self._ray.wait([ready], timeout=START_SECONDS)
            if done:
                try:
                    return bool(self._ray.get(ready))
                except self._ray.exceptions.RayError as error:
                    logger.info("a worker did not start on %s: %s", place, first_line(error))
                    return False
            if self.is_lost(place) or not is_wanted():
                return False

    def is_lost(self, place: str) -> bool:
        """Whether a node is gone, or does not start workers."""
        with self._lock:
            if place in self._lost:
                return True
            looked, alive = self._alive
            if time.monotonic() - looked > FRESH_SECONDS:
                alive = {each["NodeID"] for each in self._ray.nodes() if each["Alive"]}
                self._alive = (time.monotonic(), alive)
            return self._by_name[place].id not in alive

    def close(self) -> None:
        """Leave the cluster; it goes on."""
        self._open.close()

    def _new_actor(self, node: Node) -> Any:
        """Ask the cluster for a worker on that node."""
        settings = dataclasses.replace(self._settings, node=node.name)
        options = {
            "num_cpus": self._need.cores,
            "num_gpus": self._need.gpus,
            "memory": self._need.memory_bytes,
            "max_restarts": 0,
            "max_task_retries": 0,
        }
        remote = self._ray.remote(NodeWorker).options(**options, **self._on(node.id))
        return remote.remote(settings, self._tasks, self._need.cores)

    def _on(self, node_id: str) -> dict[str, Any]:
        """Return the option that keeps a call to one node."""
        strategies = importlib.import_module("ray.util.scheduling_strategies")
        return {
            "scheduling_strategy": strategies.NodeAffinitySchedulingStrategy(node_id, soft=False)
        }

    def _look_at_nodes(self) -> list[Node]:
        """Ask all nodes at the same time what they have."""
        alive = [each for each in self._ray.nodes() if each["Alive"]]
        hosts = Counter(map(host_of, alive))
        first = self._ray.remote(first_look())
        asked = []
        for each in alive:
            there = first.options(num_cpus=0, **self._on(each["NodeID"]))
            asked.append((each, there.remote()))
        nodes = []
        for each, answer in asked:
            host = host_of(each)
            name = host if hosts[host] == 1 else f"{host}-{each['NodeID'][:6]}"
            nodes.append(self._describe(each, name, self._answer(answer)))
        return sorted(nodes, key=lambda node: node.name)

    def _describe(self, found: dict[str, Any], name: str, said: Any) -> Node:
        """Return a node with what it lacks. said: what `first_look` returned, or why it did not."""
        resources = found["Resources"]
        cores = int(resources.get("CPU", 0))
        memory = int(resources.get("memory", 0))
        gpus = int(resources.get("GPU", 0))
        lacks = wrong_versions(said)
        if not lacks:
            look = self._ray.remote(look_around).options(num_cpus=0, **self._on(found["NodeID"]))
            answer = self._answer(look.remote(self._settings, self._tasks))
            silent = [Lack(f"an answer: {answer}", "grader machine")]
            lacks = silent if isinstance(answer, str) else answer
        lacks += self._need.lacking(cores, memory, gpus)
        jobs = 0 if lacks else self._need.jobs(cores, memory, gpus)
        return Node(found["NodeID"], name, cores, memory, gpus, jobs, tuple(lacks))

    def _answer(self, reference: Any) -> Any:
        """Return what a node answers, or in one line why it does not."""
        try:
            return self._ray.get(reference, timeout=LOOK_SECONDS)
        except self._ray.exceptions.RayError as error:
            return first_line(error)


class RayWorker:
    """The batch's end of a worker on a node."""

    def __init__(self, ray: Any, actor: Any, node: str, settings: Settings) -> None:
        """settings: of the batch, for what is opened here."""
        self._ray = ray
        self._settings = settings
        self._actor = actor
        self._node = node
        self._ended = ""

    def open(self, hand_in: HandIn) -> dict[str, Any]:
        hand_in = with_full_paths(hand_in)
        try:
            package = pack_hand_in(hand_in)
        except CannotTravel as error:
            return self._open_unsent(hand_in, error)
        return self._call(self._actor.open, hand_in, package)

    def _open_unsent(self, hand_in: HandIn, error: CannotTravel) -> dict[str, Any]:
        """Have a node say why a hand-in is refused, if it is; else it can only be graded here.

        Neither is trouble of the node, and trying again elsewhere would not help.
        """
        try:
            not_sent = Bench(self._settings).why_refused(hand_in)
        except (GraderError, OSError) as trouble:
            return {"failed": str(trouble)}
        if not_sent is None:
            return {"author": hand_in.author or hand_in.file, "unfiled": str(error)}
        hand_in = hand_in.model_copy(update={"not_sent": not_sent})
        return self._call(self._actor.open, hand_in, pack_stand_in(hand_in))

    def grade(self) -> bytes:
        answer = self._call(self._actor.grade)
        if "failed" in answer:
            raise GraderError(answer["failed"])
        return bytes(answer["package"])

    def _call(self, method: Any, *arguments: Any) -> dict[str, Any]:
        """Return the answer; EOFError if the worker or its node is gone."""
        try:
            answer: dict[str, Any] = self._ray.get(method.remote(*arguments))
        except (self._ray.exceptions.RayError, ConnectionError) as error:
            self._ended = first_line(error)
            raise EOFError from None
        if "lost" in answer:
            self._ended = answer["lost"]
            raise EOFError
        return answer

    def how_it_ended(self) -> str:
        return f"its worker on node {self._node} was lost: {self._ended or 'it ended'}"

    def interrupt(self) -> None:
        """The worker's boxes end with the actor."""
        self._ray.kill(self._actor)

    def close(self) -> None:
        """Let its boxes end in order, and then the actor."""
        try:
            self._ray.get(self._actor.close.remote(), timeout=END_SECONDS)
            self._ray.kill(self._actor)
        except (self._ray.exceptions.RayError, ConnectionError) as error:
            logger.info("a worker on %s did not end in order: %s", self._node, first_line(error))
            self._ray.kill(self._actor)


def with_full_folders(settings: Settings) -> Settings:
    """Return settings whose folders mean the same wherever a node's process works."""
    data = settings.data_folder
    hidden = settings.hidden
    return dataclasses.replace(
        settings,
        results=settings.results.absolute(),
        data_folder=data and data.absolute(),
        hidden=hidden and hidden.absolute(),
    )


def host_of(found: dict[str, Any]) -> str:
    """Return the name of a node's computer, or its address where it has none."""
    return str(found["NodeManagerHostname"] or found["NodeManagerAddress"])


def connect(address: str) -> Any:
    """Return Ray's module, connected to the cluster at that address.

    auto: the cluster that runs on this computer, or the one RAY_ADDRESS names. UsageError where
    Ray is not installed, nobody listens, or the cluster is of another Ray or Python.
    """
    os.environ.update(QUIET)
    ray = import_ray()
    require_listener(address)
    try:
        ray.init(address, logging_level=logging.ERROR, log_to_driver=False)
    except RuntimeError as error:
        raise UsageError(f"the cluster at {address} refuses: {' '.join(str(error).split())}") from (
            None
        )
    except (ConnectionError, ValueError, OSError) as error:
        raise NoClusterYet(
            f"no Ray cluster answers at {address} ({first_line(error)}); start one with `ray start "
            "--head --disable-usage-stats --include-dashboard=false`, or give its --address"
        ) from None
    return ray


def import_ray() -> Any:
    """Return Ray's module. UsageError where it is not installed."""
    try:
        return importlib.import_module("ray")
    except ImportError:
        raise UsageError(f"--engine ray needs Ray, which is not installed: {INSTALL}") from None


def require_listener(address: str) -> None:
    """Raise UsageError if nobody listens at HOST:PORT: Ray itself would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        if address != "auto":
            raise UsageError(f"--address {address}: expected auto, HOST:PORT or ray://HOST:PORT")
        return
    try:
        socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise NoClusterYet(
            f"nobody listens at {address} ({why}); give the --address of the head "
            "node, as `ray start --head` printed it"
        ) from None


def first_look() -> Any:
    """Return a function that says what a node is.

    It travels as code, not by name, so that it also runs where the grader is not installed.
    """

    def look() -> dict[str, str]:
        import importlib
        import platform

        found = {"python": platform.python_version(), "grader": "", "code": ""}
        try:
            found["grader"] = importlib.import_module("grader").__version__
            version = importlib.import_module("grader.grading.engines.code_version")
            found["code"] = version.code_version()
        except ImportError:
            pass
        return found

    return look


def wrong_versions(said: Any) -> list[Lack]:
    """Return what is wrong with a node's Python and grader. said: see `Node`'s `_describe`."""
    if isinstance(said, str):
        return [Lack(f"an answer: {said}", "ray status")]
    mine = ".".join(platform.python_version_tuple()[:2])
    theirs = ".".join(said["python"].split(".")[:2])
    if theirs != mine:
        return [Lack(f"Python {mine}; it has {said['python']}", f"install Python {mine}")]
    if not said["grader"]:
        return [Lack("the grader", INSTALL)]
    if said["grader"] != __version__:
        return [Lack(f"grader {__version__}; it has {said['grader']}", INSTALL)]
    if said["code"] != code_version():
        return [Lack(f"the same code of grader {__version__}", f"{INSTALL} --force-reinstall")]
    return []


def first_line(error: BaseException) -> str:
    """Return the sentence of an error that says what happened; Ray's go on for a page."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def wait_for_nodes(address: str, count: int) -> None:
    """Wait until so many nodes have joined a cluster. GraderError after JOIN_SECONDS.

    UsageError at once for what waiting does not mend: no Ray here, no address, another version.
    """
    until = time.monotonic() + JOIN_SECONDS
    while True:
        try:
            ray = connect(address)
            there = sum(bool(each["Alive"]) for each in ray.nodes())
            ray.shutdown()
        except NoClusterYet as error:
            there = 0
            logger.info("not yet: %s", error)
        if there >= count:
            return
        if time.monotonic() > until:
            raise GraderError(
                f"{there} of {count} nodes had joined {address} after {JOIN_SECONDS:.0f} s; look "
                "at what `ray start` printed on the others"
            )
        time.sleep(1.0)
