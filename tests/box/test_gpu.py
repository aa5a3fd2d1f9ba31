"""Graphics cards: which one a run gets, who may be on it, what its memory figure is, and that a CPU
task sees none.

Most of this runs anywhere, on a driver's library made for the tests. What is marked `gpu` needs an
NVIDIA GPU that nobody else uses: `python -m pytest -m gpu -rP` runs it and shows the figures.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from support.paths import TEST_TASKS, TESTS
from typer.testing import CliRunner

from grader import cli
from grader.course.curriculum import course_folder
from grader.course.datasets import digits
from grader.errors import SandboxError, UsageError
from grader.exams.timing.par import Par, slower_than_alone, timing_lock
from grader.host import machine
from grader.host.machine import describe_machine, gpus
from grader.records import Measured, Result, Status, Submission, Tier
from grader.sandbox import choose as choosing
from grader.sandbox import gpu
from grader.sandbox.box import Box, Limits, Value
from grader.sandbox.docker import container
from grader.sandbox.docker.container import DockerBox
from grader.sandbox.gpu import GpuMonitor, State
from grader.sandbox.process import ProcessBox, ProcessSandbox

MIB, GIB = 1 << 20, 1 << 30
ONE, OTHER = "GPU-11111111-aaaa-bbbb-cccc-000000000001", "GPU-22222222-aaaa-bbbb-cccc-000000000002"
THIRD = "GPU-33333333-aaaa-bbbb-cccc-000000000003"
IDLE = 500 * MIB
NOBODY = 2**22 + 1  # no process has such a number
PAR_TASK = TEST_TASKS / "digits-par"
HONEST = (course_folder("reference") / "digits" / "linear" / "solution.py").read_text("utf-8")
PAR = (PAR_TASK / "reference" / "random_features" / "solution.py").read_text("utf-8")


class NvmlError(Exception):
    """What NVML raises; the kinds below are its own."""


class NotSupported(NvmlError):
    pass


class NoPermission(NvmlError):
    pass


@dataclass
class Card:
    """One GPU that is not there."""

    uuid: str = ONE
    name: str | bytes = "NVIDIA Example"
    total: int = 80 * GIB
    used: int | Callable[[], int] = IDLE
    computing: list[int] | Callable[[], list[int]] | None = field(
        default_factory=list
    )  # None: not told
    drawing: list[int] = field(default_factory=list)
    mig: bool | None = None  # None: this model has no such thing
    busy: int | None = 0  # percent
    slowed: int | None = 0


class FakeNvml(ModuleType):
    """The driver's library, for cards that are not there."""

    NVMLError, NVMLError_NotSupported, NVMLError_NoPermission = (
        NvmlError,
        NotSupported,
        NoPermission,
    )

    def __init__(self, *cards: Card) -> None:
        super().__init__("pynvml")
        self.cards = list(cards)
        self.trouble = ""  # what every question ends with
        self.missing = ""  # what the start ends with
        self.open = 0
        self.lock = threading.Lock()

    def nvmlInit(self) -> None:  # noqa: N802
        if self.missing:
            raise NvmlError(self.missing)
        with self.lock:
            self.open += 1

    def nvmlShutdown(self) -> None:  # noqa: N802
        with self.lock:
            self.open -= 1
            assert self.open >= 0

    def ask(self, value: Any) -> Any:
        if self.open <= 0:
            raise NvmlError("Uninitialized")
        if self.trouble:
            raise NvmlError(self.trouble)
        if value is None:
            raise NotSupported("Not Supported")
        return value() if callable(value) else value

    def nvmlSystemGetDriverVersion(self) -> str:  # noqa: N802
        return str(self.ask("580.1"))

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return len(self.ask(self.cards))

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Card:  # noqa: N802
        return self.cards[self.ask(index)]

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> Card:  # noqa: N802
        found = [card for card in self.ask(self.cards) if card.uuid == uuid]
        if not found:
            raise NvmlError("Not Found")
        return found[0]

    def nvmlDeviceGetUUID(self, card: Card) -> Any:  # noqa: N802
        return self.ask(card.uuid)

    def nvmlDeviceGetName(self, card: Card) -> Any:  # noqa: N802
        return self.ask(card.name)

    def nvmlDeviceGetMemoryInfo(self, card: Card) -> Any:  # noqa: N802
        return SimpleNamespace(total=card.total, used=self.ask(card.used))

    def nvmlDeviceGetMigMode(self, card: Card) -> list[int]:  # noqa: N802
        return [int(self.ask(card.mig)), 0]

    def nvmlDeviceGetComputeRunningProcesses(self, card: Card) -> list[Any]:  # noqa: N802
        return [SimpleNamespace(pid=pid) for pid in self.ask(card.computing)]

    def nvmlDeviceGetGraphicsRunningProcesses(self, card: Card) -> list[Any]:  # noqa: N802
        return [SimpleNamespace(pid=pid) for pid in self.ask(card.drawing)]

    def nvmlDeviceGetUtilizationRates(self, card: Card) -> Any:  # noqa: N802
        return SimpleNamespace(gpu=self.ask(card.busy))

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, card: Card) -> int:  # noqa: N802
        return int(self.ask(card.slowed))


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNvml]:
    """A driver with one idle card and no patience; nothing may be left open in the end."""
    library = FakeNvml(Card())
    monkeypatch.setitem(sys.modules, "pynvml", library)
    monkeypatch.setattr(gpu, "RELEASE_SECONDS", 0.3)
    monkeypatch.setattr(gpu, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(gpu, "SAMPLE_SECONDS", 0.001)
    monkeypatch.setattr(gpu, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(GpuMonitor, "_idle_bytes", {})
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    gpu.model_name.cache_clear()
    yield library
    gpu.model_name.cache_clear()
    for card in (ONE, OTHER, THIRD):
        Path(gpu.claim(card).lock_file).unlink(missing_ok=True)
    assert library.open == 0


# What there is.


def test_the_cards_are_listed_with_what_decides_speed(driver: FakeNvml) -> None:
    driver.cards = [Card(), Card(OTHER, b"NVIDIA Older", 16 * GIB, mig=True)]
    one, other = gpus()
    assert (one.index, one.uuid, one.is_split) == (0, ONE, False)
    assert str(one) == "NVIDIA Example, 81920 MiB, driver 580.1"
    assert (other.index, other.name, other.memory_bytes, other.is_split) == (
        1,
        "NVIDIA Older",
        16 * GIB,
        True,
    )


@pytest.mark.parametrize("where", ["missing", "trouble"])
def test_without_a_driver_that_answers_there_is_no_card(driver: FakeNvml, where: str) -> None:
    setattr(driver, where, "Driver Not Loaded")
    assert gpus() == ()
    with pytest.raises(
        SandboxError, match=r"--device gpu needs an NVIDIA GPU.*Driver Not Loaded.*nvidia-smi"
    ):
        gpu.choose("gpu")


def test_without_the_package_there_is_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert gpus() == ()
    with pytest.raises(SandboxError, match="pip install nvidia-ml-py"):
        gpu.choose("gpu")


def test_a_machine_is_another_one_with_another_card_and_the_same_with_a_like_one(
    driver: FakeNvml,
) -> None:
    driver.cards = [Card(), Card(OTHER)]
    here, there = describe_machine(ONE), describe_machine(OTHER)
    assert here.gpu == "NVIDIA Example, 81920 MiB, driver 580.1"
    assert here.id == there.id
    assert describe_machine().gpu == ""
    assert describe_machine().id != here.id
    driver.cards[0].total = 40 * GIB
    assert describe_machine(ONE).id != here.id


# Which one a run gets.


def test_a_cpu_run_asks_no_driver(driver: FakeNvml) -> None:
    driver.missing = "no driver"
    assert gpu.choose("cpu") == "cpu"
    assert gpu.model_name("cpu") == "cpu"
    with gpu.claimed("cpu"):
        pass


@pytest.mark.parametrize("name", ["gpu:1", OTHER, "GPU-2"])
def test_a_card_is_chosen_by_number_or_uuid(driver: FakeNvml, name: str) -> None:
    driver.cards = [Card(), Card(OTHER)]
    assert gpu.choose(name) == OTHER


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gpu:2", "no device gpu:2; this machine has gpu:0"),
        ("GPU-3", "no GPU with the UUID GPU-3"),
        ("GPU-", "beginning of 2 UUIDs"),
        ("cuda", r"no device 'cuda'; expected cpu, gpu .a free one., gpu:N or"),
        ("gpu:one", "no device 'gpu:one'"),
        ("MIG-11111111", "whole UUID"),
    ],
)
def test_a_device_that_is_not_there_is_a_wrong_word(driver: FakeNvml, name: str, said: str) -> None:
    driver.cards = [Card(), Card(OTHER)]
    with pytest.raises(UsageError, match=said):
        gpu.choose(name)


