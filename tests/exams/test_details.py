"""What a page shows beside the figures: made right, stored, and shown or left out with a reason."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.factories import accuracy, make_function_result, make_result, make_task
from support.synthetic import LOG, make_details

from grader.exams import details
from grader.metrics import language
from grader.records import Bin, CaseGroup, Details, Diagnosis, Measured, PhaseMemory, Status
from grader.results import store
from reports.advice import next_steps, sentence
from reports.figures.printed_curve import printed_curve
from reports.figures.result_plots import result_plots
from reports.site import Kept, build

TASKS = [make_task("mnist"), make_task("softmax", order=2, exam="functions")]
CLASSES = ("cat", "dog", "owl")


def opened(data: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def answers() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Six answers, two of them wrong: the one of input 1 surely, that of input 4 less so."""
    labels = np.array([0, 1, 2, 0, 1, 2])
    scores = np.full((6, 3), 0.1, dtype=np.float32)
    scores[np.arange(6), [0, 2, 2, 0, 0, 2]] = [0.8, 0.8, 0.8, 0.8, 0.5, 0.8]
    scores[4] = [0.5, 0.4, 0.1]
    pictures = np.arange(6 * 4 * 4, dtype=np.uint8).reshape(6, 4, 4)
    return scores, labels, pictures


def test_the_matrix_has_truth_in_rows_and_the_surest_mistake_is_first() -> None:
    scores, labels, pictures = answers()
    found = details.of_answers(scores, labels, CLASSES, pictures)
    assert found.confusion == [[2, 0, 0], [1, 0, 1], [0, 0, 2]]
    assert [(each.truth, each.answer) for each in found.mistakes] == [(1, 2), (1, 0)]
    assert found.mistakes[0].confidence == pytest.approx(0.8, abs=1e-6)
    np.testing.assert_array_equal(opened(found.mistakes[0].picture), pictures[1])


def test_texts_are_cut_and_nothing_of_the_inputs_is_kept_where_none_are_given() -> None:
    scores, labels, _ = answers()
    texts = np.empty(6, dtype=object)
    texts[:] = ["word " * 500] * 6
    found = details.of_answers(scores, labels, CLASSES, texts)
    assert {len(each.text) for each in found.mistakes} == {details.TEXT_CHARACTERS}
    hidden = details.of_answers(scores, labels, CLASSES)
    assert [(each.picture, each.text) for each in hidden.mistakes] == [("", ""), ("", "")]
    assert hidden.confusion == found.confusion


def test_calibration_counts_every_answer_once() -> None:
    confidence = np.array([0.0, 0.31, 0.32, 0.95, 1.0])
    bins = details.calibration(confidence, np.array([False, True, False, True, True]))
    assert sum(each.n for each in bins) == 5
    assert bins[-1] == Bin(confidence=0.975, accuracy=1.0, n=2)


def test_latency_is_kept_as_percentiles() -> None:
    curve = details.percentiles(np.arange(1, 1002) / 1000)
    assert (len(curve), curve[0], curve[50], curve[100]) == (101, 0.001, 0.501, 1.001)
    assert details.percentiles(np.empty(0)) == []


def test_a_grid_has_all_pictures_in_order() -> None:
    pictures = np.stack([np.full((3, 3), value, dtype=np.uint8) for value in range(20)])
    sheet = opened(details.grids(pictures, pictures).made)
    assert sheet.shape == (2 * 4 - 1, 16 * 4 - 1)
    assert (sheet[0, 0], sheet[0, 4], sheet[4, 0]) == (0, 1, 16)


def test_copied_passages_are_joined_and_exact() -> None:
    known_text = np.array([1, 2, 3, 4, 5, 6, 7, 8])
    known = np.sort(language.gram_hashes(known_text, 3))
    written = np.array([9, 1, 2, 3, 4, 9, 9, 6, 7, 8, 9, 6, 7])
    assert details.copied_passages(written, known, 3) == [(1, 5), (7, 10)]
    assert details.copied_passages(written[:2], known, 3) == []


def test_details_are_stored_beside_the_result_and_read_again(tmp_path: Path) -> None:
    result = make_result()
    kept = make_details()
    store.save(tmp_path, result, details=kept)
    assert store.read_details(tmp_path, result) == kept
    before = store.stamp(tmp_path, result.summary(""))
    (store.result_folder(tmp_path, result) / store.DETAILS_FILE).write_text("{}")
    assert store.stamp(tmp_path, result.summary("")) != before


# Pages.


