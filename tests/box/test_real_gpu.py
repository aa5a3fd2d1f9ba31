"""What only a real NVIDIA GPU can show; nobody else may use it meanwhile.

`python -m pytest -m gpu -rP tests/box/test_real_gpu.py` runs this and shows the figures.
docs/measure/gpu.md says what has been confirmed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.fake_nvml import GIB, MIB
from support.gpu_tasks import gpu_task_maker

from grader.course.curriculum import course_folder
from grader.errors import SandboxError
from grader.host.machine import gpus
from grader.records import Result, Status
from grader.sandbox import choose as choosing
from grader.sandbox import gpu
from grader.sandbox.box import Limits, Value
from grader.sandbox.gpu import GpuMonitor
from grader.sandbox.process import ProcessSandbox

HONEST = (course_folder("reference") / "digits" / "linear" / "solution.py").read_text("utf-8")
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
def gpu_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    return gpu_task_maker(tmp_path, monkeypatch)


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
    monitor = GpuMonitor(uuid)
    try:
        with ProcessSandbox().open(folder, Limits(memory_bytes=16 * GIB), device=uuid) as box:
            box.hello(seed=1, num_classes=10, deadline_seconds=120)
            box.load(folder, "solution.py", "functions", 120)
            [value] = box.call("hold", ["result"], [Value.of(mebibytes)], 120)
            assert isinstance(value.content, list)
            return monitor.peak().value, value.content[0]
    finally:
        monitor.close()


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
    seen = (full - empty) / MIB
    print(f"context alone {empty / MIB:.0f} MiB; {mebibytes} MiB more: seen {seen:.1f} MiB")
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
        assert figures["accuracy"].n == 540
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
        "import torch\n\ndef look():\n"
        "    return float(torch.cuda.is_available()) + torch.cuda.device_count()\n"
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
    monitor = GpuMonitor(uuid)
    try:
        with sandbox.open(tmp_path, Limits(memory_bytes=16 * GIB), device=uuid) as box:
            box.hello(seed=1, num_classes=10, deadline_seconds=120)
            box.load(tmp_path, "solution.py", "functions", 120)
            box.call("hold", ["result"], [Value.of(1024)], 120)
            monitor.refuse_others(box.pids())
            print(f"in a container: {monitor.peak().value / MIB:.0f} MiB")
            assert monitor.peak().value > GIB
    finally:
        monitor.close()
