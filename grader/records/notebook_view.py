"""How a result looks as the last value of a notebook's cell.

What a page shows first, without its style sheet: how it ended, the points as bars, the figures
beside par's, the cases and the likely mistakes. Every text is cleaned and escaped. Colours are the
notebook's own (`currentColor`), so a dark theme stays dark, and nothing is fetched. Front ends that
strip styles from notebooks nobody trusts yet still show plain tables.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from grader import measures
from grader.figures import interval_text, measure_name, value_text
from grader.text import beginning, notebook_line, notebook_text

if TYPE_CHECKING:
    from grader.records.findings import CaseGroup, Diagnosis
    from grader.records.result import Result
    from grader.records.verdict import Score

REASON_CHARACTERS = 1000
MESSAGE_CHARACTERS = 2000
LINE_CHARACTERS = 400
MOST_SIGNS = 4
MOST_DIAGNOSES = 4
BAR = 120  # pixels
CASE_WORDS = {
    "pass": "passed",
    "fail": "wrong",
    "error": "error",
    "not_attempted": "not written yet",
    "skipped": "waits for another function",
    "by_hand": "graded by hand",
}
LEFT = "text-align:left"
RIGHT = "text-align:right"


def result_view(result: Result) -> str:
    """Return a result as a piece of HTML."""
    parts = [heading(result)]
    if result.verdict.reason:
        parts.append(f"<p>{lines_of(result.verdict.reason, REASON_CHARACTERS)}</p>")
    if result.score is not None:
        parts.append(points_table(result.score, measure_name(result.metric_key)))
    parts += [case_view(case) for case in result.cases]
    parts += [diagnosis_view(each) for each in result.diagnoses[:MOST_DIAGNOSES]]
    parts.append(figures_table(result))
    return f'<div class="dl-grader" style="color:inherit">{"".join(parts)}</div>'


def heading(result: Result) -> str:
    """Return how it ended, and whose work it is."""
    status = notebook_text(result.verdict.status.value.replace("_", " ").capitalize())
    task = notebook_line(result.task.title)
    return f"<p><b>{status}</b>: {task}, by {notebook_line(result.submission.author)}</p>"


def lines_of(text: str, characters: int) -> str:
    """Return the beginning of a text of several lines, cleaned and escaped."""
    return notebook_text(beginning(text, characters)).replace("\n", "<br>")


def points_table(score: Score, metric: str) -> str:
    """Return the points, all of them and by their parts, each with a bar. metric: its name."""
    rows = [points_row("Score", score.total, 100.0)]
    parts = [
        (notebook_text(metric), score.accuracy, score.max_accuracy),
        ("Speed", score.speed, score.max_speed),
        ("Memory", score.memory, score.max_memory),
    ]
    parts = [part for part in parts if part[2] > 0]
    if len(parts) > 1:
        rows += [points_row(*part) for part in parts]
    capped = ""
    if score.capped:
        capped = f"<p>Capped: {notebook_line(score.capped, LINE_CHARACTERS)}</p>"
    return f"<table>{''.join(rows)}</table>{capped}"


def points_row(name: str, points: float, most: float) -> str:
    """Return one row: name, points, and how much of all points that is."""
    share = points / most if most > 0 and math.isfinite(points) else 0.0
    width = round(BAR * min(max(share, 0.0), 1.0))
    bar = (
        f'<svg width="{BAR}" height="9" aria-hidden="true">'
        f'<rect width="{BAR}" height="9" rx="2" fill="currentColor" fill-opacity="0.18"/>'
        f'<rect width="{width}" height="9" rx="2" fill="currentColor" fill-opacity="0.75"/></svg>'
    )
    count = f"{points:.1f} of {most:g}"
    return row_of([name, count, bar], [LEFT, RIGHT, LEFT])


def row_of(cells: Sequence[str], styles: Sequence[str]) -> str:
    """Return one row of a table; its first cell is the heading of the row."""
    first = f'<th scope="row" style="{styles[0]}">{cells[0]}</th>'
    pairs = zip(cells[1:], styles[1:], strict=True)
    rest = "".join(f'<td style="{style}">{cell}</td>' for cell, style in pairs)
    return f"<tr>{first}{rest}</tr>"


def case_view(case: CaseGroup) -> str:
    """Return one group of cases; where it is wrong, with its smallest failing case and a hint."""
    name = f"{notebook_line(case.called)} {notebook_line(case.group)}"
    said = f"<p><b>{CASE_WORDS[case.status]}</b> {name}: {notebook_text(case.count)}</p>"
    if case.message and case.status in ("fail", "error", "by_hand"):
        message = notebook_text(beginning(case.message, MESSAGE_CHARACTERS))
        said += f"<pre>{message}</pre>"
    if case.hint:
        hint = notebook_line(case.hint, LINE_CHARACTERS)
        said += f"<p>This is the result you get if {hint}</p>"
    return said


def diagnosis_view(diagnosis: Diagnosis) -> str:
    """Return a mistake that the run looks like, with its place and its signs."""
    where = f" ({notebook_line(diagnosis.where)})" if diagnosis.where else ""
    sure = diagnosis.likelihood.capitalize()
    title = notebook_line(diagnosis.title, LINE_CHARACTERS)
    signs = diagnosis.because[:MOST_SIGNS]
    told = "".join(f"<li>{notebook_line(sign, LINE_CHARACTERS)}</li>" for sign in signs)
    return f"<p><b>{sure}</b>: {title}{where}</p>" + (f"<ul>{told}</ul>" if told else "")


def figures_table(result: Result) -> str:
    """Return what was measured, beside par, in the order of the registry."""
    styles = [LEFT, RIGHT, LEFT, RIGHT]
    rows = []
    for key in shown_figures(result):
        figure = result.measurements[key]
        par = result.par.get(key)
        cells = [
            notebook_text(measure_name(key)),
            notebook_text(value_text(key, figure)),
            notebook_text(interval_text(key, figure)),
            "" if par is None else notebook_text(value_text(key, par)),
        ]
        rows.append(row_of(cells, styles))
    if not rows:
        return ""
    return (
        f"<table>{headings(['', 'yours', '95 % interval', 'par'], styles)}{''.join(rows)}</table>"
    )


def headings(names: Iterable[str], styles: Iterable[str]) -> str:
    """Return the row of headings of a table."""
    pairs = zip(names, styles, strict=True)
    cells = "".join(f'<th scope="col" style="{style}">{name}</th>' for name, style in pairs)
    return f"<tr>{cells}</tr>"


def shown_figures(result: Result) -> list[str]:
    """Return the measurements that are no details, the metric first; unknown ones come last."""
    known = [key for key in measures.MEASURES if key in result.measurements]
    shown = [key for key in known if not measures.find(key).is_detail]
    shown.sort(key=lambda key: key != result.metric_key)
    return shown + sorted(result.measurements.keys() - set(known))
