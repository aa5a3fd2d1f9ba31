"""The journal only grows, and shows when somebody changed it by other means."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader.classroom.journal import Journal, set_aside


def test_lines_are_added_and_none_is_changed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.add("roster", learners=3)
    before = journal.path.read_bytes()
    journal.add("regrade", author="محمد", why='a "reason"\nof two lines')
    assert journal.path.read_bytes().startswith(before)
    assert [line["what"] for line in journal.lines()] == ["roster", "regrade"]
    assert journal.lines()[1]["why"] == 'a "reason"\nof two lines'
    assert journal.problems() == []


def test_a_line_that_was_changed_or_taken_out_shows(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    for number in range(4):
        journal.add("hand-in", author=f"learner {number}")
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join([*lines[:1], *lines[2:]]))
    assert "line 2" in journal.problems()[0]
    journal.path.write_bytes(b"".join(lines).replace(b"learner 1", b"learner 9"))
    assert "line 3" in journal.problems()[0]


def test_two_who_write_at_once_lose_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: journal.add("hand-in", number=number), range(40)))
    assert sorted(line["number"] for line in journal.lines()) == list(range(40))
    assert journal.problems() == []


def test_only_forgetting_writes_it_anew_and_says_so(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.add("hand-in", author="Ada")
    journal.add("hand-in", author="Ben")
    gone = journal.rewrite(lambda line: line.get("author") != "Ada", what="forgotten", lines=1)
    assert gone == 1
    assert [line["what"] for line in journal.lines()] == ["hand-in", "forgotten"]
    assert "Ada" not in journal.path.read_text()
    assert journal.problems() == []


def test_results_that_a_regrade_replaced_are_set_aside() -> None:
    lines = [
        {"what": "regrade", "counts": "new", "before": ["r1", "r2"]},
        {"what": "regrade", "counts": "both", "before": ["r3"]},
        {"what": "hand-in", "before": ["r4"]},
    ]
    assert set_aside(lines) == {"r1", "r2"}
