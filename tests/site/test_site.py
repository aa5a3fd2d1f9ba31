"""The pages: whole, self-contained, and the same whatever people call themselves."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.factories import accuracy, make_function_result, make_result, make_task, ratio
from support.hostile_texts import HOSTILE
from support.skeleton import Skeleton
from support.synthetic import make_details

from grader.errors import UsageError
from grader.records import (
    CaseGroup,
    Details,
    Measured,
    PhaseMemory,
    Result,
    Sample,
    Status,
    Tier,
    Verdict,
)
from grader.text import beginning, ending, page_line, shown_name
from reports import site_folder
from reports.assets import assets
from reports.pages.page import ICON, POLICY
from reports.site import Kept, build
from reports.words import VERDICTS

TASKS = [make_task("mnist"), make_task("softmax", exam="functions", needs=["mnist"], order=2)]


LINK = re.compile(
    r"(#[a-z0-9-]*|(\.\./)?([a-z]+\.html|(results|boards|authors)/[A-Za-z0-9-]+\.html|shared/[a-z0-9-]+\.(js|css))|[A-Za-z0-9-]+\.(html|json)|feed\.xml"
    r"|data:image/svg\+xml,[A-Za-z0-9%./_~-]+|data:image/png;base64,[A-Za-z0-9+/=]+)$"
)


def hostile_details(text: str) -> Details:
    """Return details whose every free text is `text`."""
    made = make_details()
    mistakes = [
        each.model_copy(update={"picture": "", "text": f"a {text}"}) for each in made.mistakes
    ]
    picture = make_details("generation").made
    changes = {
        "classes": [f"{text} {number}" for number in range(10)],
        "mistakes": mistakes,
        "made": picture,
        "real": text,
    }
    sample = Sample(prompt=text, written=f"{text} and {text}", copied=[(0, 3), (2, 900)])
    memory = [PhaseMemory(phase=text, bytes=1e6)]
    return made.model_copy(update={**changes, "samples": [sample], "memory": memory})


def with_text(text: str) -> list[Result]:
    """Return results whose every free text is `text`."""
    group = CaseGroup(
        function=text, group=text, status="fail", cases=3, passed=1, message=text, hint=text
    )
    base = make_result(text, text)
    measured = {
        "accuracy": accuracy(0.97),
        "train_seconds": Measured(value=12.0, unit="seconds", source=text),
        "speed_ratio": ratio(1.5),
        "extra": Measured(value=1.0, unit=text),
    }
    shared: dict[str, Any] = {
        "machine": base.machine.model_copy(
            update={"cpu": text, "gpu": text, "system": text, "python": text}
        ),
        "submission": base.submission.model_copy(
            update={
                "notes": [text],
                "reported": {text: [text, {text: text}]},
                "file": text,
                "source": text,
                "sha256": text,
            }
        ),
        "verdict": Verdict(status=Status.ACCEPTED, reason=text, code=text),
        "notes": [text],
        "image": text,
        "grader_version": text,
    }
    task = base.task.model_copy(update={"title": text, "score_version": text})
    return [
        make_result(device=text).model_copy(
            update={**shared, "measurements": measured, "task": task}
        ),
        make_function_result("", 1).model_copy(update={**shared, "cases": [group]}),
        make_result().model_copy(
            update={**shared, "task": task.model_copy(update={"id": text, "exam_version": text})}
        ),
    ]


def pages_of(
    results: list[Result], folder: Path, log: str = "", details: Details | None = None
) -> dict[str, Skeleton]:
    kept = Kept(log=lambda result: log, details=lambda result: details, hint=lambda result: log)
    build(results, folder, tasks=TASKS, kept=kept, left_out=[log] if log else [])
    found = {path.name: path for path in sorted(folder.rglob("*.html"))}
    return {name: Skeleton(path.read_text("utf-8")) for name, path in found.items()}


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_adds_an_element_or_an_attribute(text: str, tmp_path: Path) -> None:
    harmless = [
        result.model_copy(update={"id": f"r{i}"}) for i, result in enumerate(with_text("plain"))
    ]
    hostile = [
        result.model_copy(update={"id": f"r{i}"}) for i, result in enumerate(with_text(text))
    ]
    expected = pages_of(harmless, tmp_path / "harmless", "plain", hostile_details("plain"))
    received = pages_of(hostile, tmp_path / "hostile", text, hostile_details(text))
    assert len(expected) == len(received) == 11
    for name, page in received.items():
        if name in expected:  # a board's page is named after its task's id, which is the text here
            assert page.elements == expected[name].elements, name
        links = [value for _, attribute, value in page.values if attribute in ("href", "src")]
        assert all(LINK.match(link) for link in links), links
    shown = beginning(text)
    assert any(shown in part for part in received["r0.html"].texts)


@pytest.mark.parametrize("text", HOSTILE)
def test_data_inside_scripts_holds_no_markup(text: str, tmp_path: Path) -> None:
    seen = 0
    for page in pages_of(with_text(text), tmp_path, text, hostile_details(text)).values():
        for attributes, content in page.scripts:
            assert attributes.get("type") == "application/json"
            assert not {"<", ">", "&", "\u2028"} & set(content)
            json.loads(content, parse_constant=pytest.fail)
            seen += 1
    assert seen > 10


@pytest.mark.parametrize(
    "text", ["<b>x</b>", "<a href='https://example.invalid'>x</a>", "<br>x", "a & <i>x"]
)
def test_plotly_gets_no_markup_that_it_would_read(text: str, tmp_path: Path) -> None:
    figures = 0
    for page in pages_of(with_text(text), tmp_path, text, hostile_details(text)).values():
        for attributes, content in page.scripts:
            if "data-plot" in attributes:
                texts = [
                    part
                    for part in strings(json.loads(content))
                    if "x" in part and not part.startswith("<b>%{")
                ]
                assert all(
                    "<" not in part.replace("<br>", "").replace("<extra></extra>", "")
                    for part in texts
                ), texts
                figures += 1
    assert figures > 5


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    each = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for item in each for text in strings(item)]


def test_names_are_normalised_cut_and_freed_of_direction_controls() -> None:
    assert page_line("\uff21da\u202e\u2066\u200b \n x") == "Ada x"
    assert len(shown_name("x" * 500)) == 60
    assert shown_name("\u202e\u200d ") == "(no name)"
    assert len(page_line("z" + "\u0335" * 100)) < 10


def test_texts_of_several_lines_keep_their_lines_and_lose_terminal_codes() -> None:
    assert beginning("a\r\n\x1b[31mb\x1b[0m\tc\x07\u202e") == "a\nb\tc"
    assert beginning("x" * 50, 10) == "x" * 10 + "\n[cut]"
    assert ending("\n".join(map(str, range(1000))), lines=3) == "997\n998\n999"
    assert ending("y" * 100, characters=10).endswith("\n" + "y" * 10)


def test_the_policy_lets_only_the_sites_own_scripts_run_and_nothing_load(tmp_path: Path) -> None:
    pages = pages_of([make_result(), make_function_result("Ada", 3)], tmp_path)
    assert "script-src 'self';" in POLICY
    assert POLICY.startswith("default-src 'none';")
    assert "http" not in POLICY
    for page in pages.values():
        (policy,) = [
            value
            for _, attribute, value in page.values
            if attribute == "content" and "default-src" in value
        ]
        assert policy == POLICY
        assert all(attributes.get("type") == "application/json" for attributes, _ in page.scripts)
        assert not [
            name
            for _, names in page.elements
            for name in names
            if name.startswith("on") or name == "style"
        ]


def test_pages_load_nothing_but_shared_files(tmp_path: Path) -> None:
    for page in pages_of([make_result(), make_function_result("Ada", 3)], tmp_path).values():
        tags = {tag for tag, _ in page.elements}
        assert not tags & {"iframe", "object", "embed", "form", "base", "video", "audio", "style"}
        for tag, attribute, value in page.values:
            if value == ICON:
                continue
            if attribute == "src" or (tag == "link" and attribute == "href"):
                assert re.fullmatch(r"(\.\./)?shared/[a-z-]+-[0-9a-f]{12}\.(js|css)", value), value
        assert not [
            value for _, attribute, value in page.values if attribute == "href" and "//" in value
        ]


def test_every_link_inside_the_site_leads_to_a_page(tmp_path: Path) -> None:
    results = [
        make_result(),
        make_result("Bo"),
        make_function_result("Ada", 3),
        make_result("Cy", id="../../escape"),
    ]
    index = build(results, tmp_path / "site", tasks=TASKS)
    checked = 0
    for path in index.parent.rglob("*.html"):
        page = Skeleton(path.read_text("utf-8"))
        for _, attribute, value in page.values:
            if attribute != "href" or value == ICON:
                continue
            file, _, anchor = value.partition("#")
            target = (path.parent / file).resolve() if file else path
            assert target.is_file(), value
            assert target.is_relative_to(index.parent.resolve()), value
            if anchor:
                ids = [v for _, a, v in Skeleton(target.read_text("utf-8")).values if a == "id"]
                assert anchor in ids, value
            checked += 1
    assert checked > 15
    assert not (tmp_path / "escape.html").exists()


def test_results_with_the_same_id_have_a_page_each(tmp_path: Path) -> None:
    build([make_result("Ada", id="same"), make_result("Bo", id="SAME")], tmp_path, tasks=TASKS)
    assert len(list((tmp_path / "results").glob("*.html"))) == 2


def test_a_result_page_is_small_and_plotly_is_in_one_shared_file(tmp_path: Path) -> None:
    build([make_result()], tmp_path, tasks=TASKS)
    (page,) = (tmp_path / "results").glob("*.html")
    assert page.stat().st_size < 40_000
    assert (tmp_path / "shared" / assets().plotly).stat().st_size > 1_000_000


def rows_of(folder: Path, board: str = "mnist") -> tuple[list[str], list[list[Any]]]:
    """Return the headings and the rows of a board's page."""
    page = Skeleton((folder / "boards" / f"{board}.html").read_text("utf-8"))
    found = {attributes.get("id"): json.loads(content) for attributes, content in page.scripts}
    return [column["title"] for column in found["board-columns"]], found["board-rows"]


