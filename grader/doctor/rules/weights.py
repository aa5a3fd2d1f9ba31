"""Rules about a model's weights: how they start, and whether they may change."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import (
    Code,
    argument,
    called,
    is_at_least,
    is_false,
    last_argument,
    last_name,
    option,
)

CONSTANT_STARTS = ("zeros_", "constant_", "ones_", "zero_", "fill_")
KERAS_CONSTANTS = ("zeros", "ones", "constant")
WEIGHT = re.compile(r"w(eights?)?_?[0-9]*", re.IGNORECASE)
LARGE_SCALE = 0.5  # of the numbers weights are drawn from
LARGE_FACTOR = 3.0  # weights are multiplied by


@rule("weights are set to one and the same number")
def equal_init(code: Code) -> Iterator[ast.AST]:
    for call in code.calls(*CONSTANT_STARTS):
        if sets_weights(code, call):
            yield call
    for call in code.calls():
        if initializer_name(call).lower() in KERAS_CONSTANTS:
            yield call
    for call in code.calls("full", "ones"):
        shape = argument(call, 0)
        if isinstance(shape, ast.Tuple) and len(shape.elts) > 1 and is_kept_as_weight(code, call):
            yield call


def sets_weights(code: Code, call: ast.Call) -> bool:
    """Whether `zeros_(layer.weight)` or the like sets weights: no bias, gradient or norm layer."""
    text = ast.unparse(call)
    if "bias" in text or "grad" in text or code.is_under_condition(call, "Norm"):
        return False
    return "weight" in text or code.is_over_parameters(call)


def initializer_name(call: ast.Call) -> str:
    """Return what a Keras layer's weights start as: "zeros" of `kernel_initializer="zeros"`."""
    start = option(call, "kernel_initializer")
    if isinstance(start, ast.Call):
        return called(start)
    if isinstance(start, ast.Constant) and isinstance(start.value, str):
        return start.value
    return ""


def is_kept_as_weight(code: Code, made: ast.Call) -> bool:
    """Whether an array is kept under a weight's name: `self.w1 = ...`, `{"W": ...}`."""
    node: ast.AST = made
    for parent in code.parents(made):
        if any(WEIGHT.fullmatch(name) for name in names_given(parent, node)):
            return True
        if isinstance(parent, ast.stmt):
            break
        node = parent
    return False


def names_given(parent: ast.AST, value: ast.AST) -> list[str]:
    """Return the names under which a parent keeps a value: keys of a dict, targets of `=`."""
    if isinstance(parent, ast.Assign):
        return [last_name(target) for target in parent.targets]
    names: list[str] = []
    if isinstance(parent, ast.Dict):
        for key, kept in zip(parent.keys, parent.values, strict=True):
            if kept is value and isinstance(key, ast.Constant):
                names.append(str(key.value))
    return names


@rule("weights are drawn far from zero")
def large_init(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("normal_", "uniform_"):
        is_large = is_at_least(code.number(scale_of(call)), LARGE_SCALE)
        if is_large and not code.is_under_condition(call, "Norm"):
            yield call
    for call in code.calls("mul_"):
        if not is_at_least(code.number(argument(call, 0)), LARGE_FACTOR):
            continue
        if "weight" in ast.unparse(call) or code.is_over_parameters(call):
            yield call


def scale_of(call: ast.Call) -> ast.expr | None:
    """Return the spread that normal_() or uniform_() is given."""
    named = option(call, "std", "b")
    if named is not None:
        return named
    return last_argument(call) if len(call.args) > 1 else None


@rule("parameters are marked as needing no gradient")
def frozen(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("requires_grad_"):
        if is_false(argument(call, 0)):
            yield call
    for node in code.nodes(ast.Assign):
        target = node.targets[0]
        is_switch = isinstance(target, ast.Attribute) and target.attr == "requires_grad"
        if is_switch and is_false(node.value):
            yield node
