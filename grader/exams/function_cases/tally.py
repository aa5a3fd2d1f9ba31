"""What the cases of one group have shown so far: how many passed, and what the failing ones share.

A tally keeps what a message and the doctor need, and no more: answers can be as large as the task
allows, and those of one case are gone before those of the next are asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from grader.doctor.evidence import Failed
from grader.exams.function_cases.cases import Case, Function, Group, as_tuple
from grader.exams.function_cases.compare import Mismatch, Tolerance, compare, constant_change
from grader.exams.function_cases.failing import Failing, size_of
from grader.records import CaseGroup
from grader.sandbox.box import Value

# Known mistakes are computed in this process, and the doctor holds whole answers: only of cases
# whose arguments hold so many numbers or fewer.
MOST_ELEMENTS = 100_000
GRADIENTS = ("grad", "backprop", "derivative")  # in the name of a function that returns gradients

GroupStatus = Literal["pass", "fail", "not_attempted", "error", "skipped"]


class Tally:
    """One group under way.

    passed: cases answered right so far. worst: the smallest failing case. gradients: failing cases
    as the doctor looks at them, of functions that return gradients.
    """

    def __init__(
        self, function: Function, group: Group, cases: Sequence[Case], tolerance: Tolerance
    ) -> None:
        self.function = function
        self.group = group
        self.cases = cases
        self.passed = 0
        self.worst: Failing | None = None
        self.gradients: list[Failed] = []
        self._tolerance = tolerance
        self._failed = 0
        self._mistakes = dict(function.mistakes)  # those that all failing cases agree with
        self._is_any_compared = False
        self._pairs: list[tuple[np.ndarray, np.ndarray]] = []  # right and received

    def add(self, number: int, expected: Sequence[Any], received: Sequence[Value]) -> None:
        """Judge the answer to the case of this number, from 1, and count it."""
        case = self.cases[number - 1]
        problem = self.function.mismatch(expected, received, case, self._tolerance)
        if problem is None:
            self.passed += 1
            return
        self._failed += 1
        if size_of(case) <= MOST_ELEMENTS:
            self._look_at(case, expected, received, problem)
        if self.worst is None or size_of(case) < size_of(self.worst.case):
            self.worst = Failing(
                self.function, self.group.name, number, len(self.cases), case, problem
            )
            self.worst.take(case, expected, received, problem)

    def _look_at(
        self, case: Case, expected: Sequence[Any], received: Sequence[Value], problem: Mismatch
    ) -> None:
        """Keep what may explain a failing case that is not too large."""
        self._is_any_compared = True
        self._mistakes = {
            name: mistaken
            for name, mistaken in self._mistakes.items()
            if self._agrees(mistaken, case, received)
        }
        if any(word in self.function.name for word in GRADIENTS):
            self.gradients.append(as_failed(self.function, case, expected, received))
        if problem.wrong is not None:
            right = np.asarray(expected[problem.place])
            got = np.asarray(received[problem.place].content)
            self._pairs.append((right, got))

    def _agrees(self, mistaken: Callable[..., Any], case: Case, received: Sequence[Value]) -> bool:
        """Whether a known mistake gives just what was received. What it raises is no agreement."""
        names = self.function.returns
        try:
            with np.errstate(all="ignore"):
                answer = as_tuple(mistaken(*case), self.function)
            return compare(answer, received, case, names, self._tolerance) is None
        except Exception:
            return False

    @property
    def explanations(self) -> list[str]:
        """The known mistakes that each explain every failing case that was compared."""
        return list(self._mistakes) if self._is_any_compared else []

    @property
    def hint(self) -> str:
        """The first known mistake that explains every failing case that was compared, or ""."""
        return next(iter(self.explanations), "")

    @property
    def shared_change(self) -> str:
        """What all failing cases have in common, unless the worst case says so already, or ""."""
        is_said = self.worst is not None and any(
            "every value" in note for note in self.worst.problem.notes
        )
        if is_said or len(self._pairs) < self._failed:
            return ""
        return constant_change(self._pairs)

    def result(
        self, status: GroupStatus, message: str = "", *, passed: int = 0, hint: str = ""
    ) -> CaseGroup:
        """Return the group as it is stored."""
        return CaseGroup(
            function=self.function.name,
            group=self.group.name,
            status=status,
            cases=len(self.cases),
            passed=passed,
            message=message,
            hint=hint,
        )


def with_one_voice(groups: Sequence[CaseGroup], tallies: Sequence[Tally]) -> list[CaseGroup]:
    """Return a function's groups with hints that do not contradict each other.

    A few cases often agree with several mistakes. The one that explains most groups of the function
    is the likeliest in each of them.
    """
    voices: Counter[str] = Counter()
    for tally in tallies:
        voices.update(tally.explanations)
    agreed: list[CaseGroup] = []
    for group, tally in zip(groups, tallies, strict=True):
        if group.hint:
            best = max(tally.explanations, key=lambda name: voices[name])
            group = group.model_copy(update={"hint": best})
        agreed.append(group)
    return agreed


def as_failed(
    function: Function, case: Case, expected: Sequence[Any], received: Sequence[Value]
) -> Failed:
    """Return a failing case as the doctor looks at it: arrays beside arrays."""
    shape = np.shape(case[0]) if case else ()
    return Failed(
        names=function.returns,
        expected=[np.asarray(value) for value in expected],
        received=[np.asarray(value.content) for value in received],
        rows=shape[0] if shape else 0,
    )
