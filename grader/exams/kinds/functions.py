"""Exam `functions`: the learner writes named functions; the host draws cases and knows the right
answers.

The right answers are computed outside the box, in float64. Each group of cases is judged in the
order type, shape, dtype, finite, value, and the smallest failing case is shown. A function that is
missing or raises NotImplementedError is "not attempted", which is not the same as wrong. A function
that calls one that is wrong is asked all the same, and what it gets right counts; where it is wrong
too, the group is "skipped": it earns as little, and is not blamed.

Only when everything has been asked that counts, failing cases are cut down to smaller ones that
still fail: those questions are for the message alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from grader.doctor.diagnose import MOST
from grader.doctor.examine import examine_function
from grader.doctor.ratios import Failed
from grader.doctor.source import read_calls
from grader.errors import SubmissionFailed, TaskError
from grader.exams.exam import Session
from grader.exams.function_cases.cases import Function, Group, load_functions
from grader.exams.function_cases.compare import compare, constant_change, show_arguments
from grader.exams.function_cases.failing import Failing, size_of
from grader.exams.function_cases.shrink import Enough, axis_sizes
from grader.records import CaseGroup, Details, Diagnosis, Failure, Measured, Observation, Status
from grader.sandbox.box import Box, Value

NOT_ATTEMPTED = ("not_defined", "not_attempted")
MOST_ELEMENTS = 100_000  # in the arguments of a case the doctor looks at
CUT_SECONDS = 1.0  # for cutting down all failing cases
MOST_PICTURES = 12
GRADIENTS = ("grad", "backprop", "derivative")  # in a function's name: its answers are gradients


def rehearse(session: Session) -> Observation:
    """The same questions; they need no data and take no longer."""
    return examine(session)


def examine(session: Session) -> Observation:
    """Ask every function of the task, each in a box that still works."""
    asked = Questioning(session)
    asked.start()
    functions = load_functions(session.task)
    groups: list[CaseGroup] = []
    for function in functions:
        session.progress.step(f"asking {function.name}()")
        groups.extend(asked.ask(function))
    groups = asked.look_closer(asked.without_blame(groups, functions))
    asked.leave_box()
    if all(group.status == "not_attempted" for group in groups) and asked.undefined == len(
        functions
    ):
        names = ", ".join(f"{function.name}()" for function in functions)
        reason = f"{session.submission.file} defines none of {names}; `grader start {session.task.id}` gives a starter"
        return Observation(
            {}, groups, {}, Failure(Status.INVALID_SUBMISSION, "not_defined", reason)
        )
    passed, total = sum(group.passed for group in groups), sum(group.cases for group in groups)
    measurements = {"cases": Measured(value=passed / total, n=total, unit="share of cases")}
    peak = asked.peak_memory
    if peak is not None:
        measurements["peak_memory_bytes"] = peak
    waiting = {group.function for group in groups if group.status == "skipped"}
    named = {
        each.code: each
        for name, every in asked.diagnoses.items()
        if name not in waiting
        for each in every
    }
    session.diagnoses += list(named.values())[:MOST]
    answers = [failing.answer for failing in asked.failing.values() if failing.answer is not None]
    details = Details(answers=answers[:MOST_PICTURES]) if answers else None
    return Observation(
        measurements, groups, {}, asked.failure, reported=asked.reported, details=details
    )


class Questioning:
    """The state of one exam: the box in use, and what went wrong first."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.failure: Failure | None = None
        self.undefined = 0
        self.reported: dict[str, Any] = {}
        self.peak_memory: Measured | None = None
        self.diagnoses: dict[
            str, list[Diagnosis]
        ] = {}  # function -> what its failing cases look like
        self.failing: dict[tuple[str, str], Failing] = {}  # function and group
        self._box: Box | None = None
        self._starting: Box | None = None
        self._reasons: dict[str, str] = {}

    def start(self) -> None:
        """Start the first box: it imports what it needs while the host reads the task."""
        self._starting = self.session.open()
        self._starting.begin()

    def box(self) -> Box:
        """Return a box with the submission loaded, opening one if the last one ended."""
        if self._box is None:
            box, self._starting = self._starting or self.session.open(), None
            limits = self.session.task.spec.limits
            box.hello(seed=self.session.seed, num_classes=0, deadline_seconds=limits.load_seconds)
            box.load(
                self.session.submission.folder,
                self.session.submission.file,
                "functions",
                limits.load_seconds,
            )
            self.reported = box.reported
            self._box = box
        return self._box

    def ask(self, function: Function) -> list[CaseGroup]:
        """Ask one function all its groups. A box that ends fails the rest of this function
        alone.
        """
        results: list[CaseGroup] = []
        ended = ""
        for group in function.groups:
            cases = drawn(function, group, self.session.draw)
            if ended:
                results.append(self._group(function, group, cases, "error", 0, ended))
                continue
            try:
                results.append(self._ask_group(function, group, cases))
            except SubmissionFailed as failed:
                failure = failed.failure
                if self._box is None and failure.code != "protocol":
                    raise  # it could not even be loaded: that is about the whole submission
                self._note(failure)
                ended = failure.reason
                results.append(self._group(function, group, cases, "error", 0, ended))
                self.leave_box()
        if (
            results
            and all(result.status == "not_attempted" for result in results)
            and self._reasons.get(function.name)
        ):
            self.undefined += 1
        return results

    def without_blame(
        self, groups: list[CaseGroup], functions: Sequence[Function]
    ) -> list[CaseGroup]:
        """Return wrong groups as skipped where the function calls another one that is wrong, as the
        source shows it.

        An exception, a missed deadline or an ended process is blamed on another function only if
        that ended so too.
        """
        wrong = {
            status: {each.function for each in groups if each.status == status}
            for status in ("fail", "error")
        }
        if len(wrong["fail"] | wrong["error"]) < 2:
            return groups
        submission = self.session.submission
        calls = read_calls(
            submission.folder, submission.file, [function.name for function in functions]
        )

        def seen(group: CaseGroup) -> CaseGroup:
            blamed = wrong["error"] | (wrong["fail"] if group.status == "fail" else set())
            called = calls[group.function]
            causes = [
                name
                for name in calls
                if name in called & blamed and group.function not in calls[name]
            ]
            if group.status not in wrong or not causes:
                return group
            names = " and ".join(f"{name}()" for name in causes)
            reason = f"not judged: it calls {names}, which {'is' if len(causes) == 1 else 'are'} not right yet"
            return group.model_copy(
                update={"status": "skipped", "message": f"{reason}\n{group.message}", "hint": ""}
            )

        return [seen(group) for group in groups]

    def _ask_group(
        self, function: Function, group: Group, cases: list[tuple[Any, ...]]
    ) -> CaseGroup:
        passed = 0
        worst: Failing | None = None
        box = self.box()
        mistakes, named = dict(function.mistakes), False
        received: list[Value] = []
        failing: list[Failed] = []
        pairs: list[tuple[np.ndarray, np.ndarray]] = []
        for number, case in enumerate(cases, start=1):
            expected = right_answer(function, case)
            received.clear()  # two of the greatest answers are never held at once
            try:
                received = box.call(
                    function.name,
                    function.returns,
                    [Value.of(argument) for argument in case],
                    self.session.task.spec.limits.call_seconds,
                )
            except SubmissionFailed as failed:
                failure = failed.failure
                if failure.code in NOT_ATTEMPTED:
                    if failure.code == "not_defined":
                        self._reasons[function.name] = failure.reason
                    return self._group(function, group, cases, "not_attempted", 0, failure.reason)
                if failure.code not in ("raised", "wrong_output"):
                    raise
                self._note(failure)
                text = f"case {number} of {len(cases)}\n{show_arguments(function.answer, case)}\n{failure.reason}"
                return self._group(function, group, cases, "error", passed, text)
            problem = function.mismatch(expected, received, case, self.session.task.spec.tolerance)
            if problem is None:
                passed += 1
                continue
            size = size_of(case)
            if (
                size <= MOST_ELEMENTS
            ):  # what a mistake brings is computed here, with the memory of this process
                named = True
                mistakes = {
                    name: wrong
                    for name, wrong in mistakes.items()
                    if self._agrees(wrong, case, received, function)
                }
            if size <= MOST_ELEMENTS and any(word in function.name for word in GRADIENTS):
                failing.append(as_failed(function, case, expected, received))
            if size <= MOST_ELEMENTS and problem.wrong is not None:
                pairs.append(
                    (
                        np.asarray(expected[problem.place]),
                        np.asarray(received[problem.place].content),
                    )
                )
            if worst is None or size < size_of(worst.case):
                worst = Failing(function, group.name, number, len(cases), case, problem)
                worst.take(case, expected, received, problem)
        if worst is None:
            return self._group(function, group, cases, "pass", passed, "")
        hint = next(iter(mistakes), "") if named else ""
        if not hint:
            self.diagnoses.setdefault(function.name, []).extend(examine_function(failing))
        if len(pairs) == len(cases) - passed and not any(
            "every value" in note for note in worst.problem.notes
        ):
            worst.change = constant_change(pairs)
        self.failing[function.name, group.name] = worst
        return self._group(function, group, cases, "fail", passed, worst.text(), hint)

    def look_closer(self, groups: list[CaseGroup]) -> list[CaseGroup]:
        """Cut down the failing cases that are told, and return the groups with the messages this
        leads to.
        """
        until = time.monotonic() + CUT_SECONDS
        tolerance = self.session.task.spec.tolerance
        told = []
        for group in groups:
            failing = (
                self.failing.get((group.function, group.group)) if group.status == "fail" else None
            )
            if failing is not None:
                right = partial(right_answer_until, until, failing.function)
                ask = partial(self._ask_again, failing.function, until)
                if failing.cut_down(right, ask, tolerance):
                    group = group.model_copy(update={"message": failing.text()})
            told.append(group)
        return told

    def _ask_again(
        self, function: Function, until: float, case: tuple[Any, ...]
    ) -> list[Value] | None:
        """Return what the function answers to a case that counts for nothing; None if it doesn't,
        or time is up.
        """
        left = min(until - time.monotonic(), self.session.task.spec.limits.call_seconds)
        if self._box is None or left <= 0:
            return None
        try:
            return self._box.call(
                function.name, function.returns, [Value.of(each) for each in case], left
            )
        except SubmissionFailed as failed:
            if failed.failure.code not in (*NOT_ATTEMPTED, "raised", "wrong_output"):
                self.leave_box()
            return None

    def _agrees(
        self,
        wrong: Callable[..., Any],
        case: tuple[Any, ...],
        received: list[Value],
        function: Function,
    ) -> bool:
        """Whether a known mistake gives just what was received."""
        try:
            with np.errstate(all="ignore"):
                answer = as_tuple(wrong(*case), function)
            return (
                compare(answer, received, case, function.returns, self.session.task.spec.tolerance)
                is None
            )
        except Exception:
            return False

    def _group(
        self,
        function: Function,
        group: Group,
        cases: list[tuple[Any, ...]],
        status: Any,
        passed: int,
        message: str,
        hint: str = "",
    ) -> CaseGroup:
        return CaseGroup(
            function=function.name,
            group=group.name,
            status=status,
            cases=len(cases),
            passed=passed,
            message=message,
            hint=hint,
        )

    def _note(self, failure: Failure) -> None:
        self.failure = self.failure or failure

    def leave_box(self) -> None:
        """Close the box in use, and remember what it needed."""
        if self._box is None:
            return
        peak = self._box.peak_memory()
        if peak is not None and (self.peak_memory is None or peak.value > self.peak_memory.value):
            self.peak_memory = peak
        self.session.finish(self._box)
        self._box = None


