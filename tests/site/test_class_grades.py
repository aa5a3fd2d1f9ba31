"""The class page by the rules of a class, and the page that goes back to one learner."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from support.classroom import course, roster
from support.factories import START, make_function_result, make_task

from grader.classroom.reckoning import by_the_rules
from grader.classroom.rules import gradebook_of
from grader.records import Diagnosis, Result, Status
from grader.records.gradebook import ClassView, Grade, Regraded, SimilarPair
from grader.results.runs import Run, as_runs
from reports.pages.result import Beside, page_alone
from reports.site import build

TASK = make_task("softmax", exam="functions")
DUE = START + timedelta(days=1)


def handed_in(author: str, passed: int, late_hours: float) -> Result:
    status = Status.ACCEPTED if passed == 10 else Status.BELOW_TARGET
    made = make_function_result(author, passed, status=status)
    moment = DUE + timedelta(hours=late_hours)
    submission = made.submission.model_copy(update={"submitted_at": moment})
    mistake = Diagnosis(code="x", text_id="x", title="The bias is missing", severity="essential")
    return made.model_copy(update={"submission": submission, "diagnoses": [mistake]})


def built(folder: Path, results: list[Result]) -> dict[str, str]:
    """Return the pages of a class with these results, by their path."""
    runs = [Run(each.summary(f"softmax/{each.id}"), each) for each in results]
    rules = course(
        roster(),
        tasks=[{"id": "softmax", "title": "Softmax", "deadline": DUE}],
        late={"penalty_percent_per_day": 10},
    )
    book = gradebook_of(rules, [run.summary for run in runs], datetime(2026, 1, 1, tzinfo=UTC))
    regrade = Regraded("2025-03-05T10:00:00", "Ada Lovelace", "softmax", 50.0, 60.0, "typo", "me")
    pair = SimilarPair("softmax", "Ada Lovelace", "Ben Roe", 0.83, 210)
    view = ClassView(book, (regrade,), (pair,))
    build(runs, folder, tasks=[TASK], on_boards=by_the_rules(book, runs), school=view)
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.html")
    }


def test_the_class_page_shows_the_plan_and_grades_by_the_rules(tmp_path: Path) -> None:
    results = [
        handed_in("Ada Lovelace", 10, 20),
        handed_in("Ben Roe", 6, -1),
        *(handed_in("Cleo Doe", passed, passed - 12.0) for passed in (1, 2, 3)),
    ]
    pages = built(tmp_path / "site", results)
    page = pages["class.html"]
    assert "How the plan stands" in page
    assert "3 of 3" in page
    assert re.search(r"\[\"90.0\*\",90\.0,\"results/", page)
    assert "1 day late, 10 % less" in page
    assert "The bias is missing" in page, "who is stuck, and on what"
    assert "83 %" in page
    assert "typo" in page
    assert '"90.0",90.0' in pages["boards/softmax.html"]


def test_without_a_class_nothing_speaks_of_one(tmp_path: Path) -> None:
    build(as_runs([handed_in("Ada", 10, 0)]), tmp_path / "site", tasks=[TASK])
    page = (tmp_path / "site" / "class.html").read_text()
    assert "How the plan stands" not in page
    assert "Tasks by learners" in page


def test_a_page_that_stands_alone_needs_nothing_and_links_to_nothing() -> None:
    grade = Grade("1", "softmax", points=54.0, raw=60.0, remarks=("1 day late, 10 % less",))
    page = page_alone(handed_in("Ada", 6, 1), Beside(grade=grade, log="epoch 1"))
    assert "By the rules of the course: <b>54.0</b> of 100; 1 day late, 10 % less." in page
    assert "<script" not in page
    assert "href=" not in page
    assert "default-src 'none'" in page
    assert "<style>" in page
