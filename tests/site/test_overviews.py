"""The course, the class and the frameworks: pages about many results."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from support.factories import accuracy, make_function_result, make_result, make_task
from support.skeleton import Skeleton

from grader.records import Measured, Result, Status, Tier, Verdict
from reports.contents import author_address
from reports.page_keys import MADE_FROM
from reports.site import Kept, build

TASKS = [
    make_task("mnist"),
    make_task("softmax", exam="functions", needs=["mnist"], order=2),
    make_task("gan", needs=["softmax"], order=3),
]


def site(tmp_path: Path, *results: Result, **options: Any) -> Path:
    return build(results, tmp_path / "site", tasks=TASKS, **options).parent


def data_of(page: Path) -> dict[str | None, Any]:
    return {
        attributes.get("id"): json.loads(text)
        for attributes, text in Skeleton(page.read_text("utf-8")).scripts
    }


def text_of(page: Path) -> str:
    return re.sub(r"\s+", " ", "".join(Skeleton(page.read_text("utf-8")).texts))


def framed(author: str, framework: str, network: str = "", **changes: Any) -> Result:
    result = make_result(author, **changes)
    about = {"reported": {"framework": framework}, "network": network, "lines": 31}
    return result.model_copy(update={"submission": result.submission.model_copy(update=about)})


def test_the_course_lists_tasks_in_order_with_what_each_needs(tmp_path: Path) -> None:
    folder = site(tmp_path, make_result(), make_result("Bo", tier=Tier.PROCESS))
    page = Skeleton((folder / "curriculum.html").read_text("utf-8"))
    assert [v for tag, name, v in page.values if tag == "li" and name == "id"] == [
        "mnist",
        "softmax",
        "gan",
    ]
    assert ("a", "href", "#mnist") in page.values
    assert "2 of 2 authors accepted" in text_of(folder / "curriculum.html")


def test_the_course_knows_each_learners_way(tmp_path: Path) -> None:
    runs = [
        make_result("Ada", points=(40, 0, 0), status=Status.BELOW_TARGET, elapsed_seconds=90),
        make_result("Ada", points=(80, 0, 0), elapsed_seconds=30),
        make_function_result("Bo", 4, status=Status.BELOW_TARGET),
        make_result("Cy", points=None, measurements={}, status=Status.GRADER_ERROR),
    ]
    learners = data_of(site(tmp_path, *runs) / "curriculum.html")["learners"]
    assert [learner["name"] for learner in learners] == ["Ada", "Bo"]
    done, best, count, minutes, day = learners[0]["tasks"]["mnist"]
    assert (done, best, count, minutes) == (1, 80, 2, 2.0)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", day)
    assert learners[1]["tasks"]["softmax"][:3] == [0, 40, 1]


def test_the_class_lists_trouble_and_flags_first_and_says_why(tmp_path: Path) -> None:
    runs = [
        make_result("Ada"),
        make_result("Bo", status=Status.FLAGGED, reason="answers on changed copies are worse"),
        make_result(
            "Cy", status=Status.GRADER_ERROR, points=None, measurements={}, reason="no space left"
        ),
    ]
    html = (site(tmp_path, *runs) / "class.html").read_text("utf-8")
    assert html.index("no space left") < html.index("answers on changed copies are worse")
    assert (
        html.index("What needs attention")
        < html.index("Who is stuck")
        < html.index("Tasks by learners")
    )


def test_stuck_is_who_tried_often_and_was_never_accepted(tmp_path: Path) -> None:
    below = Status.BELOW_TARGET
    runs = [
        make_result(author, points=(30, 0, 0), status=below)
        for author in ("Ada", "Bo", "Cy")
        for _ in range(3)
    ]
    runs += [
        make_result("Bo"),
        make_result("Di", status=below),
        make_result("Cy", points=(44, 0, 0), status=below),
    ]
    text = text_of(site(tmp_path, *runs) / "class.html")
    stuck = text[text.index("Who is stuck") : text.index("Tasks by learners")]
    assert [name for name in ("Ada", "Bo", "Cy", "Di") if name in stuck] == ["Ada", "Cy"]
    assert stuck.index("Cy") < stuck.index("Ada")  # more runs
    assert "44.0" in stuck


def test_the_matrix_has_a_row_an_author_and_keeps_tiers_apart(tmp_path: Path) -> None:
    runs = [
        make_result("Ada"),
        make_function_result("Ada", 10),
        make_result("Bo"),
        make_result("Bo", tier=Tier.PROCESS),
    ]
    found = data_of(site(tmp_path, *runs) / "class.html")
    assert [column["title"] for column in found["class-1-columns"]] == [
        "Author",
        "Accepted",
        "Mnist",
        "Softmax",
    ]
    assert [(row[0], row[1][1]) for row in found["class-1-rows"]] == [("Ada", 2), ("Bo", 1)]
    assert found["class-1-rows"][1][3] is None
    assert [row[0] for row in found["class-2-rows"]] == ["Bo"]


def test_frameworks_are_compared_where_they_have_the_same_network(tmp_path: Path) -> None:
    runs = [
        framed("Ada", "torch", "Dense 784"),
        framed("Bo", "jax", "dense 784"),
        framed("Cy", "keras", "another"),
        framed("Di", "torch", "dense 784", points=(10, 0, 0)),
    ]
    text = text_of(site(tmp_path, *runs) / "frameworks.html")
    assert "JAX" in text
    assert "PyTorch" in text
    assert "Keras wide" not in text
    assert "by Ada" in text
    assert "by Di" not in text
    assert "31" in text


def test_of_the_same_network_what_leads_alone_is_bold_and_the_metric_has_its_interval(
    tmp_path: Path,
) -> None:
    def run(author: str, framework: str, train: float, speed: float) -> Result:
        measured = {
            "accuracy": accuracy(0.9412),
            "train_seconds": Measured(value=train, unit="seconds"),
        }
        measured |= {"speed_ratio": Measured(value=speed, unit="ratio")}
        return framed(author, framework, "dense", measurements=measured)

    folder = site(tmp_path, run("Ada", "torch", 5.4, 2.0), run("Bo", "jax", 9.1, 2.0))
    html = (folder / "frameworks.html").read_text("utf-8")
    assert re.findall('<b class="best">(.*?)</b>', html) == ["5.40 s"]
    assert html.count('<span class="small">93.82\u201394.42</span>') == 2


def test_without_a_common_network_the_best_of_each_framework_are_shown_and_called_so(
    tmp_path: Path,
) -> None:
    text = text_of(site(tmp_path, framed("Ada", "torch"), framed("Bo", "jax")) / "frameworks.html")
    assert "They need not be the same network" in text
    alone = text_of(
        site(tmp_path / "b", framed("Ada", "torch"), framed("Bo", "torch")) / "frameworks.html"
    )
    assert "Nothing to compare yet" in alone


def test_the_first_page_names_leaders_and_what_was_left_out(tmp_path: Path) -> None:
    left_out = [f"mnist/r{number}/result.json is left out: cut off" for number in range(25)]
    runs = [
        make_result(author, points=(points, 0, 0)) for author, points in (("Ada", 90), ("Zoe", 50))
    ]
    text = text_of(site(tmp_path, *runs, left_out=left_out) / "index.html")
    assert "mnist/r0/result.json is left out" in text
    assert "And 5 more" in text
    first = text.partition("Best entry")[2]
    assert "Ada" in first
    assert "Zoe" not in first


@pytest.mark.parametrize("status", [Status.GRADER_ERROR, Status.RUNTIME_ERROR])
def test_only_failures_make_a_whole_site(status: Status, tmp_path: Path) -> None:
    runs = [
        make_result(author, points=None, measurements={}, status=status, reason="x")
        for author in ("Ada", "Bo")
    ]
    folder = site(tmp_path, *runs)
    assert "nobody yet" in (folder / "index.html").read_text("utf-8")
    assert len(data_of(folder / "boards" / "mnist.html")["board-rows"]) == 2


NAMES = ["محمد", "नमस्ते", "花子", "Ελένη", "נועה", "🦉", "a" * 500, "", "\u202eevil"]


def test_names_in_every_script_make_a_whole_site(tmp_path: Path) -> None:
    folder = site(tmp_path, *(make_result(name, name) for name in NAMES))
    rows = data_of(folder / "boards" / "mnist.html")["board-rows"]
    assert {"محمد", "नमस्ते", "花子", "Ελένη", "נועה", "🦉", "(no name)"} <= {
        row[1][0] for row in rows
    }
    assert all("\u202e" not in path.read_text("utf-8") for path in folder.rglob("*.html"))


# Building again.


def stamps(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mtime_ns
        for path in folder.rglob("*.html")
    }


def changed(before: dict[str, int], after: dict[str, int]) -> set[str]:
    overviews = {"index.html", "class.html", "curriculum.html", "frameworks.html"}
    return {path for path, stamp in after.items() if before.get(path) != stamp} - overviews


def test_only_pages_that_can_have_changed_are_made_again(tmp_path: Path) -> None:
    old = [make_result("Ada", id="a"), make_function_result("Bo", 4, id="b")]
    folder = site(tmp_path, *old)
    before = stamps(folder)
    site(tmp_path, *old)
    assert changed(before, stamps(folder)) == set()
    site(tmp_path, *old, make_result("Cy", id="c"))
    expected = {"results/c.html", "boards/mnist.html", author_address("cy")}
    assert changed(before, stamps(folder)) == expected


def test_an_attempt_makes_the_one_before_link_to_it(tmp_path: Path) -> None:
    old = [make_result("Ada", id="a"), make_result("Bo", id="b")]
    folder = site(tmp_path, *old)
    before = stamps(folder)
    site(tmp_path, *old, make_result("ADA", id="c", points=(69.0, 12.0, 8.0)))
    made_again = {"results/a.html", "results/c.html", "boards/mnist.html", author_address("ada")}
    assert changed(before, stamps(folder)) == made_again
    first = (folder / "results" / "a.html").read_text("utf-8")
    second = (folder / "results" / "c.html").read_text("utf-8")
    assert 'href="../results/c.html" rel="next"' in first
    assert 'href="../results/a.html" rel="prev"' in second
    assert "+1.0 points since the attempt before" in second


def test_every_attempt_is_reachable_from_its_authors_page(tmp_path: Path) -> None:
    runs = [
        make_result("Ada", id="a", points=(10, 0, 0), status=Status.BELOW_TARGET),
        make_result("Ada", id="b"),
        make_result("Ada", id="c", tier=Tier.PROCESS),
        make_function_result("Ada", 10, id="d"),
        make_result("Bo", id="e"),
    ]
    folder = site(tmp_path, *runs)
    html = (folder / author_address("ada")).read_text("utf-8")
    linked = set(re.findall(r'href="\.\./results/([a-z]+)\.html"', html))
    assert linked == {"a", "b", "c", "d"}
    assert "4 attempts" in html
    assert html.count("<polyline") == 1
    board = (folder / "boards" / "mnist.html").read_text("utf-8")
    assert f"../{author_address('ada')}" in board


def test_a_changed_result_log_or_hint_makes_its_page_again(tmp_path: Path) -> None:
    old = make_result("Ada", id="a")
    folder = site(tmp_path, old, make_result("Bo", id="b"))
    for options, result in (
        ({}, old.model_copy(update={"verdict": Verdict(status="flagged")})),
        ({"kept": Kept(stamp=lambda result: "new" if result.id == "a" else "")}, old),
    ):
        before = stamps(folder)
        site(tmp_path, result, make_result("Bo", id="b", minutes=1), **options)
        assert "results/a.html" in changed(before, stamps(folder))


@pytest.mark.parametrize(
    "list_of_pages", ["", "[]", '{"version": "old", "pages": {"results/a.html": "x"}}', "{"]
)
def test_a_list_of_pages_that_cannot_be_trusted_makes_all_again(
    list_of_pages: str, tmp_path: Path
) -> None:
    result = make_result("Ada", id="a")
    folder = site(tmp_path, result)
    before = stamps(folder)
    (folder / MADE_FROM).write_text(list_of_pages)
    site(tmp_path, result)
    expected = {"results/a.html", "boards/mnist.html", author_address("ada")}
    assert changed(before, stamps(folder)) == expected


def test_a_page_that_went_missing_is_made_again(tmp_path: Path) -> None:
    result = make_result("Ada", id="a")
    folder = site(tmp_path, result)
    (folder / "results" / "a.html").unlink()
    site(tmp_path, result)
    assert (folder / "results" / "a.html").is_file()
