"""A driver's library for GPUs that are not there, at the one boundary that the grader has: NVML.

What it promises is as little as the grader asks for. What real drivers do is tried by
tests/box/test_real_gpu.py, on a machine that has one.
"""

# ruff: noqa: N802 - the names are NVML's own

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from grader.sandbox import gpu
from grader.sandbox.gpu import GpuMonitor

MIB = 1 << 20
GIB = 1 << 30
ONE = "GPU-11111111-aaaa-bbbb-cccc-000000000001"
OTHER = "GPU-22222222-aaaa-bbbb-cccc-000000000002"
THIRD = "GPU-33333333-aaaa-bbbb-cccc-000000000003"
IDLE = 500 * MIB
NOBODY = 2**22 + 1  # no process has such a number


class NvmlError(Exception):
    """What NVML raises; the kinds below are its own."""


class NotSupported(NvmlError):
    pass


class NoPermission(NvmlError):
    pass


@dataclass
class Card:
    """One GPU that is not there. None: the driver does not say."""

    uuid: str = ONE
    name: str | bytes = "NVIDIA Example"
    total: int = 80 * GIB
    used: int | Callable[[], int] = IDLE
    computing: list[int] | Callable[[], list[int]] | None = field(default_factory=list)
    drawing: list[int] = field(default_factory=list)
    mig: bool | None = None
    busy: int | None = 0  # percent
    slowed: int | None = 0  # bits


class FakeNvml(ModuleType):
    """The library, for these cards. It counts who opened it and never closed it."""

    NVMLError = NvmlError
    NVMLError_NotSupported = NotSupported
    NVMLError_NoPermission = NoPermission

    def __init__(self, *cards: Card) -> None:
        super().__init__("pynvml")
        self.cards = list(cards)
        self.trouble = ""  # what every question ends with
        self.missing = ""  # what the start ends with
        self.open = 0
        self.lock = threading.Lock()

    def nvmlInit(self) -> None:
        if self.missing:
            raise NvmlError(self.missing)
        with self.lock:
            self.open += 1

    def nvmlShutdown(self) -> None:
        with self.lock:
            self.open -= 1
            assert self.open >= 0

    def ask(self, value: Any) -> Any:
        """Return a value as the driver would give it, or what it raises instead."""
        if self.open <= 0:
            raise NvmlError("Uninitialized")
        if self.trouble:
            raise NvmlError(self.trouble)
        if value is None:
            raise NotSupported("Not Supported")
        return value() if callable(value) else value

    def nvmlSystemGetDriverVersion(self) -> str:
        return str(self.ask("580.1"))

    def nvmlDeviceGetCount(self) -> int:
        return len(self.ask(self.cards))

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Card:
        return self.cards[self.ask(index)]

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> Card:
        found = [card for card in self.ask(self.cards) if card.uuid == uuid]
        if not found:
            raise NvmlError("Not Found")
        return found[0]

    def nvmlDeviceGetUUID(self, card: Card) -> Any:
        return self.ask(card.uuid)

    def nvmlDeviceGetName(self, card: Card) -> Any:
        return self.ask(card.name)

    def nvmlDeviceGetMemoryInfo(self, card: Card) -> Any:
        return SimpleNamespace(total=card.total, used=self.ask(card.used))

    def nvmlDeviceGetMigMode(self, card: Card) -> list[int]:
        return [int(self.ask(card.mig)), 0]

    def nvmlDeviceGetComputeRunningProcesses(self, card: Card) -> list[Any]:
        return [SimpleNamespace(pid=pid) for pid in self.ask(card.computing)]

    def nvmlDeviceGetGraphicsRunningProcesses(self, card: Card) -> list[Any]:
        return [SimpleNamespace(pid=pid) for pid in self.ask(card.drawing)]

    def nvmlDeviceGetUtilizationRates(self, card: Card) -> Any:
        return SimpleNamespace(gpu=self.ask(card.busy))

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, card: Card) -> int:
        return int(self.ask(card.slowed))


@contextmanager
def fake_driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNvml]:
    """A driver with one idle card and no patience; nothing may be left open in the end."""
    library = FakeNvml(Card())
    monkeypatch.setitem(sys.modules, "pynvml", library)
    monkeypatch.setattr(gpu, "RELEASE_SECONDS", 0.3)
    monkeypatch.setattr(gpu, "POLL_SECONDS", 0.001)
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