def test_columns_without_any_value_are_left_out(tmp_path: Path) -> None:
    build([make_result(measurements={"accuracy": accuracy(0.9)})], tmp_path, tasks=TASKS)
    headings, (row,) = rows_of(tmp_path)
    assert headings == [
        "Rank",
        "Author",
        "Entry",
        "Score",
        "Verdict",
        "Accuracy",
        "Tier",
        "Runs",
        "Date",
    ]
    cell = ["90.00 %", 0.9, "89.70\u201390.30", 0, [0.897, 0.903]]
    assert row[headings.index("Accuracy")] == cell
    more = {"accuracy": accuracy(0.9), "speed_ratio": ratio(2), "memory_ratio": ratio(0.5)}
    build([make_result(), make_result("Bo", measurements=more)], tmp_path, tasks=TASKS)
    assert {"Training time", "Speed ratio", "Memory ratio"} <= set(rows_of(tmp_path)[0])


def test_a_board_of_several_machines_says_which_entry_is_whose(tmp_path: Path) -> None:
    one = make_result("Ada")
    other = one.machine.model_copy(update={"id": "m2", "cpu": "Other CPU"})
    build([one, make_result("Bo", machine=other)], tmp_path, tasks=TASKS)
    assert "Machine" in rows_of(tmp_path)[0]
    assert "not comparable" in (tmp_path / "boards" / "mnist.html").read_text("utf-8")