def test_no_card_at_all_is_a_wrong_word(driver: FakeNvml) -> None:
    driver.cards = []
    with pytest.raises(UsageError, match="there is no GPU; this machine has no GPU"):
        gpu.choose("gpu")


def test_the_free_one_is_the_first_that_nobody_computes_on(driver: FakeNvml) -> None:
    driver.cards = [Card(computing=[NOBODY]), Card(OTHER)]
    assert gpu.choose("gpu") == OTHER
    with pytest.raises(
        SandboxError,
        match=rf"on gpu:0 \(NVIDIA Example\) process {NOBODY} \(out of sight from here\)",
    ):
        gpu.choose("gpu:0")


def test_when_none_is_free_each_says_why(driver: FakeNvml) -> None:
    driver.cards = [Card(computing=[os.getpid()]), Card(OTHER, mig=True), Card(THIRD, used=3 * GIB)]
    with pytest.raises(SandboxError) as caught:
        gpu.choose("gpu")
    said = str(caught.value)
    assert f"on gpu:0 (NVIDIA Example) process {os.getpid()} (" in said
    assert "gpu:1 (NVIDIA Example) is split by MIG" in said
    assert "on gpu:2 (NVIDIA Example) 3072 MiB are in use and the driver names no process" in said


def test_a_desktop_may_stay(driver: FakeNvml) -> None:
    driver.cards[0].drawing, driver.cards[0].used = [os.getpid()], 3 * GIB
    assert gpu.choose("gpu") == ONE


