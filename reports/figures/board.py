"""Boards -> Plotly figures. Every text that reaches a figure is escaped here, because Plotly reads
some HTML in it.

Colours are readable on light and dark pages alike; what depends on the page (fonts, grid,
background) is set by the page's script.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from grader.records import Measured, Result, Status
from grader.results.boards import Board, Entry
from reports.display import (
    PLOT_NAME_CHARACTERS,
    TIMES,
    VERDICTS,
    has_interval,
    is_lower_better,
    measure_name,
    plot_text,
    points,
    range_text,
    shown_name,
    value_text,
)

BLUE, ORANGE, GREY, VIOLET = (
    "#3b7ddd",
    "#c96a12",
    "#7d8590",
    "#8b63d9",
)  # told apart in every common colour blindness
STEPS = (1, 2, 5)
MOST_DOUBLINGS = 5  # ticks to each side of par
HOVER = "<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>"
MOST_BARS = 30
LABEL_CHARACTERS = 18
MOST_POINTS = 400
MARK, SMALLEST, LARGEST = 11.0, 6.0, 22.0  # pixels
LABEL_WIDTH, LABEL_HEIGHT = 0.3, 0.09  # shares of the plot that a label needs for itself


@dataclass(frozen=True)
class Plot:
    """A figure with what stands around it."""

    title: str
    caption: str
    figure: Any  # a go.Figure, or the same as plain values


@dataclass(frozen=True)
class Point:
    """One entry in a scatter plot."""

    x: float
    y: Measured
    author: str
    name: str
    about: str
    is_accepted: bool
    memory: float | None = None  # bytes


def plots(board: Board) -> list[Plot]:
    """Return the figures a board has the data for."""
    made = [metric_against_speed(board), metric_against_train_time(board)]
    found = [plot for plot in made if plot is not None]
    if not found:
        bars = score_bars(board)
        found = [bars] if bars is not None else []
    return found


def metric_against_train_time(board: Board) -> Plot | None:
    """Return accuracy over train time, the fastest most accurate entries joined; None without two
    figures.
    """
    entries = _points(board, "train_seconds")
    if not entries:
        return None
    name = _metric_name(board)
    figure = go.Figure()
    lower = is_lower_better(board.newest)
    front = pareto_front([point for point in entries if point.is_accepted], lower=lower)
    _add_front(figure, front, "hv")
    _add_entries(figure, entries)
    _add_par(figure, board, "train_seconds")
    below = _set_ranges(figure, board, entries, "train_seconds")
    _add_labels(figure, front)
    figure.update_xaxes(title_text="Train time, seconds (less is better)")
    figure.update_yaxes(title_text=name)
    caption = f"{'Down' if lower else 'Up'} and to the left is better."
    if len(front) > 1:
        caption += " The dotted line joins entries that no other entry beats in both."
    return Plot(
        f"{name} against train time", caption + below + _left_out(board, "train_seconds"), figure
    )


def metric_against_speed(board: Board) -> Plot | None:
    """Return accuracy over the speed ratio, with par marked; None without two figures."""
    entries = _points(board, "speed_ratio")
    if not entries:
        return None
    name = _metric_name(board)
    figure = go.Figure()
    lower = is_lower_better(board.newest)
    front = pareto_front(
        [point for point in entries if point.is_accepted], less_is_better=False, lower=lower
    )
    _add_front(figure, front, "vh")
    _add_entries(figure, entries)
    figure.add_vline(x=1, line={"color": VIOLET, "width": 1.5, "dash": "dash"})
    figure.add_annotation(
        x=0,
        y=1,
        yref="paper",
        text="par",
        showarrow=False,
        xanchor="left",
        yanchor="bottom",
        font={"color": VIOLET},
    )
    below = _set_ranges(figure, board, entries, "speed_ratio")
    _add_labels(figure, front)
    figure.update_xaxes(title_text="Speed, times par (more is better)")
    figure.update_yaxes(title_text=name)
    caption = f"{'Down' if lower else 'Up'} and to the right is better. Par is the reference solution, timed in the same run."
    if len(front) > 1:
        caption += " The dotted line joins entries that no other entry beats in both."
    if any(point.memory for point in entries):
        caption += " The larger the mark, the more memory was used."
    return Plot(f"{name} against speed", caption + below + _left_out(board, "speed_ratio"), figure)


def score_bars(board: Board) -> Plot | None:
    """Return one bar an author, best on top; None where there is nothing to compare."""
    scored = [
        entry
        for entry in board.entries
        if entry.result.score and math.isfinite(entry.result.score.total)
    ]
    shown = scored[:MOST_BARS]
    if len(shown) < 2:
        return None
    figure = go.Figure()
    figure.add_bar(
        x=[entry.result.score.total for entry in shown if entry.result.score],
        y=list(range(len(shown))),
        orientation="h",
        marker={"color": [BLUE if entry.rank is not None else ORANGE for entry in shown]},
        text=[points(entry.result.score.total) for entry in shown if entry.result.score],
        textposition="auto",
        cliponaxis=False,
        customdata=[
            [plot_text(_title(entry.result)), plot_text(_score_line(entry))] for entry in shown
        ],
        hovertemplate=HOVER,
        name="score",
    )
    names = [
        plot_text(shown_name(entry.result.submission.author, PLOT_NAME_CHARACTERS))
        for entry in shown
    ]
    figure.update_yaxes(
        tickvals=list(range(len(shown))), ticktext=names, autorange="reversed", automargin=True
    )
    figure.update_xaxes(range=[0, 105], title_text="Score")
    figure.update_layout(height=max(220, 90 + 30 * len(shown)), showlegend=False, bargap=0.35)
    caption = "Blue: accepted. Orange: not accepted."
    if len(scored) > len(shown):
        caption += f" The first {len(shown)} of {len(scored)} entries."
    return Plot("Score by author", caption, figure)


def pareto_front(
    entries: Sequence[Point], *, less_is_better: bool = True, lower: bool = False
) -> list[Point]:
    """Return the points that no other beats in both, from the best x on. lower: of two metrics the
    lower is better.
    """
    sign, up = 1 if less_is_better else -1, -1 if lower else 1
    front: list[Point] = []
    for point in sorted(entries, key=lambda point: (sign * point.x, -up * point.y.value)):
        if not front or up * point.y.value > up * front[-1].y.value:
            front.append(point)
    return front


def _add_front(figure: go.Figure, front: Sequence[Point], shape: str) -> None:
    """Join the entries that no other beats with a dotted line of steps."""
    if len(front) > 1:
        figure.add_scatter(
            x=[point.x for point in front],
            y=[point.y.value for point in front],
            mode="lines",
            line={"color": GREY, "width": 1.5, "dash": "dot", "shape": shape},
            hoverinfo="skip",
            name="best so far",
            showlegend=False,
        )


def _left_out(board: Board, key: str) -> str:
    count = sum(key in entry.result.measurements for entry in board.entries)
    return f" The first {MOST_POINTS} of {count} entries." if count > MOST_POINTS else ""


def ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times powers of ten that span a range of a logarithmic axis."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = [step * 10.0**power for power in range(first, last + 1) for step in STEPS]
    return [tick for tick in every if low * 0.999 <= tick <= high * 1.001]


def _points(board: Board, key: str) -> list[Point]:
    """Return the entries that have both figures, positive and finite."""
    found: list[Point] = []
    for entry in board.entries:
        if len(found) == MOST_POINTS:
            break
        result = entry.result
        x, y = result.measurements.get(key), result.metric
        if result.verdict.status is Status.GRADER_ERROR or x is None or y is None:
            continue
        if not (math.isfinite(x.value) and x.value > 0 and math.isfinite(y.value)):
            continue
        metric = result.metric_key
        spread = f" ({range_text(metric, y)})" if has_interval(y) else ""
        about = f"{measure_name(metric)} {value_text(metric, y)}{spread}\n{measure_name(key)} {value_text(key, x)}"
        lines = plot_text(f"{_score_line(entry)}\n{about}").replace("\n", "<br>")
        author = shown_name(result.submission.author, LABEL_CHARACTERS)
        memory = result.measurements.get("peak_memory_bytes")
        size = (
            memory.value
            if memory is not None and math.isfinite(memory.value) and memory.value > 0
            else None
        )
        found.append(Point(x.value, y, author, _title(result), lines, entry.rank is not None, size))
    return found


def _add_entries(figure: go.Figure, entries: Sequence[Point]) -> None:
    """Draw accepted and other entries as two series that differ in shape as well as in colour."""
    for is_accepted, label, colour, symbol in (
        (True, "accepted", BLUE, "circle"),
        (False, "not accepted", ORANGE, "x"),
    ):
        series = [point for point in entries if point.is_accepted is is_accepted]
        if not series:
            continue
        ends = [
            (point.y.low, point.y.high)
            if has_interval(point.y) and point.y.low is not None and point.y.high is not None
            else (point.y.value, point.y.value)
            for point in series
        ]
        figure.add_scatter(
            x=[point.x for point in series],
            y=[point.y.value for point in series],
            mode="markers",
            marker={
                "color": colour,
                "symbol": symbol,
                "size": _sizes(series, entries),
                "opacity": 0.8,
                "line": {"width": 0},
            },
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [
                    high - point.y.value for point, (_, high) in zip(series, ends, strict=True)
                ],
                "arrayminus": [
                    point.y.value - low for point, (low, _) in zip(series, ends, strict=True)
                ],
                "thickness": 1.2,
                "width": 3,
                "color": colour,
            },
            customdata=[[plot_text(point.name), point.about] for point in series],
            hovertemplate=HOVER,
            name=label,
        )


def _sizes(series: Sequence[Point], entries: Sequence[Point]) -> list[float]:
    """Return the marks' diameters in pixels: their areas grow with the memory, within a range that
    stays readable.
    """
    most = max((point.memory for point in entries if point.memory), default=None)
    if most is None:
        return [MARK] * len(series)
    return [
        MARK if not p.memory else max(SMALLEST, LARGEST * math.sqrt(p.memory / most))
        for p in series
    ]


def _add_par(figure: go.Figure, board: Board, key: str) -> None:
    """Mark the reference solution where every machine's figure of it is one and the same kind."""
    seen: dict[tuple[float, float], str] = {}
    for entry in board.entries:
        x, y = entry.result.par.get(key), entry.result.par.get(entry.result.metric_key)
        if (
            x is not None
            and y is not None
            and math.isfinite(x.value)
            and x.value > 0
            and math.isfinite(y.value)
        ):
            metric = entry.result.metric_key
            seen[(x.value, y.value)] = f"{value_text(metric, y)}\n{value_text(key, x)}"
    if not seen:
        return
    figure.add_scatter(
        x=[x for x, _ in seen],
        y=[y for _, y in seen],
        mode="markers",
        marker={"color": VIOLET, "symbol": "diamond", "size": 12},
        customdata=[
            ["par: the reference solution", plot_text(about).replace("\n", "<br>")]
            for about in seen.values()
        ],
        hovertemplate=HOVER,
        name="par",
    )


