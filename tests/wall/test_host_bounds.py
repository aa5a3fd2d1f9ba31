"""Whatever a box sends, the grader's memory stays bounded and its deadline holds; and nothing of a
box outlives it.

A grader of its own runs each case in a subprocess and says how much memory it took at its peak (the
kernel's count) and how long it was held up. The box's end of the wire is the runner's own, used by
code that found it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import pytest
from support.paths import ROOT

from grader.errors import SubmissionFailed
from grader.records import Failure, Status
from grader.sandbox.box import MIB, Box, Limits, Value
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.docker.engine import OWNERSHIP_LABEL, connect, ownership_mark

MAX_GROWTH = 300 * MIB
DEADLINE_SECONDS = 3.0
LATE_SECONDS = 5.0
KEPT_CHARACTERS = 50_000
RUN_SECONDS = 300

# What a hostile submission does with the connection it found.
SENDER = r'''
import gc
import os
import sys
import time

import numpy as np

frames = sys.modules["_grader_runner.frames"]
Kind = frames.Kind
U1, TEXT = frames.CODES[np.dtype("u1")], frames.TEXT_CODE


def talk():
    return next(thing for thing in gc.get_objects() if type(thing).__name__ == "Conversation")


def header(kind, dtype, shape, nbytes, flags=0):
    wire = talk()
    sent = dict(flags=flags, seq=wire.seq, nonce=wire.nonce)
    return frames.pack_header(kind, dtype, shape, nbytes, **sent)


def head(count=1):
    talk().send([""], Kind.RESULT, flags=count)


def announce(kind, dtype, shape, nbytes, flags=0):
    talk().sock.sendall(header(kind, dtype, shape, nbytes, flags))


def sleep():
    time.sleep(600)


def endless_bytes():
    while True:
        talk().sock.sendall(b"\0" * 65536)


def endless_frames():
    head()
    while True:
        talk().send(np.zeros(1 << 20, np.uint8), Kind.VALUE)


def endless_small_frames():
    head()
    while True:
        talk().send(np.zeros((), np.uint8), Kind.VALUE)


def biggest(dtype, flags=0):
    head()
    talk().send(np.ones((256 << 20) // np.dtype(dtype).itemsize, dtype), Kind.VALUE, flags=flags)
    sleep()


def biggest_bytes():
    biggest("u1")


def biggest_truths():
    biggest("?")


def biggest_numbers():
    biggest("f8")


def biggest_that_claims_to_be_one_number():
    biggest("i4", frames.SCALAR)


def biggest_in_five():
    head(5)
    for _ in range(5):
        talk().send(np.ones((256 << 20) // 5, np.uint8), Kind.VALUE)
    sleep()


def one_byte_too_many():
    head()
    announce(Kind.VALUE, U1, ((256 << 20) + 1,), (256 << 20) + 1)
    sleep()


def announces_the_most_and_is_silent():
    head()
    announce(Kind.VALUE, U1, (256 << 20,), 256 << 20)
    sleep()


def announces_four_exabytes():
    head()
    announce(Kind.VALUE, U1, (1 << 31, 1 << 31), 1 << 62)
    sleep()


def a_great_error_text():
    announce(3 + 99, U1, (64 << 20,), 64 << 20, flags=1)
    talk().sock.sendall(b"x" * (64 << 20))
    sleep()


def an_endless_error_text():
    announce(3 + 99, U1, (1 << 31, 1 << 31), 1 << 62, flags=1)
    endless_bytes()


def small_texts(count, total):
    """Frames of as many texts of two characters as go into so many bytes."""
    number = total // 10 - 1
    offsets = (2 * np.arange(number + 1, dtype="<u8")).tobytes()
    letters = np.random.default_rng(0).integers(97, 123, 2 * number, dtype=np.uint8)
    body = offsets + letters.tobytes()
    head(count)
    for _ in range(count):
        announce(Kind.VALUE, TEXT, (number,), len(body))
        talk().sock.sendall(body)
    sleep()


def a_million_small_texts():
    small_texts(1, 8 << 20)


def five_million_small_texts():
    """Each list is within the bounds of one; together they are not."""
    small_texts(5, 8 << 20)


def byte_by_byte():
    head()
    frame = header(Kind.VALUE, U1, (1 << 20,), 1 << 20) + b"x" * (1 << 20)
    for byte in frame:
        talk().sock.sendall(bytes([byte]))
        time.sleep(0.01)


def floods_the_log():
    while True:
        os.write(2, b"x" * 65536)


def floods_the_log_with_escapes():
    while True:
        os.write(2, b"\x1b]0;" * 16384)


def a_million_lines():
    for number in range(1_000_000):
        os.write(2, b"%d\n" % (number % 10))
    return 1.0
'''
PROTOCOL, LATE, ANY = ("protocol",), ("deadline",), ("protocol", "deadline", "answered", "ended")
CASES = {
    "endless_bytes": PROTOCOL,
    "endless_frames": PROTOCOL,
    "endless_small_frames": PROTOCOL,
    "biggest_bytes": ANY,
    "biggest_truths": ANY,
    "biggest_numbers": ANY,
    "biggest_that_claims_to_be_one_number": ANY,
    "biggest_in_five": ANY,
    "one_byte_too_many": PROTOCOL,
    "announces_the_most_and_is_silent": LATE,
    "announces_four_exabytes": PROTOCOL,
    "a_great_error_text": PROTOCOL,
    "an_endless_error_text": PROTOCOL,
    "a_million_small_texts": ANY,
    "five_million_small_texts": PROTOCOL,
    "byte_by_byte": LATE,
    "floods_the_log": LATE,
    "floods_the_log_with_escapes": LATE,
    "a_million_lines": ANY,
}
VALUES = {"biggest_in_five": 5, "five_million_small_texts": 5}

# The grader that is watched: it asks twice, compares what came as an exam does, and keeps the log.
WATCHED = r"""
import gc
import json
import sys
import time
from pathlib import Path