def test_a_driver_that_does_not_tell_of_processes_is_believed_by_its_memory(
    driver: FakeNvml,
) -> None:
    driver.cards[0].computing = None
    assert gpu.choose("gpu") == ONE
    driver.cards[0].used = 3 * GIB
    with pytest.raises(SandboxError, match="names no process"):
        gpu.choose("gpu")


@pytest.mark.parametrize(
    ("seen", "chosen"), [("1", OTHER), (OTHER, OTHER), ("GPU-2", OTHER), (" 1 , 0 ", ONE)]
)
def test_what_a_scheduler_leaves_to_the_grader_is_kept_to(
    driver: FakeNvml, monkeypatch: pytest.MonkeyPatch, seen: str, chosen: str
) -> None:
    driver.cards = [Card(), Card(OTHER)]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", seen)
    assert gpu.choose("gpu") == chosen


def test_a_scheduler_that_leaves_none_is_named(
    driver: FakeNvml, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(
        UsageError, match="no GPU that CUDA_VISIBLE_DEVICES='' shows; this machine has gpu:0"
    ):
        gpu.choose("gpu")


def test_a_card_that_another_grader_has_comes_last_and_is_waited_for(driver: FakeNvml) -> None:
    driver.cards = [Card(computing=[NOBODY]), Card(OTHER)]
    script = (
        "import sys; from grader.sandbox import gpu\n"
        f"with gpu.claimed({ONE!r}):\n    print('mine', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=TESTS.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as grader:
        assert grader.stdout is not None
        assert grader.stdout.readline() == "mine\n"
        assert gpu.choose("gpu") == OTHER
        assert gpu.choose("gpu:0") == ONE, "the run will wait for it"
        driver.cards[1].computing = [NOBODY]
        assert gpu.choose("gpu") == ONE
        grader.communicate("")
    with gpu.claimed(ONE):
        pass
    with pytest.raises(SandboxError, match="no GPU is free"):
        gpu.choose("gpu")


def test_each_card_has_its_own_timing_lock() -> None:
    files = {str(timing_lock(device).lock_file) for device in ("cpu", ONE, OTHER)}
    assert len(files) == 3


# The watch.


def test_a_card_is_idle_up_to_what_it_held_before() -> None:
    most = IDLE + gpu.TOLERANCE_BYTES
    assert gpu.why_busy(State(most, (), ()), IDLE) == ""
    assert "564 MiB are in use" in gpu.why_busy(State(most + 1, (), ()), IDLE)
    assert "500 MiB before the last run" in gpu.why_busy(State(most + 1, (), ()), IDLE)
    assert gpu.why_busy(State(most + 1, (), ())) == ""
    assert gpu.why_busy(State(most + 1, (), (7,)), IDLE) == ""
    assert "computes" in gpu.why_busy(State(0, (NOBODY,), ()), IDLE)


def test_the_figure_is_the_most_above_the_idle_baseline(driver: FakeNvml) -> None:
    card = driver.cards[0]
    watch = GpuMonitor(ONE)
    try:
        assert watch.baseline_bytes == IDLE
        card.used = IDLE + 700 * MIB
        time.sleep(0.05)
        card.used = IDLE + 20 * MIB
        time.sleep(0.05)
        figure = watch.peak()
        card.used = IDLE + 2 * GIB
        assert (figure.value, figure.unit) == (700 * MIB, "bytes")
        assert figure.n > 2
        assert figure.source == "NVML, above idle, sampled every 1 ms"
        assert watch.peak().value == 700 * MIB, "what comes after it was read does not count"
    finally:
        card.used = IDLE
        watch.close()


def test_what_is_held_when_the_figure_is_read_is_seen_however_short_the_time(
    driver: FakeNvml, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "SAMPLE_SECONDS", 60.0)
    watch = GpuMonitor(ONE)
    driver.cards[0].used = IDLE + 300 * MIB
    assert watch.peak().value == 300 * MIB
    driver.cards[0].used = IDLE
    watch.close()


def test_a_box_that_takes_nothing_has_a_figure_of_zero(driver: FakeNvml) -> None:
    watch = GpuMonitor(ONE)
    driver.cards[0].used = IDLE - 10 * MIB
    assert watch.peak().value == 0
    watch.close()


def test_a_driver_that_stops_answering_is_our_trouble_and_ends_cleanly(driver: FakeNvml) -> None:
    watch = GpuMonitor(ONE)
    driver.trouble = "GPU is lost"
    with pytest.raises(
        SandboxError, match=f"memory of GPU {ONE} could not be watched.*GPU is lost"
    ):
        watch.peak()
    watch.close()


def test_memory_that_comes_back_late_is_waited_for(driver: FakeNvml) -> None:
    watch = GpuMonitor(ONE)
    driver.cards[0].used, driver.cards[0].computing = IDLE + GIB, [NOBODY]

    def give_back() -> None:
        driver.cards[0].computing = []
        time.sleep(0.05)
        driver.cards[0].used = IDLE

    later = threading.Timer(0.05, give_back)
    later.start()
    watch.close()
    assert driver.cards[0].used == IDLE, "it was not waited for"
    later.join()


def test_memory_that_does_not_come_back_refuses_the_next_run(driver: FakeNvml) -> None:
    watch = GpuMonitor(ONE)
    driver.cards[0].used = IDLE + 100 * MIB
    watch.close()
    with pytest.raises(
        SandboxError, match=r"not free: 600 MiB are in use.*it was 500 MiB before the last run"
    ):
        GpuMonitor(ONE)
    driver.cards[0].used = IDLE + gpu.TOLERANCE_BYTES
    GpuMonitor(ONE).close()


def test_a_process_on_the_card_refuses_the_run(driver: FakeNvml) -> None:
    driver.cards[0].computing = [NOBODY]
    with pytest.raises(SandboxError, match=rf"GPU {ONE} is not free: process {NOBODY}"):
        GpuMonitor(ONE)


def test_in_the_timed_phase_our_boxes_may_be_there_and_nobody_else(driver: FakeNvml) -> None:
    watch = GpuMonitor(ONE)
    parent = os.getppid()
    driver.cards[0].computing = [os.getpid(), parent, NOBODY]
    watch.refuse_others({os.getpid(), parent})
    with pytest.raises(
        SandboxError, match=rf"process {parent} \(.*\) computed on GPU {ONE} while it was timed"
    ):
        watch.refuse_others({os.getpid()})
    driver.cards[0].computing = []
    watch.close()


@pytest.mark.parametrize(
    ("busy", "flagged"), [(0, False), (49, False), (50, True), (100, True), (None, False)]
)
def test_kernels_that_outlast_the_freezing_are_seen(
    driver: FakeNvml, busy: int | None, flagged: bool
) -> None:
    watch = GpuMonitor(ONE)
    driver.cards[0].busy = busy
    found = watch.left_running()
    assert (found is not None) == flagged
    if found is not None:
        assert (found.status, found.code) == (Status.FLAGGED, "worked_while_idle")
        assert f"still {busy} % busy" in found.reason
    watch.close()


def test_a_card_that_is_slowed_down_says_by_what(driver: FakeNvml) -> None:
    watch = GpuMonitor(ONE)
    said = {}
    for bits in (0, 0x04, 0x20, 0x48, None):
        driver.cards[0].slowed = bits
        said[bits] = watch.slowed()
    watch.close()
    assert said[0] == said[0x04] == said[None] == ""
    assert said[0x20] == "the GPU was slowed down by heat"
    assert said[0x48] == "the GPU was slowed down by heat and its hardware"


# Boxes.


def process_sees(device: str, folder: Path) -> str:
    """Return what a process box sees in CUDA_VISIBLE_DEVICES."""
    (folder / "solution.py").write_text(
        "import os\n\ndef look():\n    return os.environ.get('CUDA_VISIBLE_DEVICES', '-')\n"
    )
    with ProcessSandbox().open(folder, Limits(), device=device) as box:
        box.hello(seed=1, num_classes=10, deadline_seconds=30)
        box.load(folder, "solution.py", "functions", 30)
        [value] = box.call("look", ["result"], [], 30)
    assert isinstance(value.content, list)
    return value.content[0]


def test_a_process_sees_the_one_card_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2")
    assert process_sees("cpu", tmp_path) == ""
    assert process_sees(ONE, tmp_path) == ONE


def container_arguments(device: str, tmp_path: Path) -> dict[str, Any]:
    box = DockerBox(MagicMock(), "image", None, Tier.CONTAINER, tmp_path, Limits(), device)
    try:
        return box._arguments()
    finally:
        box.close()


def test_a_container_of_a_cpu_task_gets_no_card_even_where_that_is_the_default(
    tmp_path: Path,
) -> None:
    arguments = container_arguments("cpu", tmp_path)
    assert "device_requests" not in arguments
    assert arguments["environment"]["NVIDIA_VISIBLE_DEVICES"] == "void"
    assert arguments["environment"]["CUDA_VISIBLE_DEVICES"] == ""


def test_a_container_gets_the_one_card_and_is_as_closed_as_any(tmp_path: Path) -> None:
    arguments = container_arguments(ONE, tmp_path)
    [request] = arguments["device_requests"]
    assert dict(request) == {
        "Driver": "nvidia",
        "Count": 0,
        "DeviceIDs": [ONE],
        "Capabilities": [["gpu", "compute", "utility"]],
        "Options": {},
    }
    hidden = {"NVIDIA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"}
    assert not hidden & set(arguments["environment"])
    plain = container_arguments("cpu", tmp_path)
    for name in (
        "cap_drop",
        "read_only",
        "network_mode",
        "pids_limit",
        "mem_limit",
        "tmpfs",
        "ulimits",
    ):
        assert arguments[name] == plain[name]


@pytest.mark.parametrize(
    ("variants", "on_gpu", "chosen"),
    [
        (["torch", "torch-gpu", "numpy"], False, "torch"),
        (["torch", "torch-gpu", "numpy"], True, "torch-gpu"),
        (["torch-gpu", "numpy"], False, "torch-gpu"),
        (["torch", "numpy"], True, None),
        (["numpy"], False, None),
    ],
    ids=str,
)
def test_the_image_fits_the_device(
    monkeypatch: pytest.MonkeyPatch, variants: list[str], on_gpu: bool, chosen: str | None
) -> None:
    images = [
        SimpleNamespace(
            id=name, labels={choosing.VARIANT_LABEL: name}, attrs={"Created": f"2026-01-0{day}"}
        )
        for day, name in enumerate(variants, start=1)
    ]
    client = SimpleNamespace(images=SimpleNamespace(list=lambda **_: images))
    monkeypatch.setattr("grader.sandbox.docker.engine.connect", lambda: client)
    monkeypatch.setattr(
        container, "DockerSandbox", lambda image, runtime: SimpleNamespace(image=image)
    )
    if chosen is not None:
        assert choosing.choose_sandbox("container", "classification", gpu=on_gpu).image == chosen
    else:
        with pytest.raises(
            SandboxError, match=r"image build --gpu`" if on_gpu else r"image build`"
        ):
            choosing.choose_sandbox("container", "classification", gpu=on_gpu)


@pytest.mark.docker
def test_an_engine_that_cannot_give_a_card_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text("")
    sandbox = choosing.choose_sandbox("container", "functions")
    with (
        sandbox.open(tmp_path, Limits(), device=ONE) as box,
        pytest.raises(SandboxError, match=r"cannot give the GPU.*Container Toolkit"),
    ):
        box.hello(seed=1, num_classes=10, deadline_seconds=30)


# The whole way, with boxes that are real on a card that is not.


class Population:
    """Which boxes live, and what was asked of each, in order of their start."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.living: list[Box] = []
        self.started: list[Box] = []
        self.asked: dict[int, list[np.ndarray]] = {}
        start, close, predict = ProcessBox.start, ProcessBox.close, ProcessBox.predict

        def started(box: ProcessBox) -> Any:
            self.living.append(box)
            self.started.append(box)
            return start(box)

        def closed(box: ProcessBox) -> None:
            close(box)
            if box in self.living:
                self.living.remove(box)

        def asked(box: ProcessBox, batch: np.ndarray, *rest: Any) -> Any:
            self.asked.setdefault(id(box), []).append(np.array(batch))
            return predict(box, batch, *rest)

        monkeypatch.setattr(ProcessBox, "start", started)
        monkeypatch.setattr(ProcessBox, "close", closed)
        monkeypatch.setattr(ProcessBox, "predict", asked)


@pytest.fixture
def population(monkeypatch: pytest.MonkeyPatch) -> Population:
    return Population(monkeypatch)


def make_gpu_task(folder: Path, name: str, par: str = "", **changes: str) -> str:
    """Make digits-par anew with a budget for GPUs and this par, or none, and return its id."""
    text = (PAR_TASK / "task.toml").read_text("utf-8").replace("digits-par", name)
    text = text.replace("cpu_seconds = 10", "cpu_seconds = 10\ngpu_seconds = 60")
    text = text.replace('par = "random_features"', f'par = "{"par" if par else ""}"')
    for old, new in changes.items():
        text = "\n".join(
            f"{old} = {new}" if line.startswith(f"{old} = ") else line for line in text.splitlines()
        )
    (folder / "tasks" / name).mkdir(parents=True)
    (folder / "tasks" / name / "task.toml").write_text(text)
    if par:
        (folder / "tasks" / name / "reference" / "par").mkdir(parents=True)
        (folder / "tasks" / name / "reference" / "par" / "solution.py").write_text(par)
    return name


@pytest.fixture
def gpu_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Make a task that may use a GPU."""
    monkeypatch.setenv("GRADER_TASKS", str(tmp_path / "tasks"))
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "cache"))
    return lambda name, par="", **changes: make_gpu_task(tmp_path, name, par, **changes)