def test_every_version_tier_and_device_has_a_page_that_the_tasks_first_board_links_to(
    tmp_path: Path,
) -> None:
    results = [
        make_result(),
        make_result(exam_version="old"),
        make_result(tier=Tier.PROCESS),
        make_result(device="A100"),
    ]
    build(results, tmp_path, tasks=TASKS)
    pages = sorted(path.name for path in (tmp_path / "boards").glob("*.html"))
    assert len(pages) == 4
    first = Skeleton((tmp_path / "boards" / "mnist.html").read_text("utf-8"))
    assert {value for tag, name, value in first.values if tag == "a" and name == "href"} >= set(
        pages
    )


def test_of_a_metric_where_less_is_better_the_least_is_first(tmp_path: Path) -> None:
    def bits(author: str, value: float) -> Result:
        result = make_result(
            author, measurements={"bits_per_character": Measured(value=value, unit="bits")}
        )
        record = {"metric": "bits_per_character", "better": "lower"}
        return result.model_copy(update={"task": result.task.model_copy(update=record)})

    build([bits("Ada", 2.4), bits("Bo", 1.8)], tmp_path, tasks=TASKS)
    headings, rows = rows_of(tmp_path)
    assert [row[1][0] for row in rows] == ["Bo", "Ada"]
    page = Skeleton((tmp_path / "boards" / "mnist.html").read_text("utf-8"))
    columns = {attributes.get("id"): content for attributes, content in page.scripts}[
        "board-columns"
    ]
    assert json.loads(columns)[headings.index("Bits per character")]["greatestFirst"] is False


def test_a_verdict_is_a_word_and_a_symbol(tmp_path: Path) -> None:
    build([make_result(f"author {s}", status=s) for s in Status], tmp_path, tasks=TASKS)
    headings, rows = rows_of(tmp_path)
    cells = {row[headings.index("Verdict")][2]: row[headings.index("Verdict")] for row in rows}
    for status, word in VERDICTS.items():
        assert (cells[status.value][0], cells[status.value][3]) == (word.text, word.symbol)


