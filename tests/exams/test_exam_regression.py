"""Exam `regression` from outside: a number for each input, judged by its distance; and a new kind
of exam is one file.
"""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.paths import REFERENCE

import grader.exams.kinds
from grader.course import known_names
from grader.course.curriculum import find_task, load_task
from grader.course.dataset import find_dataset
from grader.errors import TaskError
from grader.exams.holding import kinds, load_exam
from grader.exams.kinds.regression import errors_of, is_same
from grader.exams.session import Session
from grader.metrics import regression as metrics
from grader.records import Result, Status
from grader.runner import table_forms
from grader.sandbox import counters
from grader.sandbox.process import NO_FREEZER, ProcessSandbox

TASK = "diabetes"


def test_a_line_is_graded_by_its_mean_absolute_error(grade_folder: Callable[..., Result]) -> None:
    result = grade_folder(REFERENCE / TASK / "linear", TASK)
    assert result.verdict.status is Status.ACCEPTED, result.verdict
    error = result.measurements["mean_absolute_error"]
    assert error.n == 142
    assert error.low is not None
    assert error.high is not None
    assert 36 < error.low < 42 < error.value < 45 < error.high < 52
    assert result.measurements["root_mean_squared_error"].value > error.value
    assert 0.3 < result.measurements["explained_variance"].value < 0.6
    assert result.measurements["alone_same"].value == 1


def test_the_stored_answers_give_the_error_again(
    grade_folder: Callable[..., Result], results: Path
) -> None:
    result = grade_folder(REFERENCE / TASK / "linear", TASK)
    with np.load(results / TASK / result.id / "predictions.npz", allow_pickle=False) as kept:
        answers = kept["answers"]
    targets = find_dataset(TASK).load(Path()).hidden_labels
    again = metrics.absolute_errors(answers, targets).mean()
    assert again == pytest.approx(result.measurements["mean_absolute_error"].value)


KERAS = """
import keras


def train(data):
    scale = keras.layers.Normalization()
    scale.adapt(data.inputs)
    last = keras.layers.Dense(1)
    model = keras.Sequential([keras.Input((10,)), scale, last])
    last.bias.assign([float(data.labels.mean())])
    model.compile(keras.optimizers.Adam(0.5), "mse")
    model.fit(data.inputs, data.labels, epochs=60, batch_size=32, verbose=0)
    return model
"""


def test_a_keras_model_answers_with_a_column(grade_source: Callable[..., Result]) -> None:
    result = grade_source(KERAS, TASK)
    assert result.verdict.status is Status.ACCEPTED, result.verdict


