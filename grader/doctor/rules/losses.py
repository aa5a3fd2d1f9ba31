"""Rules about the loss: what it takes, and how it is averaged."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import Code, called, last_argument, number, option, owner_of

LOGARITHMS = ("log_softmax", "LogSoftmax", "log", "logsigmoid", "logsumexp")
RESHAPING = (
    "squeeze",
    "unsqueeze",
    "view",
    "reshape",
    "flatten",
    "one_hot",
    "eye",
    "expand_dims",
    "ravel",
    ", None]",
    "[:, 0]",
)
LABEL_LOSSES = ("CrossEntropyLoss", "cross_entropy", "NLLLoss", "nll_loss", "MSELoss", "mse_loss")
COUNTS = (".shape[0]", ".size(0)")


@rule("a negative log-likelihood, and no logarithm anywhere")
def nll_without_log(code: Code) -> Iterator[ast.AST]:
    if not code.has_call(*LOGARITHMS):
        yield from code.calls("NLLLoss", "nll_loss")


@rule("where labels meet a loss that may take another form of them")
def compares_labels(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("compile"):
        if code.uses_keras and (option(call, "loss") or len(call.args) > 1):
            yield call
    for call in code.calls():
        made = code.made_by(call.func)
        is_loss = made in LABEL_LOSSES or called(call) in LABEL_LOSSES
        if is_loss and len(call.args) > 1:
            yield call


@rule("a loss that is summed, not averaged")
def sum_reduction(code: Code) -> Iterator[ast.AST]:
    if divides_by_count(code):
        return
    for call in code.calls():
        reduction = option(call, "reduction")
        if isinstance(reduction, ast.Constant) and reduction.value == "sum":
            yield call
        if called(call) == "backward":
            owner = owner_of(call)
            if isinstance(owner, ast.Call) and called(owner) == "sum":
                yield call


def divides_by_count(code: Code) -> bool:
    """Whether something is divided by how many examples there are."""
    for node in code.nodes(ast.BinOp):
        if isinstance(node.op, ast.Div) and is_count(node.right):
            return True
    return False


def is_count(node: ast.AST) -> bool:
    """Whether a node is how many there are: len(y), y.shape[0], batch_size."""
    text = ast.unparse(node)
    if text.startswith("len(") or "batch" in text.lower():
        return True
    return any(each in text for each in COUNTS)


@rule("a squared error, and shapes are never made equal")
def unsqueezed_mse(code: Code) -> Iterator[ast.AST]:
    if returns_another_shape(code):
        return
    for call in code.calls():
        if called(call) != "mse_loss" and code.made_by(call.func) != "MSELoss":
            continue
        given = [*call.args, *(code.value(each) for each in call.args)]
        if not any(each is not None and reshapes(each) for each in given):
            yield call


@rule("a column of answers minus a row of targets, squared by hand")
def column_minus_row(code: Code) -> Iterator[ast.AST]:
    if returns_another_shape(code) or not has_one_output(code):
        return
    for node in code.nodes(ast.BinOp):
        if not isinstance(node.op, ast.Sub) or not is_squared(code, node):
            continue
        sides = [node.left, node.right]
        values = [code.value(each) for each in sides]
        written = [each for each in [*sides, *values] if each is not None]
        if isinstance(node.left, ast.Call | ast.Name) and not any(map(reshapes, written)):
            yield node


def has_one_output(code: Code) -> bool:
    """Whether some layer has one output."""
    return any(number(last_argument(each)) == 1 for each in code.calls("Linear"))


def is_squared(code: Code, node: ast.AST) -> bool:
    parent = next(code.parents(node), None)
    is_power = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Pow)
    if is_power or (isinstance(parent, ast.Attribute) and parent.attr in ("square", "pow", "abs")):
        return True
    return isinstance(parent, ast.Call) and called(parent) in ("square", "abs")


def returns_another_shape(code: Code) -> bool:
    """Whether a model reshapes what it returns."""
    for method in code.methods_that_answer("forward", "call", "__call__"):
        for node in ast.walk(method):
            if isinstance(node, ast.Return) and node.value is not None and reshapes(node.value):
                return True
    return False


def reshapes(node: ast.AST) -> bool:
    text = ast.unparse(node)
    return any(each in text for each in RESHAPING)
