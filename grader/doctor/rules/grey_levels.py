"""Rules about how a generator's output becomes grey levels from 0 to 255."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import Code, called, is_at_least, last_name, number

FULL_SCALES = (255.0, 256.0)
LARGE_FACTOR = 100.0  # from here on a factor turns shares into grey levels
SHIFTING = ("add", "add_", "abs", "sigmoid", "rescale")
BYTE_TYPES = ("uint8", "ByteTensor")


@rule("an output from -1 to 1 that is multiplied by 255 without adding anything")
def tanh_times_255(code: Code) -> Iterator[ast.AST]:
    if not code.has_call("Tanh", "tanh"):
        return
    for node in products(code):
        for factor, other in ((node.right, node.left), (node.left, node.right)):
            if number(factor) in FULL_SCALES and not is_shifted(code, other):
                yield node


def products(code: Code) -> Iterator[ast.BinOp]:
    return (node for node in code.nodes(ast.BinOp) if isinstance(node.op, ast.Mult))


def is_shifted(code: Code, node: ast.AST) -> bool:
    """Whether something was added to an expression, or to one of its names somewhere."""
    if any(map(shifts, ast.walk(node))):
        return True
    for each in ast.walk(node):
        value = code.value(each)
        if value is not None and any(map(shifts, ast.walk(value))):
            return True
    return False


def shifts(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Sub)
    return isinstance(node, ast.Call) and called(node) in SHIFTING


@rule("shares turned into whole numbers without being multiplied")
def unscaled_bytes(code: Code) -> Iterator[ast.AST]:
    if not code.has_call("Tanh", "tanh", "Sigmoid", "sigmoid"):
        return
    if any(is_at_least(number(each), LARGE_FACTOR) for each in factors(code)):
        return
    for call in code.calls("to", "astype", "type"):
        if any(last_name(each) in BYTE_TYPES for each in call.args):
            yield call
    yield from code.calls("byte")


def factors(code: Code) -> Iterator[ast.expr]:
    """Yield whatever is multiplied anywhere."""
    for node in products(code):
        yield node.left
        yield node.right
    for assigned in code.nodes(ast.AugAssign):
        if isinstance(assigned.op, ast.Mult):
            yield assigned.value
    for call in code.calls("mul", "mul_", "multiply"):
        yield from call.args