def page(tmp_path: Path, kept: Details | str | None, log: str = "", **changes: object) -> str:
    result = make_result("Ada", **changes)  # type: ignore[arg-type]
    build([result], tmp_path, tasks=TASKS, kept=Kept(details=lambda _: kept, log=lambda _: log))
    return (tmp_path / "results" / f"{result.id}.html").read_text("utf-8")


def test_a_page_shows_everything_that_is_kept(tmp_path: Path) -> None:
    html = page(tmp_path, make_details(), LOG)
    for title in (
        "Latency",
        "Memory over the phases",
        "Confusion matrix",
        "Accuracy by class",
        "Calibration",
    ):
        assert f"<h3>{title}</h3>" in html, title
    assert html.count("<img src=") == 24
    assert 'alt="A picture of 0, answered as 1"' in html
    assert "Reported by the submission: read out of what it printed" in html
    assert "<details><summary>Show 10 lines" in html


def test_a_page_shows_texts_pictures_and_samples(tmp_path: Path) -> None:
    assert page(tmp_path / "a", make_details("texts")).count("<blockquote>") == 24
    generation = page(tmp_path / "b", make_details("generation"))
    assert "grid of pictures, generated by the model" in generation
    html = page(tmp_path / "c", make_details("language"))
    assert "<mark>the king is dead</mark>, and all the world" in html


def test_a_page_shows_what_a_run_looks_like_with_its_signs(tmp_path: Path) -> None:
    found = Diagnosis(
        code="rate", text_id="rate", title="The <b>learning rate</b> is too high",
        severity="essential",
        because=["the loss grew 40 times"], where="solution.py:41",
    )  # fmt: skip
    html = page(tmp_path, None, diagnoses=[found])
    assert "The &lt;b&gt;learning rate&lt;/b&gt; is too high" in html
    assert "the loss grew 40 times" in html
    assert "solution.py:41" in html


def test_a_page_without_details_is_whole_and_a_damaged_one_says_so(tmp_path: Path) -> None:
    assert "Confusion matrix" not in page(tmp_path / "a", None)
    html = page(tmp_path / "b", "details.json is damaged or of another version (2 problems)")
    assert (
        "details.json is damaged or of another version (2 problems): "
        "its pictures and curves are left out" in html
    )


@pytest.mark.parametrize(
    "odd",
    [
        Details(classes=["a"], confusion=[[1, 2], [3, 4]]),
        Details(confusion=[[1, 2], [3]]),
        Details(confusion=[[-1, 2], [3, 4]]),
        Details(classes=["same", "same"], confusion=[[0, 0], [0, 0]]),
        Details(calibration=[Bin(confidence=7, accuracy=-1, n=0)] * 3),
        Details(latency_curve=[1.0], par_latency_curve=[-1.0] * 101),
        Details(memory=[PhaseMemory(phase="", bytes=float("nan"))]),
        Details(made="<svg onload=alert(1)>", real="iVBORw0KGgo<script>"),
        make_details("language").model_copy(
            update={
                "samples": [
                    make_details("language")
                    .samples[0]
                    .model_copy(update={"copied": [(-5, 9999), (3, 1)]})
                ]
            }
        ),
        make_details().model_copy(
            update={
                "mistakes": [
                    each.model_copy(update={"truth": 99, "answer": -1})
                    for each in make_details().mistakes
                ]
            }
        ),
    ],
)
def test_details_edited_by_hand_break_no_page(odd: Details, tmp_path: Path) -> None:
    html = page(tmp_path, odd)
    assert "</html>" in html
    assert "<script>" not in html
    assert "onload=alert" not in html


def test_the_hardest_class_is_first_and_its_interval_is_wilsons() -> None:
    kept = Details(classes=["easy", "hard"], confusion=[[90, 10], [50, 50]])
    (by_class,) = [
        plot for plot in result_plots(make_result(), kept, "") if plot.title == "Accuracy by class"
    ]
    (series,) = by_class.figure["data"]
    assert series["x"] == [0.5, 0.9]
    assert by_class.figure["layout"]["yaxis"]["ticktext"] == ["hard", "easy"]
    assert series["error_x"]["arrayminus"][0] == pytest.approx(0.5 - 0.4038, abs=1e-4)
    assert series["error_x"]["array"][0] == pytest.approx(0.5962 - 0.5, abs=1e-4)


