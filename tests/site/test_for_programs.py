"""What programs read of a site: JSON by its own schema, a feed, badges."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from support.factories import make_function_result, make_result, make_task
from support.hostile_texts import HOSTILE

from grader.records import Result
from reports import page_keys
from reports.for_programs import BoardFile, ResultsFile, badge
from reports.site import build

ATOM = "{http://www.w3.org/2005/Atom}"
TASKS = [make_task("mnist"), make_task("softmax", exam="functions", order=2)]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    results = [make_result("Ada", id="a"), make_function_result("Bo", 4, id="b")]
    return build(results, tmp_path / "site", tasks=TASKS).parent


def test_every_file_is_as_its_schema_says_and_names_its_page(site: Path) -> None:
    listed = ResultsFile.model_validate_json((site / "results.json").read_text("utf-8"))
    assert [each.id for each in listed.results] == ["a", "b"]
    for each in listed.results:
        assert (site / each.page).is_file()
        whole = Result.model_validate_json((site / each.json_file).read_text("utf-8"))
        assert (whole.id, whole.submission.author) == (each.id, each.author)
    board = BoardFile.model_validate_json((site / "boards" / "mnist.json").read_text("utf-8"))
    [entry] = board.entries
    assert (entry.rank, entry.author, entry.score) == (1, "Ada", 88.0)
    assert (site / entry.page).is_file()
    for name in ("result", "results", "board"):
        schema = json.loads((site / "schemas" / f"{name}.schema.json").read_text("utf-8"))
        assert schema["type"] == "object"
        assert schema["properties"]


def test_schemas_are_written_again_where_one_is_missing_or_another_version_wrote_the_site(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = site / "schemas" / "board.schema.json"
    before = schema.read_text("utf-8")
    schema.unlink()
    build([make_result("Ada", id="a")], site, tasks=TASKS)
    assert schema.read_text("utf-8") == before
    schema.write_text("of an older version")
    build([make_result("Ada", id="a")], site, tasks=TASKS)
    assert schema.read_text("utf-8") == "of an older version"  # nothing says that it changed
    monkeypatch.setattr(page_keys, "version", lambda: "another")
    build([make_result("Ada", id="a")], site, tasks=TASKS)
    assert schema.read_text("utf-8") == before


def test_a_result_that_is_gone_takes_its_json_along(site: Path) -> None:
    build([make_result("Ada", id="a")], site, tasks=TASKS)
    assert sorted(path.name for path in (site / "results").iterdir()) == ["a.html", "a.json"]
    assert not (site / "boards" / "softmax.json").exists()


@pytest.mark.parametrize("text", HOSTILE)
def test_feed_and_badges_are_whole_whatever_people_call_themselves(
    text: str, tmp_path: Path
) -> None:
    site = build([make_result(text, text)], tmp_path / "site", tasks=TASKS).parent
    feed = ElementTree.fromstring((site / "feed.xml").read_text("utf-8"))
    [entry] = feed.findall(f"{ATOM}entry")
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert (site / link.attrib["href"]).is_file()
    drawn = ElementTree.fromstring(badge(text, text))
    assert [child.tag.rpartition("}")[2] for child in drawn] == ["rect", "rect", "g"]
    assert (site / "badges" / "mnist.svg").is_file()
