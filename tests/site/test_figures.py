"""Figures are tested on their data; what they look like is not."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import pytest
from support.factories import accuracy, make_function_result, make_result, ratio

from grader.records import Measured, Result, Status
from grader.results.boards import Board, make_boards
from reports.figures.board_plots import entry_plots, history_plots
from reports.figures.metric_scatter import MOST_POINTS, ticks
from reports.figures.score_bars import score_bars


def seconds(value: float) -> Measured:
    return Measured(value=value, unit="seconds")


def timed(author: str, value: float, train: float, **changes: Any) -> Result:
    speed = changes.pop("speed", None)
    measurements = {"accuracy": accuracy(value, 0.002), "train_seconds": seconds(train)}
    if speed is not None:
        measurements["speed_ratio"] = ratio(speed)
    return make_result(author, measurements=measurements, points=(100 * value, 0, 0), **changes)


def only_board(*results: Result) -> Board:
    (board,) = make_boards(results)
    return board


def trace(figure: Any, name: str) -> Any:
    return next(data for data in figure.data if data.name == name)


def names(figure: Any) -> list[str]:
    return [data.name for data in figure.data]


def test_accuracy_stands_over_train_time_with_its_interval() -> None:
    (plot,) = entry_plots(only_board(timed("Ada", 0.97, 20.0), timed("Bo", 0.95, 5.0)))
    series = trace(plot.figure, "accepted")
    assert list(zip(series.x, series.y, strict=True)) == [(20.0, 0.97), (5.0, 0.95)]
    assert series.error_y.array == pytest.approx([0.002, 0.002])
    assert series.error_y.arrayminus == pytest.approx([0.002, 0.002])


def test_a_speed_ratio_brings_a_second_figure_with_par_marked_at_one() -> None:
    first, second = entry_plots(only_board(timed("Ada", 0.97, 20.0, speed=2.0)))
    assert first.title == "Accuracy against speed"
    assert second.title == "Accuracy against training time"
    (line,) = first.figure.layout.shapes
    assert line.x0 == line.x1 == 1
    low, high = first.figure.layout.xaxis.range
    assert low < 0 < math.log10(2.0) < high


def test_the_reference_is_marked_where_its_figures_are_known() -> None:
    par = {"accuracy": accuracy(0.96), "train_seconds": seconds(30.0)}
    (plot,) = entry_plots(
        only_board(timed("Ada", 0.97, 20.0, par=par), timed("Bo", 0.95, 5.0, par=par))
    )
    series = trace(plot.figure, "par")
    assert list(zip(series.x, series.y, strict=True)) == [(30.0, 0.96)]


def test_the_dotted_line_joins_only_entries_that_no_other_beats() -> None:
    (plot,) = entry_plots(
        only_board(
            timed("fast", 0.95, 5.0), timed("good", 0.99, 40.0), timed("neither", 0.94, 50.0)
        )
    )
    series = trace(plot.figure, "best so far")
    assert list(zip(series.x, series.y, strict=True)) == [(5.0, 0.95), (40.0, 0.99)]


def test_entries_not_accepted_are_a_series_of_another_shape() -> None:
    (plot,) = entry_plots(
        only_board(timed("Ada", 0.97, 20.0), timed("Bo", 0.95, 5.0, status=Status.FLAGGED))
    )
    assert (
        trace(plot.figure, "accepted").marker.symbol
        != trace(plot.figure, "not accepted").marker.symbol
    )
    assert list(trace(plot.figure, "not accepted").y) == [0.95]


def test_entries_below_the_range_are_counted_in_the_caption() -> None:
    (plot,) = entry_plots(
        only_board(timed("Ada", 0.97, 20.0), timed("Bo", 0.10, 5.0, status=Status.BELOW_TARGET))
    )
    assert plot.figure.layout.yaxis.range[0] > 0.9
    assert "1 entry lies below the range shown" in plot.caption


def test_grader_errors_and_figures_that_are_not_finite_are_not_drawn() -> None:
    board = only_board(
        timed("Ada", 0.97, 20.0),
        timed("Bo", 0.96, 20.0, status=Status.GRADER_ERROR),
        timed("Cy", math.nan, 20.0),
        timed("Di", 0.96, math.inf),
        timed("Ed", 0.96, 0.0),
    )
    (plot,) = entry_plots(board)
    assert list(trace(plot.figure, "accepted").y) == [0.97]


def test_a_function_task_has_score_bars_best_first() -> None:
    board = only_board(make_function_result("Ada", 7), make_function_result("Bo", 10))
    (plot,) = entry_plots(board)
    (bars,) = plot.values()["data"]
    assert bars["x"] == [100.0, 70.0]
    assert plot.values()["layout"]["yaxis"]["ticktext"] == ["Bo", "Ada"]


def test_pages_without_measured_figures_wait_for_no_plotting_library() -> None:
    program = "import sys, reports.site; print('plotly' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert said.stdout.strip() == "False", said.stderr


def test_two_authors_whose_shown_names_are_equal_have_a_bar_each() -> None:
    board = only_board(
        make_function_result("x" * 200 + "a", 7), make_function_result("x" * 200 + "b", 9)
    )
    plot = score_bars(board)
    assert plot is not None
    assert plot.values()["data"][0]["y"] == [0, 1]


def test_a_board_without_any_score_has_no_figure() -> None:
    assert (
        entry_plots(
            only_board(make_result(status=Status.GRADER_ERROR, points=None, measurements={}))
        )
        == []
    )


def test_one_score_alone_needs_no_figure() -> None:
    assert entry_plots(only_board(make_function_result("Ada", 7))) == []


def test_every_text_in_a_figure_is_escaped() -> None:
    bad = "<b>x</b>&<img src=a>"
    board = only_board(
        timed(bad, 0.97, 20.0, speed=2.0, name=bad), timed("Bo", 0.9, 5.0, speed=3.0)
    )
    bars = only_board(make_function_result(bad, 7, name=bad), make_function_result("Bo", 9))
    seen = 0
    for plot in [*entry_plots(board), *entry_plots(bars)]:
        data = plot.values()
        texts = [
            text for text in strings(data) if "x" in text and ("b>" in text or "b&gt;" in text)
        ]
        ours = [text for text in texts if not text.startswith("<b>%{customdata")]
        seen += len(ours)
        assert all("<b" not in text.replace("<br>", "") and "<img" not in text for text in ours), (
            ours
        )
    assert seen >= 4


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in strings(item)]
    return []


def with_memory(author: str, mib: float) -> Result:
    result = timed(author, 0.97, 20.0, speed=2.0)
    memory = {"peak_memory_bytes": Measured(value=mib * 2**20, unit="bytes")}
    return result.model_copy(update={"measurements": result.measurements | memory})


def test_marks_grow_with_the_memory_by_their_area() -> None:
    speed, _ = entry_plots(only_board(with_memory("Ada", 1600), with_memory("Bo", 400)))
    sizes = dict(zip((text[0] for text in trace(speed.figure, "accepted").customdata),
                     trace(speed.figure, "accepted").marker.size, strict=True))  # fmt: skip
    ada, bo = (
        next(size for name, size in sizes.items() if name.startswith(who)) for who in ("Ada", "Bo")
    )
    assert (ada / bo) ** 2 == pytest.approx(4)
    assert "the more memory" in speed.caption


def test_where_less_is_better_the_front_runs_the_other_way() -> None:
    def bits(author: str, value: float, train: float) -> Result:
        figure = Measured(value=value, unit="bits a character")
        result = make_result(
            author, measurements={"bits_per_character": figure, "train_seconds": seconds(train)}
        )
        record = {"metric": "bits_per_character", "better": "lower"}
        return result.model_copy(update={"task": result.task.model_copy(update=record)})

    (plot,) = entry_plots(
        only_board(bits("fast", 3.0, 5.0), bits("good", 1.8, 40.0), bits("neither", 3.5, 50.0))
    )
    assert list(trace(plot.figure, "best so far").y) == [3.0, 1.8]
    assert plot.caption.startswith("Down and to the left")


def test_more_entries_than_can_be_told_apart_are_cut_and_counted() -> None:
    board = only_board(
        *(timed(f"author {number}", 0.97, 20.0) for number in range(MOST_POINTS + 5))
    )
    (plot,) = entry_plots(board)
    assert len(trace(plot.figure, "accepted").x) == MOST_POINTS
    assert f"The first {MOST_POINTS} of {MOST_POINTS + 5} entries" in plot.caption


def test_the_best_score_over_time_never_falls_and_counts_accepted_runs_alone() -> None:
    runs = [
        make_result("Ada", points=(points, 0, 0), status=status)
        for points, status in [
            (50, "accepted"),
            (90, "flagged"),
            (40, "accepted"),
            (70, "accepted"),
        ]
    ]
    over_time, *_ = history_plots(only_board(*runs))
    every, best = over_time.figure["data"]
    assert every["y"] == [50, 90, 40, 70]
    assert best["y"] == [50, 70, 70]


def test_who_improved_is_sorted_by_the_gain_and_leaves_out_who_did_not() -> None:
    runs = [make_result(author, points=(points, 0, 0)) for author, points in
            [("Ada", 50), ("Bo", 20), ("Cy", 60), ("Ada", 60), ("Bo", 80), ("Cy", 10)]]  # fmt: skip
    _, gains = history_plots(only_board(*runs))
    assert gains.figure["layout"]["yaxis"]["ticktext"] == ["Bo", "Ada"]
    first, best = gains.figure["data"][1:]
    assert (first["x"], best["x"]) == ([20, 50], [80, 60])


def test_history_needs_two_runs() -> None:
    assert history_plots(only_board(make_result("Ada"))) == []


def test_ticks_of_a_logarithmic_axis_are_round() -> None:
    assert ticks(0.9, 25) == [1.0, 2.0, 5.0, 10.0, 20.0]