from grader.errors import SubmissionFailed
from grader.exams.function_cases.compare import compare
from grader.sandbox.box import Limits
from grader.sandbox.choose import choose_sandbox


def memory(field):
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) << 10
    raise AssertionError(field)


tier = sys.argv[1]
folder = Path(sys.argv[2])
deadline = float(sys.argv[3])
cases = json.loads(sys.argv[4])
sandbox = choose_sandbox(tier, "functions")
found = {}
for name, count in cases.items():
    box = sandbox.open(folder, Limits(memory_bytes=2048 << 20))
    box.hello(seed=1, num_classes=0, deadline_seconds=120)
    box.load(folder, "solution.py", "functions", 120)
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    names = [f"value{number}" for number in range(count)]
    outcome = "answered"
    began = time.monotonic()
    try:
        for _ in range(2):
            values = box.call(name, names, [], deadline)
            compare([0.0] * count, values, [], names, {})
            del values
    except SubmissionFailed as failed:
        outcome = failed.failure.code
    held = time.monotonic() - began
    box.close()
    found[name] = {
        "outcome": outcome,
        "growth": memory("VmHWM") - before,
        "seconds": held,
        "closed": time.monotonic() - began,
        "log": len(box.log()),
    }
print(json.dumps(found))
"""
# The host's end of the wire is the same for both, so every run tries one.
TIERS = ["process", pytest.param("container", marks=[pytest.mark.docker, pytest.mark.nightly])]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Any]]:
    """Run all cases in one grader a tier; returns what was measured, by case."""
    folder = tmp_path_factory.mktemp("sender")
    (folder / "solution.py").write_text(SENDER)

    @cache
    def run(tier: str) -> dict[str, Any]:
        cases = json.dumps({name: VALUES.get(name, 1) for name in CASES})
        done = subprocess.run(
            [sys.executable, "-c", WATCHED, tier, str(folder), str(DEADLINE_SECONDS), cases],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return dict(json.loads(done.stdout))

    return run


@pytest.mark.clock  # beside other tests nobody could say why an answer is late
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("tier", TIERS)
def test_whatever_a_box_sends_the_graders_memory_and_time_are_bounded(
    tier: str, case: str, watched: Callable[[str], dict[str, Any]]
) -> None:
    seen = watched(tier)[case]
    assert seen["outcome"] in CASES[case]
    assert seen["growth"] <= MAX_GROWTH, f"{seen['growth'] / MIB:.0f} MiB"
    assert seen["seconds"] <= (2 if CASES[case] == ANY else 1) * DEADLINE_SECONDS + LATE_SECONDS
    assert seen["log"] <= KEPT_CHARACTERS


GIANTS = """
import numpy as np

