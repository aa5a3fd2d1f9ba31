"""Boxes that are containers: both ways across the wall, what is counted, where they run, and what
they cannot do.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from docker.errors import APIError, DockerException, InvalidVersion
from support.paths import SUBMISSIONS

from grader.errors import SandboxError, SubmissionFailed
from grader.exams.session import Silent
from grader.grading.pipeline import grade
from grader.host.machine import usable_cores
from grader.intake.submission import open_submission
from grader.records import Code, Result, Status
from grader.sandbox.box import MIB, Box, Limits, Value
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.counters import Counts
from grader.sandbox.docker import cache_filler, hardening
from grader.sandbox.docker import container as docker_sandbox
from grader.sandbox.docker.container import DockerBox, DockerSandbox
from grader.sandbox.docker.engine import LABEL, connect, labels
from grader.sandbox.docker.engine_counters import EngineCounters
from grader.sandbox.output_log import HEAD_BYTES, TAIL_BYTES
from grader.sandbox.transport import SOCKET, STDIO, VARIABLE

SECONDS = 60.0
ENGINE_SOCKET = "/var/run/docker.sock"
DIGITS = SUBMISSIONS / "digits-short" / "accepted" / "nearest_neighbours"
SOLUTION = """
import array
import os
import socket
import sys
import time

import numpy as np

kept = []

def add(a, b):
    return a + b

def flood(count):
    for _ in range(int(count)):
        sys.stderr.write("e" * 65536)
        sys.stdout.write("o" * 65536)
    return 1

def write_everywhere(count):
    for descriptor in (0, 1, 2):
        try:
            os.write(descriptor, b"x" * int(count))
        except OSError:
            pass
    return sys.stdin.read() == ""

def hold(mib):
    kept.append(bytearray(int(mib) << 20))
    return 0

def hold_in_child(mib):
    pid = os.fork()
    if pid == 0:
        kept.append(bytearray(int(mib) << 20))
        os._exit(0)
    os.waitpid(pid, 0)
    return 0

def hold_and_die(mib):
    hold(mib)
    os.kill(os.getpid(), 11)

def wait_for_a_child(mib):
    pid = os.fork()
    if pid == 0:
        hold(mib)
        os._exit(0)
    time.sleep(600)

def start(count):
    for _ in range(int(count)):
        try:
            pid = os.fork()
        except OSError:
            continue
        if pid == 0:
            time.sleep(30)
            os._exit(0)
    return 0

def send_files(count):
    here, there = socket.socketpair()
    kept.append((here, there))
    file = os.open("/dev/null", os.O_RDONLY)
    for _ in range(int(count)):
        files = array.array("i", [file] * 250)
        here.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
    return os.getuid()

def cores():
    return np.array(sorted(os.sched_getaffinity(0)))

