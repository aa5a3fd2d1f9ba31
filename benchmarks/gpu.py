"""Everything that only a GPU can show, in one command of about 8 minutes, with what failed.

python -m benchmarks.gpu              on a machine with an idle NVIDIA GPU; no engine, no network
python -m benchmarks.gpu --rehearse   the same steps on the CPU, each cut short: finds typos, shows
                                      nothing about GPUs

It needs the data sets in GRADER_DATA, and writes build/gpu-report.md: each step with its command,
how it ended and the last lines it printed. docs/measure/gpu.md is written by people from that.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import __version__
from grader.course.curriculum import Task, all_tasks
from grader.host.machine import CPU, describe_machine, gpus

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "build" / "gpu-report.md"
RESULTS = ROOT / "build" / "gpu-results"
REHEARSAL = ROOT / "build" / "gpu-rehearsal"
TOTAL_SECONDS = 480.0
REHEARSE_SECONDS = 25.0  # a step that still runs then has begun well
TRAINER_RUNS = 10
PAR_RUNS = 20
LAST_LINES = 12
TARGET_ACCURACY = 0.94
# `grader run` ends with 1 where a submission is graded and not accepted.
ENDED = {0: "passed", 1: "not accepted, or a test failed", 3: "the grader's own trouble"}


@dataclass(frozen=True)
class Step:
    """One command, and the most seconds it may take on a GPU."""

    name: str
    words: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Ended:
    """How a step ended. code: None where its time was over."""

    step: Step
    code: int | None
    seconds: float
    said: str

    @property
    def verdict(self) -> str:
        if self.code is None:
            return "its time was over"
        return ENDED.get(self.code, f"failed with code {self.code}")


def tasks_for_gpus() -> list[Task]:
    """Return the tasks that may be graded on a GPU."""
    found = []
    for task in all_tasks():
        budget = task.spec.budget
        if budget is not None and budget.gpu_seconds is not None:
            found.append(task)
    return found


def steps(device: str, results: Path) -> list[Step]:
    """Return all steps, the most telling first: time may run out."""
    python = (sys.executable, "-m")
    found = [Step("tests on a real GPU", (*python, *gpu_tests(device)), 90)]
    options = ("--device", device, "--sandbox", "process", "--results", str(results))
    fast = ROOT / "reference" / "cifar10" / "fast"
    trainer = (*python, "grader", "run", str(fast), "--task", "cifar10", *options)
    repeats = ("--author", "fast-again", "--repeats", str(TRAINER_RUNS))
    found.append(Step("the CIFAR-10 trainer again", (*trainer, *repeats), 180))
    for task in tasks_for_gpus():
        par = task.reference_folder / task.spec.par
        words = (*python, "grader", "run", str(par), "--task", task.id, *options)
        repeats = ("--author", "par-again", "--repeats", str(PAR_RUNS))
        found.append(Step(f"par of {task.id} against itself", (*words, *repeats), 60))
    for task in tasks_for_gpus():
        for reference in task.references:
            words = (*python, "grader", "run", str(reference), "--task", task.id, *options)
            found.append(Step(f"{task.id}/{reference.name}", words, 60))
    return found


def gpu_tests(device: str) -> tuple[str, ...]:
    """Return pytest's words for the tests that need a GPU: memory, kernels that outlive a freeze.

    Without a GPU, those on a stand-in for the driver's library run in their place.
    """
    words = ("pytest", "-rP", "-p", "no:cacheprovider")
    if device == CPU:
        return (*words, "tests/box/test_gpu.py")
    return (*words, "-m", "gpu", "tests/box/test_real_gpu.py")


def run(step: Step, seconds: float) -> Ended:
    """Run one step to its end, or until its time is over."""
    began = time.perf_counter()
    try:
        done = subprocess.run(
            step.words,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
        code: int | None = done.returncode
        output = done.stdout
    except subprocess.TimeoutExpired as over:
        code = None
        output = over.stdout or b""
    return Ended(step, code, time.perf_counter() - began, output.decode("utf-8", "replace"))


def accuracies(results: Path) -> list[float]:
    """Return what the runs of the CIFAR-10 trainer reached, as far as they were stored."""
    found = []
    for path in sorted(results.glob("cifar10/*/result.json")):
        result = json.loads(path.read_bytes())
        measured = result["measurements"].get("accuracy")
        if result["submission"]["author"] == "fast-again" and measured is not None:
            found.append(float(measured["value"]))
    return found


def speed_ratios(results: Path) -> list[float]:
    """Return the speed ratios of par to itself, as far as they were stored."""
    found = []
    for path in sorted(results.glob("*/*/result.json")):
        result = json.loads(path.read_bytes())
        measured = result["measurements"].get("speed_ratio")
        if result["submission"]["author"] == "par-again" and measured is not None:
            found.append(float(measured["value"]))
    return found


def report(ended: Sequence[Ended], results: Path, *, is_rehearsal: bool) -> str:
    """Return the report as Markdown."""
    machine = describe_machine()
    found = "; ".join(map(str, gpus())) or "none"
    reached = accuracies(results)
    enough = sum(value >= TARGET_ACCURACY for value in reached)
    ratios = [round(value, 3) for value in speed_ratios(results)]
    lines = [
        "# A rehearsal on the CPU: nothing here is about GPUs" if is_rehearsal else "# On a GPU",
        "",
        f"grader {__version__}, GPU: {found}, {machine.cpu}, {machine.system}",
        "",
        f"CIFAR-10 trainer: {enough} of {len(reached)} runs reached {TARGET_ACCURACY}: {reached}",
        f"Par's speed against itself, {len(ratios)} runs: {ratios}",
        "",
        "| step | how it ended | seconds |",
        "|---|---|---|",
    ]
    lines += [f"| {each.step.name} | {each.verdict} | {each.seconds:.0f} |" for each in ended]
    for each in ended:
        last = "\n".join(each.said.splitlines()[-LAST_LINES:])
        lines += ["", f"## {each.step.name}", "", "```", " ".join(each.step.words), last, "```"]
    return "\n".join(lines) + "\n"


def fresh_folder(parent: Path) -> Path:
    """Return a new folder in `parent`: what older runs left there is not counted again."""
    parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=time.strftime("%Y%m%d-%H%M%S-"), dir=parent))


def main() -> None:
    is_rehearsal = "--rehearse" in sys.argv[1:]
    if not is_rehearsal and not gpus():
        sys.exit("no NVIDIA GPU answers here; --rehearse runs the same steps on the CPU")
    device = CPU if is_rehearsal else "gpu"
    results = fresh_folder(REHEARSAL if is_rehearsal else RESULTS)
    path = REPORT.with_stem("gpu-rehearsal") if is_rehearsal else REPORT
    until = time.monotonic() + TOTAL_SECONDS
    ended: list[Ended] = []
    for step in steps(device, results):
        most = REHEARSE_SECONDS if is_rehearsal else step.seconds
        left = until - time.monotonic()
        if left <= 0:
            print(f"{step.name}: not begun, the time is over")
            continue
        ended.append(run(step, min(most, left)))
        print(f"{step.name}: {ended[-1].verdict}", flush=True)
        # After every step, so that a machine taken away leaves what was found until then.
        path.write_text(report(ended, results, is_rehearsal=is_rehearsal))
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
