"""What a learner is told of a file that Python cannot read, and of one that is not in the box."""

from __future__ import annotations

import pytest

from grader.runner import problem


def syntax_error(source: str) -> SyntaxError:
    with pytest.raises(SyntaxError) as caught:
        compile(source, "/box/solution.py", "exec")
    return caught.value


def test_the_line_that_python_cannot_read_is_shown() -> None:
    told = problem.shorten(syntax_error("import numpy\nfor epoch in range(3)\n    pass\n"))
    assert "expected ':' (solution.py, line 2: for epoch in range(3))" in told


def test_tabs_and_spaces_are_told_with_what_to_do() -> None:
    told = problem.shorten(syntax_error("if True:\n        a = 1\n\tb = 2\n"))
    assert told.startswith("TabError")
    assert "have your editor turn all of them into spaces" in told


def test_a_file_of_ones_own_is_not_in_the_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problem, "ADVICE", [lambda: "a box has no network; this task gives data"])
    _, told = problem.explain(FileNotFoundError(2, "No such file", "/home/anna/digits.csv"))
    assert "/home/anna/digits.csv" in told
    assert told.endswith(
        ". Only what was handed in is in a box, and a box has no network; this task gives data"
    )
