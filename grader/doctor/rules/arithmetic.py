"""Rules about numbers that overflow or vanish: exp of large scores, log of shares that are 0."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import Code, argument, called, calls_in, last_name, owner_of

MODULES = {"np", "numpy", "jnp", "torch", "math", "tf"}
SAFE = ("clip", "clamp", "clamp_min", "maximum", "log1p", "logsumexp", "where", "nan_to_num")
SHARE_MAKERS = ("softmax", "sigmoid", "Softmax", "Sigmoid")
SHARE_NAMES = {"p", "probs", "probabilities", "softmax", "prob", "shares", "y_hat", "yhat", "out"}


@rule("a softmax by hand that takes exp of scores as they are")
def bare_exp(code: Code) -> Iterator[ast.AST]:
    for node in code.nodes(ast.BinOp):
        if not isinstance(node.op, ast.Div) or ".sum(" not in summed_text(node.right):
            continue
        for call in exps_of(code, node.left):
            given = argument(call, 0)
            if given is not None and is_bare(code, given, call):
                yield call


def summed_text(node: ast.AST) -> str:
    text = ast.unparse(node)
    return (
        text if ".sum(" in text else text.replace("np.sum(", ".sum(").replace("torch.sum(", ".sum(")
    )


def exps_of(code: Code, node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls of exp that a numerator is made of, through one name."""
    made = latest_before(code, node) if isinstance(node, ast.Name) else node
    for call in calls_in(made) if made is not None else ():
        if called(call) == "exp" and last_name(owner_of(call)) in MODULES:
            yield call


def latest_before(code: Code, name: ast.Name) -> ast.expr | None:
    """Return what a name was last given before its line, within its function."""
    scope = code.function_around(name)
    latest: ast.Assign | None = None
    for each in code.assigns_to(name.id):
        is_before = each.lineno <= name.lineno and code.function_around(each) is scope
        if is_before and (latest is None or each.lineno > latest.lineno):
            latest = each
    return None if latest is None else latest.value


def is_bare(code: Code, given: ast.expr, call: ast.Call) -> bool:
    """Whether exp is given a plain name, or a product, from which no maximum was taken off."""
    texts = [ast.unparse(given)]
    for each in ast.walk(given):
        value = latest_before(code, each) if isinstance(each, ast.Name) else None
        if value is not None:
            texts.append(ast.unparse(value))
    text = " ".join(texts)
    return "max" not in text and not any(each in text for each in SAFE)


@rule("the logarithm of shares that can be 0")
def bare_log(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("log"):
        if last_name(owner_of(call)) not in MODULES or not call.args:
            continue
        given = call.args[0]
        text = ast.unparse(given)
        if any(each in text for each in SAFE) or adds_a_little(given):
            continue
        if is_share(code, given):
            yield call


def is_share(code: Code, node: ast.expr) -> bool:
    """Whether a value is a share: what softmax or sigmoid gave, by a call or by a name for it."""
    inner = node.value if isinstance(node, ast.Subscript) else node
    if isinstance(inner, ast.Call):
        return called(inner) in SHARE_MAKERS or called(inner) == "forward"
    if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub):
        return is_share(code, inner.right)
    if not isinstance(inner, ast.Name):
        return False
    made = latest_before(code, inner)
    if made is None:
        return inner.id in SHARE_NAMES
    text = ast.unparse(made)
    if any(each in text for each in SAFE) or adds_a_little(made):
        return False
    return (
        any(f"{each}(" in text for each in SHARE_MAKERS)
        or "forward(" in text
        or (inner.id in SHARE_NAMES and ("exp" in text or isinstance(made, ast.Call)))
    )


def adds_a_little(node: ast.AST) -> bool:
    """Whether a small number is added somewhere: `p + 1e-9`, `p + eps`."""
    for each in ast.walk(node):
        if isinstance(each, ast.BinOp) and isinstance(each.op, ast.Add):
            right = ast.unparse(each.right).lower()
            if "e-" in right or "eps" in right or "0.0" in right:
                return True
    return False