def burn(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return 0
"""


@pytest.fixture(scope="module")
def solution(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("solution")
    (folder / "solution.py").write_text(SOLUTION)
    return folder


@pytest.fixture(params=[SOCKET, STDIO])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(VARIABLE, request.param)
    return str(request.param)


def opened(box: Box, folder: Path) -> Box:
    box.hello(seed=1, num_classes=0, deadline_seconds=SECONDS)
    box.load(folder, "solution.py", "functions", SECONDS)
    return box


def called(box: Box, function: str, *arguments: Any) -> Any:
    values = box.call(function, ["result"], [Value.of(argument) for argument in arguments], SECONDS)
    return values[0].content


def failure_of(box: Box, function: str, *arguments: Any, seconds: float = SECONDS) -> Any:
    with pytest.raises(SubmissionFailed) as failed:
        box.call(function, ["result"], [Value.of(argument) for argument in arguments], seconds)
    return failed.value.failure


# Both ways across the wall.


@pytest.mark.docker
def test_functions_answer_over_either_way(solution: Path, way: str) -> None:
    with choose_sandbox("container", "functions").open(solution, Limits()) as box:
        opened(box, solution)
        large = np.arange(500_000, dtype=np.float64)
        np.testing.assert_array_equal(called(box, "add", large, 1.0), large + 1.0)
        assert called(box, "add", 2, 3) == 5
        assert box.notes() == ([docker_sandbox.transport.SLOWER] if way == STDIO else [])


@pytest.mark.docker
def test_what_is_printed_is_the_log_and_never_the_wire(solution: Path, way: str) -> None:
    with choose_sandbox("container", "functions").open(solution, Limits()) as box:
        opened(box, solution)
        assert called(box, "write_everywhere", 50_000)
        assert called(box, "flood", 400) == 1  # 50 MiB
        assert called(box, "add", 2, 3) == 5
        assert HEAD_BYTES < len(box.log()) < 2 * (HEAD_BYTES + TAIL_BYTES)
        box.close_log()
        before = box.log()
        called(box, "flood", 4)
        assert box.log() == before


@pytest.mark.docker
def test_a_box_that_is_killed_is_told_so(solution: Path, way: str) -> None:
    with choose_sandbox("container", "functions").open(solution, Limits()) as box:
        opened(box, solution)
        failure = failure_of(box, "hold_and_die", 40)
        assert failure.status is Status.RUNTIME_ERROR
        assert "was killed by signal 11" in failure.reason
        peak = box.peak_memory()
        assert peak is not None
        assert peak.value > 40 * MIB
        assert box.cpu_seconds() > 0


# Late, or busy where tests run beside it: so it runs alone.
@pytest.mark.clock
@pytest.mark.docker
def test_a_box_that_does_not_answer_is_late(solution: Path, way: str) -> None:
    with choose_sandbox("container", "functions").open(solution, Limits()) as box:
        opened(box, solution)
        assert failure_of(box, "burn", 600.0, seconds=1.0).status is Status.TIME_LIMIT_EXCEEDED


@pytest.mark.docker
@pytest.mark.parametrize("transport", [SOCKET, STDIO])
def test_a_classifier_is_graded_over_either_way(
    transport: str, tmp_path: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, transport)
    result = graded(tmp_path, results)
    assert result.verdict.status is Status.ACCEPTED, result.verdict
    assert (docker_sandbox.transport.SLOWER in result.notes) == (transport == STDIO)


def graded(tmp_path: Path, results: Path) -> Result:
    submission, task = open_submission(
        DIGITS, tmp_path / "work", task_id="digits-short", author="tester"
    )
    return grade(
        submission, task, choose_sandbox("container", task.spec.exam), results, progress=Silent()
    )


@pytest.mark.docker
def test_where_the_engine_sees_other_files_the_wire_goes_over_the_streams(
    solution: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for a grader that runs in a container itself: its folders are not the engine's."""
    monkeypatch.setenv(VARIABLE, SOCKET)
    made = docker_sandbox.container_arguments

    def elsewhere(image: str, volume: str, sockets: Path | None, *more: Any) -> dict[str, Any]:
        return made(image, volume, Path("/nowhere/at/all") if sockets is not None else None, *more)

    monkeypatch.setattr(docker_sandbox, "container_arguments", elsewhere)
    with choose_sandbox("container", "functions").open(solution, Limits()) as box:
        opened(box, solution)
        assert called(box, "add", 2, 3) == 5
        assert docker_sandbox.transport.SLOWER in box.notes()
    assert left_of_ours() == []


def left_of_ours() -> list[str]:
    client = connect()
    chosen = {"label": [f"{name}={value}" for name, value in labels().items()]}
    found = client.containers.list(all=True, filters=chosen) + client.volumes.list(filters=chosen)
    return [str(each.name) for each in found]


# An engine elsewhere: its API over TCP, no control group in sight.


@pytest.fixture
def far_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give this computer's engine at a TCP address, as an engine elsewhere is reached."""
    listener = socket.create_server(("127.0.0.1", 0))

    def carry(source: socket.socket, target: socket.socket) -> None:
        try:
            while piece := source.recv(1 << 16):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            for end in (source, target):
                end.close()

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(ENGINE_SOCKET)
            for pair in ((near, far), (far, near)):
                threading.Thread(target=carry, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("DOCKER_HOST", address)
    monkeypatch.setattr(docker_sandbox, "group_in_engine", lambda _: None)
    yield address
    listener.close()


@pytest.mark.docker
@pytest.mark.skipif(
    not Path(ENGINE_SOCKET).exists(), reason="the engine's socket is somewhere else"
)
def test_an_engine_elsewhere_is_reached_over_the_streams_and_asked_for_its_counts(
    solution: Path, far_engine: str
) -> None:
    with choose_sandbox("container", "functions").open(solution, Limits()) as box:
        opened(box, solution)
        assert called(box, "add", 2, 3) == 5
        assert docker_sandbox.transport.SLOWER in box.notes()
        called(box, "hold", 100)
        called(box, "burn", 0.5)
        peak = box.peak_memory()
        assert peak is not None
        assert peak.source.startswith("engine")
        assert 100 * MIB < peak.value < 250 * MIB
        assert 0.4 < box.cpu_seconds() < 10
        box.freeze()
        box.thaw()
        box.pin(usable_cores()[:1])
        assert called(box, "cores").tolist() == usable_cores()[:1]
        failure = failure_of(box, "hold_and_die", 1)
        assert failure.status is Status.RUNTIME_ERROR
        last = box.peak_memory()
        assert last is not None
        assert last.value >= peak.value
    assert left_of_ours() == []


class Told:
    """An engine's API that gives these answers in turn, the last one for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def stats(self, container: str, **options: Any) -> Any:
        self.asked.append(options)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def told(usage: int, seconds: float, peak: int | None = None, throttled: int = 0) -> dict[str, Any]:
    memory = {"usage": usage} | ({"max_usage": peak} if peak is not None else {})
    used = {
        "cpu_usage": {"total_usage": int(seconds * 1e9)},
        "throttling_data": {"throttled_time": throttled},
    }
    return {"memory_stats": memory, "cpu_stats": used, "pids_stats": {"current": 3}}


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nothing sampled but what a test asks for."""
    monkeypatch.setattr(EngineCounters, "_sample", lambda self: None)


@pytest.mark.usefixtures("asking")
def test_an_engine_with_cgroup_v1_knows_the_peak() -> None:
    asked = EngineCounters(Told(told(10, 1.5, peak=70, throttled=2_000_000_000)), "box")
    assert asked.counts() == Counts(70, 0, 1.5, 3, 0, 2.0)
    assert asked.source == "engine, cgroup v1"


@pytest.mark.usefixtures("asking")
def test_with_cgroup_v2_the_most_that_was_seen_counts_and_is_called_sampled() -> None:
    asked = EngineCounters(Told(told(50, 1.0), told(90, 2.0), told(40, 3.0)), "box")
    assert [asked.peak_bytes() for _ in range(3)] == [50, 90, 90]
    assert asked.cpu_seconds() == 3.0
    assert "sampled" in asked.source


@pytest.mark.usefixtures("asking")
@pytest.mark.parametrize(
    "silence",
    [
        {},
        {"memory_stats": None},
        {"memory_stats": {"usage": "x"}},
        APIError("gone"),
        OSError("reset"),
    ],
)
def test_an_engine_that_tells_nothing_leaves_the_last_figures(silence: Any) -> None:
    asked = EngineCounters(Told(told(50, 1.0), silence), "box")
    first = asked.counts()
    assert asked.counts() == first
    assert EngineCounters(Told(silence), "box").peak_bytes() is None


@pytest.mark.usefixtures("asking")
def test_an_old_engine_is_asked_the_old_way() -> None:
    api = Told(InvalidVersion("one_shot is 1.41"), told(50, 1.0))
    asked = EngineCounters(api, "box")
    assert asked.peak_bytes() == 50
    asked.peak_bytes()
    assert ["one_shot" in options for options in api.asked] == [True, False, False]


def test_samples_are_taken_until_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.sandbox.docker.engine_counters.SAMPLE_SECONDS", 0.01)
    seen = threading.Event()
    api = Told(told(50, 1.0))
    asked = EngineCounters(
        SimpleNamespace(stats=lambda *_, **__: seen.set() or api.answers[0]), "box"
    )
    assert seen.wait(SECONDS)
    asked.close()


# What is counted.


@pytest.mark.docker
@pytest.mark.parametrize("function", ["hold", "hold_in_child"])
def test_300_mib_are_counted_as_300_mib(solution: Path, function: str) -> None:
    with choose_sandbox("container", "functions").open(
        solution, Limits(memory_bytes=1024 * MIB)
    ) as box:
        opened(box, solution)
        before = box.peak_memory()
        called(box, function, 300)
        after = box.peak_memory()
        assert before is not None
        assert after is not None
        assert (after.value - before.value) / MIB == pytest.approx(300, abs=10)
        assert after.source.startswith(("cgroup", "engine"))


@pytest.mark.docker
@pytest.mark.parametrize("function", ["hold", "hold_in_child", "wait_for_a_child"])
def test_lack_of_memory_is_the_verdict_also_where_a_child_alone_died(
    solution: Path, function: str
) -> None:
    with choose_sandbox("container", "functions").open(
        solution, Limits(memory_bytes=200 * MIB)
    ) as box:
        opened(box, solution)
        failure = failure_of(box, function, 400)
        assert failure.status is Status.MEMORY_LIMIT_EXCEEDED
        peak = box.peak_memory()
        assert peak is not None
        assert peak.value > 150 * MIB


@pytest.mark.docker
def test_a_crash_leaves_the_peak_in_the_result(tmp_path: Path, results: Path) -> None:
    folder = tmp_path / "crashes"
    folder.mkdir()
    (folder / "solution.py").write_text(
        "import os\n\ndef train(data):\n"
        "    x = bytearray(100 << 20)\n    os.kill(os.getpid(), 11)\n"
    )
    submission, task = open_submission(
        folder, tmp_path / "work", task_id="digits-short", author="tester"
    )
    result = grade(
        submission, task, choose_sandbox("container", task.spec.exam), results, progress=Silent()
    )
    assert result.verdict.status is Status.RUNTIME_ERROR
    assert result.measurements["peak_memory_bytes"].value > 100 * MIB


@pytest.mark.docker
def test_a_limit_on_processes_that_was_met_is_said(solution: Path) -> None:
    with choose_sandbox("container", "functions").open(solution, Limits(processes=24)) as box:
        opened(box, solution)
        called(box, "start", 2)
        assert not any("limit" in note for note in box.notes())
        called(box, "start", 40)
        assert any("reached the limit of 24 processes and threads" in note for note in box.notes())
    assert any("reached the limit of 24 processes" in note for note in box.notes()), (
        "also after its end"
    )


@pytest.mark.docker
def test_a_box_is_pinned_while_it_runs_and_while_it_is_frozen(solution: Path) -> None:
    cores = usable_cores()
    with choose_sandbox("container", "functions").open(solution, Limits()) as box:
        opened(box, solution)
        assert called(box, "cores").tolist() == cores
        box.pin(cores[:1])
        assert called(box, "cores").tolist() == cores[:1]
        box.freeze()
        box.pin(cores[-1:])
        box.thaw()
        assert called(box, "cores").tolist() == cores[-1:]


# How a box is made.


def test_a_confined_grader_confines_its_boxes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardening.os, "cpu_count", lambda: 8)
    monkeypatch.setattr(hardening, "usable_cores", lambda: [2, 3, 5])
    make = lambda sockets: hardening.container_arguments("i", "v", sockets, Limits(), "cpu", {}, 1)  # noqa: E731
    assert make(tmp_path)["cpuset_cpus"] == "2,3,5"
    assert "cpuset_cpus" not in make(None), "an engine elsewhere has other cores"
    monkeypatch.setattr(hardening, "usable_cores", lambda: list(range(8)))
    assert "cpuset_cpus" not in make(tmp_path)


def test_nothing_but_the_submission_is_mounted_where_the_wire_needs_no_socket(
    tmp_path: Path,
) -> None:
    mounts = hardening.container_arguments("i", "files", None, Limits(), "cpu", {}, 1)["mounts"]
    assert [(mount["Type"], mount["Source"], mount["ReadOnly"]) for mount in mounts] == [
        ("volume", "files", True)
    ]


@pytest.mark.docker
def test_boxes_are_made_side_by_side_and_closed_in_peace(solution: Path) -> None:
    sandbox = choose_sandbox("container", "functions")
    boxes = [sandbox.open(solution, Limits()) for _ in range(3)]
    for box in boxes:
        box.begin()
        box.begin()
    boxes[2].close()  # while it is made
    for box in boxes[:2]:
        assert called(opened(box, solution), "add", 2, 3) == 5
        box.close()
        box.close()
    assert left_of_ours() == []


@pytest.mark.docker
def test_no_box_uses_up_what_the_kernel_counts_by_user(solution: Path) -> None:
    sandbox = choose_sandbox("container", "functions")
    with sandbox.open(solution, Limits()) as greedy, sandbox.open(solution, Limits()) as other:
        opened(greedy, solution)
        opened(other, solution)
        first = called(greedy, "send_files", 5)  # more than 1,024, which is all that one may have
        assert failure_of(greedy, "send_files", 1).code is Code.RAISED
        assert called(other, "send_files", 1) != first


@pytest.mark.docker
def test_trouble_while_a_box_is_made_is_told_to_who_waits_for_it(solution: Path) -> None:
    sandbox = choose_sandbox("container", "functions")
    assert isinstance(sandbox, DockerSandbox)
    box = DockerBox(sandbox._client, "no-such-image", None, sandbox.tier, solution, Limits(), "cpu")
    box.begin()
    with box, pytest.raises(SandboxError, match="the image disappeared"):
        box.hello(seed=1, num_classes=0, deadline_seconds=SECONDS)
    assert left_of_ours() == []


@pytest.mark.docker
def test_filling_the_page_cache_leaves_nothing_behind() -> None:
    sandbox = choose_sandbox("container", "functions")
    assert isinstance(sandbox, DockerSandbox)
    sandbox.warm()
    assert sandbox._filling is not None
    sandbox._filling.join(SECONDS)
    assert left_of_ours() == []


def test_an_engine_that_fails_to_fill_the_cache_stops_nobody() -> None:
    def refuse(**_: Any) -> None:
        raise DockerException("no")

    cache_filler.CacheFiller(
        SimpleNamespace(containers=SimpleNamespace(create=refuse)), "image"
    ).run()


@pytest.mark.docker
def test_what_fills_the_page_cache_reads_the_libraries_of_the_image() -> None:
    client = connect()
    sandbox = choose_sandbox("container", "classification")
    made: dict[str, Any] = {}

    def create(**options: Any) -> Any:
        source = options["command"][-1].replace("    fill()\n", "    print(fill())\n")
        options["command"][-1] = source
        options["log_config"] = None
        container = client.containers.create(**options)

        def wait(timeout: float) -> None:
            client.api.wait(container.id, timeout=timeout)
            made["printed"] = container.logs().decode()

        return SimpleNamespace(start=container.start, wait=wait, remove=container.remove)

    cache_filler.CacheFiller(
        SimpleNamespace(containers=SimpleNamespace(create=create)), sandbox.image
    ).run()
    assert int(made["printed"]) > 20 * MIB, "NumPy's alone are larger"
    assert LABEL
