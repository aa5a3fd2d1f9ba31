"""A course from roster to gradebook, by the commands that an instructor types."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest
from support.here import grader_here as grader
from support.paths import SUBMISSIONS

from grader.course.curriculum import find_task
from grader.results.store import load_results

RIGHT = find_task("neuron").reference_folder / "numpy" / "solution.py"
STARTER = find_task("neuron").starter / "solution.py"
PLANTED = SUBMISSIONS / "neuron"
FAILURES = (
    PLANTED / "below_target" / "no_bias",
    PLANTED / "below_target" / "first_function_only",
    PLANTED / "invalid_submission" / "syntax_error",
    PLANTED / "runtime_error" / "transposed_weights",
    PLANTED / "below_target" / "answers_with_markup",
    PLANTED / "accepted" / "prints_terminal_codes",
)
LEARNERS = 30
TRUSTED = ("--sandbox", "process", "--trust-submissions")
COURSE = """
title = "Deep learning"
timezone = "Europe/Berlin"
[late]
penalty_percent_per_day = 10
[[tasks]]
id = "neuron"
title = "Neuron"
points = 10
deadline = 2026-10-12T12:00:00
[[teams]]
name = "Last two"
members = ["S028", "S029"]
"""


def solution(number: int) -> str:
    """Return what learner `number` hands in: right ones, the starter, planted failures."""
    if number % 5 == 3:
        return STARTER.read_text()
    if number % 5 == 4:
        return (FAILURES[number // 5] / "solution.py").read_text()
    return f"{RIGHT.read_text()}\n# by learner {number}\n"


def handed_in(folder: Path) -> None:
    """Lay a class into a folder as Canvas hands it out; the first is late, the last missing."""
    folder.mkdir()
    for number in range(LEARNERS - 1):
        late = "LATE_" if number == 0 else ""
        name = f"doe{number:03}learner_{late}{9000 + number}_{100 + number}_solution.py"
        (folder / name).write_text(solution(number))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A class that was set up, with its submissions."""
    rows = ["Student,ID,SIS User ID,SIS Login ID,Section"]
    for number in range(LEARNERS):
        rows.append(f'"Doe{number:03}, Learner",{9000 + number},S{number:03},u{number:03},A')
    (tmp_path / "export.csv").write_bytes("\r\n".join(rows).encode("utf-8-sig"))
    done = grader("class", "init", "export.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (tmp_path / "class" / "course.toml").write_text(COURSE)
    handed_in(tmp_path / "submissions")
    return tmp_path


def test_a_class_from_roster_to_gradebook(place: Path) -> None:
    stranger = place / "submissions" / "malloryeve_9999_200_solution.py"
    stranger.write_text(solution(1))
    done = grader("batch", "submissions", "--task", "neuron", *TRUSTED, "--json", cwd=place)
    assert done.returncode == 2, done.stderr  # somebody is not on the roster
    assert "1 by nobody on the roster" in done.stderr
    assert "nothing from 1 on the roster: 'Learner Doe029'" in done.stderr
    rows = json.loads(done.stdout)["submissions"]
    assert len(rows) == LEARNERS - 1
    assert all(row["author"].startswith("Learner Doe") for row in rows)

    # The rules: boards, rescore and exports agree.
    done = grader("rescore", "--json", cwd=place)
    grades = {row["id"]: row["grades"][0] for row in json.loads(done.stdout)["grades"]}
    assert grades["S000"]["points"] == 90.0
    assert grades["S001"]["points"] == 100.0
    assert grades["S029"]["points"] == grades["S028"]["points"]
    board = json.loads(grader("board", "neuron", "--json", cwd=place).stdout)
    on_board = {
        entry["submission"]["author"]: entry["score"]["total"]
        for each in board
        for entry in each["entries"]
    }
    assert on_board["Learner Doe000"] == 90.0
    for name in ("canvas", "moodle", "gradescope", "csv", "junit", "github", "prairielearn"):
        done = grader("export", name, "--to", f"out/{name}", cwd=place)
        assert done.returncode == 0, done.stderr
    exported = (place / "out" / "canvas" / "canvas.csv").read_text()
    by_id = {row["SIS User ID"]: row["Neuron"] for row in csv.DictReader(io.StringIO(exported))}
    assert by_id["S000"] == "9"
    for learner, grade in grades.items():
        points = grade["points"]
        assert by_id[learner] == ("" if points is None else f"{points / 10:g}")

    # A deadline that moves is one edit; nothing is run.
    before = load_results(place / "results")
    moved = COURSE.replace("[[teams]]", '[[extensions]]\nlearner = "S000"\ndays = 2\n[[teams]]')
    (place / "class" / "course.toml").write_text(
        moved.replace("penalty_percent_per_day = 10", "penalty_percent_per_day = 20")
    )
    done = grader("rescore", "--json", cwd=place)
    assert json.loads(done.stdout)["grades"][0]["grades"][0]["points"] == 80.0
    assert load_results(place / "results") == before

    # What goes back, and what everybody sees.
    done = grader("feedback", "--like", "submissions", cwd=place)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(place / "feedback" / "upload.zip") as archive:
        assert "doe001learner_9001_101_feedback-neuron.html" in archive.namelist()
    mine = (place / "feedback" / "Learner-Doe001" / "neuron.html").read_text()
    assert "Learner Doe001" in mine
    assert "Doe000" not in mine
    assert "Doe002" not in mine
    assert "<script" not in mine
    assert 'src="' not in mine.replace('src="data:', "")
    done = grader("report", cwd=place)
    page = (place / "site" / "class.html").read_text()
    assert "How the plan stands" in page
    assert "Learner Doe000" in page
    done = grader("report", "--anonymous", cwd=place)
    assert done.returncode == 0, done.stderr
    for path in (place / "site").rglob("*.html"):
        assert "Doe0" not in path.read_text(), f"{path} names a learner"
    journal = json.loads(grader("class", "journal", "--json", cwd=place).stdout)
    assert [line["what"] for line in journal].count("hand-in") == LEARNERS - 1
    assert journal[-1]["what"] == "rules"


def test_commands_that_need_a_class_say_so(tmp_path: Path) -> None:
    for words in (("export", "csv"), ("feedback",), ("report", "--anonymous")):
        done = grader(*words, cwd=tmp_path)
        assert done.returncode == 2
        assert "grader class init ROSTER.csv" in done.stderr
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"Name,Name,ID\nA,B,1\n", "2 columns called 'Name'"),
        ("Name;ID\nJosé;1\nJosé;1\n".encode("latin-1"), "several rows with the id '1'"),
        (b"\xef\xbb\xbfName\nAda\n", "tells learners apart"),
    ],
)
def test_a_roster_that_cannot_be_read_leaves_nothing(
    tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "roster.csv").write_bytes(content)
    done = grader("class", "init", "roster.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("grader:") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["roster.csv"]


def test_a_second_roster_takes_the_place_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("Name,ID\nAda,1\n")
    assert grader("class", "init", "r.csv", cwd=tmp_path).returncode == 0
    (tmp_path / "class" / "course.toml").write_text("title = 'mine'\n")
    shutil.copy(tmp_path / "r.csv", tmp_path / "new.csv")
    (tmp_path / "new.csv").write_text("Name,ID\nAda,1\nBen,2\n")
    assert "--again" in grader("class", "init", "new.csv", cwd=tmp_path).stderr
    assert grader("class", "init", "new.csv", "--again", cwd=tmp_path).returncode == 0
    assert (tmp_path / "class" / "course.toml").read_text() == "title = 'mine'\n"
    assert "2 learners" in grader("class", "show", cwd=tmp_path).stdout
