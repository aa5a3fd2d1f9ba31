"""The process tier: what a box sees, what its limits do, and that nothing of it outlives it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from support.waiting import becomes

from grader.errors import SubmissionFailed
from grader.records import Failure, Status, Tier
from grader.runner.frames import Kind
from grader.sandbox.box import GRACE_SECONDS, Box, Limits, Value
from grader.sandbox.leftovers import remove_leftovers
from grader.sandbox.process import ProcessSandbox
from grader.sandbox.wire import Peer

pytestmark = pytest.mark.clock

MIB = 1 << 20
Open = Callable[..., Box]


@pytest.fixture
def open_box(tmp_path: Path) -> Iterator[Open]:
    """Open a box with a solution.py given as text, greeted and loaded."""
    boxes: list[Box] = []

    def open_with(code: str, *, load: bool = True, **limits: int) -> Box:
        folder = tmp_path / f"submission-{len(boxes)}"
        folder.mkdir()
        (folder / "solution.py").write_text(code)
        box = ProcessSandbox().open(folder, Limits(**limits))
        boxes.append(box)
        if load:
            box.hello(seed=3, num_classes=10, deadline_seconds=20)
            box.load(folder, "solution.py", "functions", 20)
        return box

    yield open_with
    for box in boxes:
        box.close()


def call(box: Box, function: str, *arguments: object, seconds: float = 20) -> object:
    [value] = box.call(
        function, ["result"], [Value.of(argument) for argument in arguments], seconds
    )
    if isinstance(value.content, list):
        return value.content[0] if value.scalar else value.content
    return np.asarray(value.content).item() if value.scalar else value.content


def failing(act: Callable[[], object]) -> Failure:
    with pytest.raises(SubmissionFailed) as caught:
        act()
    return caught.value.failure


def alive(pid: int) -> bool:
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def gone_within(pid: int, seconds: float) -> bool:
    return becomes(lambda: not alive(pid), seconds)


def box_folders(pid: int | None = None) -> set[Path]:
    """Return the folders of boxes that a process has made; this one, if none is named."""
    return set(Path(tempfile.gettempdir()).glob(f"grader-box-{pid or os.getpid()}-*"))


# What a box sees.


def test_a_function_is_called_and_its_value_comes_back(open_box: Open) -> None:
    box = open_box("def double(x):\n    return 2 * x\n")
    assert call(box, "double", 21) == 42
    np.testing.assert_array_equal(call(box, "double", np.arange(3.0)), [0, 2, 4])
    assert box.tier is Tier.PROCESS
    assert box.reported["framework"] == "numpy"


DESCRIPTORS = """
import os, stat

def look():
    seen = []
    for entry in sorted(os.listdir("/proc/self/fd"), key=int):
        try:
            seen.append(f"{entry}:{stat.S_IFMT(os.fstat(int(entry)).st_mode):o}")
        except OSError:
            pass
    return seen
"""


def test_the_child_has_three_descriptors_and_its_socket(open_box: Open, tmp_path: Path) -> None:
    secret = (tmp_path / "labels.bin").open("w+b")
    secret.write(b"labels")
    secret.flush()
    inheritable = os.dup(secret.fileno())
    os.set_inheritable(inheritable, True)
    try:
        seen = call(open_box(DESCRIPTORS), "look")
    finally:
        os.close(inheritable)
        secret.close()
    assert isinstance(seen, list)
    kinds = dict(item.split(":") for item in seen)
    assert set(kinds) >= {"0", "1", "2"}
    assert sorted(kind for number, kind in kinds.items() if int(number) > 2) == ["140000"], seen
    assert kinds["0"] == "20000", "standard input is not a device"


ENVIRONMENT = """
import os
def names():
    return sorted(os.environ)
def value(name):
    return os.environ.get(name, "")
