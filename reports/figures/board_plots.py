"""The figures of a board's page, in their order."""

from __future__ import annotations

import math

from grader.results.boards import Board
from reports.figures.gains import improved
from reports.figures.metric_scatter import metric_against_speed, metric_against_train_time
from reports.figures.over_time import best_over_time, total_of
from reports.figures.plot import Plot
from reports.figures.score_bars import score_bars


def board_plots(board: Board) -> list[Plot]:
    """Return the figures that a board has the data for."""
    return [*entry_plots(board), *history_plots(board)]


def entry_plots(board: Board) -> list[Plot]:
    """Return the figures of the entries: their metric against others, or else their scores."""
    found = present(metric_against_speed(board), metric_against_train_time(board))
    return found or present(score_bars(board))


def history_plots(board: Board) -> list[Plot]:
    """Return the figures that need more than one run."""
    runs = []
    for run in board.graded:
        if run.result.score is not None and math.isfinite(total_of(run.result)):
            runs.append(run.result)
    return present(best_over_time(runs), improved(runs))


def present(*plots: Plot | None) -> list[Plot]:
    return [plot for plot in plots if plot is not None]
