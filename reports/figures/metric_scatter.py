"""The metric of every entry of a board against its speed, and against its training time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.measures import Format, find
from grader.records import Measured, Status
from grader.results.boards import Board, Entry
from grader.text import shown_name
from reports.figures.entry_words import entry_title, score_line
from reports.figures.plot import (
    BLUE,
    GREY,
    HOVER,
    LEGEND,
    ORANGE,
    VIOLET,
    Plot,
)
from reports.numbers import (
    TIMES,
    interval_text,
    is_lower_better,
    measure_name,
    value_text,
)
from reports.words import plot_text

if TYPE_CHECKING:
    import plotly.graph_objects as go

SPEED = "speed_ratio"
TRAIN_TIME = "train_seconds"
STEPS = (1, 2, 5)  # of the ticks of a logarithmic axis
MOST_DOUBLINGS = 5  # ticks to each side of par
WIDE = 8  # times the smallest: an axis that reaches further is logarithmic
MOST_POINTS = 400
LABEL_CHARACTERS = 18
LABEL_WIDTH = 0.3  # share of the plot that a label needs for itself
LABEL_HEIGHT = 0.09
# Diameters of marks, in pixels.
USUAL_MARK = 11.0
SMALLEST_MARK = 6.0
LARGEST_MARK = 22.0


@dataclass(frozen=True)
class Point:
    """One entry in the plot."""

    x: float
    y: Measured
    author: str
    name: str
    about: str
    is_accepted: bool
    memory: float | None = None  # bytes

    @property
    def ends(self) -> tuple[float, float]:
        """Both ends of the metric's interval; the metric itself where it has none."""
        return self.y.interval or (self.y.value, self.y.value)


def metric_against_speed(board: Board) -> Plot | None:
    """Return the metric over the speed ratio, with par marked.

    None if no entry has both figures.
    """
    entries = points_of(board, SPEED)
    if not entries:
        return None
    lower = is_lower_better(board.newest)
    accepted = [point for point in entries if point.is_accepted]
    front = pareto_front(accepted, less_is_better=False, lower=lower)
    figure = new_figure()
    add_front(figure, front, "vh")
    add_entries(figure, entries)
    add_par_line(figure)
    left_outside = fit_metric_axis(figure, board, entries)
    fit_speed_axis(figure, points_inside(figure, entries))
    add_labels(figure, front)
    figure.update_xaxes(title_text="Speed, times par (higher is better)")
    up = "Down" if lower else "Up"
    caption = (
        f"{up} and to the right is better. Par is the reference solution, timed in the same run."
    )
    caption += about_front(front)
    if any(point.memory for point in entries):
        caption += " The larger the mark, the more memory was used."
    caption += left_outside + about_cut(board, SPEED)
    return Plot(f"{metric_name(board)} against speed", caption, figure)


def metric_against_train_time(board: Board) -> Plot | None:
    """Return the metric over the training time; None if no entry has both figures."""
    entries = points_of(board, TRAIN_TIME)
    if not entries:
        return None
    lower = is_lower_better(board.newest)
    front = pareto_front([point for point in entries if point.is_accepted], lower=lower)
    figure = new_figure()
    add_front(figure, front, "hv")
    add_entries(figure, entries)
    add_par(figure, board, TRAIN_TIME)
    left_outside = fit_metric_axis(figure, board, entries)
    fit_time_axis(figure, [*points_inside(figure, entries), *par_values(board, TRAIN_TIME)])
    add_labels(figure, front)
    figure.update_xaxes(title_text="Training time, seconds (lower is better)")
    up = "Down" if lower else "Up"
    caption = f"{up} and to the left is better." + about_front(front)
    caption += left_outside + about_cut(board, TRAIN_TIME)
    return Plot(f"{metric_name(board)} against training time", caption, figure)


def new_figure() -> go.Figure:
    """Return an empty figure."""
    # Here, because Plotly takes a quarter of a second to come, and boards of functions need none.
    import plotly.graph_objects as go

    return go.Figure()


# What is drawn.


def points_of(board: Board, key: str) -> list[Point]:
    """Return the first entries that have both figures, finite, and a measurement above 0."""
    found: list[Point] = []
    for entry in board.entries:
        point = point_of(entry, key)
        if point is not None:
            found.append(point)
        if len(found) == MOST_POINTS:
            break
    return found


def point_of(entry: Entry, key: str) -> Point | None:
    result = entry.result
    x = result.measurements.get(key)
    y = result.metric
    if result.verdict.status is Status.GRADER_ERROR or x is None or y is None:
        return None
    if not is_positive(x.value) or not math.isfinite(y.value):
        return None
    memory = result.measurements.get("peak_memory_bytes")
    return Point(
        x=x.value,
        y=y,
        author=shown_name(result.submission.author, LABEL_CHARACTERS),
        name=entry_title(result),
        about=plot_text(about_point(entry, key, x, y)).replace("\n", "<br>"),
        is_accepted=entry.rank is not None,
        memory=memory.value if memory is not None and is_positive(memory.value) else None,
    )