def test_the_memory_of_a_run_is_its_own_boxs_alone(
    driver: FakeNvml,
    population: Population,
    gpu_task: Callable[..., str],
    grade_source: Callable[..., Result],
) -> None:
    """Each living box holds 300 MiB of the card: par and the null box would show if they joined
    before the figure.
    """
    card = driver.cards[0]
    card.used = lambda: IDLE + 300 * MIB * len(population.living)
    result = grade_source(PAR, gpu_task("digits-gpu", PAR), device=ONE)
    assert result.verdict.status is Status.ACCEPTED, result.verdict
    assert (result.device, result.machine.gpu) == (
        "NVIDIA Example",
        "NVIDIA Example, 81920 MiB, driver 580.1",
    )
    peak, ratio = result.measurements["peak_memory_bytes"], result.measurements["memory_ratio"]
    assert peak.value == 300 * MIB
    assert "sampled" in peak.source
    assert result.par["peak_memory_bytes"].value == 300 * MIB, (
        "par's figure comes about in the same way"
    )
    assert ratio.value == 1.0
    assert result.measurements["host_memory_bytes"].value > 10 * MIB
    assert result.measurements["accuracy"].n == 600
    assert result.measurements["latency_ratio"].value > 0
    assert len(population.started) == 5, (
        "par's warm-up, par alone, then the submission, par and the null box"
    )
    hidden = digits.load(Path()).hidden_inputs
    asked = np.concatenate(population.asked[id(population.started[2])])
    assert rows(asked[: len(hidden)]) == rows(hidden), (
        "every hidden input once, before any perturbed copy"
    )
    assert population.living == []


