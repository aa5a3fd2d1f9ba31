"""What a learner is told of a failing case, and how it is cut down to a smaller one before it is
told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.errors import TaskError
from grader.exams.function_cases import shrink
from grader.exams.function_cases.cases import Function
from grader.exams.function_cases.compare import Mismatch, described, show_arguments, side_by_side
from grader.records import Answer
from grader.sandbox.box import Value

# numbers in the arguments of a group's first case, which somebody chose, that are not too many
FIRST_ENOUGH = 60
CUTS = 60  # smaller cases that are tried for one
Case = tuple[Any, ...]


@dataclass
class Failing:
    """One failing case of a group, the smallest. It holds no great arrays but the arguments."""

    function: Function
    group: str
    number: int  # of the case in its group, from 1
    count: int
    case: Case
    problem: Mismatch
    answer: Answer | None = None  # for a picture, if it is small
    change: str = ""  # what all failing cases of the group have in common
    is_cut: bool = False

    def take(
        self, case: Case, expected: Sequence[Any], received: Sequence[Value], problem: Mismatch
    ) -> None:
        """Be about this case from now on."""
        at, names = problem.place, self.function.returns
        name = names[at] if len(names) > 1 else ""
        self.case, self.problem = case, replace(problem, wrong=None)
        if self.function.judge is None:  # else what is expected is one of many, and to be found
            self.answer = side_by_side(
                self.function.name,
                self.group,
                name,
                expected[at],
                received[at].content,
                problem.wrong,
            )

    def text(self) -> str:
        """Return the case, its arguments, what was expected and received, and what is to say about
        that.
        """
        cut = ", cut down to a smaller one that fails too" if self.is_cut else ""
        lines = [
            f"case {self.number} of {self.count}{cut}: {self.problem.what}",
            show_arguments(self.function.answer, self.case),
            described(self.problem),
        ]
        return "\n".join([*lines, *([f"  {self.change}"] if self.change else [])])

    def cut_down(
        self,
        right: Callable[[Case], Sequence[Any]],
        ask: Callable[[Case], Sequence[Value] | None],
        tolerance: dict[str, tuple[float, float]],
    ) -> bool:
        """Look for a smaller case that fails in the same way, and be about that; whether there is
        one.

        right: returns the right answers, or raises TaskError. ask: returns the learner's; None if
        there are none.
        """
        if not self.function.axes or (self.number == 1 and size_of(self.case) <= FIRST_ENOUGH):
            return False

        def fails(case: Case) -> bool:
            try:
                with np.errstate(all="ignore"):
                    expected = right(case)
            except TaskError:
                return False
            if not all(
                isinstance(each, str | list) or np.isfinite(each).all() for each in expected
            ):
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


def size_of(case: Case) -> int:
    """Return how many numbers the arguments of a case hold."""
    return sum(np.size(argument) for argument in case)