@pytest.mark.parametrize(
    ("log", "names"),
    [
        ("loss 1.0\nloss 0.5\nloss 0.2", ["loss"]),
        ("Epoch 1 - loss: 1e-1 - accuracy: 90%\n" * 3, ["loss", "accuracy"]),
        (
            "235/235 - 3s - accuracy: 0.9 - loss: 0.3 - val_loss: 0.4\n" * 4,
            ["accuracy", "loss", "validation loss"],
        ),
        ("loss 1.0\nloss 0.5", []),
        ("glossary 5\nloss nan\nno figures here", []),
    ],
)
def test_the_training_curve_is_read_out_of_the_log(log: str, names: list[str]) -> None:
    plot = printed_curve(log)
    assert [series["name"] for series in plot.figure["data"]] == names if plot else names == []


def test_the_verdict_is_a_sentence_with_what_to_do_next() -> None:
    good = make_result(measurements={"accuracy": accuracy(0.971)}, points=(60.0, 5.0, 8.0))
    assert sentence(good) == "Accepted: accuracy 97.10 %, 73.0 of 100 points."
    steps = next_steps(good, "a hint")
    assert steps[0] == "a hint"
    assert "15.0 points can still be gained" in steps[1]
    mistake = Diagnosis(
        code="low_rate", text_id="t", title="Too slow", severity="actionable", where="solution.py:3"
    )
    full = make_result(points=(70.0, 20.0, 10.0))
    named = next_steps(full.model_copy(update={"diagnoses": [mistake]}))
    assert named == ["Likely: Too slow (solution.py:3). `grader hint` says more."]
    assert next_steps(make_result(points=(70.0, 20.0, 10.0))) == [
        "There is nothing left to gain here: go on to the next task."
    ]
    ours = make_result(status=Status.GRADER_ERROR, points=None, measurements={})
    assert sentence(ours) == "Grader error."
    assert "whoever maintains the grader" in next_steps(ours)[0]
    wrong = make_function_result("Ada", 4, status=Status.BELOW_TARGET)
    assert "Begin with softmax()" in next_steps(wrong)[0]


def test_the_function_that_failed_first_is_named_first_and_the_hint_of_the_task_after_it() -> None:
    first = CaseGroup(function="dot", group="edge", status="fail", cases=4, passed=1)
    later = CaseGroup(
        function="add_bias", group="square", status="fail", cases=3, passed=0, hint="rows were lost"
    )
    result = make_function_result("Ada", 4, status=Status.RUNTIME_ERROR)
    steps = next_steps(result.model_copy(update={"cases": [first, later]}), "look at transpose")
    assert steps[0] == "Begin with dot(), edge: look at its smallest failing case."
    assert steps[1:3] == ["add_bias(): rows were lost", "look at transpose"]


def test_below_the_target_one_thing_to_try_is_named_beside_what_par_reaches() -> None:
    low = make_result(status=Status.BELOW_TARGET, measurements={"accuracy": accuracy(0.5)})
    [step] = next_steps(low)
    assert "accuracy counts most" in step.lower()
    assert step.endswith(
        "If the loss still falls at the end, train longer; if it is flat, try a larger network."
    )
    assert "train longer" not in " ".join(
        next_steps(make_function_result("Ada", 4, status=Status.BELOW_TARGET))
    )


def test_what_waits_for_a_person_is_not_called_nothing_left() -> None:
    right = CaseGroup(
        function="q1", group="tests", status="pass", cases=1, passed=1, worth=2, won=2
    )
    essay = CaseGroup(
        function="why", group="by hand", status="by_hand", cases=0, passed=0, worth=2.5
    )
    result = make_function_result("Ada", 4, status=Status.BELOW_TARGET)
    waits = result.model_copy(update={"cases": [right, essay]})
    assert next_steps(waits) == [
        "Nothing to do until a person has graded why: 2.5 points wait for that."
    ]
    accepted = make_function_result("Ada", 4).model_copy(update={"cases": [right, essay]})
    assert next_steps(accepted) == next_steps(waits)
    marked = essay.model_copy(update={"won": 1.0})
    done = result.model_copy(update={"cases": [right, marked]})
    assert next_steps(done) == [
        "60.0 points can still be gained: every case that passes brings some of them."
    ]
    full = make_function_result("Ada", 10).model_copy(update={"cases": [right, marked]})
    assert next_steps(full)[0].startswith("There is nothing left")


def test_a_notebook_shows_a_result_with_every_text_escaped() -> None:
    shown = make_result(
        '<script>alert("x")</script>\u202e', measurements={"<b>": Measured(value=1.5, unit="<i>")}
    )
    html = shown._repr_html_()
    assert "<script>" not in html
    assert "&lt;b&gt;" in html
    assert "1.5 &lt;i&gt;" in html
    assert "\u202e" not in html
    assert "88.0 of 100<" in html
