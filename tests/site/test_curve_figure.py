"""The figure of the losses a submission told: whose word it is, what it draws, and what comes of
what is no curve.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError
from support.factories import make_result

from grader.records import Details, LossCurve
from reports.figures.printed_curve import printed_curve
from reports.figures.reported_curve import TITLE, reported_curve, running_median
from reports.figures.result_plots import result_plots
from reports.pages.result import Beside, result_page

LOG = (
    "epoch 1: loss 2.1 accuracy 30%\n"
    "epoch 2: loss 1.1 accuracy 60%\n"
    "epoch 3: loss 0.4 accuracy 90%\n"
)


def told(losses: list[Any], **changes: Any) -> Details:
    values = {
        "losses": losses,
        "places": list(range(1, len(losses) + 1)),
        "noted": len(losses),
        "source": "gradients",
    }
    return Details(reported=LossCurve(**(values | changes)))


def drawn(details: Details) -> dict[str, dict[str, Any]]:
    plot = reported_curve(details)
    assert plot is not None
    return {trace["name"]: trace for trace in plot.figure["data"]}


def test_a_short_curve_is_drawn_as_it_is_with_the_graders_own_line_beside_it() -> None:
    details = told([2.3, 1.0, 0.5], places=[1, 3, 4], noted=4, source="epochs", measured=0.4)
    plot = reported_curve(details)
    assert plot is not None
    assert plot.title == TITLE == "Training curve, as reported by the submission"
    assert "not checked, not scored" in plot.caption
    assert "3 of 4 are drawn" in plot.caption
    assert (
        "was measured by the grader: the cross-entropy of the finished model's answers"
        in plot.caption
    )
    traces = drawn(details)
    assert list(traces) == ["loss, as reported", "measured by the grader"]
    assert (traces["loss, as reported"]["x"], traces["loss, as reported"]["y"]) == (
        [1, 3, 4],
        [2.3, 1.0, 0.5],
    )
    assert traces["measured by the grader"]["x"] == [1, 4]
    assert traces["measured by the grader"]["y"] == [0.4, 0.4]


def test_nothing_says_that_the_grader_measured_where_it_did_not() -> None:
    plot = reported_curve(told([2.0, 1.0]))
    assert plot is not None
    assert "measured" not in plot.caption
    assert list(drawn(told([2.0, 1.0]))) == ["loss, as reported"]


def test_of_many_losses_the_running_median_is_drawn_too() -> None:
    losses = [2.0 if place % 2 else 1.0 for place in range(500)]
    traces = drawn(told(losses))
    assert traces["loss, as reported"]["opacity"] < 1
    assert len(traces["its running median"]["y"]) == 500


def test_the_median_leaves_out_what_is_not_finite() -> None:
    assert running_median([1.0, None, 3.0]) == [1.0, 2.0, 3.0]
    assert running_median([None, None, None]) == [None, None, None]


def test_what_is_not_finite_is_a_gap_and_is_said() -> None:
    details = told([2.0, "nan", "inf", 1.0, "-inf"])
    assert drawn(details)["loss, as reported"]["y"] == [2.0, None, None, 1.0, None]
    plot = reported_curve(details)
    assert plot is not None
    assert "3 of these are not finite" in plot.caption


@pytest.mark.parametrize(
    ("losses", "kind"), [([900.0, 50.0, 0.5], "log"), ([2.0, 0.5], None), ([9e9, -1.0], None)]
)
def test_a_curve_from_very_high_up_is_drawn_by_its_logarithm(
    losses: list[float], kind: str | None
) -> None:
    plot = reported_curve(told(losses))
    assert plot is not None
    assert plot.figure["layout"]["yaxis"].get("type") == kind


@pytest.mark.parametrize(
    "details",
    [Details(), told([]), told([1.0]), told(["nan", "nan", 1.0]), told([1.0, 2.0], places=[1])],
)
def test_what_is_no_curve_is_not_drawn(details: Details) -> None:
    assert reported_curve(details) is None


def test_a_text_is_no_loss() -> None:
    with pytest.raises(ValidationError):
        told(["<script>", 1.0])


def test_what_was_printed_besides_stays_and_the_losses_are_not_drawn_twice() -> None:
    titles = [plot.title for plot in result_plots(make_result(), told([2.0, 1.0]), LOG)]
    assert TITLE in titles
    assert "What else was printed while training" in titles
    beside = printed_curve(LOG, is_second=True)
    assert beside is not None
    assert [trace["name"] for trace in beside.figure["data"]] == ["accuracy"]
    alone = printed_curve(LOG)
    assert alone is not None
    assert [trace["name"] for trace in alone.figure["data"]] == ["loss", "accuracy"]


def test_the_page_shows_it_marked_as_reported() -> None:
    html = result_page(make_result(), Beside(details=told([2.3, 0.7], measured=0.6)))
    assert f"<h3>{TITLE}</h3>" in html
    assert "Reported by the submission: not checked, not scored." in html
    assert "2.3" in html


def test_details_of_before_load_and_have_none() -> None:
    old = {"schema_version": 1, "memory": [{"phase": "training", "bytes": 1.0}]}
    assert Details.model_validate_json(json.dumps(old)).reported is None
