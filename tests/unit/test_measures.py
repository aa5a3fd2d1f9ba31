"""The registry of what is measured, and the documents and readers that rely on it."""

from __future__ import annotations

import re

import pytest
from support.paths import ROOT

from grader import measures
from grader.measures import MEASURES, REGISTERED, Format

FORMAT_PAGE = ROOT / "docs" / "measure" / "results-format.md"
UNITS = {
    Format.SHARE: "share",
    Format.CASES: "share of cases",
    Format.SECONDS: "seconds",
    Format.BYTES: "bytes",
    Format.RATIO: "ratio",
}


def test_no_two_measures_share_an_id_a_label_or_a_column() -> None:
    assert len(MEASURES) == len(REGISTERED)
    assert len({each.label for each in REGISTERED}) == len(REGISTERED)
    columns = [each.column for each in REGISTERED if each.column]
    assert len(set(columns)) == len(columns)


@pytest.mark.parametrize("measure", REGISTERED, ids=lambda measure: measure.id)
def test_an_entry_says_all_that_readers_need(measure: measures.Measure) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", measure.id)
    assert measure.label[0].isupper()
    assert measure.unit
    assert measure.unit == UNITS.get(measure.format, measure.unit)
    assert measure.doc
    assert "|" not in measure.doc
    assert not measure.doc.endswith(".")
    assert not (measure.column and measure.is_detail)


@pytest.mark.parametrize("measure", REGISTERED, ids=lambda measure: measure.id)
def test_a_guess_from_id_and_unit_agrees_with_the_registry(measure: measures.Measure) -> None:
    assert measures.format_of(measure.id, measure.unit) is measure.format


def test_the_documentation_is_the_registry() -> None:
    table = measures.documentation()
    assert table in FORMAT_PAGE.read_text("utf-8"), (
        f"docs/measure/{FORMAT_PAGE.name} lacks the table of today's measures. Print it: "
        "`python -c 'from grader import measures; print(measures.documentation())'`, put it there"
    )


def test_an_unregistered_measurement_is_found_by_its_id_and_unit() -> None:
    found = measures.find("queue_seconds", "seconds")
    assert (found.label, found.format, found.better) == ("Queue", Format.SECONDS, "none")
    assert measures.find("frogs", "frogs a pond").suffix == "frogs a pond"
    assert measures.find("accuracy") is MEASURES["accuracy"]


def test_a_label_in_a_sentence_keeps_the_capitals_of_names() -> None:
    assert MEASURES["macro_f1"].in_sentence == "macro F1"
    assert MEASURES["frechet_distance"].in_sentence == "Fréchet distance"