ANSWER = np.ones(256 << 20, np.uint8)


def weighted_sum(x, w, b):
    return ANSWER


def neuron(x, w, b):
    return ANSWER.view(bool)


def layer(X, W, b):
    return ANSWER.view(np.float64)
"""
EXAM = """
import json
import sys
from pathlib import Path

from grader.grading.pipeline import grade
from grader.sandbox.choose import choose_sandbox
from grader.intake.submission import open_submission


def memory(field):
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) << 10
    raise AssertionError(field)


folder, scratch = Path(sys.argv[1]), Path(sys.argv[2])
sandbox = choose_sandbox("process", "functions")
growth = []
for name in ("honest", "giants"):
    submission, task = open_submission(
        folder / name, scratch / name, task_id="neuron", author="tester"
    )
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    result = grade(submission, task, sandbox, scratch / "results")
    growth.append(memory("VmHWM") - before)
shown = [group.message for group in result.cases]
print(json.dumps({"growth": growth, "status": result.verdict.status, "shown": shown}))
"""


def test_an_exam_holds_one_giant_answer_at_a_time(tmp_path: Path) -> None:
    """The first run, of an honest submission, is there so that nothing is loaded for the first time
    in the second.
    """
    for name, code in (("honest", "def neuron(x, w, b):\n    return 0.5\n"), ("giants", GIANTS)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "solution.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-c", EXAM, str(tmp_path), str(tmp_path / "scratch")],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    seen = json.loads(done.stdout)
    assert seen["status"] == Status.BELOW_TARGET
    assert max(seen["growth"]) <= MAX_GROWTH, f"{max(seen['growth']) / MIB:.0f} MiB"
    assert all("268435456" in text or "33554432" in text for text in seen["shown"])


# What a box takes of the machine, and what it leaves.

BOMBS = '''
import os
import threading
import time


def fork_bomb():
    """Fork in every process until nothing more can be had."""
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(60)


def thread_bomb():
    kept = 0
    try:
        while kept < 5000:
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            kept += 1
    except RuntimeError:
        pass
    return kept


def inode_bomb(folder):
    """Make empty files, and say how many there could be."""
    made = 0
    try:
        while made < 1_000_000:
            os.close(os.open(f"{folder}/{made}", os.O_CREAT | os.O_WRONLY))
            made += 1
    except OSError as error:
        print(folder, error)
    return made


def fill(megabytes):
    """Write files in all places until each is full; how many MiB went in."""
    written = 0
    for folder in ("/tmp", "/box", "/dev/shm"):
        try:
            for number in range(megabytes // 64):
                with open(f"{folder}/{number}", "wb", buffering=0) as file:
                    for _ in range(64):
                        written += file.write(bytes(1 << 20)) >> 20
        except OSError as error:
            print(folder, error)
    return written


def zombies():
    for _ in range(1000):
        try:
            if os.fork() == 0:
                os._exit(0)
        except OSError:
            return len([entry for entry in os.listdir("/proc") if entry.isdigit()])
    return 1000


def burn():
    """Keep every core busy from processes of all sorts, and go away."""
    for _ in range(8):
        if os.fork() == 0:
            os.setsid()
            while True:
                pass
    os._exit(0)
'''
PROCESSES = 64
SCRATCH_FILES = 100 << 10


class Seen:
    """What the host sees of one box."""

    def __init__(self, folder: Path, box: Box) -> None:
        self.folder, self.box = folder, box
        self.engine = connect()
        mine = {"label": f"{OWNERSHIP_LABEL}={ownership_mark()}"}
        [self.container] = self.engine.containers.list(all=True, filters=mine)
        [self.volume] = self.engine.volumes.list(filters=mine)

    def call(self, function: str, *arguments: Any, seconds: float = 60) -> Any:
        [value] = self.box.call(
            function, ["result"], [Value.of(argument) for argument in arguments], seconds
        )
        assert not isinstance(value.content, list)
        return value.content.item()

    def fails(self, function: str, *arguments: Any, seconds: float = 5) -> Failure:
        with pytest.raises(SubmissionFailed) as caught:
            self.call(function, *arguments, seconds=seconds)
        return caught.value.failure

    def processes(self) -> list[psutil.Process]:
        """Return every process of the host that is in the container's control group."""
        found = []
        for process in psutil.process_iter():
            try:
                if str(self.container.id) in Path(f"/proc/{process.pid}/cgroup").read_text():
                    found.append(process)
            except OSError:
                continue
        return found

    def threads(self) -> int:
        count = 0
        for process in self.processes():
            try:
                count += process.num_threads()
            except psutil.Error:
                continue
        return count

    def close(self) -> None:
        """Close the box; afterwards the host has no process, container, volume, mount, group or
        folder of it.
        """
        self.box.close()
        assert self.processes() == []
        mine = {"label": f"{OWNERSHIP_LABEL}={ownership_mark()}"}
        assert self.engine.containers.list(all=True, filters=mine) == []
        assert self.engine.volumes.list(filters=mine) == []
        mounts = Path("/proc/self/mounts").read_text()
        assert str(self.container.id) not in mounts
        assert str(self.volume.name) not in mounts
        assert not list(Path("/sys/fs/cgroup").glob(f"*/docker/{self.container.id}"))


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Seen]:
    folder = tmp_path / "bombs"
    folder.mkdir()
    (folder / "solution.py").write_text(BOMBS)
    sandbox = choose_sandbox("container", "functions")
    box = sandbox.open(folder, Limits(memory_bytes=512 * MIB, processes=PROCESSES))
    try:
        box.hello(seed=1, num_classes=0, deadline_seconds=60)
        box.load(folder, "solution.py", "functions", 60)
        looking = Seen(folder, box)
        yield looking
        looking.engine.close()
    finally:
        box.close()