def rows(images: np.ndarray) -> list[bytes]:
    return sorted(image.tobytes() for image in images)


def test_a_run_on_a_busy_card_is_our_trouble(
    driver: FakeNvml,
    population: Population,
    gpu_task: Callable[..., str],
    grade_source: Callable[..., Result],
) -> None:
    driver.cards[0].computing = [NOBODY]
    result = grade_source(HONEST, gpu_task("digits-gpu"), device=ONE)
    assert (result.verdict.status, result.score) == (Status.GRADER_ERROR, None)
    assert f"process {NOBODY}" in result.verdict.reason
    assert result.device == "NVIDIA Example"
    assert population.started == [], "nothing is run on a card that is not free"


def test_two_runs_after_another_and_a_third_on_what_the_second_left(
    driver: FakeNvml,
    population: Population,
    gpu_task: Callable[..., str],
    grade_source: Callable[..., Result],
) -> None:
    card, left = driver.cards[0], [0]
    card.used = lambda: IDLE + left[0] + 300 * MIB * len(population.living)
    task = gpu_task("digits-gpu")
    for _ in range(2):
        result = grade_source(HONEST, task, device=ONE)
        assert result.verdict.status is Status.ACCEPTED, result.verdict
        assert result.measurements["peak_memory_bytes"].value == 300 * MIB
        assert "memory_ratio" not in result.measurements
    left[0] = 200 * MIB
    third = grade_source(HONEST, task, device=ONE)
    assert third.verdict.status is Status.GRADER_ERROR
    assert "700 MiB are in use" in third.verdict.reason


