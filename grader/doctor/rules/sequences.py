"""Rules about models that read one token after the other: what they must not see yet."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import Code, is_false, is_true, last_name, option

RECURRENT = ("GRU", "LSTM", "RNN")
MASKS = ("tril", "triu", "generate_square_subsequent_mask")
INPUTS = {"x", "xb", "inputs", "X"}
TARGETS = {"y", "yb", "targets", "target", "labels", "Y"}


@rule("a layer that reads in both directions, or attention without a mask")
def looks_ahead(code: Code) -> Iterator[ast.AST]:
    for call in code.calls(*RECURRENT):
        if is_true(option(call, "bidirectional")):
            yield call
    for call in code.calls("scaled_dot_product_attention"):
        if not is_masked(call):
            yield call
    if not code.has_call(*MASKS):
        yield from asked_without_mask(code)
        yield from code.calls("TransformerEncoder", "MultiheadAttention")


def asked_without_mask(code: Code) -> Iterator[ast.AST]:
    """Yield where attention is asked: `self.encoder(x)`, which a mask would have to be given."""
    for call in code.calls():
        if code.made_by(call.func) in ("TransformerEncoder", "MultiheadAttention"):
            yield call


def is_masked(attention: ast.Call) -> bool:
    """Whether a call of scaled_dot_product_attention is given a mask."""
    causal = option(attention, "is_causal")
    if option(attention, "attn_mask") is not None:
        return True
    return causal is not None and not is_false(causal)


@rule("a language model's inputs and targets cut out of the text at the same places")
def unshifted_target(code: Code) -> Iterator[ast.AST]:
    first_given: dict[str, str] = {}  # what was assigned -> the first name it was assigned to
    for node in code.nodes(ast.Assign):
        name = last_name(node.targets[0])
        is_cut = isinstance(node.value, ast.Call | ast.Subscript)
        if is_cut and name in INPUTS | TARGETS:
            text = ast.unparse(node.value)
            other = first_given.setdefault(text, name)
            if (name in TARGETS) != (other in TARGETS):
                yield node
        if assigns_the_same_pair(node):
            yield node


def assigns_the_same_pair(node: ast.Assign) -> bool:
    """Whether inputs and targets are the same, assigned at once: `x, y = text[i:j], text[i:j]`."""
    names = node.targets[0]
    values = node.value
    if not isinstance(names, ast.Tuple) or not isinstance(values, ast.Tuple):
        return False
    if len(names.elts) != 2 or len(values.elts) != 2:
        return False
    if last_name(names.elts[1]) not in TARGETS:
        return False
    return ast.unparse(values.elts[0]) == ast.unparse(values.elts[1])