@pytest.mark.docker
@pytest.mark.clock
def test_a_fork_bomb_stays_in_its_box(seen: Seen) -> None:
    assert seen.fails("fork_bomb").status is Status.TIME_LIMIT_EXCEEDED
    seen.close()


@pytest.mark.docker
def test_a_thread_bomb_gets_as_many_as_the_task_allows(seen: Seen) -> None:
    assert 10 < seen.call("thread_bomb") < PROCESSES
    assert seen.threads() <= PROCESSES
    seen.close()


@pytest.mark.docker
def test_files_without_end_do_not_reach_the_host(seen: Seen) -> None:
    """Scratch folders take so many; shared memory takes as many as the box's memory can
    remember.
    """
    for folder in ("/tmp", "/box"):
        assert 1000 < seen.call("inode_bomb", folder) <= SCRATCH_FILES
    assert seen.fails("inode_bomb", "/dev/shm", seconds=120).status is Status.MEMORY_LIMIT_EXCEEDED
    seen.close()


@pytest.mark.docker
def test_bytes_without_end_do_not_reach_the_host(seen: Seen) -> None:
    assert seen.call("fill", 64) == 3 * 64
    assert seen.fails("fill", 2048, seconds=60).status is Status.MEMORY_LIMIT_EXCEEDED
    seen.close()


@pytest.mark.docker
def test_the_dead_that_nobody_buries_count_and_go(seen: Seen) -> None:
    assert 10 < seen.call("zombies") <= PROCESSES
    seen.close()


@pytest.mark.docker
@pytest.mark.clock  # beside other tests nobody could say why its answer is late
def test_those_who_burn_on_end_with_the_box(seen: Seen) -> None:
    assert seen.fails("burn").code in ("ended", "deadline")  # its children keep the connection open
    seen.close()
