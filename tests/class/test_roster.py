"""Rosters as platforms export them, and what is wrong with those that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.classroom import ADA, BEN, PLAIN, roster

from grader.classroom.class_folder import ClassFolder, write_whole
from grader.classroom.roster import read_roster, roster_content
from grader.errors import UsageError

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Neuron (12)\n"
    "    Points Possible,,,,,100\n"
    '"Núñez, María José",900,0042,mjn,Tuesday,\n'
    '"Student, Test",901,,,,\n'
)
MOODLE = '"First name",Surname,"ID number","Email address"\nAda,Lovelace,007,ada@example.org\n'
GRADESCOPE = "First Name,Last Name,SID,Email,Sections\nAda,Lovelace,007,ada@example.org,A\n"


def written(folder: Path, content: bytes) -> Path:
    path = folder / "export.csv"
    path.write_bytes(content)
    return path


def test_an_export_of_canvas(tmp_path: Path) -> None:
    [learner] = read_roster(written(tmp_path, CANVAS.encode())).learners
    assert (learner.id, learner.platform_id, learner.login) == ("0042", "900", "mjn")
    assert learner.name == "María José Núñez"
    assert learner.section == "Tuesday"


@pytest.mark.parametrize("export", [MOODLE, GRADESCOPE])
def test_exports_with_first_and_last_name(tmp_path: Path, export: str) -> None:
    [learner] = read_roster(written(tmp_path, export.encode())).learners
    assert (learner.id, learner.name, learner.email) == ("007", "Ada Lovelace", "ada@example.org")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_whatever_encoding_and_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    text = "Name;Login\r\nJosé O'Neil;jose\r\n".replace(";", separator)
    [learner] = read_roster(written(tmp_path, text.encode(encoding))).learners
    assert (learner.name, learner.login) == ("José O'Neil", "jose")


def test_names_in_any_script_and_as_formulas_stay_what_they_are() -> None:
    names = ["محمد علي", "王小明", "=1+1", '=HYPERLINK("x")', "Nguyễn Văn A"]
    rows = [
        f'{number},,"{name.replace(chr(34), chr(34) * 2)}",,\n' for number, name in enumerate(names)
    ]
    assert [each.name for each in roster(*rows).learners] == names


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("Name,Name,ID\nAda,Ada,1\n", "2 columns called 'Name'"),
        (PLAIN + ADA + ADA, "several rows with the id '4711'"),
        (PLAIN + ADA + BEN.replace("4712", "4713").replace("ben,", "ADA,"), "the login 'ada'"),
        ("Name,Section\nAda,A\n", "tells learners apart"),
        ("ID,Section\n1,A\n", "one for the name"),
        ("Name,ID\n", "no learners"),
        ("", "empty"),
        ("Name,ID,Login\nAda,,\n", "no id, login or e-mail for 'Ada'"),
    ],
)
def test_one_message_says_what_is_wrong(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as raised:
        read_roster(written(tmp_path, content.encode()))
    assert "xpected" in str(raised.value)


def test_a_workbook_is_asked_for_as_csv(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Save it as CSV"):
        read_roster(written(tmp_path, b"PK\x03\x04 and so on"))


def test_learners_of_one_name_have_results_of_their_own() -> None:
    found = roster("1,jd1,Jane Doe,A,\n", "2,jd2,Jane Doe,B,\n")
    assert [each.author for each in found.learners] == ["Jane Doe (jd1)", "Jane Doe (jd2)"]
    assert "jane doe" not in found.by_author


def test_the_roster_in_the_folder_is_the_one_that_was_read(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_bytes(
        roster_content(read_roster(written(tmp_path, CANVAS.encode())))
    )
    assert ClassFolder(tmp_path).roster == read_roster(tmp_path / "export.csv")


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("before")
    with pytest.raises(TypeError):
        write_whole(path, "no bytes")  # type: ignore[arg-type]
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["roster.csv"]
