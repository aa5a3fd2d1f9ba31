"""What lies in a folder of submissions: who handed in, what belongs together, what is none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.intake.hand_ins import Collected, collect

LIST = """---
submission_31:
  :submitters:
  - :name: "Zo\\u00eb O'Hara"
    :email: zoe@example.org
    :sid: '0042'
  - :name: Ben Roe
    :email: ben@example.org
    :sid: "0043"
  :created_at: 2026-10-11 21:59:30.123456000 Z
  :score: 3.0
  :history:
  - :id: 4
    :created_at: 2026-10-01 00:00:00.000000000 Z
    :submitters:
    - :name: Somebody Else
submission_32:
  :submitters:
  - :name: Cleo Doe
    :email: cleo@example.org
"""


def laid(folder: Path, *names: str) -> Collected:
    """Return what becomes of a folder with these entries; a name that ends in "/" is a folder."""
    for name in names:
        path = folder / name
        if name.endswith("/"):
            path.mkdir()
            (path / "solution.py").write_text("pass")
        else:
            path.write_text("pass")
    return collect(list(folder.iterdir()))


def shown(found: Collected) -> list[tuple[str, list[str], bool, int]]:
    return [
        (each.author, [name for _, name in each.members], each.is_late, each.attempt)
        for each in found.hand_ins
    ]


def test_files_of_one_learner_on_canvas_belong_together(tmp_path: Path) -> None:
    found = laid(
        tmp_path,
        "larsenmia_900_17_solution.py",
        "larsenmia_900_18_layers.py",
        "okafortobi_LATE_901_19_solution-2.py",
        "okafortobi_LATE_901_20_text.html",
        "anon_x9f2k_LATE_21_net.ipynb",
    )
    assert found.platform == "canvas"
    assert shown(found) == [
        ("anon x9f2k", ["net.ipynb"], True, 1),
        ("larsenmia", ["solution.py", "layers.py"], False, 1),
        ("okafortobi", ["solution.py"], True, 3),
    ]
    assert found.left_out == ["okafortobi_LATE_901_20_text.html"]


def test_two_learners_of_one_name_stay_two(tmp_path: Path) -> None:
    found = laid(tmp_path, "doejane_1_2_a.py", "doejane_3_4_a.py")
    assert [each.author for each in found.hand_ins] == ["doejane (1)", "doejane (3)"]


def test_a_name_on_canvas_may_begin_with_a_digit(tmp_path: Path) -> None:
    found = laid(tmp_path, "11eve_9003_103_solution.py", "5_6_7_solution.py")
    named = [each for each in found.hand_ins if each.author == "11eve"]
    assert [name for _, name in named[0].members] == ["solution.py"]
    assert len(found.hand_ins) == 2


def test_folders_and_flat_files_of_moodle(tmp_path: Path) -> None:
    found = laid(
        tmp_path,
        "María José Núñez_77_assignsubmission_file_/",
        "Ben_Roe_78_assignsubmission_file_hw.zip",
        "Ben_Roe_78_assignsubmission_onlinetext_.html",
        "Participant 12_79_assignsubmission_file/",
    )
    assert shown(found) == [
        ("Ben_Roe", ["hw.zip"], False, 1),
        ("María José Núñez", [], False, 1),
        ("Participant 12", [], False, 1),
    ]


def test_attempts_on_blackboard_are_told_apart_by_their_time(tmp_path: Path) -> None:
    found = laid(
        tmp_path,
        "Task 1_ben_attempt_2026-10-11-09-00-00.txt",
        "Task 1_ben_attempt_2026-10-11-09-00-00_solution.py",
        "Task 1_ben_attempt_2026-10-11-10-30-00_a.py",
        "Task 1_ben_attempt_2026-10-11-10-30-00_b.py",
    )
    assert shown(found) == [("ben", ["solution.py"], False, 1), ("ben", ["a.py", "b.py"], False, 2)]
    assert found.hand_ins[1].submitted_at == datetime(2026, 10, 11, 10, 30)


def test_the_list_of_gradescope_says_who_and_when(tmp_path: Path) -> None:
    (tmp_path / "submission_metadata.yml").write_text(LIST)
    found = laid(tmp_path, "submission_31/", "submission_32/")
    team, cleo = found.hand_ins
    assert team.author == "Zoë O'Hara & Ben Roe"
    assert [person.id for person in team.people] == ["0042", "0043"]
    assert team.submitted_at == datetime(2026, 10, 11, 21, 59, 30, 123456, tzinfo=UTC)
    assert cleo.author == "Cleo Doe"
    assert cleo.submitted_at is None
    assert found.left_out == ["submission_metadata.yml"]


@pytest.mark.parametrize("name", ["ada_v2_final.py", "group_3_notebook.ipynb", "Ada", "a_1_x.py"])
def test_a_name_that_no_platform_wrote_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    found = laid(tmp_path, name)
    assert found.platform == ""
    assert found.hand_ins[0].author == ""
    assert found.hand_ins[0].path == tmp_path / name


def test_receipts_lists_and_what_the_grader_wrote_are_not_handed_in(tmp_path: Path) -> None:
    site = tmp_path / "pages"
    site.mkdir()
    (site / ".made-from.json").write_text("{}")
    stored = tmp_path / "old" / "neuron" / "r1"
    stored.mkdir(parents=True)
    (stored / "result.json").write_text("{}")
    names = ("grades.csv", "Grading worksheet.xlsx", "Thumbs.db", "desktop.ini", "README.txt")
    found = laid(tmp_path, *names, "Ada.tar.gz", "Ben.IPYNB", "Cleo/")
    assert [each.path.name for each in found.hand_ins] == ["Ada.tar.gz", "Ben.IPYNB", "Cleo"]
    assert set(found.left_out) == {*names, "pages", "old"}
    assert "grades.csv" in found.remarks()[0]
