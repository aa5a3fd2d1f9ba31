"""What breaks while a grader runs: kills, signals, a failing engine, a full disk, another grader.

Whatever happens, nothing stays behind after the next start, no stored result is broken, and no
learner pays for it. Moments of kills are drawn with a fixed seed and spread over the time that a
whole run took just before.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from filelock import FileLock
from support.occasion import is_nightly
from support.paths import ROOT, SUBMISSIONS
from support.second_engine import SecondEngine, second_engine
from support.waiting import becomes

from grader.course.curriculum import course_folder
from grader.errors import SandboxError
from grader.exams.session import Silent
from grader.grading.pipeline import grade
from grader.intake.submission import open_submission
from grader.records import Result, Status, Tier
from grader.results import store
from grader.sandbox.box import Sandbox
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.docker import container
from grader.sandbox.docker import engine as engines
from grader.sandbox.docker.engine import OWNERSHIP_LABEL, connect

pytestmark = pytest.mark.engine

GRADER = [sys.executable, "-m", "grader.cli"]
NEURON = course_folder("reference") / "neuron" / "numpy"
DIGITS = SUBMISSIONS / "digits-short" / "accepted" / "nearest_neighbours"
CGROUPS = Path("/sys/fs/cgroup")
KILLS = {"digits, process": 6, "function, container": 8}
if is_nightly():
    KILLS = {"function, process": 14, "digits, process": 11, "function, container": 25}
PARTS = 2  # of a run, each of which some kill has to hit
EARLIER = 0.85  # of the moment, where the grader was faster than the one that was measured
LANES = 2
TIERS = [
    pytest.param("process", id="process"),
    pytest.param("container", id="container", marks=pytest.mark.docker),
]
needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("dockerd") is None,
    reason="mounting and a second engine need root and dockerd",
)

SLOW_FUNCTIONS = """
import time

import numpy as np

def weighted_sum(w, x, b):
    print("called", flush=True)
    time.sleep({seconds})
    return float(np.dot(w, x) + b)

def neuron(w, x, b):
    return 0.0

layer = neuron
"""
SLOW_DIGITS = """
import time

import numpy as np

def train(data):
    time.sleep({train})

    def answer(batch):
        time.sleep({answer})
        return np.zeros((len(batch), 10), dtype=np.float32)

    return answer
"""
HUNGRY = """
import numpy as np

def train(data):
    return float(np.ones(10**9).sum())
"""
# What every `grader run` does before anything else.
NEXT_START = """
import sys
from pathlib import Path
from grader.results import store
from grader.commands.parts.working_folder import working_folder
from grader.sandbox.choose import choose_sandbox
results, task, sandbox = sys.argv[1:]
with working_folder():
    choose_sandbox(sandbox, "functions")
    store.prepare(Path(results), task)
"""
# A box that is loaded and frozen, as par's is while the submission is asked.
FROZEN = """
import sys, time
from pathlib import Path
from grader.sandbox.box import Limits
from grader.sandbox.choose import choose_sandbox
folder = Path(sys.argv[1])
box = choose_sandbox(sys.argv[2], "functions").open(folder, Limits())
box.hello(seed=1, num_classes=0, deadline_seconds=60)
box.load(folder, "solution.py", "functions", 60)
box.freeze()
print("frozen", flush=True)
time.sleep(600)
"""


@dataclass
class Place:
    """Where graders run: folders of their own, with short names for the sake of sockets."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def results(self) -> Path:
        return self.folder / "results"

    def popen(self, command: list[str], **options: object) -> subprocess.Popen[str]:
        changed = {
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "200",
        } | self.environment
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=os.environ | changed,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **options,  # type: ignore[call-overload]
        )

    def run(
        self, path: Path, task: str, sandbox: str = "process", *words: str
    ) -> subprocess.Popen[str]:
        """Start `grader run`."""
        chosen = ["--task", task, "--sandbox", sandbox, "--results", str(self.results)]
        return self.popen([*GRADER, "run", str(path), *chosen, *words])

    def next_start(self, task: str, sandbox: str) -> None:
        process = self.popen([sys.executable, "-c", NEXT_START, str(self.results), task, sandbox])
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said

    def solution(self, source: str) -> Path:
        folder = self.folder / f"solution-{len(list(self.folder.iterdir()))}"
        folder.mkdir()
        (folder / "solution.py").write_text(source)
        return folder

    def stored(self) -> list[Result]:
        """Return all results; a broken one, or a half-written one, is an error."""
        found, broken = store.load_results(self.results)
        assert broken == []
        assert list(self.results.rglob(f"{store.PARTIAL}*")) == []
        return found


