"""One GPU for a run: which one, who may be on it, what its memory figure is, what a box sees of it.

All of this runs anywhere, on a driver that is not there (tests/support/fake_nvml.py). Whole runs on
it are graded in tests/exams/test_gpu_runs.py; tests/box/test_real_gpu.py needs a real one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from support.fake_nvml import GIB, IDLE, MIB, NOBODY, ONE, OTHER, THIRD, Card, FakeNvml, fake_driver
from support.paths import ROOT
from support.waiting import becomes

from grader.errors import SandboxError, UsageError
from grader.host.machine import describe_machine, gpus
from grader.records import Status, Tier
from grader.sandbox import choose as choosing
from grader.sandbox import gpu
from grader.sandbox.box import Limits
from grader.sandbox.docker import container
from grader.sandbox.docker.container import DockerBox
from grader.sandbox.gpu import GpuMonitor, State
from grader.sandbox.process import ProcessSandbox


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNvml]:
    with fake_driver(monkeypatch) as library:
        yield library


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
    here = describe_machine(ONE)
    there = describe_machine(OTHER)
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
        match=rf"on gpu:0 \(NVIDIA Example\) process {NOBODY} \(not visible from here\)",
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
    driver.cards[0].drawing = [os.getpid()]
    driver.cards[0].used = 3 * GIB
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
        cwd=ROOT,
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


# The monitor.


def test_a_card_is_idle_up_to_what_it_held_before() -> None:
    most = IDLE + gpu.TOLERANCE_BYTES
    assert gpu.why_busy(State(most, (), ()), IDLE) == ""
    assert "564 MiB are in use" in gpu.why_busy(State(most + 1, (), ()), IDLE)
    assert "500 MiB before the last run" in gpu.why_busy(State(most + 1, (), ()), IDLE)
    assert gpu.why_busy(State(most + 1, (), ())) == ""
    assert gpu.why_busy(State(most + 1, (), (7,)), IDLE) == ""
    assert "computes" in gpu.why_busy(State(0, (NOBODY,), ()), IDLE)


def script(*readings: Any) -> Callable[[], Any]:
    """Return a question whose answers come in this order; the last one stays."""
    left = list(readings)

    def ask() -> Any:
        return left.pop(0) if len(left) > 1 else left[0]

    ask.left = left  # type: ignore[attr-defined]
    return ask


def test_the_figure_is_the_most_above_the_idle_baseline(driver: FakeNvml) -> None:
    card = driver.cards[0]
    monitor = GpuMonitor(ONE)
    assert monitor.baseline_bytes == IDLE
    card.used = script(*[IDLE + 20 * MIB] * 3, IDLE + 700 * MIB, IDLE + 20 * MIB)
    assert becomes(lambda: len(card.used.left) == 1)
    figure = monitor.peak()
    assert (figure.value, figure.unit) == (700 * MIB, "bytes")
    assert figure.n >= 5
    assert figure.source == "NVML, above idle, sampled every 1 ms"
    card.used = IDLE + 2 * GIB
    assert monitor.peak().value == 700 * MIB, "what comes after it was read does not count"
    card.used = IDLE
    monitor.close()


def test_what_is_held_when_the_figure_is_read_is_seen_however_short_the_time(
    driver: FakeNvml, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "SAMPLE_SECONDS", 60.0)
    monitor = GpuMonitor(ONE)
    driver.cards[0].used = IDLE + 300 * MIB
    assert monitor.peak().value == 300 * MIB
    driver.cards[0].used = IDLE
    monitor.close()


def test_a_box_that_takes_nothing_has_a_figure_of_zero(driver: FakeNvml) -> None:
    monitor = GpuMonitor(ONE)
    driver.cards[0].used = IDLE - 10 * MIB
    assert monitor.peak().value == 0
    monitor.close()


def test_a_driver_that_stops_answering_is_our_trouble_and_ends_cleanly(driver: FakeNvml) -> None:
    monitor = GpuMonitor(ONE)
    driver.trouble = "GPU is lost"
    with pytest.raises(
        SandboxError, match=f"memory of GPU {ONE} could not be watched.*GPU is lost"
    ):
        monitor.peak()
    monitor.close()


def test_memory_that_comes_back_late_is_waited_for(driver: FakeNvml) -> None:
    monitor = GpuMonitor(ONE)
    monitor.peak()  # nothing is sampled any more
    card = driver.cards[0]
    card.computing = script([NOBODY], [NOBODY], [])
    card.used = script(*[IDLE + GIB] * 5, IDLE)
    monitor.close()
    assert len(card.computing.left) == len(card.used.left) == 1, "it was not waited for"


def test_memory_that_does_not_come_back_refuses_the_next_run(driver: FakeNvml) -> None:
    monitor = GpuMonitor(ONE)
    driver.cards[0].used = IDLE + 100 * MIB
    monitor.close()
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
    monitor = GpuMonitor(ONE)
    parent = os.getppid()
    driver.cards[0].computing = [os.getpid(), parent, NOBODY]
    monitor.refuse_others({os.getpid(), parent})
    with pytest.raises(
        SandboxError, match=rf"process {parent} \(.*\) computed on GPU {ONE} while it was timed"
    ):
        monitor.refuse_others({os.getpid()})
    driver.cards[0].computing = []
    monitor.close()


@pytest.mark.parametrize(
    ("busy", "flagged"), [(0, False), (49, False), (50, True), (100, True), (None, False)]
)
def test_kernels_that_outlast_the_freezing_are_seen(
    driver: FakeNvml, busy: int | None, flagged: bool
) -> None:
    monitor = GpuMonitor(ONE)
    driver.cards[0].busy = busy
    found = monitor.left_running()
    assert (found is not None) == flagged
    if found is not None:
        assert (found.status, found.code) == (Status.FLAGGED, "worked_while_idle")
        assert f"still {busy} % busy" in found.reason
    monitor.close()


def test_a_card_that_is_slowed_down_says_by_what(driver: FakeNvml) -> None:
    monitor = GpuMonitor(ONE)
    said = {}
    for bits in (0, 0x04, 0x20, 0x48, None):
        driver.cards[0].slowed = bits
        said[bits] = monitor.slowed()
    monitor.close()
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
        "ulimits",
    ):
        assert arguments[name] == plain[name]
    # Folders in memory belong to the box's own user, another one in each box.
    for folder, options in plain["tmpfs"].items():
        assert without_user(arguments["tmpfs"][folder]) == without_user(options)


def without_user(options: str) -> list[str]:
    return [each for each in options.split(",") if not each.startswith("uid=")]


@pytest.mark.parametrize(
    ("variants", "on_gpu", "chosen"),
    [
        (["torch", "torch-gpu", "numpy"], False, ["torch"]),
        (["torch", "torch-gpu", "numpy"], True, ["torch-gpu"]),
        (["torch-gpu", "numpy"], False, ["torch-gpu"]),
        (["torch", "numpy"], True, []),
        (["numpy"], False, []),
    ],
    ids=str,
)
def test_the_image_fits_the_device(variants: list[str], on_gpu: bool, chosen: list[str]) -> None:
    images = [SimpleNamespace(labels={choosing.VARIANT_LABEL: name}) for name in variants]
    fitting = choosing.fitting_images(images, has_framework=True, gpu=on_gpu)
    assert [image.labels[choosing.VARIANT_LABEL] for image in fitting] == chosen
    [numpy] = choosing.fitting_images(images, has_framework=False, gpu=False)
    assert numpy.labels[choosing.VARIANT_LABEL] == "numpy"


def test_of_fitting_images_the_newest_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    images = [
        SimpleNamespace(id=f"made-{day}", labels={}, attrs={"Created": f"2026-01-0{day}"})
        for day in (1, 3, 2)
    ]
    client = SimpleNamespace(images=SimpleNamespace(list=lambda **_: images))
    monkeypatch.setattr("grader.sandbox.docker.engine.connect", lambda: client)
    monkeypatch.setattr(
        container, "DockerSandbox", lambda image, runtime: SimpleNamespace(image=image)
    )
    assert choosing.choose_sandbox("container", "classification").image == "made-3"
    images.clear()
    for on_gpu, command in ((False, "image build`"), (True, "image build --gpu`")):
        with pytest.raises(SandboxError, match=command):
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
