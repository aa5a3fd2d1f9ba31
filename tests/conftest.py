"""What all tests share: a cache and a results folder of their own, a way to grade a folder, and the
rules on skipping.

On a developer's machine a test that lacks data, a browser or an engine is skipped. In CI (CI or
GRADER_CI is set) such a skip is a failure, so that a green run means that everything was tried.
Tests that need a GPU where there is none, and those marked `nightly` without --nightly, are
deselected: they are not part of the run at all.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from support.occasion import NIGHTLY, in_ci
from support.paths import TEST_TASKS
from support.small_data import small_everything
from threadpoolctl import threadpool_limits

from grader.grading.pipeline import grade
from grader.host.machine import gpus, usable_cores
from grader.intake.submission import open_submission
from grader.records import Result
from grader.sandbox.box import Sandbox
from grader.sandbox.process import ProcessSandbox

MUST_RUN_IN_CI = ("data", "browser", "docker", "slurm", "podman")
SUPPRESSED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]

# The same examples in every run of a change, so that none fails for luck; new ones every night.
settings.register_profile("local", deadline=None, suppress_health_check=SUPPRESSED)
settings.register_profile("ci", deadline=None, suppress_health_check=SUPPRESSED, derandomize=True)
settings.register_profile(
    "nightly", max_examples=1000, deadline=None, suppress_health_check=SUPPRESSED, print_blob=True
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="also run what is marked nightly")


def pytest_configure(config: pytest.Config) -> None:
    # Naming norecursedirs in pyproject.toml replaces pytest's own list, and Hypothesis warns about
    # its hidden folder.
    config.addinivalue_line("norecursedirs", ".*")
    settings.load_profile("ci" if in_ci() else "local")
    if config.getoption("--nightly"):
        os.environ[NIGHTLY] = "1"
        settings.load_profile("nightly")
    keep_to_one_core(os.environ.get("PYTEST_XDIST_WORKER", ""))


def keep_to_one_core(worker: str) -> None:
    """Give a process that runs tests beside others ("gw1") a core of its own: trainings that share
    cores wait a lot, and so do two threads of a linear algebra library on one core.
    """
    if worker.startswith("gw") and hasattr(os, "sched_setaffinity"):
        cores = usable_cores()
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})
        threadpool_limits(limits=1, user_api="blas")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is not asked for or cannot be, and skip what lacks its data or engine."""
    left_out = []
    for item in list(items):
        waits = item.get_closest_marker("nightly") and not config.getoption("--nightly")
        if waits or (item.get_closest_marker("gpu") and not gpus()):
            left_out.append(item)
            items.remove(item)
            continue
        if item.get_closest_marker("data") and not os.environ.get("GRADER_DATA"):
            item.add_marker(
                pytest.mark.skip(reason="GRADER_DATA names no folder with the datasets")
            )
        if item.get_closest_marker("docker") and shutil.which("docker") is None:
            item.add_marker(pytest.mark.skip(reason="there is no Docker engine"))
    if left_out:
        config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """In CI, turn the skip of a test that must run there into a failure."""
    report = yield
    names = [name for name in MUST_RUN_IN_CI if item.get_closest_marker(name)]
    if report.skipped and names and in_ci() and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} needs {', '.join(names)} and must run in CI, but: {reason}"
        )
    return report


@pytest.fixture(scope="session", autouse=True)
def own_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests away from the user's cache and results, and show them the tasks made for
    tests.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("GRADER_TASKS", str(TEST_TASKS))
        patch.delenv("GRADER_RESULTS", raising=False)
        yield


@pytest.fixture(scope="module")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Made-up data in the place of what has to be fetched: a planted submission is graded in
    seconds, by anybody.
    """
    with pytest.MonkeyPatch.context() as patch:
        yield small_everything(tmp_path_factory.mktemp("data"), patch)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder for results that is not there yet."""
    return tmp_path / "results"


@pytest.fixture
def grade_folder(tmp_path: Path, results: Path) -> Callable[..., Result]:
    """Grade what lies at a path, in a process box unless told otherwise: the way of `grader
    run`.
    """

    def grade_at(
        path: Path, task_id: str | None = None, sandbox: Sandbox | None = None, **options: Any
    ) -> Result:
        scratch = tmp_path / f"scratch-{len(list(tmp_path.iterdir()))}"
        submission, task = open_submission(path, scratch, task_id=task_id, author="tester")
        data = os.environ.get("GRADER_DATA")
        options.setdefault("data_folder", Path(data) if data else None)
        return grade(submission, task, sandbox or ProcessSandbox(), results, **options)

    return grade_at


@pytest.fixture
def grade_source(tmp_path: Path, grade_folder: Callable[..., Result]) -> Callable[..., Result]:
    """Grade a solution.py given as text."""

    def grade_text(source: str, task_id: str, **options: Any) -> Result:
        folder = tmp_path / f"solution-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        (folder / "solution.py").write_text(source)
        return grade_folder(folder, task_id, **options)

    return grade_text