@contextlib.contextmanager
def new_place() -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="f-"))
    place = Place(folder)
    place.temporary.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def place() -> Iterator[Place]:
    with new_place() as made:
        yield made


def marked_processes(pid: int) -> set[int]:
    """Return the processes in boxes of the grader with this number."""
    needle = f"GRADER_BOX={pid}-".encode()
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if needle in (entry / "environ").read_bytes():
                found.add(int(entry.name))
    return found


def left_on_this_computer(pid: int, place: Place) -> list[str]:
    """Return what there is of a grader: its processes, their groups, its folders, results it has
    half written.
    """
    found = [f"process {each}" for each in marked_processes(pid)]
    for root, names, _ in os.walk(CGROUPS):
        found += [f"{root}/{name}" for name in names if name.startswith(f"grader-{pid}-")]
    found += [str(path) for path in place.temporary.glob(f"grader-*-{pid}-*")]
    return found + [str(path) for path in place.results.rglob(f"{store.PARTIAL}{pid}-*")]


def left_in_the_engine(pid: int, running: bool = False) -> list[str]:
    """Return what there is of a grader in the engine; if `running`, only containers that run."""
    api = connect().api
    chosen = {"label": OWNERSHIP_LABEL} | ({"status": "running"} if running else {})
    entries = api.containers(all=True, filters=chosen)
    if not running:
        entries += api.volumes(filters=chosen)["Volumes"] or []
    return [
        json.dumps(entry)
        for entry in entries
        if entry["Labels"][OWNERSHIP_LABEL].startswith(f"{pid}-")
    ]


def left(pid: int, place: Place, sandbox: str) -> list[str]:
    return left_on_this_computer(pid, place) + (
        left_in_the_engine(pid) if sandbox == "container" else []
    )


def await_line(process: subprocess.Popen[str], beginning: str) -> None:
    """Read what a grader tells of its progress until a line begins so."""
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if line.startswith(beginning):
            return
    raise AssertionError(f"no line begins with {beginning!r} in {''.join(seen)}")


def kill(process: subprocess.Popen[str]) -> bool:
    """Kill a process as nothing can prevent; returns whether it was still there."""
    living = process.poll() is None
    process.kill()
    process.communicate()
    return living


# Killed at any moment.


@dataclass
class Kills:
    """Graders of one kind, killed at moments spread over a whole run.

    frozen: boxes may be frozen when the kill comes; then they end at the next start only.
    """

    path: Path
    task: str
    sandbox: str
    frozen: bool
    slowest_death_seconds: float = 0.0  # from a kill to the end of the last process in a box
    killed_at: list[float] = field(default_factory=list)  # shares of a whole run

    def at_moments(self, count: int) -> None:
        """Kill `count` graders, two at a time; after each one's next start nothing is left of it.

        A grader that ended before its moment is no kill: another one is started and killed earlier.
        """
        draw = random.Random(f"{self.task} {self.sandbox}")
        shares = [(number + draw.random()) / count for number in range(count)]
        draw.shuffle(shares)
        with ThreadPoolExecutor(LANES) as pool:
            lanes = [pool.submit(self.lane, shares[number::LANES]) for number in range(LANES)]
            for lane in lanes:
                lane.result()

    def lane(self, shares: list[float]) -> None:
        """Kill a grader at each of these shares of a whole run, in a place of its own."""
        with new_place() as place:
            self.whole_run_seconds(place)
            duration = self.whole_run_seconds(place)  # this one finds everything warm
            for share in shares:
                moment = share * duration
                while not self.kill_one(place, moment):
                    moment *= EARLIER
                self.killed_at.append(moment / duration)
            assert {result.verdict.status for result in place.stored()} == {Status.ACCEPTED}

    def whole_run_seconds(self, place: Place) -> float:
        began = time.monotonic()
        whole = place.run(self.path, self.task, self.sandbox)
        said, trouble = whole.communicate(timeout=120)
        assert whole.returncode == 0, said + trouble
        duration = time.monotonic() - began
        assert left(whole.pid, place, self.sandbox) == []
        return duration

    def kill_one(self, place: Place, moment: float) -> bool:
        """Start a grader and kill it after `moment` seconds; returns whether it was still there."""
        process = place.run(self.path, self.task, self.sandbox)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        living = kill(process)
        began = time.monotonic()
        if self.sandbox == "container":
            gone = becomes(lambda: left_in_the_engine(process.pid, running=True) == [])
            assert gone, left_in_the_engine(process.pid)
        elif not self.frozen:
            assert becomes(lambda: not marked_processes(process.pid))
        self.slowest_death_seconds = max(self.slowest_death_seconds, time.monotonic() - began)
        place.next_start(self.task, self.sandbox)
        # The other lane's next start may be removing it as well.
        gone = becomes(lambda: left(process.pid, place, self.sandbox) == [])
        assert gone, left(process.pid, place, self.sandbox)
        return living


