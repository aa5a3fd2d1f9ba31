"""The values that travel: verdict codes, measured figures, what a notebook shows."""

from __future__ import annotations

import pickle
import re

import pytest
from pydantic import ValidationError
from support.factories import make_result
from support.paths import ROOT

from grader.records import Code, Measured, Record, Result, Status, Verdict

VERDICTS = ROOT / "docs" / "learn" / "verdicts.md"


def codes_of_the_page() -> list[str]:
    """Return the codes in the third column of the first table."""
    table = VERDICTS.read_text("utf-8").partition("\n\n|")[2].partition("\n\n")[0]
    cells = [row.split("|")[3] for row in f"|{table}".splitlines()[2:]]
    return [code for cell in cells for code in re.findall(r"`([a-z_]+)`", cell)]


def test_every_code_of_a_verdict_is_documented_and_no_other() -> None:
    assert sorted(codes_of_the_page()) == sorted(Code)


@pytest.mark.parametrize("code", Code)
def test_a_code_says_what_it_means_and_travels(code: Code) -> None:
    assert code.meaning
    assert not code.meaning.endswith(".")
    assert pickle.loads(pickle.dumps(code)) is code
    assert Code(code.value) is code


def test_a_code_is_stored_as_text_and_unknown_ones_still_load() -> None:
    stored = Verdict(status=Status.BELOW_TARGET, code=Code.GATE).model_dump_json()
    assert '"code":"gate"' in stored
    later = stored.replace("gate", "of_a_later_version")
    assert Verdict.model_validate_json(later).code == "of_a_later_version"


def test_a_record_refuses_unknown_fields_and_never_changes() -> None:
    class Pair(Record):
        one: int
        other: int = 0

    with pytest.raises(ValidationError, match="onne"):
        Pair.model_validate({"one": 1, "onne": 2})
    with pytest.raises(ValidationError, match="frozen"):
        Pair(one=1).one = 2  # type: ignore[misc]


def test_an_interval_is_not_a_pair_of_quartiles() -> None:
    bounded = Measured(value=2, low=1, high=3, unit="s", spread="95% interval")
    spread = bounded.model_copy(update={"spread": "quartiles"})
    assert (bounded.ends, bounded.interval) == ((1, 3), (1, 3))
    assert (spread.ends, spread.interval) == ((1, 3), None)
    assert Measured(value=2, low=1, unit="s").ends is None


def hostile(text: str) -> Result:
    result = make_result()
    update = {
        "submission": result.submission.model_copy(update={"author": text}),
        "verdict": result.verdict.model_copy(update={"reason": text}),
        "measurements": {text: Measured(value=1, unit=text)},
    }
    return result.model_copy(update=update)


# The elements of which a notebook's view of a result is made.
OF_OUR_OWN = {
    *("div", "p", "b", "bdi", "br", "table", "tr", "th", "td", "svg", "rect", "pre", "ul", "li"),
    "span",
}


@pytest.mark.parametrize("text", ["<script>x</script>", "\x1b[2J\u202e<b>", '"><img src=x>'])
def test_a_notebook_shows_texts_and_no_markup_of_theirs(text: str) -> None:
    shown = hostile(text)._repr_html_()
    assert set(re.findall(r"</?([a-z]+)", shown)) <= OF_OUR_OWN
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_notebook_sees_no_formula_in_a_name() -> None:
    shown = hostile(r"$x^2$ \(a\) \begin{b}")._repr_html_()
    for sign in "$\\":
        assert f"<span>{sign}</span>" in shown
        assert sign not in shown.replace(f"<span>{sign}</span>", "")