def test_somebody_who_comes_while_it_is_timed_spoils_the_run(
    driver: FakeNvml,
    population: Population,
    gpu_task: Callable[..., str],
    grade_source: Callable[..., Result],
) -> None:
    ours = lambda: [pid for box in population.living for pid in box.pids()]  # noqa: E731
    driver.cards[0].computing = lambda: [*ours(), *([os.getpid()] if population.asked else [])]
    result = grade_source(HONEST, gpu_task("digits-gpu"), device=ONE)
    assert result.verdict.status is Status.GRADER_ERROR
    assert f"process {os.getpid()}" in result.verdict.reason


def test_a_submission_that_leaves_kernels_running_is_flagged(
    driver: FakeNvml,
    population: Population,
    gpu_task: Callable[..., str],
    grade_source: Callable[..., Result],
) -> None:
    driver.cards[0].busy, driver.cards[0].slowed = 97, 0x20
    result = grade_source(HONEST, gpu_task("digits-gpu"), device=ONE)
    assert (result.verdict.status, result.verdict.code) == (Status.FLAGGED, "worked_while_idle")
    assert "97 % busy" in result.verdict.reason
    assert any("slowed down by heat" in note for note in result.notes)


def test_a_card_that_went_is_said_before_anything_runs(
    driver: FakeNvml, gpu_task: Callable[..., str], grade_source: Callable[..., Result]
) -> None:
    with pytest.raises(SandboxError, match=f"no GPU with the UUID {OTHER}"):
        grade_source(HONEST, gpu_task("digits-gpu"), device=OTHER)


def test_par_that_is_slower_beside_the_submission_than_alone_is_told() -> None:
    alone = Measured(value=1e-3, unit="seconds")
    par = Par(Submission(Path(), "", "", "", "", "", ""), {"latency_seconds": alone})
    assert slower_than_alone(par, 1.4e-3) == slower_than_alone(par, None) == ""
    assert (
        slower_than_alone(par, 2.1e-3)
        == "par took 2.1 times as long a call as when it was graded alone"
    )
    assert slower_than_alone(Par(par.submission, {}), 1.0) == ""


