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
    last_name,
    number,
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
    "Adagrad": (1e-4, 1.0),
    "Adadelta": (0.02, 20.0),
}
KERAS_RATES = {
    "Adadelta": 0.001,
    "Adagrad": 0.001,
}  # where the rate that nobody chose is an unusual one
TREES = ("map", "tree_map", "tree_multimap")
HIGH_DECAY = 0.3
MUCH_MOMENTUM = 0.9  # steps then grow to ten times the rate
HIGH_WITH_MOMENTUM = 0.3


@rule("a learning rate far above what the optimizer is used with")
def high_rate(code: Code) -> Iterator[ast.AST]:
    for call in code.calls(*UNUSUAL_RATES):
        highest = UNUSUAL_RATES[called(call)][1]
        if is_at_least(code.number(option(call, "momentum")), MUCH_MOMENTUM):
            highest = min(highest, HIGH_WITH_MOMENTUM)
        if is_at_least(rate_of(code, call), highest):
            yield where_set(code, call)


@rule("a learning rate far below what the optimizer is used with")
def low_rate(code: Code) -> Iterator[ast.AST]:
    for call in code.calls(*UNUSUAL_RATES):
        rate = rate_of(code, call)
        lowest = UNUSUAL_RATES[called(call)][0]
        if code.uses_keras and not code.uses_torch:
            lowest = max(lowest, KERAS_RATES.get(called(call), 0.0))
        if rate is not None and rate <= lowest:
            yield where_set(code, call)


def where_set(code: Code, optimizer: ast.Call) -> ast.AST:
    """Return where the number of a rate stands: at the optimizer, or where a name is given it."""
    rate = option(optimizer, "lr", "learning_rate") or argument(optimizer, 1)
    if isinstance(rate, ast.Name):
        numbers = [value for value in code.values_of(rate.id) if number(value) is not None]
        if len(numbers) == 1:
            return numbers[0]
    return optimizer


def rate_of(code: Code, optimizer: ast.Call) -> float | None:
    """Return the learning rate an optimizer is made with, as far as it is a known number.

    Keras takes it first, PyTorch after the parameters; a schedule begins with its own first number.
    """
    rate = option(optimizer, "lr", "learning_rate") or argument(optimizer, 1)
    if rate is None and code.uses_keras and not code.uses_torch:
        rate = argument(optimizer, 0)
        if rate is None:
            return KERAS_RATES.get(called(optimizer))
    made = code.value(rate)
    if isinstance(made, ast.Call):
        rate = option(made, "initial_learning_rate") or argument(made, 0)
    return code.number(rate)


