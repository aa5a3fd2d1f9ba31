"""The figures of one result's page, in their order."""

from __future__ import annotations

from grader.records import Details, Result
from reports.figures.calibration import calibration
from reports.figures.classes import by_class, confusion
from reports.figures.latency import latency
from reports.figures.memory_phases import memory_phases
from reports.figures.plot import Plot
from reports.figures.printed_curve import printed_curve
from reports.figures.reported_curve import reported_curve


def result_plots(result: Result, details: Details | None, log: str) -> list[Plot]:
    """Return the figures that there is something for."""
    details = details or Details()
    plots = (
        latency(details),
        memory_phases(result, details),
        confusion(details),
        by_class(details),
        calibration(details),
        reported_curve(details),
        printed_curve(log, is_second=details.reported is not None),
    )
    return [plot for plot in plots if plot is not None]
