"""Hints: a stage more with each check, never without one; counted; and what comes after passing."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.commands import grader

from grader.course.curriculum import all_tasks, course_folder, find_task
from grader.course.score import interpolate, ratio_share
from grader.course.task_file import ScoringTable
from grader.host import cache
from grader.records import Advice, CaseGroup, Diagnosis, Measured, Status, Verdict
from grader.tutor import hints
from grader.tutor.findings import Finding, findings_of, lesson_on
from grader.tutor.further_points import further_points

NEURON = course_folder("reference") / "neuron" / "numpy" / "solution.py"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "cache"))


def finding(key: str = "a", stages: int = 3) -> Finding:
    return Finding(
        key=key, about=key, stages=[f"{key} {n}" for n in range(1, stages + 1)], reading="a book"
    )


def told(path: Path) -> tuple[str, bool, int]:
    hint = hints.next_hint(path, "neuron")
    assert hint is not None
    return hint.text, hint.is_new, hint.given


def test_a_stage_opens_with_a_check_and_only_with_a_check(tmp_path: Path) -> None:
    assert hints.next_hint(tmp_path, "neuron") is None
    hints.remember(tmp_path, "neuron", [finding()], passed=False)
    assert told(tmp_path) == ("a 1", True, 1)
    assert told(tmp_path) == ("a 1", False, 1)
    hints.remember(tmp_path, "neuron", [finding()], passed=False)
    hints.remember(tmp_path, "neuron", [finding()], passed=False)
    assert told(tmp_path) == ("a 2", True, 2)
    hints.remember(tmp_path, "neuron", [finding()], passed=False)
    assert told(tmp_path) == ("a 3", True, 3)
    hints.remember(tmp_path, "neuron", [finding()], passed=False)
    assert told(tmp_path) == ("a 3", False, 3)


def test_another_trouble_begins_at_its_own_first_stage_and_the_old_one_goes_on(
    tmp_path: Path,
) -> None:
    for finds, wanted in (("a", "a 1"), ("b", "b 1"), ("a", "a 2"), ("b", "b 2")):
        hints.remember(tmp_path, "neuron", [finding(finds), finding("c")], passed=False)
        assert told(tmp_path)[0] == wanted


def test_the_reading_comes_with_the_last_stage(tmp_path: Path) -> None:
    readings = []
    for _ in range(3):
        hints.remember(tmp_path, "neuron", [finding()], passed=False)
        hint = hints.next_hint(tmp_path, "neuron")
        assert hint is not None
        readings.append(hint.reading)
    assert readings == ["", "", "a book"]


def test_submissions_and_tasks_keep_apart_and_a_broken_memory_is_an_empty_one(
    tmp_path: Path,
) -> None:
    hints.remember(tmp_path, "neuron", [finding()], passed=False)
    assert hints.next_hint(tmp_path, "digits") is None
    assert hints.next_hint(tmp_path / "other", "neuron") is None
    cache.value_path(hints.KIND, hints.memory_key(tmp_path, "neuron")).write_text("{")
    assert hints.recall(tmp_path, "neuron") == hints.Memory(task_id="neuron")
    hints.remember(tmp_path, "neuron", [finding()], passed=False)
    assert told(tmp_path) == ("a 1", True, 1)


def test_checks_that_end_together_do_not_trip_over_each_other(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = [
            pool.submit(hints.remember, tmp_path, "neuron", [finding()], passed=False)
            for _ in range(200)
        ]
        assert [each.exception() for each in done] == [None] * 200
    assert told(tmp_path)[0] == "a 1"
    assert [path.suffix for path in (tmp_path / "cache" / "hints").iterdir()] == [".json"]


def test_a_run_is_graded_where_nothing_can_be_remembered(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "hints").write_text("in the way")
    done = grader("run", NEURON.parent, "--task", "neuron", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "hints will not be available" in done.stderr


# What a finding says.


def case(status: str, message: str = "", hint: str = "") -> CaseGroup:
    return CaseGroup(
        function="relu",
        group="typical",
        status=status,
        cases=5,
        passed=2,
        message=message,
        hint=hint,  # type: ignore[arg-type]
    )


def test_named_mistakes_come_before_wrong_functions_and_those_before_missing_ones() -> None:
    task = find_task("activations")
    entry = Diagnosis(
        code="double_softmax",
        text_id="x",
        title="Softmax twice",
        severity="essential",
        where="s.py:4",
    )
    found = findings_of(
        task, [case("not_attempted"), case("fail", "x = 1"), case("pass")], [entry], None
    )
    assert [each.key.partition("/")[0] for each in found] == ["diagnosis", "case", "case"]
    assert "s.py:4" in found[0].stages[-1]
    assert "3 of 5 are wrong" in found[1].stages[0]
    assert "x = 1" in found[1].stages[0]
    assert "Write relu()" in found[2].stages[0]


def test_the_first_stage_on_a_function_says_what_a_check_has_shown() -> None:
    seen = "case 1 of 5: wrong value\n  expected  2\n  received  1"
    [found] = findings_of(
        find_task("activations"), [case("fail", seen, "a sign was lost")], [], None
    )
    assert all(seen in stage for stage in found.stages)
    assert "a sign was lost" in found.stages[1]
    assert "The lesson says: `relu(x)`" in found.stages[2]


def test_a_lesson_on_a_function_is_not_the_lesson_on_one_with_a_longer_name() -> None:
    lesson = "First `dot_all(a)` of many.\n\nThen `dot(a, b)` of two."
    assert lesson_on("dot", lesson) == "Then `dot(a, b)` of two."


def test_a_mistake_that_was_named_is_a_stage_and_the_verdict_speaks_only_alone() -> None:
    task = find_task("activations")
    verdict = Verdict(status=Status.BELOW_TARGET, code="gate", reason="not enough")
    [found] = findings_of(task, [case("fail", "m", "a sign was lost")], [], verdict, "try more")
    assert any("a sign was lost" in stage for stage in found.stages)
    [alone] = findings_of(task, [], [], verdict, "try more")
    assert alone.stages == ["not enough", "try more"]
    assert findings_of(task, [], [], Verdict(status=Status.ACCEPTED)) == []


def test_lessons_of_function_tasks_say_something_on_each_function() -> None:
    silent = []
    for task in [task for task in all_tasks() if task.folder.parent == course_folder("tasks")]:
        lesson = (task.folder / "README.md").read_text("utf-8")
        functions = {group.partition("/")[0] for group in task.spec.scoring.groups}
        silent += [
            f"{task.id}: {name}" for name in sorted(functions) if not lesson_on(name, lesson)
        ]
    assert silent == []


def test_code_and_headings_of_a_lesson_are_no_hint() -> None:
    lesson = (
        "# `relu`\n\n```python\n`relu` in code\n```\n\n"
        "| `relu(x)` | x | y |\n| `tanh(x)` | x | y |\n"
    )
    assert lesson_on("relu", lesson) == "`relu(x)`: x: y"
    assert lesson_on("softmax", lesson) == ""


# After passing.


@pytest.mark.parametrize(
    "task", [task for task in all_tasks() if task.spec.par], ids=lambda task: task.id
)
@pytest.mark.parametrize("ratio", [0.3, 0.7, 1.0, 2.5])
def test_what_two_points_more_need_brings_two_points(task: object, ratio: float) -> None:
    scoring: ScoringTable = task.spec.scoring  # type: ignore[attr-defined]
    middle = (scoring.curve[-2][0] + scoring.curve[-3][0]) / 2
    figures = {scoring.metric: middle, "speed_ratio": ratio, "memory_ratio": ratio}
    measured = {name: Measured(value=value, unit="ratio") for name, value in figures.items()}
    needs = further_points(scoring, measured)
    assert scoring.metric in [name for name, _, _ in needs]
    for name, now, needed in needs:
        if name == scoring.metric:
            gained = scoring.points.accuracy * (
                interpolate(scoring.curve, needed) - interpolate(scoring.curve, now)
            )
        else:
            most = scoring.points.speed if name == "speed_ratio" else scoring.points.memory
            gained = most * (ratio_share(needed) - ratio_share(now))
        assert gained == pytest.approx(2, abs=0.05)


def test_nothing_is_asked_where_no_points_are_left() -> None:
    scoring = find_task("mnist").spec.scoring
    best = {
        "accuracy": Measured(value=1.0, unit="share"),
        "speed_ratio": Measured(value=9.0, unit="ratio"),
        "memory_ratio": Measured(value=9.0, unit="ratio"),
    }
    assert further_points(scoring, best) == []


# As people use it.


def test_from_a_fresh_start_to_the_worked_solution(tmp_path: Path) -> None:
    def hint(*words: str) -> str:
        return " ".join(grader("hint", "neuron", *words, cwd=tmp_path).stdout.split())

    assert grader("start", "neuron", cwd=tmp_path).returncode == 0
    assert "nothing is known about neuron yet" in hint()
    grader("check", "neuron", cwd=tmp_path)
    assert "Write weighted_sum()" in hint()
    assert "hint 1 of 2; the same as before" in hint()
    grader("check", "neuron", cwd=tmp_path)
    assert "The lesson says: `weighted_sum(x, w, b)`" in hint()
    shutil.copyfile(NEURON, tmp_path / "neuron" / "solution.py")
    grader("check", "neuron", cwd=tmp_path)
    assert "how many points it earns: grader run" in hint()
    grader("run", "neuron", cwd=tmp_path)
    assert "reference/neuron/numpy" in hint()
    assert '"points": 100.0' in hint("--json")


def test_what_passes_and_looks_like_a_mistake_gets_hints_on_the_mistake(tmp_path: Path) -> None:
    solution = tmp_path / "solution"
    shutil.copytree(course_folder("reference") / "digits" / "linear", solution)
    named = Diagnosis(
        code="summed_loss",
        text_id="doctor.summed_loss",
        title="The loss is a sum over the batch, not its mean",
        severity="actionable",
        likelihood="likely",
        because=("the first loss is 73.7",),
    )
    accepted = Verdict(status=Status.ACCEPTED)
    found = findings_of(find_task("digits"), (), (named,), accepted)
    hints.remember(solution, "digits", found, passed=True)

    def hint(*words: str) -> str:
        done = grader("hint", "solution", "--task", "digits", *words, cwd=tmp_path)
        return " ".join(done.stdout.split())

    first = hint()
    assert first.startswith("it passes")
    assert "likely: The loss is a sum over the batch" in first
    assert "hint 1 of 3" in first
    assert '"stage": 1' in hint("--json")
    hints.remember(solution, "digits", found, passed=True)
    assert "hint 2 of 3" in hint()


def test_a_hint_on_what_is_not_there_says_so(tmp_path: Path) -> None:
    done = grader("hint", "nowhere", cwd=tmp_path)
    assert done.returncode == 2
    assert "nowhere does not exist; expected a folder" in done.stderr


def test_what_a_check_advises_is_a_finding() -> None:
    task = find_task("digits")
    advice = [
        Advice("gradients", "advice", "training never reached fc2.weight"),
        Advice("company", "pass", "the same alone"),
        Advice("known mistakes", "advice", "likely: something"),
    ]
    found = findings_of(task, [], [], None, advice=advice)
    assert [each.key for each in found] == ["advice/gradients"]
    assert found[0].stages == ["training never reached fc2.weight"]


def test_the_hints_of_a_run_stay_open_over_a_check_that_sees_nothing(tmp_path: Path) -> None:
    hints.remember(tmp_path, "neuron", [finding("r")], passed=False)
    hints.remember(tmp_path, "neuron", [], passed=False, of_run=False)
    following = hints.next_hint(tmp_path, "neuron")
    assert following is not None
    assert following.about == finding("r").about
    hints.remember(tmp_path, "neuron", [], passed=True)
    assert hints.next_hint(tmp_path, "neuron") is None