@pytest.mark.parametrize(
    ("kills", "path", "task", "sandbox"),
    [
        # By day each kind of exam is killed in one kind of box.
        pytest.param(
            "function, process",
            NEURON,
            "neuron",
            "process",
            id="function-process",
            marks=pytest.mark.nightly,
        ),
        pytest.param("digits, process", DIGITS, "digits", "process", id="digits-process"),
        pytest.param(
            "function, container",
            NEURON,
            "neuron",
            "container",
            id="function-container",
            marks=pytest.mark.docker,
        ),
    ],
)
def test_nothing_is_left_of_graders_killed_at_many_moments(
    kills: str, path: Path, task: str, sandbox: str, record_property: Callable[[str, object], None]
) -> None:
    killed = Kills(path, task, sandbox, frozen=task != "neuron")
    killed.at_moments(KILLS[kills])
    record_property("slowest death in seconds", killed.slowest_death_seconds)
    assert len(killed.killed_at) == KILLS[kills]
    parts_hit = {min(int(PARTS * share), PARTS - 1) for share in killed.killed_at}
    assert parts_hit == set(range(PARTS)), f"kills at {sorted(killed.killed_at)} of a run"


@pytest.mark.parametrize("sandbox", TIERS)
def test_a_frozen_box_of_a_killed_grader_ends_at_the_next_start(place: Place, sandbox: str) -> None:
    process = place.popen([sys.executable, "-c", FROZEN, str(NEURON), sandbox])
    assert process.stdout is not None
    assert process.stdout.readline() == "frozen\n"
    kill(process)
    place.next_start("neuron", sandbox)
    assert left(process.pid, place, sandbox) == []


LEAVES_CHILDREN = """
import os, subprocess, sys, time

def weighted_sum(w, x, b):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    time.sleep(600)

neuron = layer = weighted_sum
"""


def test_children_of_a_submission_end_at_the_next_start(place: Place) -> None:
    process = place.run(place.solution(LEAVES_CHILDREN), "neuron")
    await_line(process, "asking weighted_sum")
    assert becomes(lambda: len(marked_processes(process.pid)) >= 2, 60)
    kill(process)
    assert becomes(lambda: len(marked_processes(process.pid)) == 1)
    place.next_start("neuron", "process")
    assert left_on_this_computer(process.pid, place) == []


@pytest.mark.docker
def test_a_busy_container_ends_with_its_grader_and_the_tour_removes_it(place: Place) -> None:
    endless = (
        "def weighted_sum(w, x, b):\n    while True:\n        pass\nneuron = layer = weighted_sum\n"
    )
    process = place.run(place.solution(endless), "neuron", "container")
    await_line(process, "asking weighted_sum")
    assert becomes(lambda: left_in_the_engine(process.pid, running=True) != [], 60)
    kill(process)
    assert becomes(lambda: left_in_the_engine(process.pid, running=True) == [])
    assert left_in_the_engine(process.pid) != []
    tour = place.popen([*GRADER, "machine", "--json", "--data", str(place.folder)])
    said, _ = tour.communicate(timeout=120)
    assert "containers and volumes" in json.loads(said)["left_by_killed_graders"]
    assert left(process.pid, place, "container") == []


# Interrupted.


