"""Questions in lessons: every task has one, no exam knows of them, and the answer comes after a
run.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.factories import accuracy, make_result
from support.paths import ROOT
from typer.testing import CliRunner

from grader import cli
from grader.course.curriculum import Task, all_tasks, find_task, load_task
from grader.errors import TaskError
from grader.host import cache
from grader.records import Details, LossCurve, Measured, Mistake, Result
from grader.results import store
from grader.tutor import explanations, questions
from grader.tutor.questions import Memory, Question

TASKS = [task.id for task in all_tasks()]
WIDTH = 90
RIGHT = ROOT / "reference" / "neuron" / "numpy" / "solution.py"


def details(losses: list[Any]) -> Details:
    curve = LossCurve(
        losses=losses, places=list(range(1, len(losses) + 1)), noted=len(losses), source="gradients"
    )
    return Details(
        classes=["cat", "dog", "hen"],
        confusion=[[5, 2, 0], [1, 9, 0], [0, 3, 4]],
        mistakes=[
            Mistake(truth=0, answer=1, confidence=0.62),
            Mistake(truth=2, answer=1, confidence=0.987),
        ],
        reported=curve,
    )


def question(**changes: Any) -> Question:
    given: dict[str, Any] = {
        "id": "what-comes",
        "text": "What will come out of this, do you think?",
        "choices": ["much", "little", "nothing"],
        "answer": 2,
        "explanation": "Little comes out of it, because little went in.",
        "own": ["Yours: {accuracy}.", "Your losses {curve} from {first_loss} on."],
    }
    return Question.model_validate(given | changes)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "cache"))


# The questions there are.


@pytest.mark.parametrize("task_id", TASKS)
def test_every_task_asks_something_with_a_right_answer_and_a_reason(task_id: str) -> None:
    task = find_task(task_id)
    found = questions.load_questions(task)
    assert found
    for each in found:
        assert 1 <= each.answer <= len(each.choices) >= 3
        assert len(each.explanation) > len(each.text) / 2
        assert each.own, "a run's own figures belong to the answer"
        assert not any(word in each.text + each.explanation for word in ("TODO", "FIXME", "  "))


@pytest.mark.parametrize("task_id", TASKS)
def test_an_explanation_stands_without_a_single_figure(task_id: str) -> None:
    for each in questions.load_questions(find_task(task_id)):
        for choice in range(1, len(each.choices) + 1):
            said = explanations.explained(each, choice, {}, WIDTH)
            assert not any("{" in line or "}" in line for line in said)
            assert max(map(len, said)) <= WIDTH


@pytest.mark.parametrize("task_id", TASKS)
def test_every_own_line_is_shown_where_all_figures_are_there(task_id: str) -> None:
    every = {name: f"<{name}>" for name in questions.FIGURES}
    for each in questions.load_questions(find_task(task_id)):
        said = " ".join(explanations.explained(each, 1, every, WIDTH))
        for line in each.own:
            assert line.format(**every) in said


def test_right_answers_do_not_all_stand_in_the_same_place() -> None:
    places = [
        each.answer for task_id in TASKS for each in questions.load_questions(find_task(task_id))
    ]
    assert max(places.count(place) for place in set(places)) <= 0.7 * len(places)


def test_questions_are_no_part_of_an_exam(tmp_path: Path) -> None:
    """A typing error in one voids no result."""
    source = find_task("neuron").folder
    versions = set()
    for name in ("one", "two"):
        folder = tmp_path / name / "neuron"
        folder.mkdir(parents=True)
        for file in ("task.toml", "task.py"):
            (folder / file).write_bytes((source / file).read_bytes())
        (folder / questions.QUESTIONS_FILE).write_text(f"# {name}", "utf-8")
        versions.add((load_task(folder).exam_version, load_task(folder).score_version))
    assert len(versions) == 1


# What a file may say.


def asked_of(tmp_path: Path, text: str) -> list[Question]:
    source = find_task("neuron")
    (tmp_path / questions.QUESTIONS_FILE).write_text(text, "utf-8")
    return questions.load_questions(Task(source.spec, tmp_path, "", ""))


def test_a_task_without_questions_has_none(tmp_path: Path) -> None:
    assert questions.load_questions(Task(find_task("neuron").spec, tmp_path, "", "")) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[question]", "cannot be read"),
        ("", "question: Field required"),
        ('[[question]]\nid = "a"\n', "question.0.text: Field required"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TaskError, match=said) as caught:
        asked_of(tmp_path, text)
    assert questions.QUESTIONS_FILE in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"answer": 4}, "there are 3 choices"),
        ({"choices": ["a", "a"]}, "two choices are the same"),
        ({"own": ["Yours: {acuracy}."]}, "own: there is no figure 'acuracy'"),
        ({"reward": 5}, "Extra inputs"),
    ],
)
def test_a_question_that_cannot_be_right_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        question(**changes)


# Figures of a run.


def test_a_line_whose_figure_is_missing_is_left_out() -> None:
    figures = {"accuracy": "97.10 %", "first_loss": "2.31"}
    said = explanations.explained(question(), 1, figures, WIDTH)
    assert said[1:] == [
        "you predicted: much. The answer is: little",
        "Little comes out of it, because little went in.",
        "Yours: 97.10 %.",
    ]
    assert (
        explanations.explained(question(), 2, {}, WIDTH)[1]
        == "you predicted: little. That is right."
    )


def test_figures_come_from_the_result_and_what_is_kept_beside_it() -> None:
    result = make_result(measurements={"accuracy": accuracy(0.971), "unheard_of": accuracy(0.5)})
    figures = explanations.figures_of(result, details([2.0, 1.0, 0.0]))
    assert figures["accuracy"] == "97.10 %"
    assert figures["wrong"] == "6 of 24"
    assert figures["mistake"] == "hen taken for dog, 3 times"
    assert figures["confidence"] == "99 %"
    assert (figures["first_loss"], figures["last_loss"], figures["curve"]) == ("2", "0", "█▅▁")
    assert "unheard_of" not in figures
    assert "curve" not in explanations.figures_of(result, "details.json is damaged")


@pytest.mark.parametrize("losses", [[], [1.0], [1.0, "nan"], ["inf", 2.0]])
def test_losses_that_make_no_curve_show_none(losses: list[Any]) -> None:
    assert "curve" not in explanations.figures_of(make_result(), details(losses))


def test_a_curve_fits_a_line_whatever_its_length() -> None:
    for count in (2, 39, 40, 41, 1000):
        falling = [1 - place / count for place in range(count)]
        line = explanations.bars(falling)
        assert len(line) == min(count, explanations.CURVE_COLUMNS)
        assert (line[0], line[-1]) == ("█", "▁")
    assert explanations.bars([3.0, 3.0]) == "▁▁"


# Asking and answering.


def run(*words: str) -> Any:
    return CliRunner().invoke(cli.app, ["ask", *words])


def results(tmp_path: Path) -> Path:
    return tmp_path / "results"


def graded(tmp_path: Path) -> Result:
    figure = Measured(value=0.9, n=20, unit="share of cases")
    made = make_result(task="neuron", exam="functions", measurements={"cases": figure})
    store.save(results(tmp_path), made)
    return made


def test_a_question_is_asked_and_may_be_left_out(tmp_path: Path) -> None:
    shown = run("neuron", "--results", str(results(tmp_path)))
    assert shown.exit_code == 0
    assert "By how much does the output change" in " ".join(shown.output.split())
    assert "1  by 0.1" in shown.output
    assert "never scored" in shown.output
    assert questions.recall("neuron") == Memory()
    assert questions.take_due(find_task("neuron")) == []


def test_the_answer_comes_once_after_the_run_and_can_be_read_again(tmp_path: Path) -> None:
    where = ("--results", str(results(tmp_path)))
    assert "noted: by 0.1" in run("neuron", "--answer", "1", *where).output
    assert "with your next run" in run("neuron", *where).output
    due = questions.take_due(find_task("neuron"))
    assert [(each.id, choice) for each, choice in due] == [("full-neuron", 1)]
    assert questions.take_due(find_task("neuron")) == []
    graded(tmp_path)
    again = " ".join(run("neuron", *where).output.split())
    assert "you predicted: by 0.1. The answer is: by 0.000004" in again
    assert "18 of 20 cases right" in again


def test_a_second_thought_replaces_the_first_until_it_is_explained(tmp_path: Path) -> None:
    where = ("--results", str(results(tmp_path)))
    run("neuron", "--answer", "1", *where)
    run("neuron", "--answer", "3", *where)
    assert questions.recall("neuron").answers == {"full-neuron": 3}
    questions.take_due(find_task("neuron"))
    run("neuron", "--answer", "2", *where)
    assert questions.recall("neuron").answers == {"full-neuron": 3}


def test_json_tells_the_right_answer_only_when_it_was_explained(tmp_path: Path) -> None:
    where = ("--results", str(results(tmp_path)), "--json")
    first = json.loads(run("neuron", *where).output)
    assert set(first["question"]) == {"id", "when", "text", "choices"}
    answered = json.loads(run("neuron", "--answer", "2", *where).output)
    assert answered == {
        "task": "neuron",
        "question": None,
        "answered": [{"id": "full-neuron", "choice": 2, "answer": None}],
    }
    questions.take_due(find_task("neuron"))
    assert json.loads(run("neuron", *where).output)["answered"][0]["answer"] == 3


def test_a_choice_that_is_not_there_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    done = run("neuron", "--answer", "7", "--results", str(results(tmp_path)))
    assert done.exit_code != 0
    assert "choices 1 to 3" in str(done.exception)
    assert questions.recall("neuron") == Memory()


def test_a_folder_may_be_named_in_place_of_a_task(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "submission.toml").write_text('task = "neuron"\n', "utf-8")
    shown = run(str(folder), "--results", str(results(tmp_path))).output
    assert "By how much" in " ".join(shown.split())


def test_what_is_kept_may_be_damaged(tmp_path: Path) -> None:
    run("neuron", "--answer", "1", "--results", str(results(tmp_path)))
    cache.value_path(questions.KIND, "neuron").write_text("{", "utf-8")
    assert questions.recall("neuron") == Memory()


def test_a_question_about_a_run_waits_for_one_and_is_answered_at_once() -> None:
    before, after = question(), question(id="and-then", when="after")
    memory = Memory(answers={"what-comes": 1})
    assert questions.next_question([after, before], Memory(), has_run=False) == before
    assert questions.next_question([before, after], memory, has_run=False) is None
    assert questions.next_question([before, after], memory, has_run=True) == after


def test_a_run_explains_what_was_predicted(tmp_path: Path) -> None:
    where = ("--results", str(results(tmp_path)))
    run("neuron", "--answer", "2", *where)
    (tmp_path / "solution.py").write_bytes(RIGHT.read_bytes())
    words = [
        "run",
        str(tmp_path / "solution.py"),
        "--task",
        "neuron",
        "--sandbox",
        "process",
        *where,
    ]
    first = " ".join(CliRunner().invoke(cli.app, words).output.split())
    assert "you predicted: by 0.025. The answer is: by 0.000004" in first
    assert "Your neuron and layer: " in first
    assert "you predicted" not in CliRunner().invoke(cli.app, words).output
