"""The whole way: a failed submission is a result, our own trouble is one too and has no score, and
both are stored.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.gpu_tasks import gpu_task_maker
from support.paths import TEST_TASKS

from grader.course.curriculum import course_folder, find_task
from grader.errors import Busy
from grader.exams.outcome import Outcome
from grader.grading.pipeline import rescore, with_named_lines
from grader.records import Code, Diagnosis, Result, Status, Submission, Tier
from grader.results import store

HONEST = (course_folder("reference") / "digits" / "linear" / "solution.py").read_text("utf-8")
SHORT = TEST_TASKS / "digits-short" / "task.toml"


@pytest.fixture
def made_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Make a copy of digits-short with something changed, and return its id."""

    def make(name: str, old: str = "", new: str = "") -> str:
        folder = tmp_path / "tasks" / name
        folder.mkdir(parents=True)
        (folder / "task.toml").write_text(
            SHORT.read_text("utf-8").replace("digits-short", name).replace(old, new)
        )
        monkeypatch.setenv("GRADER_TASKS", str(tmp_path / "tasks"))
        return name

    return make


def test_a_result_says_what_was_graded_where_and_how(
    grade_source: Callable[..., Result], results: Path
) -> None:
    result = grade_source(HONEST, "digits")
    task = find_task("digits")
    assert (result.task.exam_version, result.task.score_version) == (
        task.exam_version,
        task.score_version,
    )
    assert (result.tier, result.device, result.submission.author) == (Tier.PROCESS, "cpu", "tester")
    assert result.machine.cores >= 1
    assert 0 < result.elapsed_seconds < 60
    assert store.load_results(results) == ([result], [])
    accuracy = result.measurements["accuracy"]
    assert accuracy.low is not None
    assert accuracy.high is not None
    assert accuracy.low < accuracy.value < accuracy.high
    assert accuracy.n == 540


def test_lines_that_a_diagnosis_names_are_kept_beside_the_result(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text("one = 1\ntwo = 2\n")
    submission = Submission(tmp_path, "solution.py", "digits", "Ada", "net", "0" * 64, "folder")
    named = Diagnosis(
        code="x", text_id="doctor.x", title="X", severity="essential", where="solution.py:2"
    )
    kept = with_named_lines(Outcome(diagnoses=[named]), submission)
    assert kept is not None
    assert kept.named_lines[0].lines == ["one = 1", "two = 2"]
    nowhere = named.model_copy(update={"where": ""})
    assert with_named_lines(Outcome(diagnoses=[nowhere]), submission) is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('dataset = "digits"', 'dataset = "mnist"', "MNIST"),
        ("[budget]\ncpu_seconds = 8\n", "", "budget"),
    ],
    ids=["data", "budget"],
)
def test_our_own_trouble_is_stored_and_never_scored(
    made_task: Callable[..., str],
    grade_source: Callable[..., Result],
    results: Path,
    tmp_path: Path,
    old: str,
    new: str,
    said: str,
) -> None:
    result = grade_source(
        HONEST, made_task("broken-one", old, new), data_folder=tmp_path / "no-data"
    )
    assert result.verdict.status is Status.GRADER_ERROR
    assert said in result.verdict.reason
    assert result.score is None
    assert store.load_results(results) == ([result], [])


@pytest.mark.parametrize(
    ("condition", "kept"),
    [("True", 0), ("len(data.labels) < 600", 1)],
    ids=["alone", "beside the submission"],
)
def test_a_par_that_fails_is_the_tasks_trouble_and_not_the_learners(
    condition: str,
    kept: int,
    grade_source: Callable[..., Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Alone it trains on all examples and its figures are kept, beside a submission on few."""
    fails = f"    if {condition}:\n        raise ValueError('par fell over')\n"
    par = HONEST.replace("def train(data):\n", f"def train(data):\n{fails}")
    task = gpu_task_maker(tmp_path, monkeypatch)("digits-other-par", par)
    result = grade_source(HONEST, task)
    assert (result.verdict.status, result.score) == (Status.GRADER_ERROR, None)
    assert "par 'par' of task 'digits-other-par' failed" in result.verdict.reason
    assert "par fell over" in result.verdict.reason
    assert len(list((tmp_path / "cache" / "par").glob("*.json"))) == kept


@pytest.mark.clock
def test_a_par_that_is_late_is_nobodys_zero_and_no_figures_of_it_are_kept(
    grade_source: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    par = HONEST.replace("def train(data):\n", "def train(data):\n    while True:\n        pass\n")
    task = gpu_task_maker(tmp_path, monkeypatch)("digits-late-par", par, cpu_seconds="1")
    result = grade_source(HONEST, task)
    assert (result.verdict.status, result.score) == (Status.GRADER_ERROR, None)
    assert "while training" in result.verdict.reason
    assert list((tmp_path / "cache" / "par").glob("*.json")) == []


def test_an_exception_of_ours_is_our_trouble_with_its_traceback_in_the_log(
    grade_source: Callable[..., Result], results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> float:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr("grader.metrics.classification.accuracy", broken)
    result = grade_source(HONEST, "digits")
    assert (result.verdict.status, result.score) == (Status.GRADER_ERROR, None)
    assert "a mistake of ours" in result.verdict.reason
    assert "Traceback" in store.read_log(results, result)


def test_a_busy_machine_is_our_trouble_with_a_code_of_its_own(
    grade_source: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> float:
        raise Busy("other programs took it all")

    monkeypatch.setattr("grader.sandbox.box.Box.train", busy)
    result = grade_source(HONEST, "digits")
    assert (result.verdict.status, result.verdict.code) == (Status.GRADER_ERROR, Code.BUSY)
    assert result.score is None
    assert "took it all" in result.verdict.reason


def test_an_interrupt_is_not_swallowed_and_stores_nothing(
    grade_source: Callable[..., Result], results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.metrics.classification.accuracy", interrupted)
    with pytest.raises(KeyboardInterrupt):
        grade_source(HONEST, "digits")
    assert store.load_results(results) == ([], [])


def test_two_runs_of_the_same_solution_have_the_same_hash_and_other_ids(
    grade_source: Callable[..., Result],
) -> None:
    one, other = grade_source(HONEST, "digits"), grade_source(HONEST, "digits")
    assert one.submission.sha256 == other.submission.sha256
    assert one.id != other.id


def test_rescoring_with_todays_scoring_changes_nothing_and_another_exam_is_left_alone(
    grade_source: Callable[..., Result], made_task: Callable[..., str]
) -> None:
    result = grade_source(HONEST, "digits")
    assert rescore(result, find_task("digits")) == result
    stricter = find_task(made_task("digits-strict", "gate = 0.94", "gate = 1.0"))
    assert rescore(result, stricter) == result


def test_rescoring_applies_a_higher_gate_to_the_same_measurements(
    grade_source: Callable[..., Result], made_task: Callable[..., str]
) -> None:
    result = grade_source(HONEST, made_task("digits-strict"))
    assert result.verdict.status is Status.ACCEPTED
    task = find_task("digits-strict")
    scoring = task.spec.scoring.model_copy(update={"gate": 1.0})
    stricter = type(task)(
        task.spec.model_copy(update={"scoring": scoring}), task.folder, task.exam_version, "new"
    )
    fresh = rescore(result, stricter)
    assert fresh.verdict.status is Status.BELOW_TARGET
    assert fresh.measurements == result.measurements
    assert fresh.task.score_version == "new"
    assert rescore(fresh, task) == result
