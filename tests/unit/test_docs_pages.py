"""docs/assemble.py and links: to a page it stays one, to code its text stays, to nothing fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import assemble
from docs.docstrings import as_markdown


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two pages, a lesson's folder and a file that no page is made of."""
    monkeypatch.setattr(assemble, "ROOT", tmp_path)
    for name in ("docs/learn/one.md", "docs/teach/two.md", "tasks/neuron/README.md", "code.py"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    return tmp_path


def resolved(root: Path, text: str) -> tuple[str, list[str]]:
    """Return the text of docs/learn/one.md for the site, and the problems."""
    source = root / "docs/learn/one.md"
    source.write_text(text)
    places = {
        source: "learn/one.md",
        root / "docs/teach/two.md": "teach/two.md",
        root / "tasks/neuron/README.md": "learn/lessons/neuron.md",
    }
    problems: list[str] = []
    return assemble.resolve_links(source, "learn/one.md", places, problems), problems


def test_a_link_to_a_page_leads_to_where_the_site_has_it(repository: Path) -> None:
    text = "see [the\nlesson](../../tasks/neuron/README.md#idea) and [two](../teach/two.md)"
    expected = "see [the\nlesson](lessons/neuron.md#idea) and [two](../teach/two.md)"
    assert resolved(repository, text) == (expected, [])


def test_a_link_to_code_becomes_its_text(repository: Path) -> None:
    assert resolved(repository, "in [`code.py`](../../code.py).") == ("in `code.py`.", [])


def test_addresses_and_code_are_left_alone(repository: Path) -> None:
    text = "[a](https://example.org/x) [b](#here) `[c](gone.md)`\n\n```md\n[d](gone.md)\n```\n"
    assert resolved(repository, text) == (text, [])


def test_a_link_that_leads_nowhere_is_named_with_its_line(repository: Path) -> None:
    _, problems = resolved(repository, "one\n\n```\ncode\n```\n\nand [two](../teach/gone.md)\n")
    assert problems == ["docs/learn/one.md:7: ../teach/gone.md leads nowhere"]


def test_every_script_of_another_machine_is_found() -> None:
    found = assemble.ASKS_ANOTHER_MACHINE
    assert found.search('<script src="https://example.org/a.js"></script>')
    assert found.search('<link rel="stylesheet" href="//example.org/a.css">')
    assert not found.search('<a href="https://example.org">a link</a>')
    assert not found.search('<script src="../javascripts/mermaid.min.js"></script>')


def test_docstrings_become_markdown() -> None:
    assert as_markdown(">>> 1 + 1\n2") == "```pycon\n>>> 1 + 1\n2\n```"
    listed = as_markdown("device: cpu,\nor a GPU.\nseed, draw: numbers.")
    assert listed == "- `device`: cpu,\n  or a GPU.\n- `seed`, `draw`: numbers."
    assert as_markdown("Return it.") == "Return it."