def about_point(entry: Entry, key: str, x: Measured, y: Measured) -> str:
    """Return the lines that a reader sees at a point."""
    metric = entry.result.metric_key
    interval = interval_text(metric, y)
    metric_line = f"{measure_name(metric)} {value_text(metric, y)}"
    if interval:
        metric_line += f" ({interval})"
    return f"{score_line(entry)}\n{metric_line}\n{measure_name(key)} {value_text(key, x)}"


def is_positive(value: float) -> bool:
    return math.isfinite(value) and value > 0


def pareto_front(
    entries: Iterable[Point], *, less_is_better: bool = True, lower: bool = False
) -> list[Point]:
    """Return the points that no other beats in both, from the best x on.

    less_is_better: of x. lower: whether a lower metric is better.
    """
    right = 1 if less_is_better else -1
    up = -1 if lower else 1
    front: list[Point] = []
    for point in sorted(entries, key=lambda point: (right * point.x, -up * point.y.value)):
        if not front or up * point.y.value > up * front[-1].y.value:
            front.append(point)
    return front


def add_front(figure: go.Figure, front: Sequence[Point], shape: str) -> None:
    """Join the entries that no other beats with a dotted line of steps."""
    if len(front) < 2:
        return
    figure.add_scatter(
        x=[point.x for point in front],
        y=[point.y.value for point in front],
        mode="lines",
        line={"color": GREY, "width": 1.5, "dash": "dot", "shape": shape},
        hoverinfo="skip",
        name="best so far",
        showlegend=False,
    )


def add_entries(figure: go.Figure, entries: Sequence[Point]) -> None:
    """Draw accepted and other entries as two series that differ in shape as well as in colour."""
    for is_accepted, label, colour, symbol in (
        (True, "accepted", BLUE, "circle"),
        (False, "not accepted", ORANGE, "x"),
    ):
        series = [point for point in entries if point.is_accepted is is_accepted]
        if not series:
            continue
        figure.add_scatter(
            x=[point.x for point in series],
            y=[point.y.value for point in series],
            mode="markers",
            marker={
                "color": colour,
                "symbol": symbol,
                "size": mark_sizes(series, entries),
                "opacity": 0.8,
                "line": {"width": 0},
            },
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [point.ends[1] - point.y.value for point in series],
                "arrayminus": [point.y.value - point.ends[0] for point in series],
                "thickness": 1.2,
                "width": 3,
                "color": colour,
            },
            customdata=[[plot_text(point.name), point.about] for point in series],
            hovertemplate=HOVER,
            name=label,
        )


def mark_sizes(series: Sequence[Point], entries: Sequence[Point]) -> list[float]:
    """Return the diameters of marks: their areas grow with the memory, in a readable range."""
    most = max((point.memory for point in entries if point.memory), default=None)
    sizes = []
    for point in series:
        size = USUAL_MARK
        if most is not None and point.memory:
            size = max(SMALLEST_MARK, LARGEST_MARK * math.sqrt(point.memory / most))
        sizes.append(size)
    return sizes


def add_par_line(figure: go.Figure) -> None:
    """Mark the speed of the reference, which is 1 by definition."""
    figure.add_vline(x=1, line={"color": VIOLET, "width": 1.5, "dash": "dash"})
    figure.add_annotation(
        x=0,  # on a logarithmic axis an annotation stands at the logarithm
        y=1,
        yref="paper",
        text="par",
        showarrow=False,
        xanchor="left",
        yanchor="bottom",
        font={"color": VIOLET},
    )


def add_par(figure: go.Figure, board: Board, key: str) -> None:
    """Mark the reference's own figures, once for each machine that measured other ones."""
    seen: dict[tuple[float, float], str] = {}
    for entry in board.entries:
        metric = entry.result.metric_key
        x = entry.result.par.get(key)
        y = entry.result.par.get(metric)
        if x is None or y is None or not is_positive(x.value) or not math.isfinite(y.value):
            continue
        seen[(x.value, y.value)] = f"{value_text(metric, y)}\n{value_text(key, x)}"
    if not seen:
        return
    texts = [plot_text(about).replace("\n", "<br>") for about in seen.values()]
    figure.add_scatter(
        x=[x for x, _ in seen],
        y=[y for _, y in seen],
        mode="markers",
        marker={"color": VIOLET, "symbol": "diamond", "size": 12},
        customdata=[["par: the reference solution", text] for text in texts],
        hovertemplate=HOVER,
        name="par",
    )


# The axes.