"""


def test_the_graders_environment_stays_outside(
    open_box: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GRADER_DATA", "SECRET_TOKEN", "PYTHONPATH", "PYTHONSTARTUP", "LD_PRELOAD"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("GRADER_DATA", "/somewhere/labels")
    box = open_box(ENVIRONMENT)
    names = call(box, "names")
    assert isinstance(names, list)
    assert not {
        "GRADER_DATA",
        "SECRET_TOKEN",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "LD_PRELOAD",
        "GRADER_CACHE",
    } & set(names)
    home = call(box, "value", "HOME")
    assert isinstance(home, str)
    assert Path(home) != Path.home()
    assert call(box, "value", "OMP_NUM_THREADS") == "1"


def test_it_works_on_a_copy(open_box: Open, tmp_path: Path) -> None:
    box = open_box("def spoil():\n    open('solution.py', 'w').write('spoilt')\n    return 0\n")
    call(box, "spoil")
    assert "spoilt'" in (tmp_path / "submission-0" / "solution.py").read_text()
    assert (tmp_path / "submission-0" / "solution.py").read_text() != "spoilt"


def test_input_is_at_its_end_and_print_does_no_harm(open_box: Open) -> None:
    box = open_box(
        "def ask():\n    print('a question')\n    try:\n        return input()\n"
        "    except EOFError:\n        return 'end of file'\n"
    )
    assert call(box, "ask") == "end of file"
    box.close()
    assert box.log() == "a question\n"


def test_a_started_box_may_be_asked_by_a_thread_and_outlives_it(open_box: Open) -> None:
    """The system's signal on a parent's death is about the thread that started the child, so that
    one has to stay.
    """
    box = open_box("def one():\n    return 1\n", load=False)
    assert box.wire is not None

    def greet() -> None:
        box.hello(seed=3, num_classes=10, deadline_seconds=20)

    thread = threading.Thread(target=greet)
    thread.start()
    thread.join()
    in_the_system = Path("/proc/self/task", str(thread.native_id))
    assert becomes(lambda: not in_the_system.exists()), "Python's thread ends before the system's"
    box.load(Path("unused"), "solution.py", "functions", 20)
    assert call(box, "one") == 1


# Limits.


def test_too_much_memory_is_its_own_verdict(open_box: Open) -> None:
    code = "def grow():\n    x = []\n    while True:\n        x.append(bytearray(8 << 20))\n"
    box = open_box(code, memory_bytes=200 * MIB)
    failure = failing(lambda: call(box, "grow"))
    assert (failure.status, failure.code) == (Status.MEMORY_LIMIT_EXCEEDED, "memory")
    assert "200 MiB" in failure.reason


def test_a_memory_error_of_the_submission_is_the_same_verdict(open_box: Open) -> None:
    box = open_box("def grow():\n    raise MemoryError\n")
    assert failing(lambda: call(box, "grow")).status is Status.MEMORY_LIMIT_EXCEEDED


@pytest.mark.parametrize(
    "code",
    [
        "import time\ndef stay():\n    time.sleep(600)\n",
        "def stay():\n    while True: pass\n",
        "import os, signal\ndef stay():\n    os.kill(os.getpid(), signal.SIGSTOP)\n",
        "import signal, time\nfor n in range(1, 32):\n    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\ndef stay():\n    time.sleep(600)\n",
    ],
    ids=["sleeps", "spins", "stops itself", "ignores signals"],
)
def test_a_deadline_ends_in_its_verdict_and_in_the_end_of_the_process(
    open_box: Open, code: str
) -> None:
    box = open_box(code)
    began = time.monotonic()
    failure = failing(lambda: call(box, "stay", seconds=0.5))
    assert (failure.status, failure.code) == (Status.TIME_LIMIT_EXCEEDED, "deadline")
    box.close()
    assert time.monotonic() - began < 0.5 + GRACE_SECONDS


ENDS = {
    "exits": ("import os\ndef end():\n    os._exit(0)\n", "exited with code 0"),
    "exits with a code": ("import os\ndef end():\n    os._exit(7)\n", "exited with code 7"),
    "crashes": ("import ctypes\ndef end():\n    ctypes.string_at(0)\n", "signal 11"),
    "kills itself": (
        "import os, signal\ndef end():\n    os.kill(os.getpid(), signal.SIGKILL)\n",
        "signal 9",
    ),
    "replaces itself": (
        "import os\ndef end():\n    os.execv('/bin/true', ['true'])\n",
        "exited with code 0",
    ),
}


@pytest.mark.parametrize(("code", "said"), ENDS.values(), ids=ENDS)
def test_a_process_that_ends_is_a_runtime_error_that_says_how(
    open_box: Open, code: str, said: str
) -> None:
    failure = failing(lambda: call(open_box(code), "end"))
    assert (failure.status, failure.code) == (Status.RUNTIME_ERROR, "ended")
    assert said in failure.reason


RAISES = {
    "an exception": (
        "def f():\n    raise ValueError('bad shape')\n",
        Status.RUNTIME_ERROR,
        "raised",
        "bad shape",
    ),
    "sys.exit": (
        "import sys\ndef f():\n    sys.exit(0)\n",
        Status.RUNTIME_ERROR,
        "raised",
        "sys.exit",
    ),
    "a keyboard interrupt": (
        "def f():\n    raise KeyboardInterrupt\n",
        Status.RUNTIME_ERROR,
        "raised",
        "Keyboard",
    ),
    "endless recursion": (
        "def f():\n    return f()\n",
        Status.RUNTIME_ERROR,
        "raised",
        "RecursionError",
    ),
    "not implemented": (
        "def f():\n    raise NotImplementedError\n",
        Status.BELOW_TARGET,
        "not_attempted",
        "",
    ),
    "no such function": ("def g():\n    pass\n", Status.INVALID_SUBMISSION, "not_defined", "f()"),
    "None": ("def f():\n    return None\n", Status.INVALID_SUBMISSION, "wrong_output", "None"),
    "an object": (
        "def f():\n    return object()\n",
        Status.INVALID_SUBMISSION,
        "wrong_output",
        "object",
    ),
    "ragged lists": (
        "def f():\n    return [[1, 2], [3]]\n",
        Status.INVALID_SUBMISSION,
        "wrong_output",
        "list",
    ),
    "complex numbers": (
        "def f():\n    return 1j\n",
        Status.INVALID_SUBMISSION,
        "wrong_output",
        "complex",
    ),
}


@pytest.mark.parametrize(("code", "status", "kind", "said"), RAISES.values(), ids=RAISES)
def test_what_a_function_does_wrong_is_said(
    open_box: Open, code: str, status: Status, kind: str, said: str
) -> None:
    box = open_box(code)
    failure = failing(lambda: call(box, "f"))
    assert (failure.status, failure.code) == (status, kind)
    assert said in failure.reason
    assert len(failure.reason) < 5000


def test_an_error_whose_text_is_huge_or_hostile_is_cut_and_cleaned(open_box: Open) -> None:
    box = open_box("def f():\n    raise ValueError('\\x1b[2J' + 'x' * 10**6)\n")
    failure = failing(lambda: call(box, "f"))
    assert len(failure.reason) < 5000
    assert "\x1b" not in failure.reason


def test_an_error_that_cannot_be_put_into_words_is_still_an_error(open_box: Open) -> None:
    box = open_box(
        "class Mute(Exception):\n    def __str__(self):\n        raise Exception('no words')\n"
        "def f():\n    raise Mute\n"
    )
    assert failing(lambda: call(box, "f")).status is Status.RUNTIME_ERROR


def test_50_mb_of_output_cost_32_kib(open_box: Open) -> None:
    box = open_box(
        "def talk():\n    print('the first line')\n"
        "    for _ in range(5000):\n        print('x' * 10_000)\n"
        "    print('the last line')\n    return 1\n"
    )
    assert call(box, "talk") == 1
    assert becomes(lambda: box.log().endswith("the last line\n"))
    assert box.log().startswith("the first line\n")
    assert len(box.log()) < 50_000


def test_nothing_printed_after_the_log_was_closed_is_kept(open_box: Open) -> None:
    box = open_box("def say(x):\n    print('hidden', x)\n    return x\n")
    call(box, "say", 1)
    box.close_log()
    call(box, "say", 2)
    box.close()
    assert box.log() == "hidden 1\n"


# Frozen boxes.

THREAD = """
import threading
count = [0]
def work():
    while True:
        count[0] += 1