@pytest.mark.parametrize(
    ("moment", "number", "code"),
    [
        pytest.param("reading", signal.SIGINT, 130, id="ctrl-c before the box"),
        pytest.param("starting", signal.SIGINT, 130, id="ctrl-c while the box starts"),
        pytest.param("training", signal.SIGINT, 130, id="ctrl-c in training"),
        pytest.param("asking 540", signal.SIGINT, 130, id="ctrl-c in the timed phase"),
        pytest.param("training", signal.SIGTERM, 143, id="ended in training"),
    ],
)
@pytest.mark.parametrize("sandbox", TIERS)
def test_an_interruption_leaves_nothing(
    place: Place, sandbox: str, moment: str, number: int, code: int
) -> None:
    path = place.solution(SLOW_DIGITS.format(train=0.5, answer=0.02))
    process = place.run(path, "digits", sandbox)
    await_line(process, moment)
    time.sleep(random.Random(f"{sandbox} {moment} {code}").uniform(0, 0.4))
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert "Traceback" not in said
    assert left(process.pid, place, sandbox) == []
    assert place.stored() == []


# Two at once.


@pytest.mark.parametrize("sandbox", TIERS)
def test_two_graders_leave_each_other_alone(place: Place, sandbox: str) -> None:
    first = place.run(
        place.solution(SLOW_FUNCTIONS.format(seconds=1)), "neuron", sandbox, "--author", "first"
    )
    await_line(first, "asking weighted_sum")
    second = place.run(NEURON, "neuron", sandbox, "--author", "second")
    said, trouble = second.communicate(timeout=120)
    assert second.returncode == 0, said + trouble
    assert first.poll() is None, "the first was to be there all the time"
    said, trouble = first.communicate(timeout=120)
    assert first.returncode == 1, said + trouble
    found = {result.submission.author: result for result in place.stored()}
    assert found["second"].verdict.status is Status.ACCEPTED
    assert found["first"].verdict.status is Status.BELOW_TARGET
    assert {case.passed for case in found["first"].cases if case.function == "weighted_sum"} == {
        5,
        6,
    }
    assert left(first.pid, place, sandbox) + left(second.pid, place, sandbox) == []


def test_a_timed_phase_waits_for_that_of_another(place: Place) -> None:
    with FileLock(place.temporary / "grader-timing-cpu.lock"):
        process = place.run(DIGITS, "digits")
        await_line(process, "waiting for the timed phase of another grader")
        assert process.poll() is None
    await_line(process, "asking 540")
    said, trouble = process.communicate(timeout=60)
    assert process.returncode == 0, said + trouble


# The engine fails.


@pytest.fixture(scope="module")
def own_engine() -> Iterator[SecondEngine]:
    with second_engine() as engine:
        yield engine


@pytest.fixture
def engine(
    own_engine: SecondEngine, place: Place, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SecondEngine]:
    """The engine of the tests' own, running, and the only one that graders see."""
    own_engine.start()
    monkeypatch.setenv("DOCKER_HOST", own_engine.host)
    monkeypatch.setattr(tempfile, "tempdir", str(place.temporary))
    yield own_engine
    own_engine.signal(signal.SIGCONT)


class At(Silent):
    """Progress that does something when a step, or what the submission prints, begins so."""

    def __init__(self, beginning: str, act: Callable[[], object]) -> None:
        self._beginning = beginning
        self._act = act

    def step(self, what: str, seconds: float | None = None) -> None:
        if what.startswith(self._beginning):
            self._beginning = "nothing any more"
            self._act()

    def note(self, text: str) -> None:
        self.step(text)


def grade_in_container(
    place: Place,
    path: Path,
    task: str,
    moment: str,
    act: Callable[[], object],
    sandbox: Sandbox | None = None,
) -> Result:
    """Grade in a container and do something on the way; returns the result as it was stored."""
    with tempfile.TemporaryDirectory() as scratch:
        submission, found = open_submission(path, Path(scratch), task_id=task, author="tester")
        chosen = sandbox or choose_sandbox("container", found.spec.exam)
        grade(submission, found, chosen, place.results, progress=At(moment, act))
    [stored] = place.stored()
    assert stored.tier is Tier.CONTAINER
    return stored


def assert_ours(result: Result, *words: str) -> None:
    """It is our trouble, with a reason, and no score."""
    assert result.verdict.status is Status.GRADER_ERROR, result.verdict.reason
    assert result.score is None
    for word in words:
        assert word in result.verdict.reason


