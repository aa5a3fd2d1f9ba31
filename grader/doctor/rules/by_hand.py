"""Rules about gradients written by hand with NumPy, where no trace shows how a training went.

What they look for is exact: a chain of matrix products in which a factor is missing or a sign is
turned. As soon as a name is given twice, or goes through a function, nothing is said.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from grader.doctor.rules.names import LABELS
from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import Code, called, last_name, owner_of

PRODUCTS = ("dot", "matmul")
ADDING = ("dot", "matmul", "sum", "mean")  # what may be done with a gradient before its slope
ACTIVATED = re.compile(r"\b\w*(exp|tanh|maximum|relu|sigmoid|logistic)\(", re.IGNORECASE)
TARGETS = LABELS | {"Y", "t", "T", "onehot", "one_hot", "y_true", "y_onehot", "Y_train"}
MOST_STEPS = 10  # of following names and factors
ANSWERS = ("softmax", "sigmoid", "forward")
ANSWERED = {"p", "P", "probs", "probabilities", "y_hat", "yhat", "y_pred", "pred", "predictions"}


@rule("a gradient that passes an activation by hand, without the activation's slope")
def slope_left_out(code: Code) -> Iterator[ast.AST]:
    if code.uses_torch:
        return
    for node in code.nodes(ast.Assign):
        target = node.targets[0]
        product = factors(node.value)
        if product is None or not isinstance(target, ast.Name) or len(node.targets) > 1:
            continue
        weights = transposed(product[1])
        is_activated = weights and comes_from_activation(code, weights)
        is_only_one = len(code.assigns_to(target.id)) == 1
        if is_activated and is_only_one and reaches_weights_as_it_is(code, node, target.id):
            yield node


def factors(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """Return the two sides of `a @ b`, `a.dot(b)` or `np.dot(a, b)`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return node.left, node.right
    if not isinstance(node, ast.Call) or called(node) not in PRODUCTS:
        return None
    if len(node.args) == 2:
        return node.args[0], node.args[1]
    owner = owner_of(node)
    return (owner, node.args[0]) if owner is not None and len(node.args) == 1 else None


def transposed(node: ast.AST) -> str:
    """Return the name of what is transposed: "W2" of `W2.T` or `0.1 * W2.T`; else nothing."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        return transposed(node.left) or transposed(node.right)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return last_name(node.value)
    return ""


def comes_from_activation(code: Code, weights: str) -> bool:
    """Whether what these weights are multiplied with on the way forward was activated."""
    for node in [*code.nodes(ast.BinOp), *code.calls(*PRODUCTS)]:
        product = factors(node)
        if product is None or last_name(product[1]) != weights:
            continue
        values = code.values_of(last_name(product[0]))
        if any(ACTIVATED.search(ast.unparse(value)) for value in values):
            return True
    return False


def reaches_weights_as_it_is(code: Code, made: ast.Assign, name: str) -> bool:
    """Whether a gradient is only multiplied with inputs and added up, after it was made."""
    scope = code.function_around(made)
    is_used = False
    for use in code.nodes(ast.Name):
        if use.id != name or code.function_around(use) is not scope or use is made.targets[0]:
            continue
        around = next(code.parents(use), None)
        if isinstance(around, ast.Attribute) and around.attr in ADDING:
            continue  # dh.sum(0)
        if isinstance(around, ast.Call) and called(around) in ("sum", "mean"):
            continue  # np.sum(dh, axis=0)
        product = None if around is None else factors(around)
        if product is None or product[1] is not use or not transposed(product[0]):
            return False
        is_used = True
    return is_used


@rule("weights moved along a gradient written by hand, not against it")
def climbs_by_hand(code: Code) -> Iterator[ast.AST]:
    for node in code.nodes(ast.AugAssign):
        if not isinstance(node.op, ast.Add | ast.Sub):
            continue
        sign = sign_of(code, node.value)
        if sign == (1 if isinstance(node.op, ast.Add) else -1):
            yield node


def sign_of(code: Code, step: ast.AST, depth: int = 0) -> int:
    """Return 1 if a step points to where the loss grows, -1 if it falls there, 0 if unknown.

    The gradient of a cross-entropy is `inputs.T @ (answers - targets)`.
    """
    if depth > MOST_STEPS or any(isinstance(each, ast.USub) for each in ast.walk(step)):
        return 0
    if isinstance(step, ast.Name):
        values = code.values_of(step.id)
        return sign_of(code, values[0], depth + 1) if len(values) == 1 else 0
    product = factors(step)
    if product is not None:
        return sign_of(code, product[1], depth + 1) if transposed(product[0]) else 0
    if isinstance(step, ast.BinOp) and isinstance(step.op, ast.Sub):
        return sign_of_difference(code, step)
    if isinstance(step, ast.BinOp) and isinstance(step.op, ast.Mult | ast.Div):
        sides = {sign_of(code, step.left, depth + 1), sign_of(code, step.right, depth + 1)}
        return 0 if {1, -1} <= sides else sum(sides)
    return 0


def sign_of_difference(code: Code, node: ast.BinOp) -> int:
    """Return 1 for answers minus targets, -1 for targets minus answers, 0 for anything else."""
    if is_answer(code, node.left) and is_target(code, node.right):
        return 1
    if is_target(code, node.left) and is_answer(code, node.right):
        return -1
    return 0


def is_answer(code: Code, node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return called(node) in ANSWERS
    values = code.values_of(last_name(node))
    if any(isinstance(each, ast.Call) and called(each) in ANSWERS for each in values):
        return True
    return isinstance(node, ast.Name) and node.id in ANSWERED


def is_target(code: Code, node: ast.AST) -> bool:
    inner = node.value if isinstance(node, ast.Subscript) else node
    if isinstance(inner, ast.Call):
        return called(inner) in ("eye", "one_hot", "to_categorical")
    return last_name(inner) in TARGETS or "eye(" in ast.unparse(inner)