threading.Thread(target=work, daemon=True).start()
def f():
    return 1
"""


def test_a_frozen_box_uses_no_time_and_answers_nothing(open_box: Open) -> None:
    box = open_box(THREAD)
    box.freeze()
    before = box.cpu_seconds()
    reply = box.wire.ask(Kind.SETTLE, ['{"threads": 1}'], deadline_seconds=0.5)
    assert reply.peer is Peer.LATE
    assert box.cpu_seconds() - before < 0.05


def test_a_box_goes_on_after_a_thaw(open_box: Open) -> None:
    box = open_box(THREAD)
    before = box.cpu_seconds()
    box.freeze()
    box.thaw()
    assert call(box, "f") == 1
    assert becomes(lambda: box.cpu_seconds() > before + 0.1)


def test_a_box_is_pinned_with_all_its_threads(open_box: Open) -> None:
    core = sorted(os.sched_getaffinity(0))[-1]
    box = open_box(
        "import os, threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "def cores():\n    return sorted({c for t in os.listdir('/proc/self/task') "
        "for c in os.sched_getaffinity(int(t))})\n"
    )
    box.pin([core])
    np.testing.assert_array_equal(call(box, "cores"), [core])


# The end.

DAEMON = """
import os, signal, sys, time

def spawn(clean):
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            os.write(writing, str(os.getpid()).encode())
            os.close(writing)
            if clean:
                command = [sys.executable, "-c", "import time; time.sleep(600)"]
                os.execve(sys.executable, command, dict(os.environ))
            time.sleep(600)
        os._exit(0)
    os.wait()
    return int(os.read(reading, 32))