def drawn(function: Function, group: Group, draw: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return the cases of a group; TaskError if the function's `axes` don't fit them."""
    cases = [tuple(case) for case in group.cases(draw)]
    for case in cases if function.axes else ():
        try:
            axis_sizes(case, function.axes)
        except ValueError as error:
            raise TaskError(
                f"task.py: the axes of {function.name}() don't fit its own case: {error}"
            ) from None
    return cases


def as_failed(
    function: Function, case: tuple[Any, ...], expected: tuple[Any, ...], received: list[Value]
) -> Failed:
    """Return a failing case as the doctor looks at it: arrays beside arrays."""
    first = np.shape(case[0]) if case else ()
    contents = [np.asarray(value.content) for value in received]
    return Failed(
        function.returns,
        [np.asarray(value) for value in expected],
        contents,
        first[0] if first else 0,
    )


def right_answer(function: Function, case: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the task's own answer; if it raises, that is the task's trouble."""
    try:
        return as_tuple(function.answer(*case), function)
    except TaskError:
        raise
    except Exception as error:
        name = f"{type(error).__name__}: {error}"
        raise TaskError(
            f"task.py: the right answer of {function.name}() raised {name} for its own case"
        ) from error


def right_answer_until(until: float, function: Function, case: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same, but Enough once the clock has passed `until`."""
    if time.monotonic() > until:
        raise Enough
    return right_answer(function, case)


def as_tuple(answer: Any, function: Function) -> tuple[Any, ...]:
    """Return a right answer as one value for each name in `returns`."""
    if len(function.returns) == 1:
        return (answer,)
    if not isinstance(answer, tuple) or len(answer) != len(function.returns):
        raise TaskError(
            f"the right answer of {function.name}() must be a tuple of {len(function.returns)} values"
        )
    return answer