@rule("an optimizer by its name alone, whose usual rate is far too low")
def low_by_name(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("compile"):
        given = option(call, "optimizer") or argument(call, 0)
        if isinstance(given, ast.Constant) and str(given.value).capitalize() in KERAS_RATES:
            yield call


@rule("an optimizer that is given a part of the network's parameters")
def part_in_optimizer(code: Code) -> Iterator[ast.AST]:
    for call in code.calls(*UNUSUAL_RATES, "LBFGS", "ASGD", "Adamax", "RAdam"):
        given = argument(call, 0) or option(call, "params")
        if not code.uses_torch or number(given) is not None:
            continue
        if given is not None and not is_all_of_a_network(code, given):
            yield call


def is_all_of_a_network(code: Code, given: ast.expr) -> bool:
    """Whether an optimizer is given `model.parameters()` of a whole model, by a plain name."""
    is_call = isinstance(given, ast.Call) and called(given) == "parameters"
    if not is_call or not isinstance(given, ast.Call):
        return False
    owner = owner_of(given)
    if not isinstance(owner, ast.Name):
        return isinstance(owner, ast.Attribute) and last_name(owner.value) == "self"
    return not is_part_of_another(code, owner.id)


def is_part_of_another(code: Code, name: str) -> bool:
    """Whether a network is put into a Sequential together with others."""
    for call in code.calls("Sequential"):
        names = [last_name(each) for each in call.args]
        if name in names and len(names) > 1:
            return True
    return False


@rule("a weight decay of 0.3 or more")
def high_decay(code: Code) -> Iterator[ast.AST]:
    for call in code.calls(*UNUSUAL_RATES):
        if is_at_least(code.number(option(call, "weight_decay")), HIGH_DECAY):
            yield call
    for call in code.calls("l2", "L2", "l1", "L1"):
        factor = option(call, "l2", "l1") or argument(call, 0)
        if code.uses_keras and is_at_least(code.number(factor), HIGH_DECAY):
            yield call


@rule("the optimizer is given the parameters of a model made on the spot")
def other_model(code: Code) -> Iterator[ast.AST]:
    for call in code.calls(*UNUSUAL_RATES):
        first = argument(call, 0)
        if not isinstance(first, ast.Call) or called(first) != "parameters":
            continue
        if isinstance(first.func, ast.Attribute) and isinstance(first.func.value, ast.Call):
            yield call
    yield from made_before_its_model(code)


def made_before_its_model(code: Code) -> Iterator[ast.AST]:
    """Yield the optimizers of a model that is made anew after them, in the same place."""
    for call in code.calls(*UNUSUAL_RATES):
        first = argument(call, 0)
        if not isinstance(first, ast.Call) or called(first) != "parameters":
            continue
        name = last_name(owner_of(first))
        around = code.function_around(call)
        for node in code.assigns_to(name):
            is_later = node.lineno > call.lineno and code.function_around(node) is around
            is_this = any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
            made = node.value
            is_new = isinstance(made, ast.Call) and not uses_name(made, name)
            if is_later and is_this and is_new and not code.loops_around(node):
                yield call


def uses_name(node: ast.AST, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node))


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
    yield from added_trees(code)


def added_trees(code: Code) -> Iterator[ast.AST]:
    """Yield `p + rate * g` over two trees of JAX, or over names that hold what grad() gave."""
    slopes = names_of_gradients(code)
    for function in code.nodes(ast.Lambda):
        names = [each.arg for each in function.args.args]
        is_of_trees = any(called(call) in TREES for call in parents_calls(code, function))
        if is_of_trees and len(names) == 2 and is_added(function.body, names[0], {names[1]}):
            yield function
    for node in code.nodes(ast.BinOp):
        if is_added(node, "", slopes):
            yield node
    for assigned in code.nodes(ast.AugAssign):
        if isinstance(assigned.op, ast.Add) and is_scaled(assigned.value, slopes):
            yield assigned


def parents_calls(code: Code, node: ast.AST) -> list[ast.Call]:
    return [each for each in list(code.parents(node))[:2] if isinstance(each, ast.Call)]


def names_of_gradients(code: Code) -> set[str]:
    """Return the names that hold what `grad(loss)(w)` gave, and nothing else."""
    found: set[str] = set()
    for name, value in code.assigned_names():
        asked = value.func if isinstance(value, ast.Call) else None
        is_slope = isinstance(asked, ast.Call) and called(asked) == "grad"
        if is_slope and len(code.values_of(name)) == 1:
            found.add(name)
    return found


def is_added(node: ast.AST, to: str, slopes: set[str]) -> bool:
    """Whether a node is `to + rate * slope`; any target if `to` is empty."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add):
        return False
    is_same = isinstance(node.left, ast.Name) and node.left.id == to
    return (not to or is_same) and is_scaled(node.right, slopes)


def is_scaled(node: ast.AST, slopes: set[str]) -> bool:
    """Whether a node is `rate * slope`, with a positive rate as far as it shows."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
        return False
    if any(isinstance(each, ast.USub) for each in ast.walk(node)):
        return False
    held = [
        last_name(side.value if isinstance(side, ast.Subscript) else side)
        for side in (node.left, node.right)
    ]
    return any(name in slopes for name in held)


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
