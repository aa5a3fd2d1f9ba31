"""The failing case that a learner is told about: how it reads, and how it is cut down before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.errors import TaskError
from grader.exams.function_cases import shrink
from grader.exams.function_cases.answer_picture import side_by_side
from grader.exams.function_cases.cases import Case, Function
from grader.exams.function_cases.compare import Mismatch, Tolerance, described
from grader.exams.function_cases.wording import show_arguments
from grader.records import Answer
from grader.sandbox.box import Value

CUTS = 60  # smaller cases that are tried for one
# A group's first case was chosen by somebody, as a good example: with so many numbers or fewer in
# its arguments it is shown as it is.
FIRST_ENOUGH = 60


@dataclass
class Failing:
    """One failing case of a group. Of large arrays it holds the arguments alone.

    number: of the case in its group, from 1, of `count`. answer: a picture of what was returned, if
    that is small. change: what all failing cases of the group have in common, or "".
    """

    function: Function
    group: str
    number: int
    count: int
    case: Case
    problem: Mismatch
    answer: Answer | None = None
    change: str = ""
    is_cut: bool = False

    def take(
        self, case: Case, expected: Sequence[Any], received: Sequence[Value], problem: Mismatch
    ) -> None:
        """Put this case in the place of the present one."""
        self.case = case
        self.problem = replace(problem, wrong=None)
        # Where many answers are right, the expected one is not the one to find: it is not shown.
        if self.function.judge is not None:
            return
        names = self.function.returns
        at = problem.place
        self.answer = side_by_side(
            self.function.name,
            self.group,
            names[at] if len(names) > 1 else "",
            expected[at],
            received[at].content,
            problem.wrong,
        )

    def text(self) -> str:
        """Return the message: the case, its arguments, what was expected and what was received."""
        title = f"case {self.number} of {self.count}"
        if self.is_cut:
            title += ", reduced to a smaller one that also fails"
        lines = [
            f"{title}: {self.problem.what}",
            show_arguments(self.function.answer, self.case),
            described(self.problem),
        ]
        if self.change:
            lines.append(f"  {self.change}")
        return "\n".join(lines)

    def cut_down(
        self,
        right: Callable[[Case], Sequence[Any]],
        ask: Callable[[Case], Sequence[Value] | None],
        tolerance: Tolerance,
    ) -> bool:
        """Look for a smaller case that fails in the same way, and take it; whether there is one.

        right: returns the right answers, or raises TaskError, or shrink.Enough to end the search.
        ask: returns the learner's answers, or None if there are none.
        """
        is_short_example = self.number == 1 and size_of(self.case) <= FIRST_ENOUGH
        if not self.function.axes or is_short_example:
            return False

        def fails(case: Case) -> bool:
            expected = sensible_answer(right, case)
            if expected is None:
                return False
            received = ask(case)
            if received is None:
                return False
            problem = self.function.mismatch(expected, received, case, tolerance)
            if problem is None or problem.what != self.problem.what:
                return False
            self.take(case, expected, received, problem)
            self.is_cut = True
            return True

        shrink.smallest(self.case, self.function.axes, fails, CUTS)
        return self.is_cut


def sensible_answer(right: Callable[[Case], Sequence[Any]], case: Case) -> Sequence[Any] | None:
    """Return the right answers to a case that was cut down; None if it no longer makes sense."""
    try:
        with np.errstate(all="ignore"):
            expected = right(case)
    except TaskError:
        return None
    for each in expected:
        if not isinstance(each, str | list) and not np.isfinite(each).all():
            return None
    return expected


def size_of(case: Case) -> int:
    """Return how many numbers the arguments of a case hold."""
    return sum(np.size(argument) for argument in case)