def _set_ranges(figure: go.Figure, board: Board, entries: Sequence[Point], key: str) -> str:
    """Fit the axes to the accepted entries and return a sentence about what is left out below."""
    pars = [entry.result.par for entry in board.entries]
    good = [point for point in entries if point.is_accepted] or list(entries)
    ys = [
        bound
        for point in good
        for bound in (point.y.value, point.y.low, point.y.high)
        if bound is not None
    ]
    metric = board.newest.metric_key
    ys += [par[metric].value for par in pars if metric in par]
    ys = [y for y in ys if math.isfinite(y)]
    span = max(max(ys) - min(ys), 0.01 * abs(max(ys)), 1e-9)
    low, high = min(ys) - 0.35 * span, max(ys) + 0.25 * span
    figure.update_yaxes(range=[low, high])
    if metric == "accuracy" or "share" in board.newest.measurements.get(metric, good[0].y).unit:
        figure.update_yaxes(tickformat=".1%" if span < 0.1 else ".0%")
    xs = [point.x for point in entries if low <= point.y.value <= high]
    if key == "speed_ratio":
        xs.append(1.0)
        reach = max(abs(math.log2(x)) for x in xs)
        reach = max(1.3, reach * 1.15)
        step = math.ceil(reach / MOST_DOUBLINGS)  # so that texts don't touch
        values = [2.0 ** (step * power) for power in range(-MOST_DOUBLINGS, MOST_DOUBLINGS + 1)]
        texts = [
            f"{value:g}{TIMES}" if value >= 1 else f"1/{1 / value:g}{TIMES}" for value in values
        ]
        limit = reach * math.log10(2)
        figure.update_xaxes(type="log", tickvals=values, ticktext=texts, range=[-limit, limit])
    else:
        xs += [
            par[key].value
            for par in pars
            if key in par and par[key].value > 0 and math.isfinite(par[key].value)
        ]
        if max(xs) / min(xs) > 8:
            values = ticks(min(xs) / 2, max(xs) * 2)
            bounds = [math.log10(min(xs)) - 0.25, math.log10(max(xs)) + 0.15]
            figure.update_xaxes(
                type="log", tickvals=values, ticktext=[f"{x:g}" for x in values], range=bounds
            )
        else:
            figure.update_xaxes(range=[0, max(xs) * 1.1])
    figure.update_layout(
        height=380, legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
    )
    below, above = (
        sum(point.y.value < low for point in entries),
        sum(point.y.value > high for point in entries),
    )
    if not below + above:
        return ""
    where = "outside" if below and above else "below" if below else "above"
    lie = "entries lie" if below + above > 1 else "entry lies"
    return f" {below + above} {lie} {where} the range shown; the table has them all."