def test_a_result_page_says_all_that_is_known(tmp_path: Path) -> None:
    measured = {
        "latency_seconds": Measured(
            value=2e-4,
            low=1e-4,
            high=3e-4,
            n=64,
            unit="seconds",
            spread="quartiles",
            source="batch 1",
            noisy=True,
        )
    }
    group = CaseGroup(
        function="relu",
        group="zeros",
        status="fail",
        cases=4,
        passed=1,
        message="expected: 0\nreceived: 1",
        hint="a sign",
    )
    base = make_result("Ada", "net")
    reported = base.submission.model_copy(update={"reported": {"parameters": 101770}})
    result = base.model_copy(
        update={
            "measurements": measured,
            "par": {"latency_seconds": Measured(value=4e-4, unit="seconds")},
            "cases": [group],
            "notes": ["a note"],
            "submission": reported,
            "verdict": Verdict(status=Status.BELOW_TARGET, reason="the reason"),
        }
    )
    kept = Kept(log=lambda _: "epoch 1", hint=lambda _: "look at the sign")
    build([result], tmp_path, tasks=TASKS, kept=kept)
    text = "\n".join(
        Skeleton((tmp_path / "results" / f"{result.id}.html").read_text("utf-8")).texts
    )
    for part in (
        "Below target", "the reason", "200 µs", "100\u2013300 (quartiles)", "64",
        "batch 1", "400 µs", "relu", "expected: 0\nreceived: 1", "a sign", "a note",
        "Reported by the submission", "parameters: 101770", "Printed by the submission",
        "epoch 1", "of 70.0", "look at the sign", "a sign",
    ):  # fmt: skip
        assert part in text, part


def test_a_page_without_results_says_what_to_do(tmp_path: Path) -> None:
    html = build([], tmp_path, tasks=[]).read_text("utf-8")
    assert "No results yet" in html
    assert "No results yet" in (tmp_path / "class.html").read_text("utf-8")
    assert "No tasks found" in (tmp_path / "curriculum.html").read_text("utf-8")
    assert len(html) < 40_000


def test_building_again_replaces_pages_and_drops_only_its_own_old_ones(tmp_path: Path) -> None:
    old, new = make_result("Ada", id="old"), make_result("Bo", id="new")
    build([old], tmp_path / "site", tasks=TASKS)
    kept = [tmp_path / "site" / "CNAME", tmp_path / "site" / "results" / "mine.html"]
    for path in kept:
        path.write_text("mine", "utf-8")
    build([new], tmp_path / "site", tasks=TASKS)
    assert sorted(path.name for path in (tmp_path / "site" / "results").iterdir()) == [
        "mine.html",
        "new.html",
        "new.json",
    ]
    assert all(path.read_text("utf-8") == "mine" for path in kept)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("moves", range(7))
def test_a_stop_at_any_move_leaves_a_site_whose_links_all_work(
    moves: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build([make_result("Ada", id="a"), make_result("Bo", id="b")], tmp_path / "site", tasks=TASKS)
    done = 0
    replace = os.replace

    def stopping(source: Path, target: Path) -> None:
        nonlocal done
        if done == moves:
            raise KeyboardInterrupt
        done += 1
        replace(source, target)

    monkeypatch.setattr(site_folder.os, "replace", stopping)
    with pytest.raises(KeyboardInterrupt):
        build(
            [make_result("Cy", id="c"), make_result("Di", id="d")], tmp_path / "site", tasks=TASKS
        )
    for name in ("index.html", "boards/mnist.html", "class.html"):
        page = Skeleton((tmp_path / "site" / name).read_text("utf-8"))
        links = [
            v
            for _, a, v in page.values
            if a == "href" and v.startswith(("results/", "boards/", "../"))
        ]
        assert links
        assert all(((tmp_path / "site" / name).parent / link).is_file() for link in links)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_file_in_the_way_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="is a file"):
        build([], tmp_path / "site", tasks=TASKS)
    assert (tmp_path / "site").read_text("utf-8") == "mine"


def test_times_without_a_zone_and_figures_that_are_not_finite_do_not_stop_a_build(
    tmp_path: Path,
) -> None:
    odd = {
        "accuracy": Measured(value=float("nan"), unit="share"),
        "train_seconds": Measured(value=float("inf"), unit="s"),
    }
    results = [
        make_result("Ada", created_at=datetime(2025, 1, 1)),
        make_result("Bo", measurements=odd, points=(float("nan"), 0, 0)),
    ]
    build(results, tmp_path, tasks=TASKS)
    assert "not a number" in str(rows_of(tmp_path)[1])
