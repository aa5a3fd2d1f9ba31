"""What an exception becomes: one text with its cause, and without the framework's own stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.runner.problem import MESSAGE_CHARACTERS, brief, shorten


def test_a_short_message_stays_as_it_is() -> None:
    assert shorten(ValueError("two\nlines")) == "ValueError: two\nlines"


def test_a_stack_of_the_framework_goes_and_the_cause_at_the_end_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    frames = [f'  File "/lib/site-packages/tool/part_{n}.py", line {n}, in f' for n in range(90)]
    own = f'  File "{tmp_path}/solution.py", line 7, in <module>'
    said = brief("\n".join(["Detected at node", *frames, own, "label 9 is outside of [0, 3)"]))
    assert "label 9 is outside of [0, 3)" in said
    assert 'File "solution.py", line 7' in said
    assert str(tmp_path) not in said
    assert "site-packages" not in said


def test_where_the_box_lies_is_told_in_no_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = brief(f'in File "{tmp_path}/parts/model.py", line 3: shapes differ')
    assert said == 'in File "parts/model.py", line 3: shapes differ'


def test_of_a_message_that_is_still_long_both_ends_stay() -> None:
    said = brief("begins " + "x" * 9000 + " ends")
    assert said.startswith("begins")
    assert said.endswith("ends")
    assert len(said) <= MESSAGE_CHARACTERS + 10