MOMENTS = [
    pytest.param("digits", "starting", id="before the box"),
    pytest.param("digits", "training", id="training"),
    pytest.param("digits", "asking 540", id="timed"),
    pytest.param("neuron", "asking weighted_sum", id="first call"),
    pytest.param("neuron", "asking layer", id="last call"),
]


@needs_root
@pytest.mark.docker
@pytest.mark.parametrize(("task", "moment"), MOMENTS)
def test_an_engine_that_crashes_is_our_trouble(
    engine: SecondEngine, place: Place, task: str, moment: str
) -> None:
    path = NEURON if task == "neuron" else DIGITS
    assert_ours(grade_in_container(place, path, task, moment, engine.kill), "Docker engine")
    engine.start()
    assert left_on_this_computer(os.getpid(), place) == []


@needs_root
@pytest.mark.docker
@pytest.mark.parametrize(("task", "moment"), MOMENTS)
def test_an_engine_that_hangs_is_our_trouble_soon(
    engine: SecondEngine, place: Place, task: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "API_SECONDS", 2)
    monkeypatch.setattr(container, "GONE_SECONDS", 1)
    path = NEURON if task == "neuron" else DIGITS
    began = time.monotonic()
    result = grade_in_container(place, path, task, moment, lambda: engine.signal(signal.SIGSTOP))
    assert time.monotonic() - began < 60, "it ends within a bounded time"
    assert_ours(result, "Docker engine")


@needs_root
@pytest.mark.docker
def test_a_crash_of_the_engine_exits_3_and_the_next_start_cleans_up(
    engine: SecondEngine, place: Place
) -> None:
    process = place.run(place.solution(SLOW_FUNCTIONS.format(seconds=0.5)), "neuron", "container")
    await_line(process, "asking weighted_sum")
    assert becomes(lambda: left_in_the_engine(process.pid, running=True) != [], 60)
    engine.kill()
    said, trouble = process.communicate(timeout=120)
    assert process.returncode == 3, said + trouble
    assert "grader error" in said
    assert "Traceback" not in said + trouble
    [result] = place.stored()
    assert_ours(result, "Docker engine")
    none = place.run(NEURON, "neuron", "container")
    _, trouble = none.communicate(timeout=60)
    assert none.returncode == 3
    assert "no Docker engine answers" in trouble
    engine.start()
    again = place.run(NEURON, "neuron", "container")
    said, trouble = again.communicate(timeout=120)
    assert again.returncode == 0, said + trouble
    assert left(process.pid, place, "container") == []
    assert len(place.stored()) == 2


@needs_root
@pytest.mark.docker
def test_an_engine_that_hangs_from_the_start_is_said(
    engine: SecondEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "HELLO_SECONDS", 1)
    engine.signal(signal.SIGSTOP)
    with pytest.raises(SandboxError, match="no Docker engine answers"):
        choose_sandbox("container", "functions")


@needs_root
@pytest.mark.docker
def test_an_image_that_is_taken_away_is_our_trouble(engine: SecondEngine, place: Place) -> None:
    sandbox = choose_sandbox("container", "functions")
    engine.remove_images()
    try:
        result = grade_in_container(place, NEURON, "neuron", "asking", lambda: None, sandbox)
    finally:
        engine.make_images()
    assert_ours(result, "image disappeared", "grader image build")


@needs_root
@pytest.mark.docker
@pytest.mark.parametrize("act", ["remove", "kill", "pause"])
def test_what_somebody_does_to_a_container_is_not_the_learners_fault(
    engine: SecondEngine, place: Place, act: str
) -> None:
    def outsider() -> None:
        api = engine.client().api
        [found] = api.containers(filters={"label": OWNERSHIP_LABEL, "status": "running"})
        if act == "remove":
            api.remove_container(found["Id"], force=True)
        elif act == "kill":
            api.kill(found["Id"])
        else:
            api.pause(found["Id"])

    path = place.solution(SLOW_FUNCTIONS.format(seconds=30))
    result = grade_in_container(place, path, "neuron", "called", outsider)
    assert_ours(result, "somebody else", "paused" if act == "pause" else "the container")