# The command.


def test_a_task_without_a_gpu_budget_is_refused_before_a_card_is_looked_for(
    driver: FakeNvml, tmp_path: Path, grade_source: Callable[..., Result]
) -> None:
    with pytest.raises(
        UsageError, match=r"'digits' is graded on a CPU only.*gpu_seconds; use --device cpu"
    ):
        grade_source(HONEST, "digits", device=ONE)
    driver.missing = "no driver"
    words = ["run", str(course_folder("reference") / "digits" / "linear"), "--device", "gpu"]
    done = CliRunner().invoke(cli.app, [*words, "--results", str(tmp_path / "results")])
    assert isinstance(done.exception, UsageError)
    assert "graded on a CPU only" in str(done.exception)
    assert not (tmp_path / "results").exists()


def test_the_command_grades_on_the_card_it_chose(
    driver: FakeNvml, gpu_task: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.cards = [Card(computing=[NOBODY]), Card(OTHER, "NVIDIA Other")]
    monkeypatch.setattr(machine, "load_average", lambda: 0.0)
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "solution.py").write_text(HONEST)
    words = ["run", str(folder), "--task", gpu_task("digits-gpu"), "--device", "gpu", "--json"]
    done = CliRunner().invoke(cli.app, [*words, "--results", str(tmp_path / "results")])
    assert done.exit_code == 0, done.output
    result = Result.model_validate_json(done.stdout)
    assert (result.device, result.verdict.status) == ("NVIDIA Other", Status.ACCEPTED)


# On a card that is there.

ON_GPU = """
import torch
from torch import nn, optim


def train(data):
    assert data.device == "cuda"
    assert torch.cuda.device_count() == 1
    torch.manual_seed(data.seed)
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(32 * 16, 128), nn.ReLU(), nn.Linear(128, data.num_classes),
    ).to(data.device)
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    criterion = nn.CrossEntropyLoss()
    for _ in range(20):
        for images, labels in data.loader(batch_size=64):
            optimizer.zero_grad()
            criterion(model(images.to(data.device)), labels.to(data.device)).backward()
            optimizer.step()
    return model
"""
HOLDS = """
import torch

kept = []


def hold(mebibytes):
    torch.ones(1, device="cuda")
    if mebibytes:
        kept.append(torch.ones(mebibytes << 18, device="cuda"))
    torch.cuda.synchronize()
    return torch.cuda.get_device_name()
"""
SPINS = HONEST.replace(
    "return lambda inputs: features(inputs) @ weights + bias", "return Spinning(weights, bias)"
)
SPINS += """

class Spinning:
    def __init__(self, weights, bias):
        import torch

        self.weights, self.bias, self.torch, self.begun = weights, bias, torch, False
        torch.ones(1, device="cuda")

    def __call__(self, inputs):
        if not self.begun:
            self.begun = True
            self.torch.cuda._sleep(60 * 10**9)  # cycles: half a minute
        return features(inputs) @ self.weights + self.bias
"""
HOLDER = """
import sys, torch
kept = torch.ones(4 << 28, device="cuda")
torch.cuda.synchronize()
print("ready", flush=True)
sys.stdin.read()
"""
ROOM = {"memory_mib": "16384", "load_seconds": "120", "call_seconds": "30"}


@pytest.fixture
def uuid() -> str:
    """A GPU that nobody uses; a test that needs one fails without."""
    return gpu.choose("gpu")


def settled(uuid: str, most: int, seconds: float = 20.0) -> int:
    """Return the bytes in use once they are at most so many, or when the time is over."""
    until = time.monotonic() + seconds
    while (used := gpu.read_state(uuid).used_bytes) > most and time.monotonic() < until:
        time.sleep(0.1)
    return used


def held(uuid: str, folder: Path, mebibytes: int) -> tuple[float, str]:
    """Return the figure of a box that holds a tensor of this size, and what it calls the GPU."""
    (folder / "solution.py").write_text(HOLDS)
    watch = GpuMonitor(uuid)
    try:
        with ProcessSandbox().open(folder, Limits(memory_bytes=16 * GIB), device=uuid) as box:
            box.hello(seed=1, num_classes=10, deadline_seconds=120)
            box.load(folder, "solution.py", "functions", 120)
            [value] = box.call("hold", ["result"], [Value.of(mebibytes)], 120)
            assert isinstance(value.content, list)
            return watch.peak().value, value.content[0]
    finally:
        watch.close()


@pytest.mark.gpu
def test_the_driver_lists_this_machines_cards() -> None:
    found = gpus()
    assert found
    for each in found:
        assert each.uuid.startswith("GPU-")
        assert each.memory_bytes > GIB
        print(
            f"gpu:{each.index}: {each}, split by MIG: {each.is_split}, {gpu.read_state(each.uuid)}"
        )


