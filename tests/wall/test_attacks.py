"""Planted attacks and a failure of every kind of exam in real containers: the wall holds, an attack
costs us little. `make test` grades an attack of every row of the catalogue, `make test-all` all.

support/planted.py says what an attack is and what its expect.toml means; test_submissions.py grades
planted submissions without a wall. Par joins where a speed ratio is expected.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    exam_of,
    expectations,
    failures_of,
    grade_planted,
    kinds_of,
    name_of,
    rows_of,
    waits_for_its_end,
)
from support.sampling import parameters, sample

from grader.course.curriculum import find_task
from grader.records import Result, Status, Tier
from grader.results import store
from grader.sandbox.box import MIB, Sandbox
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.docker.engine import OWNERSHIP_LABEL, connect, ownership_mark

LEAST_ATTACKS = 80
MAX_GROWTH_BYTES = 300 * MIB  # of this process during one attack, whatever the box sends
MAX_KEPT_BYTES = 800 * MIB  # of this process after all of them, with what the exams have loaded
FORGET_THE_PEAK = "5"  # for /proc/self/clear_refs
HONEST = [
    PLANTED / name
    for name in (
        "digits-short/accepted/nearest_neighbours",
        "digits/accepted/helper_modules",
        "digits/accepted/torch_module",
        "digits/accepted/workers_of_every_kind",
        "activations/accepted/python_loops",
        "backprop/accepted/one_function",
    )
]
LEAVES_THINGS = PLANTED / "digits-short" / "below_target" / "looks_for_leftovers"
# The first planted failure of each task; test_every_task.py finds the task without any.
FAILING = [planted[0] for planted in (failures_of(task.id) for task in TASKS) if planted]
PLANTED_HERE = list(dict.fromkeys([*HONEST, *FAILING, *ATTACKS]))


def by_day() -> set[Path]:
    """Return what is graded with every change: an attack of every row of the catalogue, so of every
    kind, the honest ones, and of the failures one of each exam.

    Failures end in a container as in a plain process, where test_submissions.py grades them.
    """
    attacks = sample(ATTACKS, kinds_of, name_of, waits_for_its_end)
    failures = sample(FAILING, lambda folder: [exam_of(folder)], name_of, waits_for_its_end)
    return {*HONEST, *attacks, *failures}


def marks_of(folder: Path) -> list[pytest.MarkDecorator]:
    """Beside another test nobody could say whose fault a lateness is: it would be graded again.

    One that must be seen to be slow may be timed anew there, past the calls it dawdles in.
    """
    return [pytest.mark.clock] if waits_for_its_end(folder) else []


@cache
def sandbox_for(exam: str) -> Sandbox:
    """Return the one sandbox that all attacks on this kind of exam share."""
    return choose_sandbox("container", exam)


def needs_par(folder: Path) -> bool:
    return "max_speed_ratio" in expectations(folder, Tier.CONTAINER)


def grade_in_container(folder: Path, scratch: Path, data: Path) -> Result | str:
    scratch.mkdir()
    sandbox = sandbox_for(exam_of(folder))
    return grade_planted(folder, sandbox, scratch, data, with_par=needs_par(folder))


def memory_of_this_process(field: str) -> int:
    """Return VmRSS (what it holds) or VmHWM (the most it held) in bytes."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) << 10
    raise AssertionError(f"/proc/self/status has no {field}")


def grade_and_measure(folder: Path, scratch: Path, data: Path) -> tuple[Result | str, int]:
    """Grade in a container; also return by how many bytes this process grew at most meanwhile."""
    before = memory_of_this_process("VmRSS")
    Path("/proc/self/clear_refs").write_text(FORGET_THE_PEAK)
    result = grade_in_container(folder, scratch, data)
    return result, memory_of_this_process("VmHWM") - before


@pytest.fixture(scope="module")
def nothing_is_left() -> Iterator[None]:
    """Afterwards the engine has nothing of ours, and this process has not kept what boxes sent."""
    before = memory_of_this_process("VmRSS")
    yield
    engine = connect()
    mine = {"label": f"{OWNERSHIP_LABEL}={ownership_mark()}"}
    assert engine.containers.list(all=True, filters=mine) == []
    assert engine.volumes.list(filters=mine) == []
    kept = memory_of_this_process("VmRSS") - before
    assert kept <= MAX_KEPT_BYTES, f"this process holds {kept / MIB:.0f} MiB more"


@pytest.mark.docker
@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize("folder", parameters(PLANTED_HERE, by_day(), name_of, marks_of))
def test_the_wall_holds(folder: Path, tmp_path: Path, small_data: Path) -> None:
    result, grown = grade_and_measure(folder, tmp_path / "first", small_data)
    assert_as_expected(folder, result, Tier.CONTAINER, tmp_path / "first" / "results")
    if isinstance(result, Result):
        assert_held(folder, result)
    if grown > MAX_GROWTH_BYTES:
        # The first exam of a kind imports and loads for good. Nothing does so a second time.
        _, grown = grade_and_measure(folder, tmp_path / "again", small_data)
    assert grown <= MAX_GROWTH_BYTES, f"this process grew by {grown / MIB:.0f} MiB"


def assert_held(folder: Path, result: Result) -> None:
    """It ran in a container, and in the time that its deadlines allow."""
    assert result.tier is Tier.CONTAINER
    assert result.image.startswith("sha256:")
    # Where all went well nothing hung; and par is graded first, and waits for the timed phases of
    # others.
    if result.verdict.status is not Status.ACCEPTED and not needs_par(folder):
        task = find_task(result.task.id)
        assert result.elapsed_seconds <= deadline_seconds(task) + LATE_SECONDS


@pytest.mark.docker
def test_a_box_finds_nothing_of_an_earlier_one(tmp_path: Path, small_data: Path) -> None:
    """It leaves what it needs to be right in every place it may write to, and would be right the
    second time.
    """
    for time in ("first", "second"):
        result = grade_in_container(LEAVES_THINGS, tmp_path / time, small_data)
        assert_as_expected(LEAVES_THINGS, result, Tier.CONTAINER, tmp_path / time / "results")
        assert isinstance(result, Result)
        assert store.read_log(tmp_path / time / "results", result).strip() == "LEFTOVERS 0"


def test_by_day_every_row_of_the_catalogue_is_attacked() -> None:
    rows = {row for folder in ATTACKS for row in rows_of(folder)}
    assert {row for folder in by_day() for row in rows_of(folder)} == rows


def test_every_section_is_attacked() -> None:
    assert {row[0] for folder in ATTACKS for row in rows_of(folder)} == set(SECTIONS)
    assert len(ATTACKS) >= LEAST_ATTACKS


def test_the_documentation_says_what_must_come_of_each_attack() -> None:
    """After a change: `make attack-table` writes the table."""
    assert table_in_docs() == table_of_attacks()
