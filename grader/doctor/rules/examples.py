"""Rules about the examples that are trained on: test examples, or only the first few."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor.rules.names import INPUTS, KEPT_APART, LABELS, TRAINING_SETS
from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import Code, Loop, argument, last_name, number

MANY = 500  # examples: more than a rehearsal has
FEW = 2000  # examples; a slice up to here is not a training set


@rule("a training loop, or a fit, over examples that are called test or validation")
def trains_on_test(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("fit"):
        fitted = argument(call, 0)
        if fitted is not None and is_kept_apart(fitted):
            yield call
    for backward in code.calls("backward"):
        for loop in code.loops_around(backward)[:1]:
            yield from filter(is_kept_apart, looped_over(loop))


def looped_over(loop: Loop) -> Iterator[ast.expr]:
    """Yield what a loop takes examples from: what it indexes, and what it iterates.

    An inner loop or `with` is left out: in there, a training loop may well look at a test set.
    """
    elsewhere: set[ast.AST] = set()
    for block in ast.walk(loop):
        if isinstance(block, ast.For | ast.With) and block is not loop:
            elsewhere.update(ast.walk(block))
    for node in ast.walk(loop):
        if isinstance(node, ast.Subscript) and node not in elsewhere:
            yield node
    if isinstance(loop, ast.For):
        yield loop.iter


def is_kept_apart(node: ast.AST) -> bool:
    """Whether what is iterated, cut or fitted carries a name such as test_loader or x_val."""
    words = last_name(innermost(node)).lower().split("_")
    return not KEPT_APART.isdisjoint(words)


def innermost(node: ast.AST) -> ast.AST:
    """Return what calls and indices are about: `x_test` of `enumerate(x_test[rows])`."""
    while True:
        if isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Call):
            node = argument(node, 0) or node.func
        else:
            return node


@rule("the first few of all examples, copied or taken for training")
def few_copies(code: Code) -> Iterator[ast.AST]:
    for picked in code.nodes(ast.Subscript):
        if last_name(picked.value) not in INPUTS | LABELS | TRAINING_SETS:
            continue
        if is_first_few(picked.slice) and not is_only_looked_at(code, picked):
            yield picked


def is_first_few(index: ast.expr) -> bool:
    """Whether an index is a slice such as `[:100]`."""
    if not isinstance(index, ast.Slice) or index.lower is not None:
        return False
    end = number(index.upper)
    return end is not None and 0 < end <= FEW


def is_only_looked_at(code: Code, picked: ast.Subscript) -> bool:
    """Whether a slice stands in a statement of its own, such as model(x[:1]) or print(x[:5])."""
    for parent in code.parents(picked):
        if isinstance(parent, ast.stmt):
            return isinstance(parent, ast.Expr) and "fit(" not in ast.unparse(parent)
    return False


@rule("a number of examples that only the whole data set has")
def counts_on_size(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("reshape", "view"):
        if is_many(first_size(call)):
            yield call
    for call in code.calls("range", "arange", "sample", "choice", "permutation"):
        if any(is_many(each) for each in flat_arguments(call)):
            yield call
    for call in code.calls("random_split", "Subset", "take", "skip", "randperm", "split"):
        if any(is_many(each) for each in flat_arguments(call)):
            yield call
    for index in code.nodes(ast.Slice):
        if is_many(index.lower) or is_many(index.upper):
            yield next(code.parents(index), index)


def first_size(call: ast.Call) -> ast.expr | None:
    """Return the first size of a new shape, that of the examples; the others are of one example."""
    shapes = [each.elts for each in call.args if isinstance(each, ast.List | ast.Tuple)]
    sizes = shapes[0] if shapes else call.args
    return sizes[0] if sizes else None


def flat_arguments(call: ast.Call) -> list[ast.expr]:
    """Return a call's arguments, those of lists and tuples one by one."""
    found: list[ast.expr] = []
    for each in call.args:
        found += each.elts if isinstance(each, ast.List | ast.Tuple) else [each]
    return found


def is_many(node: ast.AST | None) -> bool:
    """Whether a number is more than a rehearsal has examples."""
    value = number(node)
    return value is not None and value == int(value) and value >= MANY
