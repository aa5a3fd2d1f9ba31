"""The peak of the box's memory as it stood after each phase."""

from __future__ import annotations

import math
from typing import Any

from grader.records import Details, Result
from grader.text import shown_name
from reports.figures.plot import TEAL, VIOLET, Plot, level_line, level_note, of_values
from reports.numbers import MIB
from reports.words import plot_text

PHASE_CHARACTERS = 24


def memory_phases(result: Result, details: Details) -> Plot | None:
    """Return the peak after each phase, with par's; None if the phases are not kept."""
    names = []
    peaks = []
    hovers = []
    peak_before = 0.0
    for phase in details.memory:
        if not math.isfinite(phase.bytes) or phase.bytes < 0:
            continue
        peak = phase.bytes / MIB
        rise = peak - peak_before
        names.append(plot_text(shown_name(phase.phase, PHASE_CHARACTERS)))
        peaks.append(peak)
        hovers.append([f"peak so far {peak:,.0f} MiB, {rise:+,.0f} in this phase"])
        peak_before = peak
    if not peaks:
        return None
    bars = {
        "type": "bar",
        "x": names,
        "y": peaks,
        "marker": {"color": TEAL},
        "text": [f"{peak:,.0f}" for peak in peaks],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textfont": {"color": "#ffffff"},
        "customdata": hovers,
        "hovertemplate": "%{x}: %{customdata[0]}<extra></extra>",
        "showlegend": False,
    }
    layout: dict[str, Any] = {
        "height": 330,
        "yaxis": {"title": {"text": "Peak so far, MiB"}, "rangemode": "tozero"},
        "xaxis": {"type": "category"},
        "bargap": 0.45,
    }
    caption = "The most that everything in the box had held at once by the end of each phase."
    par = result.par.get("peak_memory_bytes")
    if par is not None and math.isfinite(par.value):
        level = par.value / MIB
        layout["shapes"] = [level_line(level, VIOLET)]
        layout["annotations"] = [level_note(f"par {level:,.0f} MiB", level, VIOLET)]
        caption += " The dashed line is par's peak over all phases."
    return of_values("Memory over the phases", caption, [bars], layout)
