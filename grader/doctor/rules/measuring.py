"""Rules about how a program measures itself: accuracies that are not the model's."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor.rules.names import KEPT_APART, LABELS
from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import (
    MODEL_NAMES,
    Code,
    argument,
    called,
    is_true,
    last_name,
    number,
    option,
    owner_of,
)

ANSWERS = {"outputs", "output", "scores", "logits", "preds", "pred", "probs", "predictions", "yhat"}
NETWORKS = (*MODEL_NAMES, "predict")


@rule("the largest score is looked for over the batch, not over the classes")
def picks_over_batch(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("argmax", "max"):
        if number(axis_of(code, call)) == 0 and is_of_a_batch(code, call):
            yield call


def axis_of(code: Code, call: ast.Call) -> ast.expr | None:
    """Return the axis of an argmax or max, by name or by its place."""
    axis = option(call, "dim", "axis")
    if axis is not None:
        return axis
    owner = owner_of(call)
    is_method = owner is not None and last_name(owner) not in ("torch", "np", "numpy", "jnp", "tf")
    return argument(call, 0 if is_method else 1)


def is_of_a_batch(code: Code, call: ast.Call) -> bool:
    """Whether an argmax, or a max whose places are used, is over the scores of a batch.

    Not where one example is asked: `model(x[None])[0].argmax(0)`.
    """
    owner = owner_of(call)
    is_method = owner is not None and last_name(owner) not in ("torch", "np", "numpy", "jnp", "tf")
    scores = owner if is_method else argument(call, 0)
    if scores is None or isinstance(scores, ast.Subscript):
        return False
    if called(call) == "max" and not is_unpacked(code, call):
        return False
    return is_answer(code, scores)


def is_unpacked(code: Code, call: ast.Call) -> bool:
    """Whether places are taken: `_, predicted = outputs.max(0)`, `outputs.max(0)[1]`."""
    for parent in code.parents(call):
        if isinstance(parent, ast.Subscript) and number(parent.slice) == 1:
            return True
        if isinstance(parent, ast.Assign):
            return isinstance(parent.targets[0], ast.Tuple)
        if isinstance(parent, ast.Attribute) and parent.attr == "indices":
            return True
    return False


def is_answer(code: Code, node: ast.expr) -> bool:
    """Whether a value is what a network answered, by the name or by the call it comes from."""
    if set(last_name(node).lower().split("_")) & ANSWERS:
        return True
    made = code.value(node)
    return isinstance(made, ast.Call) and called(made) in NETWORKS


@rule("the smallest score, or a negative one, is taken for the answer")
def picks_smallest(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("argmin"):
        yield call
    for call in code.calls("argmax"):
        scores = argument(call, 0) or owner_of(call)
        if isinstance(scores, ast.UnaryOp) and isinstance(scores.op, ast.USub):
            yield call


@rule("binary accuracy, or none of its own, beside one yes-or-no answer for each of many classes")
def binary_accuracy(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("compile"):
        metrics = option(call, "metrics")
        loss = option(call, "loss") or argument(call, 1)
        if (
            metrics is None
            or not is_binary(loss)
            or not code.has_call("to_categorical", "one_hot", "eye")
        ):
            continue
        if "binary_accuracy" in ast.unparse(metrics) or "BinaryAccuracy" in ast.unparse(metrics):
            yield call


def is_binary(loss: ast.expr | None) -> bool:
    text = "" if loss is None else ast.unparse(loss).lower().replace("_", "")
    return "binarycrossentropy" in text


@rule("answers to a shuffled test set beside its labels in their old order")
def shuffled_test(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("DataLoader"):
        source = argument(call, 0)
        words = last_name(source).lower().split("_")
        if not is_true(option(call, "shuffle")) or KEPT_APART.isdisjoint(words):
            continue
        for node in code.nodes(ast.Attribute):
            is_labels = node.attr in LABELS | {"test_labels"}
            is_its_own = is_labels and last_name(node.value) == last_name(source)
            if is_its_own and is_compared(code, node):
                yield call


def is_compared(code: Code, node: ast.AST) -> bool:
    """Whether a value stands in a comparison, or is given to something that measures."""
    for parent in code.parents(node):
        if isinstance(parent, ast.Compare):
            return True
        if isinstance(parent, ast.Call) and "acc" in called(parent).lower():
            return True
        if isinstance(parent, ast.stmt):
            return False
    return False


@rule("the last layer, with a number of outputs that may not fit the task")
def last_outputs(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("Linear", "Dense", "LazyLinear"):
        if is_last_of_its_kind(code, call):
            yield call


def is_last_of_its_kind(code: Code, call: ast.Call) -> bool:
    """Whether a layer is the last one of its kind in the files, with a number of outputs."""
    others = list(code.calls("Linear", "Dense", "LazyLinear"))
    place = 1 if called(call) == "Linear" else 0
    outputs = code.number(option(call, "out_features", "units") or argument(call, place))
    last = max(others, key=lambda each: (code.file_of(each), each.lineno, each.col_offset))
    return call is last and outputs is not None
