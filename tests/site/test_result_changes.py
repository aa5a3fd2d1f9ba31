"""A result's page: what changed since the attempt before, and the lines that were named."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.factories import MACHINE, accuracy, make_function_result, make_result, make_task, ratio

from grader.classroom.class_folder import need_class
from grader.commands.parts.site_pages import details_without_source, write_site
from grader.records import Details, Diagnosis, Measured, NamedLines, Result
from grader.results import store
from reports.changes import changes_between
from reports.figures.latency_drawing import latency_drawing
from reports.pages.result import Beside, result_page
from reports.site import build

HOSTILE = "</code><script>alert(1)</script>"
NAMED = NamedLines(where="solution.py:3", line=3, first=2, lines=["a = 1", HOSTILE, "c = 3"])
DIAGNOSIS = Diagnosis(
    code="x", text_id="doctor.x", title="A mistake", severity="essential", where="solution.py:3"
)


@pytest.fixture
def a_class(tmp_path: Path) -> Path:
    """A class with one learner and the task of the results."""
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "roster.csv").write_text("id,login,name,section,email\n1,ada,Ada,A,a@example.org\n")
    (folder / "course.toml").write_text('[[tasks]]\nid = "mnist"\n')
    return folder


def run(value: float, speed: float, latency: float, **changes: object) -> Result:
    figures = {
        "accuracy": accuracy(value),
        "speed_ratio": ratio(speed),
        "latency_seconds": Measured(value=latency, unit="seconds"),
    }
    return make_result("Ada", measurements=figures, **changes)  # type: ignore[arg-type]


def test_only_what_chance_does_not_explain_is_called_better_or_worse() -> None:
    found = changes_between(run(0.95, 1.30, 4e-4), run(0.97, 1.00, 3e-4))
    said = {each.name: (each.says, each.kind) for each in found.figures}
    assert said["Accuracy"] == ("better", "better")
    assert said["Speed ratio"] == ("worse", "worse")
    assert said["Latency"] == ("one sample each: not known", "")
    within = changes_between(run(0.970, 1.0, 4e-4), run(0.972, 1.0, 4e-4)).figures
    assert [each.says for each in within] == ["no more than chance", "the same", "the same"]


def test_of_another_machine_only_ratios_and_shares_are_compared() -> None:
    other = MACHINE.model_copy(update={"id": "m2"})
    found = changes_between(run(0.95, 1.0, 4e-4), run(0.97, 1.0, 4e-4, machine=other))
    assert found.is_other_machine
    assert [each.name for each in found.figures] == ["Accuracy", "Speed ratio"]


def test_cases_that_came_out_differently_are_named() -> None:
    found = changes_between(make_function_result("Ada", 8), make_function_result("Ada", 10))
    assert found.cases == ["softmax(), large inputs: right now"]
    back = changes_between(make_function_result("Ada", 10), make_function_result("Ada", 8))
    assert back.cases == ["softmax(), large inputs: wrong now, and right before"]


def test_the_page_of_a_later_attempt_shows_what_changed(tmp_path: Path) -> None:
    first, second = run(0.95, 1.0, 4e-4), run(0.97, 1.0, 4e-4)
    build([first, second], tmp_path / "site", tasks=[make_task("mnist")])
    page = (tmp_path / "site" / "results" / f"{second.id}.html").read_text("utf-8")
    assert "Since the attempt before" in page
    assert '<td data-title="The difference" class="better">better</td>' in page
    page = (tmp_path / "site" / "results" / f"{first.id}.html").read_text("utf-8")
    assert "Since the attempt before" not in page


def test_named_lines_stand_in_the_page_as_text() -> None:
    result = make_result(diagnoses=[DIAGNOSIS])
    page = result_page(result, Beside(details=Details(named_lines=[NAMED])))
    assert "<script" not in page.partition("<main")[2]
    assert '<li class="named"><code>&lt;/code&gt;&lt;script&gt;' in page
    assert "--from: 1" in page
    assert 'class="source"' not in result_page(result, Beside(details=Details()))


def test_a_class_decides_whether_its_pages_show_lines_of_the_source(
    tmp_path: Path, a_class: Path
) -> None:
    results = tmp_path / "results"
    result = make_result("Ada", diagnoses=[DIAGNOSIS])
    store.save(results, result, details=Details(named_lines=[NAMED]))

    def shown(**options: bool) -> bool:
        school = need_class(a_class, "")
        site = write_site(results, tmp_path / "site", False, school, **options).parent
        return 'class="source"' in (site / "results" / f"{result.id}.html").read_text("utf-8")

    assert not shown()
    assert shown(has_readers_of_their_own=True)
    rules = a_class / "course.toml"
    rules.write_text("show_source = true\n" + rules.read_text())
    assert shown()
    kept = details_without_source(results, result)
    assert isinstance(kept, Details)
    assert kept.named_lines == []


def test_latencies_are_drawn_over_one_another_on_one_axis() -> None:
    fast = Details(latency_curve=[1e-3 + 1e-5 * n for n in range(101)])
    slow = Details(latency_curve=[2e-3 + 1e-5 * n for n in range(101)])
    drawing = latency_drawing(fast, slow)
    assert drawing is not None
    assert [line.median for line in drawing.lines] == ["1.5 ms", "2.5 ms"]
    ends = [float(line.points.split()[-1].split(",")[0]) for line in drawing.lines]
    assert ends[0] < ends[1] < drawing.width
    assert [tick.text for tick in drawing.ticks] == ["0 ms", "1 ms", "2 ms", "3 ms"]
    assert latency_drawing(fast, Details()) is None
    assert latency_drawing(fast, Details(latency_curve=[1e-3, float("nan")])) is None
