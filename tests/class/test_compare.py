"""Two results side by side, and a regrade that keeps the old one."""

from __future__ import annotations

import json
from pathlib import Path

from support.factories import accuracy, make_function_result, make_result, ratio
from support.here import grader_here

from grader.classroom.compare import compare, meaningful
from grader.course.curriculum import find_task
from grader.records import Measured, Result
from grader.results import store
from reports.pages.comparison import comparison_page

TRUSTED = ("--sandbox", "process", "--trust-submissions")


def measured(value: float, speed: float, seconds: float) -> dict[str, Measured]:
    return {
        "accuracy": accuracy(value),
        "speed_ratio": ratio(speed),
        "train_seconds": Measured(value=seconds, unit="seconds"),
    }


def test_only_differences_beyond_chance_mean_something() -> None:
    one = make_result(measurements=measured(0.970, 1.00, 20))
    other = make_result(measurements=measured(0.972, 1.30, 30))
    rows = {row.key: row.meaning for row in compare(one, other).rows}
    assert rows == {
        "accuracy": "within the intervals",
        "speed_ratio": "differs",
        "train_seconds": "not known",
    }
    assert [row.key for row in meaningful(compare(one, other).rows)] == ["speed_ratio"]


def test_counts_are_exact_and_changed_cases_are_named() -> None:
    found = compare(make_function_result("Ada", 8), make_function_result("Ada", 10))
    assert [row.key for row in meaningful(found.rows)] == ["cases"]
    assert found.cases == [("softmax: large inputs", "fail", "pass")]


def test_what_makes_two_results_less_comparable_is_said() -> None:
    one = make_result(exam_version="a")
    other = make_result(exam_version="b", device="gpu")
    notes = " ".join(compare(one, other).notes)
    assert "asked something else" in notes
    assert "different machines" in notes
    same = other.model_copy(update={"submission": one.submission})
    assert "the same files" in " ".join(compare(one, same).notes)


def test_the_page_shows_what_changed_in_the_source_as_text() -> None:
    sources = ("a = 1\nb = 2\n", "a = 1\nb = '<script>alert(1)</script>'\n")
    page = comparison_page(compare(make_result(), make_result("Ben"), sources))
    assert "<del>-b = 2</del>" in page
    assert "<ins>+b = &#39;&lt;script&gt;" in page
    assert "<script" not in page


def saved(folder: Path, result: Result) -> Result:
    store.save(folder / "results", result)
    return result


def test_the_command_finds_results_by_the_beginning_of_their_ids(tmp_path: Path) -> None:
    one = saved(tmp_path, make_function_result("Ada", 8))
    other = saved(tmp_path, make_function_result("Ben", 10))
    done = grader_here("compare", one.id, other.id, "--page", "both.html", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["differ"] == ["cases"]
    assert (tmp_path / "both.html").read_text().startswith("<!doctype html>")
    done = grader_here("compare", "r", other.id, cwd=tmp_path)
    assert done.returncode == 2
    assert "2 results" in done.stderr
    assert "no result" in grader_here("compare", "x", other.id, cwd=tmp_path).stderr


def test_a_regrade_keeps_the_old_result_and_says_why(tmp_path: Path) -> None:
    right = find_task("neuron").reference_folder / "numpy" / "solution.py"
    (tmp_path / "roster.csv").write_text("Name,ID\nAda,1\n")
    assert grader_here("class", "init", "roster.csv", cwd=tmp_path).returncode == 0
    (tmp_path / "class" / "course.toml").write_text('[[tasks]]\nid = "neuron"\n')
    (tmp_path / "handed-in").mkdir()
    (tmp_path / "handed-in" / "Ada.py").write_text(right.read_text())
    done = grader_here("batch", "handed-in", "--task", "neuron", *TRUSTED, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    words = ("regrade", "1", "neuron", "--from", "handed-in", *TRUSTED)
    assert grader_here(*words, "--why", " ", cwd=tmp_path).returncode == 2
    assert grader_here("regrade", "9", *words[2:], "--why", "x", cwd=tmp_path).returncode == 2
    done = grader_here(*words, "--why", "a case was wrong", "--counts", "new", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "100 before, 100 now" in done.stdout
    old, new = store.load_results(tmp_path / "results")[0]
    line = json.loads(grader_here("class", "journal", "--json", cwd=tmp_path).stdout)[-1]
    assert line["what"] == "regrade"
    assert line["why"] == "a case was wrong"
    assert line["by"]
    assert (line["before"], line["result"]) == ([old.id], new.id)
    found = json.loads(grader_here("rescore", "--json", cwd=tmp_path).stdout)
    assert found["grades"][0]["grades"][0]["result"] == new.id
