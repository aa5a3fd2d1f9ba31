"""`grader tasks`: what is done, tried, open and next is read from the results, stage by stage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.factories import make_result, make_task

from grader.commands.tasks import list_tasks, next_of, path_of
from grader.course.curriculum import all_tasks
from grader.records import Result, Status
from grader.results import store

COURSE = [
    make_task("first", needs=[], stage="foundations"),
    make_task("second", needs=["first"], stage="foundations"),
    make_task("third", needs=["first"], stage="networks"),
    make_task("fourth", needs=["second", "third"], stage="networks"),
]


def states(*results: Result) -> dict[str, str]:
    return {step.task.id: step.state for step in path_of(COURSE, results)}


def following(*results: Result) -> str | None:
    step = next_of(path_of(COURSE, results))
    return None if step is None else step.task.id


def failed(task: str) -> Result:
    return make_result(
        task=task, status=Status.BELOW_TARGET, reason="too low", points=(20.0, 0.0, 0.0)
    )


def test_at_the_beginning_only_what_needs_nothing_is_open() -> None:
    assert states() == {"first": "open", "second": "later", "third": "later", "fourth": "later"}
    assert following() == "first"


def test_what_is_accepted_is_done_and_opens_what_needs_it() -> None:
    results = [make_result(task="first"), failed("second")]
    assert states(*results) == {
        "first": "done",
        "second": "tried",
        "third": "open",
        "fourth": "later",
    }
    assert following(*results) == "second"
    assert path_of(COURSE, results)[3].missing == ("second", "third")


def test_a_failure_after_a_success_takes_nothing_back_and_the_best_counts() -> None:
    step = path_of(COURSE, [make_result(task="first", points=(68.0, 12.0, 8.0)), failed("first")])[
        0
    ]
    assert (step.state, step.best) == ("done", 88.0)


def test_the_graders_own_trouble_is_no_attempt() -> None:
    ours = make_result(task="first", status=Status.GRADER_ERROR, reason="ours", points=None)
    assert states(ours)["first"] == "open"


def test_after_the_last_task_nothing_comes_next() -> None:
    assert following(*(make_result(task=task.id) for task in COURSE)) is None


@pytest.fixture
def some_results(tmp_path: Path) -> Path:
    for result in (make_result(task="matrices"), failed("derivatives")):
        store.save(tmp_path / "results", result, log="", arrays={})
    return tmp_path / "results"


def test_the_list_shows_stages_states_and_the_next_step(
    some_results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    list_tasks(some_results, as_json=False)
    said = capsys.readouterr().out
    in_foundations = sum(task.spec.stage == "foundations" for task in all_tasks())
    assert f"1 of {in_foundations} done" in said
    assert "continue with: grader start derivatives" in said
    assert "probability" in said.partition("also open:")[2]
    [line] = [line for line in said.splitlines() if line.startswith("  matrices ")]
    assert line.split()[-2:] == ["done", "88"]


def test_programs_get_the_same(some_results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    list_tasks(some_results, as_json=True)
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert [rows[name]["state"] for name in ("matrices", "derivatives", "mnist")] == [
        "done",
        "tried",
        "later",
    ]
    assert [name for name, row in rows.items() if row["next"]] == ["derivatives"]
    assert rows["derivatives"]["best_score"] == 20.0


def test_a_result_that_cannot_be_read_is_told(
    some_results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = some_results / "matrices" / "broken"
    broken.mkdir()
    (broken / store.RESULT_FILE).write_text("{")
    list_tasks(some_results, as_json=False)
    assert "warning" in capsys.readouterr().err