def fit_metric_axis(figure: go.Figure, board: Board, entries: Sequence[Point]) -> str:
    """Fit the axis of the metric to the accepted entries.

    A single hopeless entry would otherwise press all others into one line. Returns a sentence about
    the entries that lie outside, or an empty text.
    """
    metric = board.newest.metric_key
    accepted = [point for point in entries if point.is_accepted] or entries
    ys = [*par_values(board, metric, above_zero=False)]
    for point in accepted:
        ys += [point.y.value, *(point.y.ends or ())]
    ys = [y for y in ys if math.isfinite(y)]
    span = max(max(ys) - min(ys), 0.01 * abs(max(ys)), 1e-9)
    low = min(ys) - 0.35 * span
    high = max(ys) + 0.25 * span
    figure.update_yaxes(range=[low, high], title_text=metric_name(board))
    if find(metric, accepted[0].y.unit).format in (Format.SHARE, Format.CASES):
        figure.update_yaxes(tickformat=".1%" if span < 0.1 else ".0%")
    figure.update_layout(height=380, legend=LEGEND)
    below = sum(point.y.value < low for point in entries)
    above = sum(point.y.value > high for point in entries)
    return about_outside(below, above)


def par_values(board: Board, key: str, *, above_zero: bool = True) -> list[float]:
    """Return the finite values that the reference had of a measurement."""
    found = []
    for entry in board.entries:
        figure = entry.result.par.get(key)
        if figure is None or not math.isfinite(figure.value):
            continue
        if figure.value > 0 or not above_zero:
            found.append(figure.value)
    return found


def points_inside(figure: go.Figure, entries: Sequence[Point]) -> list[float]:
    """Return x of the entries within the range of the metric's axis."""
    low, high = figure.layout.yaxis.range
    return [point.x for point in entries if low <= point.y.value <= high]


def fit_speed_axis(figure: go.Figure, xs: Sequence[float]) -> None:
    """Make the axis of speed ratios logarithmic and symmetric around par, in doublings."""
    reach = max((abs(math.log2(x)) for x in xs), default=0.0)
    reach = max(1.3, reach * 1.15)
    step = math.ceil(reach / MOST_DOUBLINGS)  # so many that the texts of ticks don't touch
    values = [2.0 ** (step * power) for power in range(-MOST_DOUBLINGS, MOST_DOUBLINGS + 1)]
    limit = reach * math.log10(2)
    figure.update_xaxes(
        type="log",
        tickvals=values,
        ticktext=[ratio_tick(value) for value in values],
        range=[-limit, limit],
    )


def ratio_tick(value: float) -> str:
    return f"{value:g}{TIMES}" if value >= 1 else f"1/{1 / value:g}{TIMES}"


def fit_time_axis(figure: go.Figure, xs: Sequence[float]) -> None:
    """Begin the axis of times at 0, or make it logarithmic where times differ much."""
    if max(xs) / min(xs) <= WIDE:
        figure.update_xaxes(range=[0, max(xs) * 1.1])
        return
    values = ticks(min(xs) / 2, max(xs) * 2)
    figure.update_xaxes(
        type="log",
        tickvals=values,
        ticktext=[f"{x:g}" for x in values],
        range=[math.log10(min(xs)) - 0.25, math.log10(max(xs)) + 0.15],
    )


def ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times powers of ten that span a range of a logarithmic axis."""
    first = math.floor(math.log10(low))
    last = math.ceil(math.log10(high))
    found = []
    for power in range(first, last + 1):
        for step in STEPS:
            tick = step * 10.0**power
            if low * 0.999 <= tick <= high * 1.001:
                found.append(tick)
    return found


# Labels and captions.


def add_labels(figure: go.Figure, front: Sequence[Point]) -> None:
    """Write the authors beside the entries that no other beats, where there is room.

    Those with the highest metric come first.
    """
    is_log = figure.layout.xaxis.type == "log"
    left, right = figure.layout.xaxis.range
    low, high = figure.layout.yaxis.range
    placed: list[tuple[float, float]] = []
    for point in sorted(front, key=lambda point: -point.y.value):
        x = math.log10(point.x) if is_log else point.x
        across = (x - left) / (right - left)
        up = (point.y.value - low) / (high - low)
        if any(abs(across - a) < LABEL_WIDTH and abs(up - u) < LABEL_HEIGHT for a, u in placed):
            continue
        placed.append((across, up))
        is_left = across < 0.5
        figure.add_annotation(
            x=x,
            y=point.y.value,
            text=plot_text(point.author),
            showarrow=False,
            xanchor="left" if is_left else "right",
            yanchor="bottom",
            xshift=5 if is_left else -5,
            yshift=3,
        )


def about_front(front: Sequence[Point]) -> str:
    if len(front) < 2:
        return ""
    return " The dotted line joins entries that no other entry beats in both."


def about_outside(below: int, above: int) -> str:
    if not below + above:
        return ""
    where = "outside"
    if not above:
        where = "below"
    if not below:
        where = "above"
    lie = "entries lie" if below + above > 1 else "entry lies"
    return f" {below + above} {lie} {where} the range shown; the table has them all."


def about_cut(board: Board, key: str) -> str:
    count = sum(key in entry.result.measurements for entry in board.entries)
    return f" The first {MOST_POINTS} of {count} entries." if count > MOST_POINTS else ""


def metric_name(board: Board) -> str:
    return measure_name(board.newest.metric_key)
