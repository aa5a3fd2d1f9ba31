"""Rules about the steps: learning rate, weight decay, whose parameters, in which direction."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import (
    Code,
    argument,
    attributes,
    called,
    is_at_least,
    is_true,
    option,
    owner_of,
)

# optimizer -> rates it is not used with: this low or lower, this high or higher
UNUSUAL_RATES = {
    "SGD": (2e-4, 1.0),
    "Adam": (2e-6, 0.05),
    "AdamW": (2e-6, 0.05),
    "RMSprop": (2e-6, 0.05),
    "NAdam": (2e-6, 0.05),
}
HIGH_DECAY = 0.3


@rule("a learning rate far above what the optimizer is used with")
def high_rate(code: Code) -> Iterator[ast.AST]:
    for call in code.calls(*UNUSUAL_RATES):
        if is_at_least(rate_of(code, call), UNUSUAL_RATES[called(call)][1]):
            yield call


@rule("a learning rate far below what the optimizer is used with")
def low_rate(code: Code) -> Iterator[ast.AST]:
    for call in code.calls(*UNUSUAL_RATES):
        rate = rate_of(code, call)
        if rate is not None and rate <= UNUSUAL_RATES[called(call)][0]:
            yield call


def rate_of(code: Code, optimizer: ast.Call) -> float | None:
    """Return the learning rate an optimizer is made with, as far as it is a known number."""
    return code.number(option(optimizer, "lr", "learning_rate") or argument(optimizer, 1))


@rule("a weight decay of 0.3 or more")
def high_decay(code: Code) -> Iterator[ast.AST]:
    for call in code.calls(*UNUSUAL_RATES):
        if is_at_least(code.number(option(call, "weight_decay")), HIGH_DECAY):
            yield call


@rule("the optimizer is given the parameters of a model made on the spot")
def other_model(code: Code) -> Iterator[ast.AST]:
    for call in code.calls(*UNUSUAL_RATES):
        first = argument(call, 0)
        if not isinstance(first, ast.Call) or called(first) != "parameters":
            continue
        if isinstance(first.func, ast.Attribute) and isinstance(first.func.value, ast.Call):
            yield call


@rule("the gradient is added, not subtracted")
def climbs(code: Code) -> Iterator[ast.AST]:
    for call in code.calls():
        owner = owner_of(call)
        is_minus = isinstance(owner, ast.UnaryOp) and isinstance(owner.op, ast.USub)
        if called(call) == "backward" and is_minus:
            yield call
    for node in code.nodes(ast.AugAssign):
        if isinstance(node.op, ast.Add) and moves_by_own_gradient(node.target, node.value):
            yield node
    for call in code.calls("add_"):
        if not is_negative(call) and moves_by_own_gradient(owner_of(call), *call.args):
            yield call
    for call in code.calls(*UNUSUAL_RATES):
        if is_true(option(call, "maximize")):
            yield call


def is_negative(added: ast.Call) -> bool:
    """Whether what add_() adds may be negative: there is a minus, or a factor."""
    if option(added, "alpha", "value") is not None:
        return True
    return any(isinstance(each, ast.USub) for each in ast.walk(added))


def moves_by_own_gradient(target: ast.AST | None, *values: ast.AST) -> bool:
    """Whether `w.grad` stands in what is added to `w` or `w.data`.

    Adding another one's gradient is fine: that is how momentum is kept.
    """
    if isinstance(target, ast.Attribute) and target.attr == "data":
        target = target.value
    own = "" if target is None else ast.unparse(target)
    for value in values:
        for each in attributes(value):
            if each.attr == "grad" and ast.unparse(each.value) == own:
                return True
    return False