@pytest.mark.parametrize("has_freezer", [True, False])
def test_a_machine_without_a_freezer_is_named_on_the_result(
    has_freezer: bool, grade_folder: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_freezer:
        monkeypatch.setattr(counters, "make_group", lambda *_: None)
    elif not counters.group_source():
        pytest.skip("this account may make no control groups")
    folder = Path("tests/data/submissions/diabetes/accepted/straight_line")
    result = grade_folder(folder, TASK, with_par=False)
    assert result.verdict.status is Status.ACCEPTED, result.verdict.reason
    assert (NO_FREEZER in result.notes) is not has_freezer


def test_answers_that_follow_the_batch_are_capped(grade_folder: Callable[..., Result]) -> None:
    folder = Path("tests/data/submissions/diabetes/below_target/between_the_ends_of_its_batch")
    result = grade_folder(folder, TASK)
    assert result.score is not None
    assert "what else is in the batch" in result.score.capped
    assert "a different answer" in result.score.capped


def test_numbers_that_are_none_are_no_error_figure() -> None:
    targets = np.array([1.0, 2.0, 3.0], np.float32)
    with pytest.raises(Exception, match="1 of 3 answers are NaN"):
        errors_of(np.array([1.0, np.nan, 2.0], np.float32), targets)


def test_errors_are_distances_in_the_targets_unit() -> None:
    found = errors_of(np.array([1.0, 4.0, 3.0, 0.0]), np.array([1.0, 2.0, 5.0, 4.0]))
    assert found["mean_absolute_error"].value == 2.0
    assert found["root_mean_squared_error"].value == pytest.approx(np.sqrt(24 / 4))
    assert found["explained_variance"].value == pytest.approx(1 - 24 / 10)


def test_rounding_is_no_other_answer() -> None:
    answers = np.array([0.0, 100.0])
    assert is_same(answers, answers + np.array([1.9, 2.1]), answers).tolist() == [True, False]


def test_a_task_with_classes_is_no_regression(tmp_path: Path) -> None:
    shutil.copytree(find_task(TASK).folder, tmp_path / "wrong")
    file = tmp_path / "wrong" / "task.toml"
    text = file.read_text("utf-8").replace('id = "diabetes"', 'id = "wrong"')
    file.write_text(text.replace('dataset = "diabetes"', 'dataset = "digits"'), "utf-8")
    task = load_task(tmp_path / "wrong")
    exam = load_exam("regression")(Session(task, None, ProcessSandbox()))  # type: ignore[arg-type]
    with pytest.raises(TaskError, match="expected one with a number for each input"):
        exam.read(Path())  # type: ignore[attr-defined]


PATIENTS = find_dataset(TASK).load(Path()).train_inputs
SCALED = {
    "as they are": PATIENTS,
    "standardised": (PATIENTS - PATIENTS.mean(axis=0)) / PATIENTS.std(axis=0),
    "as torch does": (PATIENTS - PATIENTS.mean(axis=0)) / PATIENTS.std(axis=0, ddof=1),
    "from 0 to 1": (PATIENTS - PATIENTS.min(axis=0)) / np.ptp(PATIENTS, axis=0),
}


@pytest.mark.parametrize("way", SCALED)
def test_how_columns_were_scaled_is_seen_from_shuffled_rows(way: str) -> None:
    fed = np.random.default_rng(0).permutation(SCALED[way])[:50].astype(np.float32)
    form = table_forms.infer(fed, PATIENTS)
    assert form is not None
    np.testing.assert_allclose(form(PATIENTS[:5]), SCALED[way][:5], rtol=1e-4, atol=1e-4)


def test_columns_that_were_made_anew_have_no_form() -> None:
    assert table_forms.infer(PATIENTS**2, PATIENTS) is None
    assert table_forms.infer(PATIENTS[:, :3], PATIENTS) is None


# A new kind is one file. This one scores the share of answers that are off by no more than ten. It
# derives from another kind to stay short: it is put into a folder of its own, where the rule that
# kinds know nothing of each other does not look. A kind of the grader derives from TrainedExam.

WITHIN_TEN = """
    from grader.exams.kinds.regression import Kind as Regression
    from grader.metrics.statistics import wilson_interval
    from grader.records import Measured

    METRICS = ("within_ten",)


    class Kind(Regression):
        def judge(self, box):
            hits = abs(self.answers - self.targets) <= 10
            low, high = wilson_interval(hits.mean(), len(hits))
            figure = Measured(value=hits.mean(), low=low, high=high, n=len(hits), unit="share")
            return {"within_ten": figure}
"""


@pytest.fixture
def new_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put a kind into a folder of kinds beside the grader's own, as a new file there would be."""
    folder = tmp_path / "kinds"
    shutil.copytree(known_names.KINDS, folder)
    (folder / "within_ten.py").write_text(textwrap.dedent(WITHIN_TEN), "utf-8")
    monkeypatch.setattr(grader.exams.kinds, "__path__", [str(folder)])
    monkeypatch.setattr(known_names, "KINDS", folder)
    for names in (known_names.exam_names, known_names.metric_names):
        names.cache_clear()
    return "within_ten"


def test_a_new_kind_is_one_file(
    new_kind: str,
    tmp_path: Path,
    grade_folder: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert new_kind in kinds()
    folder = tmp_path / "tasks" / "near-enough"
    shutil.copytree(find_task(TASK).folder, folder)
    text = (
        (folder / "task.toml").read_text("utf-8").replace('id = "diabetes"', 'id = "near-enough"')
    )
    text = text.replace('exam = "regression"', f'exam = "{new_kind}"')
    scoring = '[scoring]\nmetric = "within_ten"\ncurve = [[0.0, 0.0], [0.2, 1.0]]\ngate = 0.05\n'
    (folder / "task.toml").write_text(text.partition("[scoring]")[0] + scoring, "utf-8")
    monkeypatch.setenv("GRADER_TASKS", str(folder.parent))
    result = grade_folder(REFERENCE / TASK / "linear", "near-enough")
    assert result.verdict.status is Status.ACCEPTED, result.verdict
    assert 0.05 < result.measurements["within_ten"].value < 0.5


def test_what_is_no_kind_is_no_exam() -> None:
    for name in ("cases", "causality", "exam", "regresion"):
        with pytest.raises(TaskError, match="classification"):
            load_exam(name)
