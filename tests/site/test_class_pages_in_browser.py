"""The pages of a class in a browser: they fit a telephone, and axe finds nothing serious."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.classroom import course, roster
from support.factories import START, make_function_result, make_result, make_task

from grader.classroom.assignments.notebook import Question
from grader.classroom.compare import compare
from grader.classroom.reckoning import by_the_rules
from grader.classroom.rules import gradebook_of
from grader.classroom.similarity.pairs import Source, similar_pairs
from grader.records.gradebook import ClassView, Grade, Regraded, SimilarPair
from grader.results.runs import Run
from reports.pages.comparison import comparison_page
from reports.pages.result import Beside, page_alone
from reports.pages.rubric import rubric_page
from reports.pages.similar import similar_page
from reports.site import build

pytestmark = pytest.mark.browser
WIDTH = 390
CODE = "".join(f"def step_{n}(values):\n    return [v * {n} for v in values]\n" for n in range(20))


def class_page(folder: Path) -> Path:
    """Write the site of a small class and return its class page."""
    results = [
        make_function_result(name, n) for n, name in enumerate(("Ada Lovelace", "Ben Roe"), 8)
    ]
    runs = [Run(each.summary(f"softmax/{each.id}"), each) for each in results]
    plan = [{"id": "softmax", "deadline": START + timedelta(days=1)}]
    book = gradebook_of(
        course(roster(), tasks=plan, late={"bank_days": 3}),
        [run.summary for run in runs],
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    regrade = Regraded("2025-03-05T10:00:00", "Ada Lovelace", "softmax", 50, 60, "why " * 30, "me")
    pair = SimilarPair("softmax", "Ada Lovelace", "Ben Roe", 0.83, 210)
    view = ClassView(book, (regrade,), (pair,))
    site = folder / "site"
    tasks = [make_task("softmax", exam="functions")]
    build(runs, site, tasks=tasks, on_boards=by_the_rules(book, runs), school=view)
    return site / "class.html"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every page of a class."""
    folder = tmp_path_factory.mktemp("class")
    twins = [Source("Ada", "a.py", CODE), Source("Ben", "b.py", "# mine\n" + CODE)]
    grade = Grade("1", "softmax", points=54.0, raw=60.0, remarks=("1 day late, 10 % less",))
    both = (make_result(), make_result("Ben"))
    alone = {
        "feedback": page_alone(make_result(), Beside(grade=grade, log="epoch 1")),
        "comparison": comparison_page(compare(*both, (CODE, "x = 1\n"))),
        "similar": similar_page(similar_pairs(twins), "Softmax"),
        "rubric": rubric_page("hw1", [Question("q1", 2, True, rubric="word " * 60)]),
    }
    paths = [class_page(folder)]
    for name, text in alone.items():
        paths.append(folder / f"{name}.html")
        paths[-1].write_text(text, "utf-8")
    return paths


def test_they_fit_a_telephone_and_axe_finds_nothing_serious(
    browser: Any, pages: list[Path]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    # Not bound by the page's own policy, which lets no script in: axe is one.
    context = browser.new_context(bypass_csp=True, viewport={"width": WIDTH, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in pages:
        page.goto(path.as_uri())
        page.evaluate(axe.axe_script)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH, path.name
        found = page.evaluate("axe.run()")["violations"]
        grave = [each["id"] for each in found if each["impact"] in ("serious", "critical")]
        assert grave == [], path.name
    assert complaints == []
    context.close()
