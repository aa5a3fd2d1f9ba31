"""Pseudonyms are stable, tell nothing without the secret, and never meet."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.classroom import roster

from grader.classroom.class_folder import ClassFolder
from grader.classroom.pseudonyms import SECRET_FILE, make_pseudonyms, named, pseudonyms_of
from grader.classroom.roster import roster_content
from grader.errors import GraderError


@pytest.fixture
def school(tmp_path: Path) -> ClassFolder:
    (tmp_path / "roster.csv").write_bytes(roster_content(roster()))
    return ClassFolder(tmp_path)


def test_they_stay_the_same_as_long_as_the_secret_is_there(school: ClassFolder) -> None:
    assert pseudonyms_of(school) == {}
    first = make_pseudonyms(school)
    assert set(first) == {"4711", "4712", "4713"}
    assert make_pseudonyms(school) == pseudonyms_of(ClassFolder(school.path)) == first
    assert (school.path / SECRET_FILE).stat().st_mode & 0o077 == 0
    (school.path / SECRET_FILE).unlink()
    assert make_pseudonyms(school) != first


def test_no_two_of_many_are_the_same() -> None:
    ids = [str(number) for number in range(20_000)]
    assert len(set(named(b"s" * 32, ids).values())) == len(ids)


def test_a_secret_that_was_cut_off_is_said(school: ClassFolder) -> None:
    (school.path / SECRET_FILE).write_bytes(b"short")
    with pytest.raises(GraderError, match="expected 32"):
        pseudonyms_of(school)
