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
DRAWS = ("randn", "rand", "normal", "standard_normal", "uniform", "random", "truncated_normal")
LARGE_SCALE = 0.5  # of the numbers weights are drawn from
LOW_BIAS = -2.0
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
    yield from zeros_by_hand(code)


def zeros_by_hand(code: Code) -> Iterator[ast.Call]:
    """Yield matrices of zeros kept as weights, where a network has several and draws none.

    One layer may begin at zero, and so may one of two.
    """
    if code.uses_torch or code.has_call(*DRAWS):
        return
    found = []
    for call in code.calls("zeros"):
        shape = argument(call, 0)
        if isinstance(shape, ast.Tuple) and len(shape.elts) > 1 and is_kept_as_weight(code, call):
            found.append(call)
    if len(found) > 1:
        yield from found


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
    yield from drawn_by_hand(code)


def drawn_by_hand(code: Code) -> Iterator[ast.AST]:
    """Yield weights made of wide draws: `randn(784, 64) * 5`, `rng.normal(0, 1, (784, 64))`."""
    for node in code.nodes(ast.BinOp):
        if not isinstance(node.op, ast.Mult):
            continue
        for draw, factor in ((node.left, node.right), (node.right, node.left)):
            is_draw = isinstance(draw, ast.Call) and called(draw) in ("randn", "standard_normal")
            if is_draw and is_at_least(code.number(factor), 1.0) and is_matrix(draw):
                yield node
    for call in code.calls("normal"):
        shape = option(call, "size") or argument(call, 2)
        spread = option(call, "scale") or argument(call, 1)
        if (
            isinstance(shape, ast.Tuple)
            and len(shape.elts) > 1
            and is_at_least(code.number(spread), LARGE_SCALE)
        ):
            yield call


def is_matrix(draw: ast.AST) -> bool:
    """Whether a draw has more than one axis."""
    return isinstance(draw, ast.Call) and len(draw.args) > 1


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
        is_layer = isinstance(target, ast.Attribute) and target.attr == "trainable"
        if (is_switch or is_layer) and is_false(node.value):
            yield node
    for call in code.calls():
        if is_false(option(call, "trainable")):
            yield call


@rule("biases set so low that a ReLU after them is always 0")
def low_bias(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("fill_", "constant_"):
        value = code.number(argument(call, 1) or argument(call, 0))
        if "bias" in ast.unparse(call) and value is not None and value <= LOW_BIAS:
            yield call


@rule("weights are read from a file, or come with a model")
def loads_weights(code: Code) -> Iterator[ast.AST]:
    yield from code.calls("load_state_dict", "load_weights", "from_pretrained", "load_model")
    for call in code.calls():
        given = option(call, "weights", "pretrained")
        if given is not None and not (isinstance(given, ast.Constant) and not given.value):
            yield call