"""


@pytest.mark.parametrize("clean", [False, True], ids=["forked", "another program"])
def test_a_daemon_that_left_its_session_dies_with_the_box(open_box: Open, clean: bool) -> None:
    box = open_box(DAEMON)
    pid = call(box, "spawn", clean)
    assert isinstance(pid, int)
    assert alive(pid)
    box.close()
    assert gone_within(pid, 2.0)


def test_children_die_with_the_box(open_box: Open) -> None:
    box = open_box(
        "import subprocess, sys\ndef spawn():\n"
        "    return subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid\n"
    )
    pid = call(box, "spawn")
    assert isinstance(pid, int)
    assert alive(pid)
    box.close()
    assert gone_within(pid, 2.0)


def test_closing_removes_the_folder_and_may_be_done_twice(open_box: Open) -> None:
    before = box_folders()
    box = open_box(
        "import os, tempfile\nopen(os.path.join(tempfile.gettempdir(), 'left'), 'w').write('x')\n"
    )
    assert len(box_folders() - before) == 1
    box.close()
    box.close()
    assert box_folders() <= before


def test_a_box_that_was_never_started_closes_too(open_box: Open) -> None:
    before = box_folders()
    open_box("", load=False).close()
    assert box_folders() <= before


def test_a_folder_without_permissions_is_still_removed(open_box: Open) -> None:
    before = box_folders()
    box = open_box("import os\nos.mkdir('locked')\nopen('locked/x', 'w')\nos.chmod('locked', 0)\n")
    box.close()
    assert box_folders() <= before


GRADER = """
import sys, time
from pathlib import Path
from grader.sandbox.box import Limits
from grader.sandbox.process import ProcessSandbox
folder = Path(sys.argv[1])
box = ProcessSandbox().open(folder, Limits())
box.hello(seed=1, num_classes=0, deadline_seconds=20)
box.load(folder, "solution.py", "functions", 20)
print(box._process.pid, flush=True)
time.sleep(600)
"""


def test_what_a_killed_grader_left_dies_and_is_removed(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text("def f():\n    return 1\n")
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert grader.stdout is not None
    pid = int(grader.stdout.readline())
    assert alive(pid)
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    grader.stdout.close()
    assert gone_within(pid, 3.0)
    left = box_folders(grader.pid)
    assert len(left) == 1
    assert remove_leftovers() >= 1
    assert not any(folder.exists() for folder in left)


def test_the_folder_of_a_living_grader_stays(open_box: Open) -> None:
    box = open_box("def f():\n    return 1\n")
    remove_leftovers()
    assert call(box, "f") == 1
