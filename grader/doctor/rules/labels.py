"""Rules about labels: moved by one, in an order of their own, picked by their value."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor.rules.names import INPUTS, LABELS, TRAINING_SETS, is_labels
from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import (
    Code,
    argument,
    called,
    is_true,
    last_name,
    number,
    option,
    owner_of,
)

ARRAY_MAKERS = {"from_numpy", "tensor", "as_tensor", "array", "asarray", "long", "to"}
ORDER_MAKERS = ("randperm", "permutation")


@rule("labels with 1 added or subtracted")
def moved_labels(code: Code) -> Iterator[ast.AST]:
    for node in code.nodes(ast.BinOp):
        is_by_one = isinstance(node.op, ast.Add | ast.Sub) and number(node.right) == 1
        if is_by_one and is_labels(unwrapped(node.left)):
            yield node


def unwrapped(node: ast.expr) -> ast.expr:
    """Return what an array is made of: `y` of `torch.from_numpy(y)`; any other node as it is."""
    if isinstance(node, ast.Call) and called(node) in ARRAY_MAKERS and node.args:
        return node.args[0]
    return node


@rule("labels or inputs put in an order of their own")
def fresh_order(code: Code) -> Iterator[ast.AST]:
    for picked in code.nodes(ast.Subscript):
        index = picked.slice
        is_order = isinstance(index, ast.Call) and called(index) in ORDER_MAKERS
        if is_order and is_labels(picked.value):
            yield picked
    for call in code.calls("zip"):
        shuffled = [each for each in call.args if is_shuffled(code, each)]
        if len(shuffled) > 1:
            yield call
    for call in code.calls("shuffle"):
        if is_labels(argument(call, 0)) and len(call.args) == 1:
            yield call
    for call in code.calls("permutation"):
        if last_name(argument(call, 0)) in LABELS | INPUTS - {"batch"}:
            yield call
    yield from shuffled_alone(code)


def shuffled_alone(code: Code) -> Iterator[ast.AST]:
    """Yield `rng.shuffle(images)` where nothing shuffles the labels in the same call."""
    for call in code.calls("shuffle"):
        given = argument(call, 0)
        is_alone = len(call.args) == 1 and not code.has_call("zip")
        if is_alone and last_name(given) in INPUTS | TRAINING_SETS:
            yield call


def is_shuffled(code: Code, loader: ast.expr) -> bool:
    """Whether a loader was made with shuffle=True."""
    made = code.made(loader)
    return made is not None and is_true(option(made, "shuffle"))


@rule("training examples picked or sorted by their label")
def subset(code: Code) -> Iterator[ast.AST]:
    for picked in code.nodes(ast.Subscript):
        index = picked.slice
        if isinstance(index, ast.Tuple) and index.elts:
            index = index.elts[0]
        is_by_label = isinstance(index, ast.Compare) and is_labels(index.left)
        if is_by_label and is_labels(picked.value):
            yield picked
    for call in code.calls("argsort", "sort", "sorted"):
        if is_labels(argument(call, 0) or owner_of(call)):
            yield call


@rule("examples sorted by their labels, and not shuffled again")
def sorted_examples(code: Code) -> Iterator[ast.AST]:
    shuffles = code.has_call("permutation", "randperm", "shuffle", "RandomSampler", "randint")
    shuffles = shuffles or any(is_true(option(call, "shuffle")) for call in code.calls())
    if shuffles:
        return
    for call in code.calls("argsort", "sort", "sorted"):
        if is_labels(argument(call, 0) or owner_of(call)):
            yield call
