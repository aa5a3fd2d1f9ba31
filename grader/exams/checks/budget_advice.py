"""What a rehearsal says of the budget: how many epochs fit, where a program asks for more.

The runner times short passes over stand-in data and works out an epoch of the real size (see
`runner/pace.py`). It is the box's own word: advice, never a score, and silent where the runner does
not know.
"""

from __future__ import annotations

import math

from grader.exams.session import Session
from grader.exams.teaching import budget_seconds
from grader.records import Advice

MOST_CHARACTERS = 20  # of a number that a runner reports
LIKELY = 1.25  # times the budget: what may as well fit is not warned of


def epochs_in_budget(session: Session, reported: dict[str, str]) -> list[Advice]:
    """Return advice where a training asks for more epochs than its budget holds, else none.

    reported: what the runner says.
    """
    budget = budget_seconds(session)
    seconds = number_in(reported, "epoch seconds")
    asked = number_in(reported, "epochs")
    if seconds <= 0 or asked * seconds <= LIKELY * budget:
        return []
    table = session.task.spec.budget
    is_failure = table is not None and table.when_over == "fail"
    ending = "fails" if is_failure else "is stopped, and the model is graded as it stands"
    says = (
        f"{how_many(seconds, budget)}. A training that takes longer {ending}: fewer epochs, or "
        "larger batches, let it end by itself"
    )
    return [Advice("budget", "advice", says)]


def how_many(seconds: float, budget: float) -> str:
    """Say how many epochs of so many seconds fit."""
    fits = int(budget / seconds)
    one = f"one takes about {seconds:.2g} s on this computer"
    if fits < 1:
        return f"not even one epoch fits in the budget of {budget:.0f} s: {one}"
    what = "one epoch fits" if fits == 1 else f"{fits} epochs fit"
    return f"at most {what} in the budget of {budget:.0f} s: {one}"


def number_in(reported: dict[str, str], name: str) -> float:
    """Return a number that a runner reports; 0 where it reports none, or anything else."""
    text = reported.get(name, "")[:MOST_CHARACTERS]
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if math.isfinite(value) else 0.0