@needs_root
@pytest.mark.docker
def test_a_lack_of_memory_stays_the_learners(engine: SecondEngine, place: Place) -> None:
    result = grade_in_container(place, place.solution(HUNGRY), "digits", "training", lambda: None)
    assert result.verdict.status is Status.MEMORY_LIMIT_EXCEEDED
    assert result.score is not None


# The disk is full, or not to be written.


@contextlib.contextmanager
def small_disk(place: Path, options: str) -> Iterator[None]:
    """Mount a small file system in memory at a place."""
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def was_looked_at(folder: Path) -> bool:
    """Whether a grader has tried to write there, and has removed what it wrote."""
    return folder.is_dir() and not any(folder.iterdir())


def fill(folder: Path) -> Path:
    """Fill the file system below a folder to its last byte, and return the file that does."""
    file = folder / "filler"
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as filler:
        while filler.write(bytes(1024)):
            pass
    return file


@needs_root
@pytest.mark.docker
@pytest.mark.parametrize("words", [(), ("--json",)], ids=["person", "program"])
def test_a_disk_that_fills_up_costs_the_stored_result_and_not_the_score(
    place: Place, words: tuple[str, ...]
) -> None:
    with small_disk(place.results, "size=256k"):
        path = place.solution(SLOW_FUNCTIONS.format(seconds=0.3))
        process = place.run(path, "neuron", "process", *words)
        # Later than the look at the disk before anything runs.
        assert becomes(lambda: was_looked_at(place.results / "neuron"), 60)
        filler = fill(place.results)
        said, trouble = process.communicate(timeout=60)
        assert process.returncode == 3, said + trouble
        assert "could not be stored" in trouble
        assert "No space left on device" in trouble
        assert "Traceback" not in trouble
        if words:
            assert json.loads(said)["score"]["total"] > 0
        else:
            assert "score" in said
            assert "stored in" not in said
        filler.unlink()
        assert place.stored() == []
        assert [file for file in place.results.rglob("*") if file.is_file()] == []


@needs_root
@pytest.mark.docker
@pytest.mark.parametrize("options", ["size=4k", "size=1m,ro"], ids=["full", "read-only"])
def test_a_disk_that_takes_no_result_is_said_before_anything_runs(
    place: Place, options: str
) -> None:
    with small_disk(place.results, options):
        process = place.run(NEURON, "neuron")
        said, trouble = process.communicate(timeout=60)
        assert process.returncode == 3, said + trouble
        assert "results cannot be written" in trouble
        assert "asking" not in trouble
        assert [file for file in place.results.rglob("*") if file.is_file()] == []


@needs_root
@pytest.mark.docker
@pytest.mark.parametrize("sandbox", ["process", "container"])
@pytest.mark.parametrize("room", [3, 4, 5, 6, 7, 8])
def test_a_full_folder_for_temporary_files_is_our_trouble(
    place: Place, sandbox: str, room: int
) -> None:
    """`room` files fit: the grader's own folder, then the copy of the submission, then the box,
    each fails in turn.
    """
    with small_disk(place.temporary, f"size=1m,nr_inodes={room}"):
        process = place.run(NEURON, "neuron", sandbox)
        said, trouble = process.communicate(timeout=120)
        assert "Traceback" not in said + trouble
        assert left(process.pid, place, sandbox) == []
        if process.returncode != 0:
            assert process.returncode == 3, said + trouble
            assert "No space left on device" in said + trouble
            assert {result.verdict.status for result in place.stored()} <= {Status.GRADER_ERROR}
        assert process.returncode == 3 or room >= 7


def test_a_cache_that_cannot_be_written_is_our_trouble(place: Place) -> None:
    (place.folder / "file").write_text("")
    place.environment["GRADER_CACHE"] = str(place.folder / "file" / "cache")
    process = place.run(DIGITS, "digits-par")
    said, trouble = process.communicate(timeout=60)
    assert process.returncode == 3, said + trouble
    [result] = place.stored()
    assert_ours(result, "GRADER_CACHE", "Not a directory")


def test_data_that_is_missing_is_our_trouble(place: Place) -> None:
    process = place.run(DIGITS, "mnist", "process", "--data", str(place.folder / "nothing"))
    said, trouble = process.communicate(timeout=60)
    assert process.returncode == 3, said + trouble
    [result] = place.stored()
    assert_ours(result, "grader data get mnist")