def _add_labels(figure: go.Figure, front: Sequence[Point]) -> None:
    """Write the author beside the best entries, the most accurate first, where there is room for
    it.
    """
    is_log = figure.layout.xaxis.type == "log"
    (left, right), (low, high) = figure.layout.xaxis.range, figure.layout.yaxis.range
    placed: list[tuple[float, float]] = []
    for point in sorted(front, key=lambda point: -point.y.value):
        x = math.log10(point.x) if is_log else point.x
        across, up = (x - left) / (right - left), (point.y.value - low) / (high - low)
        if any(abs(across - a) < LABEL_WIDTH and abs(up - u) < LABEL_HEIGHT for a, u in placed):
            continue
        placed.append((across, up))
        figure.add_annotation(
            x=x,
            y=point.y.value,
            text=plot_text(point.author),
            showarrow=False,
            xanchor="left" if across < 0.5 else "right",
            yanchor="bottom",
            xshift=5 if across < 0.5 else -5,
            yshift=3,
        )


def _metric_name(board: Board) -> str:
    return measure_name(board.newest.metric_key)


def _title(result: Result) -> str:
    author = shown_name(result.submission.author, PLOT_NAME_CHARACTERS)
    name = shown_name(result.submission.name, PLOT_NAME_CHARACTERS, missing="")
    return f"{author}: {name}" if name else author


def _score_line(entry: Entry) -> str:
    score = entry.result.score
    word = VERDICTS[entry.result.verdict.status].text
    return f"{word}, score {points(score.total)}" if score else word
