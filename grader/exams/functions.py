"""Exam `functions`: the learner writes named functions; the host draws cases and knows the right answers.

The right answers are computed outside the box, in float64. Each group of cases is judged in the order
type, shape, dtype, finite, value, and the smallest failing case is shown. A function that is missing or
raises NotImplementedError is "not attempted", which is not the same as wrong.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.curriculum import Task
from grader.doctor.diagnose import MOST
from grader.doctor.examine import examine_function
from grader.doctor.ratios import Failed
from grader.errors import SubmissionFailed, TaskError
from grader.exams.compare import Mismatch, compare, show_arguments
from grader.exams.exam import Session
from grader.records import CaseGroup, Diagnosis, Failure, Measured, Observation, Status
from grader.sandbox.box import Box, Value

NOT_ATTEMPTED = ("not_defined", "not_attempted")
MOST_ELEMENTS = 100_000  # in the arguments of a case the doctor looks at
GRADIENTS = ("grad", "backprop", "derivative")  # in a function's name: its answers are gradients


@dataclass(frozen=True)
class Group:
    """One group of cases: `cases(draw)` yields tuples of arguments, the smallest first."""

    name: str
    cases: Callable[[np.random.Generator], Iterable[tuple[Any, ...]]]
    about: str = ""  # what this group is about, for the learner


@dataclass(frozen=True)
class Function:
    """One function a learner has to write.

    answer: the right answer for the same arguments, computed in float64; a tuple where `returns` has several names.
    mistakes: name of a common mistake -> the function it amounts to; a wrong answer that agrees with it is named so.
    """

    name: str
    answer: Callable[..., Any]
    groups: Sequence[Group]
    returns: Sequence[str] = ("result",)
    mistakes: Mapping[str, Callable[..., Any]] = field(default_factory=dict)


def load_functions(task: Task) -> list[Function]:
    """Import a task's task.py and return its FUNCTIONS; TaskError says what is missing."""
    path = task.folder / "task.py"
    name = f"grader_task_{task.id.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise TaskError(f"{path} does not import: {type(error).__name__}: {error}") from error
    functions = getattr(module, "FUNCTIONS", None)
    if not functions or not all(isinstance(item, Function) for item in functions):
        raise TaskError(f"{path} needs FUNCTIONS, a list of grader.exams.functions.Function")
    named = {f"{function.name}/{group.name}" for function in functions for group in function.groups}
    weighed = set(task.spec.scoring.groups)
    if named != weighed:
        raise TaskError(
            f"{path} has the groups {sorted(named)} and task.toml gives points to {sorted(weighed)}; make them the same"
        )
    return list(functions)


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
    asked.leave_box()
    if all(group.status == "not_attempted" for group in groups) and asked.undefined == len(functions):
        names = ", ".join(f"{function.name}()" for function in functions)
        reason = f"{session.submission.file} defines none of {names}; `grader start {session.task.id}` gives a starter"
        return Observation({}, groups, {}, Failure(Status.INVALID_SUBMISSION, "not_defined", reason))
    passed, total = sum(group.passed for group in groups), sum(group.cases for group in groups)
    measurements = {"cases": Measured(value=passed / total, n=total, unit="share of cases")}
    peak = asked.peak_memory
    if peak is not None:
        measurements["peak_memory_bytes"] = peak
    session.diagnoses += list(asked.diagnoses.values())[:MOST]
    return Observation(measurements, groups, {}, asked.failure, reported=asked.reported)


class Questioning:
    """The state of one exam: the box in use, and what went wrong first."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.failure: Failure | None = None
        self.undefined = 0
        self.reported: dict[str, Any] = {}
        self.peak_memory: Measured | None = None
        self.diagnoses: dict[str, Diagnosis] = {}  # by code
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
            box.load(self.session.submission.folder, self.session.submission.file, "functions", limits.load_seconds)
            self.reported = box.reported
            self._box = box
        return self._box

    def ask(self, function: Function) -> list[CaseGroup]:
        """Ask one function all its groups. A box that ends fails the rest of this function alone."""
        results: list[CaseGroup] = []
        ended = ""
        for group in function.groups:
            cases = [tuple(case) for case in group.cases(self.session.draw)]
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
        if results and all(result.status == "not_attempted" for result in results) and self._reasons.get(function.name):
            self.undefined += 1
        return results

    def _ask_group(self, function: Function, group: Group, cases: list[tuple[Any, ...]]) -> CaseGroup:
        passed, worst, hint = 0, "", ""
        smallest = float("inf")
        box = self.box()
        mistakes = dict(function.mistakes)
        received: list[Value] = []
        failing: list[Failed] = []
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
            problem = compare(expected, received, case, function.returns, self.session.task.spec.tolerance)
            if problem is None:
                passed += 1
                continue
            mistakes = {
                name: wrong for name, wrong in mistakes.items() if self._agrees(wrong, case, received, function)
            }
            size = sum(np.size(argument) for argument in case)
            if size <= MOST_ELEMENTS and any(word in function.name for word in GRADIENTS):
                failing.append(as_failed(function, case, expected, received))
            if size < smallest:
                smallest = size
                worst = describe_failure(function, case, number, len(cases), problem)
        if worst:
            hint = next(iter(mistakes), "")
            if not hint:
                self.diagnoses |= {each.code: each for each in examine_function(failing)}
            return self._group(function, group, cases, "fail", passed, worst, hint)
        return self._group(function, group, cases, "pass", passed, "")

    def _agrees(
        self, wrong: Callable[..., Any], case: tuple[Any, ...], received: list[Value], function: Function
    ) -> bool:
        """Whether a known mistake gives just what was received."""
        try:
            with np.errstate(all="ignore"):
                answer = as_tuple(wrong(*case), function)
            return compare(answer, received, case, function.returns, self.session.task.spec.tolerance) is None
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


def as_failed(function: Function, case: tuple[Any, ...], expected: tuple[Any, ...], received: list[Value]) -> Failed:
    """Return a failing case as the doctor looks at it: arrays beside arrays."""
    first = np.shape(case[0]) if case else ()
    contents = [np.asarray(value.content) for value in received]
    return Failed(function.returns, [np.asarray(value) for value in expected], contents, first[0] if first else 0)


def right_answer(function: Function, case: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the task's own answer; if it raises, that is the task's trouble."""
    try:
        return as_tuple(function.answer(*case), function)
    except TaskError:
        raise
    except Exception as error:
        name = f"{type(error).__name__}: {error}"
        raise TaskError(f"task.py: the right answer of {function.name}() raised {name} for its own case") from error


def as_tuple(answer: Any, function: Function) -> tuple[Any, ...]:
    """Return a right answer as one value for each name in `returns`."""
    if len(function.returns) == 1:
        return (answer,)
    if not isinstance(answer, tuple) or len(answer) != len(function.returns):
        raise TaskError(f"the right answer of {function.name}() must be a tuple of {len(function.returns)} values")
    return answer


def describe_failure(function: Function, case: tuple[Any, ...], number: int, count: int, problem: Mismatch) -> str:
    """Return the text a learner gets for one failing case."""
    return (
        f"case {number} of {count}: {problem.what}\n{show_arguments(function.answer, case)}\n"
        f"  expected  {problem.expected}\n  received  {problem.received}"
    )