@pytest.mark.gpu
@pytest.mark.parametrize("mebibytes", [1024, 8192])
def test_a_tensor_is_seen_within_five_percent(uuid: str, tmp_path: Path, mebibytes: int) -> None:
    empty, _ = held(uuid, tmp_path, 0)
    full, name = held(uuid, tmp_path, mebibytes)
    print(
        f"context alone {empty / MIB:.0f} MiB; {mebibytes} MiB more: seen {(full - empty) / MIB:.1f} MiB"
    )
    assert name == gpu.model_name(uuid)
    assert empty > 0
    assert full - empty == pytest.approx(mebibytes * MIB, rel=0.05)


@pytest.mark.gpu
def test_a_network_on_the_card_is_graded_against_its_equal_twice(
    uuid: str, gpu_task: Callable[..., str], grade_source: Callable[..., Result]
) -> None:
    task = gpu_task("digits-gpu", ON_GPU, gate="0.9", **ROOM)
    before = gpu.read_state(uuid).used_bytes
    for _ in range(2):
        result = grade_source(ON_GPU, task, device=uuid)
        assert result.verdict.status is Status.ACCEPTED, result.verdict
        assert (result.device, result.machine.gpu != "") == (gpu.model_name(uuid), True)
        figures = result.measurements
        for name, figure in figures.items():
            print(f"{name}: {figure.value:.6g} {figure.unit} (n {figure.n}) {figure.source}")
        print(f"notes: {result.notes}, elapsed {result.elapsed_seconds} s")
        assert figures["accuracy"].n == 600
        assert figures["peak_memory_bytes"].value > 10 * MIB
        assert 0.8 < figures["memory_ratio"].value < 1.25
        assert figures["latency_ratio"].value > 0
        assert figures["throughput_ratio"].value > 0
        assert settled(uuid, before + gpu.TOLERANCE_BYTES) <= before + gpu.TOLERANCE_BYTES


@pytest.mark.gpu
def test_a_run_is_refused_while_another_process_holds_memory(
    uuid: str,
    gpu_task: Callable[..., str],
    grade_source: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gpu, "RELEASE_SECONDS", 1.0)
    idle = gpu.read_state(uuid).used_bytes
    task = gpu_task("digits-gpu", **ROOM)
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": uuid}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        with pytest.raises(SandboxError, match="no GPU is free") as caught:
            gpu.choose(uuid)
        print(caught.value)
        result = grade_source(HONEST, task, device=uuid)
        assert result.verdict.status is Status.GRADER_ERROR
        assert "is not free" in result.verdict.reason
        holder.communicate("")
    settled(uuid, idle + gpu.TOLERANCE_BYTES)
    assert gpu.choose(uuid) == uuid


@pytest.mark.gpu
def test_a_kernel_that_outlasts_the_freezing_is_flagged(
    uuid: str, gpu_task: Callable[..., str], grade_source: Callable[..., Result]
) -> None:
    task = gpu_task("digits-gpu", **ROOM)
    result = grade_source(SPINS, task, device=uuid)
    print(result.verdict)
    assert (result.verdict.status, result.verdict.code) == (Status.FLAGGED, "worked_while_idle")
    honest = grade_source(HONEST, task, device=uuid)
    assert honest.verdict.status is Status.ACCEPTED, honest.verdict


@pytest.mark.gpu
def test_a_box_of_a_cpu_task_has_no_card(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(
        "import torch\n\ndef look():\n    return float(torch.cuda.is_available()) + torch.cuda.device_count()\n"
    )
    with ProcessSandbox().open(tmp_path, Limits(memory_bytes=16 * GIB)) as box:
        box.hello(seed=1, num_classes=10, deadline_seconds=120)
        box.load(tmp_path, "solution.py", "functions", 120)
        [value] = box.call("look", ["result"], [], 120)
    assert float(np.asarray(value.content)) == 0.0


@pytest.mark.gpu
@pytest.mark.docker
def test_a_container_has_the_card_it_was_given(uuid: str, tmp_path: Path) -> None:
    try:
        sandbox = choosing.choose_sandbox("container", "classification", gpu=True)
    except SandboxError as error:
        pytest.skip(str(error))
    (tmp_path / "solution.py").write_text(HOLDS)
    watch = GpuMonitor(uuid)
    try:
        with sandbox.open(tmp_path, Limits(memory_bytes=16 * GIB), device=uuid) as box:
            box.hello(seed=1, num_classes=10, deadline_seconds=120)
            box.load(tmp_path, "solution.py", "functions", 120)
            box.call("hold", ["result"], [Value.of(1024)], 120)
            watch.refuse_others(box.pids())
            print(f"in a container: {watch.peak().value / MIB:.0f} MiB")
            assert watch.peak().value > GIB
    finally:
        watch.close()
