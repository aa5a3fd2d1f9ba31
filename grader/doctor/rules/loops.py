"""Rules about training loops: gradients to clear, steps to take, loops that are left early."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import (
    Code,
    Loop,
    argument,
    called,
    last_name,
    number,
    option,
    owner_of,
)

COPYING = ("clone_model", "deepcopy", "clone")
ASKING = ("grad", "gradient", "value_and_grad", "fit", "manual_backward")
MANY_EPOCHS = 200  # what counts this far counts steps, not epochs
SLOW_GAMMA = 0.99  # from here on a rate falls slowly enough to be lowered with every step


@rule("gradients are computed in a loop and never cleared")
def no_zero_grad(code: Code) -> Iterator[ast.AST]:
    if code.has_call("zero_grad") or clears_gradients(code):
        return
    repeated = in_loops(code)
    if not repeated:
        repeated = [call for call in code.calls("backward") if code.is_called_in_a_loop(call)]
    yield from repeated[:1]


def in_loops(code: Code) -> list[ast.Call]:
    """Return the calls of backward() that stand in a loop of their own function."""
    return [call for call in code.calls("backward") if code.loops_around(call)]


def clears_gradients(code: Code) -> bool:
    """Whether a gradient is set to None or to zero somewhere."""
    for node in code.nodes(ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr == "grad":
                return True
    return any(".grad" in ast.unparse(call.func) for call in code.calls("zero_", "fill_"))


@rule("gradients are computed, and no optimizer ever steps")
def no_step(code: Code) -> Iterator[ast.AST]:
    steps_otherwise = code.reads("grad") or code.has_call("fit", "minimize")
    if not optimizer_steps(code) and not steps_otherwise:
        yield from list(code.calls("backward"))[:1]


@rule("an optimizer steps, and no gradient is ever computed")
def no_backward(code: Code) -> Iterator[ast.AST]:
    if not code.has_call("backward", *ASKING):
        yield from optimizer_steps(code)[:1]


def optimizer_steps(code: Code) -> list[ast.Call]:
    """Return the calls of step() that step an optimizer, not a scheduler."""
    return [call for call in code.calls("step") if is_of_optimizer(code, call)]


def is_of_optimizer(code: Code, step: ast.Call) -> bool:
    owner = owner_of(step)
    if owner is None or "sched" in last_name(owner).lower():
        return False
    return not code.made_by(owner).endswith("LR")


@rule("a scheduler that steps with every batch")
def scheduler_in_batches(code: Code) -> Iterator[ast.AST]:
    over_batches = loops_over_batches(code)
    for call in code.calls("step"):
        around = code.all_loops_around(call)
        if len(around) < 2 or not over_batches.intersection(around):
            continue
        if counts_epochs(code.value(owner_of(call))):
            yield call


def loops_over_batches(code: Code) -> set[Loop]:
    """Return the loops that step an optimizer: the innermost one around each step."""
    found: set[Loop] = set()
    for step in optimizer_steps(code):
        found.update(code.all_loops_around(step)[:1])
    return found


def counts_epochs(made: ast.AST | None) -> bool:
    """Whether a scheduler was made to lower the rate with every few calls of its step().

    Other schedulers are written for steps as often as for epochs, and a large step_size or a gamma
    near 1 is meant for steps.
    """
    if not isinstance(made, ast.Call):
        return False
    kind = called(made)
    if kind == "StepLR":
        size = number(option(made, "step_size") or argument(made, 1))
        return size is None or size < MANY_EPOCHS
    if kind == "MultiStepLR":
        last = last_milestone(made)
        return last is None or last < MANY_EPOCHS
    if kind == "ExponentialLR":
        gamma = number(option(made, "gamma") or argument(made, 1))
        return gamma is None or gamma < SLOW_GAMMA
    return False


def last_milestone(scheduler: ast.Call) -> float | None:
    """Return where a MultiStepLR lowers the rate for the last time, if that is written out."""
    ends = option(scheduler, "milestones") or argument(scheduler, 1)
    if isinstance(ends, ast.List | ast.Tuple) and ends.elts:
        return number(ends.elts[-1])
    return None


@rule("a loop over batches that is left after the first one")
def leaves_loop(code: Code) -> Iterator[ast.AST]:
    for call in in_loops(code):
        for statement in code.loops_around(call)[0].body:
            if isinstance(statement, ast.Return | ast.Break):
                yield statement


@rule("a function that trains a copy of the model it is given, and does not return it")
def trains_a_copy(code: Code) -> Iterator[ast.AST]:
    for function in code.nodes(ast.FunctionDef):
        parameters = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}
        lost = parameters - names_returned(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and name_copied_over(node) in lost:
                yield node


def name_copied_over(node: ast.Assign) -> str | None:
    """Return the name that is replaced by its own copy: `model = deepcopy(model)`; else None."""
    name = last_name(node.targets[0])
    if not isinstance(node.value, ast.Call) or called(node.value) not in COPYING:
        return None
    return name if name in {last_name(each) for each in node.value.args} else None


def names_returned(function: ast.FunctionDef) -> set[str]:
    """Return the names of what a function gives back."""
    names: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Return):
            names |= names_in(node.value)
    return names


def names_in(value: ast.AST | None) -> set[str]:
    """Return the names a value gives back: of `(net, log)` and `net.eval()`, not of `net.log`."""
    if isinstance(value, ast.Name):
        return {value.id}
    inner: list[ast.expr] = []
    if isinstance(value, ast.Tuple | ast.List):
        inner += value.elts
    elif isinstance(value, ast.Dict):
        inner += value.values
    elif isinstance(value, ast.Call):
        inner += value.args
        owner = owner_of(value)
        if owner is not None:
            inner.append(owner)
    names: set[str] = set()
    for each in inner:
        names |= names_in(each)
    return names
