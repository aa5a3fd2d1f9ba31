"""Every planted attack and a failure of every task in real containers: the wall holds, an attack
costs us little.

support/planted.py says what an attack is and what its expect.toml means; test_submissions.py grades
them without a wall. Here they run two at a time, since the machine that checks this has two cores;
timed phases exclude each other by the grader's own lock. Par joins where a speed ratio is expected.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from pathlib import Path

import pytest
from support.attack_table import table_in_docs, table_of_attacks
from support.course import TASKS
from support.planted import (
    ATTACKS,
    LATE_SECONDS,
    PLANTED,
    SECTIONS,
    assert_as_expected,
    deadline_seconds,
    expectations,
    failures_of,
    grade_planted,
    name_of,
    rows_of,
)

from grader.course.curriculum import find_task
from grader.records import Result, Status, Tier
from grader.results import store
from grader.sandbox.box import MIB, Sandbox
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.docker.engine import OWNERSHIP_LABEL, connect, ownership_mark

pytestmark = pytest.mark.alone

AT_A_TIME = 2
LEAST_ATTACKS = 80
MAX_GROWTH_BYTES = 300 * MIB  # of this process, whatever a box sends
HONEST = [
    PLANTED / name
    for name in (
        "digits-short/accepted/nearest_neighbours",
        "digits/accepted/helper_modules",
        "digits/accepted/torch_module",
        "activations/accepted/python_loops",
        "backprop/accepted/one_function",
    )
]
LEAVES_THINGS = PLANTED / "digits-short" / "below_target" / "looks_for_leftovers"
# test_every_task.py finds the task without any.
FAILING = [planted[0] for planted in (failures_of(task.id) for task in TASKS) if planted]
GRADED = list(dict.fromkeys([*HONEST, *FAILING, *ATTACKS]))
FORGET_THE_PEAK = "5"  # for /proc/self/clear_refs


@cache
def sandbox_for(exam: str) -> Sandbox:
    """Return the one sandbox that all attacks on this kind of exam share."""
    return choose_sandbox("container", exam)


def needs_par(folder: Path) -> bool:
    return "max_speed_ratio" in expectations(folder, Tier.CONTAINER)


def grade_in_container(folder: Path, scratch: Path, data: Path) -> Result | str:
    sandbox = sandbox_for(find_task(folder.parent.parent.name).spec.exam)
    return grade_planted(folder, sandbox, scratch, data, with_par=needs_par(folder))


def memory_of_this_process(field: str) -> int:
    """Return VmRSS (what it holds) or VmHWM (the most it held) in bytes."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) << 10
    raise AssertionError(f"/proc/self/status has no {field}")


@pytest.fixture(scope="module")
def graded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, small_data: Path
) -> Iterator[dict[Path, tuple[Path, Future[Result | str]]]]:
    """Grade the folders of all tests that were chosen; afterwards nothing is left, in the engine or
    in memory.
    """
    chosen = [
        item.callspec.params["folder"] for item in request.session.items if asks_for_container(item)
    ]
    for exam in {find_task(folder.parent.parent.name).spec.exam for folder in chosen}:
        sandbox_for(exam)
    with ThreadPoolExecutor(AT_A_TIME, "attack") as pool:
        running = {}

        def begin(folders: list[Path]) -> None:
            for folder in folders:
                scratch = tmp_path_factory.mktemp(folder.name)
                running[folder] = (
                    scratch,
                    pool.submit(grade_in_container, folder, scratch, small_data),
                )

        begin([folder for folder in chosen if folder not in ATTACKS])
        wait([future for _, future in running.values()])
        before = memory_of_this_process("VmRSS")  # with what the exams of the whole course keep
        Path("/proc/self/clear_refs").write_text(FORGET_THE_PEAK)
        begin([folder for folder in chosen if folder in ATTACKS])
        yield running
        for _, future in running.values():
            future.cancel()
    engine = connect()
    mine = {"label": f"{OWNERSHIP_LABEL}={ownership_mark()}"}
    assert engine.containers.list(all=True, filters=mine) == []
    assert engine.volumes.list(filters=mine) == []
    grown = memory_of_this_process("VmHWM") - before
    assert grown <= MAX_GROWTH_BYTES, f"this process grew by {grown / MIB:.0f} MiB"


def asks_for_container(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and item.function is test_the_wall_holds


@pytest.mark.docker
@pytest.mark.parametrize("folder", GRADED, ids=name_of)
def test_the_wall_holds(
    folder: Path, graded: dict[Path, tuple[Path, Future[Result | str]]]
) -> None:
    scratch, future = graded[folder]
    result = future.result()
    assert_as_expected(folder, result, Tier.CONTAINER, scratch / "results")
    if isinstance(result, Result):
        assert result.tier is Tier.CONTAINER
        assert result.image.startswith("sha256:")
        # Nothing hung where all went well; and par is graded first, and waits for the timed phases
        # of others.
        if result.verdict.status is not Status.ACCEPTED and not needs_par(folder):
            assert (
                result.elapsed_seconds <= deadline_seconds(find_task(result.task.id)) + LATE_SECONDS
            )


@pytest.mark.docker
def test_a_box_finds_nothing_of_an_earlier_one(tmp_path: Path, small_data: Path) -> None:
    """It leaves what it needs to be right in every place it may write to, and would be right the
    second time.
    """
    for time in ("first", "second"):
        (tmp_path / time).mkdir()
        result = grade_in_container(LEAVES_THINGS, tmp_path / time, small_data)
        assert_as_expected(LEAVES_THINGS, result, Tier.CONTAINER, tmp_path / time / "results")
        assert isinstance(result, Result)
        assert store.read_log(tmp_path / time / "results", result).strip() == "LEFTOVERS 0"


def test_every_section_is_attacked() -> None:
    assert {row[0] for folder in ATTACKS for row in rows_of(folder)} == set(SECTIONS)
    assert len(ATTACKS) >= LEAST_ATTACKS


def test_the_documentation_says_what_must_come_of_each_attack() -> None:
    """After a change: `make attack-table` writes the table."""
    assert table_in_docs() == table_of_attacks()
