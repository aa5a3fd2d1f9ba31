"""Rules about words and characters: numbers that stand for them, and padding that is read."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor.rules.rule import rule
from grader.doctor.rules.sequences import RECURRENT
from grader.doctor.rules.syntax import (
    Code,
    called,
    calls_in,
    last_name,
    number,
    option,
    owner_of,
)

ENCODERS = ("Embedding", "EmbeddingBag", "one_hot", "to_categorical", "CategoryEncoding", "eye")
COUNTERS = ("TfidfVectorizer", "CountVectorizer", "HashingVectorizer", "embedding", "multi_hot")
WORD_SOURCES = ("pad_sequences", "texts_to_sequences", "TextVectorization")
TOKENS = {"tokens", "token", "ids", "x", "t", "idx", "words", "inputs", "chars", "text"}
PADDERS = ("pad_sequence", "pad_sequences")
STATES = ("h", "hidden", "hn", "h_n", "state")
LENGTHS = ("pack_padded_sequence", "gather", "Masking", "take_along_axis")


@rule("numbers that stand for words or characters go in as quantities")
def tokens_as_quantities(code: Code) -> Iterator[ast.AST]:
    if code.has_call(*ENCODERS, *COUNTERS):
        return
    for call in code.calls("float", "to", "type"):
        is_float = called(call) == "float" or "float" in " ".join(map(ast.unparse, call.args))
        is_token = root_of(owner_of(call)) in TOKENS and not is_scaled(code, call)
        if is_float and is_token and is_in_a_network(code, call):
            yield call
    if code.has_call(*WORD_SOURCES):
        yield from first_dense(code)


def is_scaled(code: Code, node: ast.AST) -> bool:
    """Whether a value is divided at once, as grey levels are: `x.float() / 255`."""
    parent = next(iter(code.parents(node)), None)
    return isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Div)


def root_of(node: ast.AST | None) -> str:
    """Return the name a chain begins with: "x" of `x.unsqueeze(-1)`, `x[..., None]`."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = owner_of(node) if isinstance(node, ast.Call) else node.value
    return last_name(node)


def is_in_a_network(code: Code, node: ast.AST) -> bool:
    """Whether a node stands in forward() of a network with a recurrent or linear layer."""
    function = code.function_around(node)
    return (
        function is not None and function.name in ("forward", "call") and code.has_call(*RECURRENT)
    )


def first_dense(code: Code) -> Iterator[ast.AST]:
    """Yield the first layer that takes a row of numbers."""
    found = sorted(code.calls("Dense", "Linear"), key=lambda call: (call.lineno, call.col_offset))
    yield from found[:1]


@rule("a recurrent layer's last state after the padding at the end of a text")
def state_after_padding(code: Code) -> Iterator[ast.AST]:
    if code.has_call(*LENGTHS) or not pads_behind(code):
        return
    for network in code.nodes(ast.ClassDef):
        if any(called(call) in RECURRENT for call in calls_in(network)) and not masks(network):
            yield from last_states(network)


def pads_behind(code: Code) -> bool:
    """Whether texts are filled up at their ends."""
    for call in code.calls("pad_sequences"):
        padding = option(call, "padding")
        if isinstance(padding, ast.Constant) and padding.value == "post":
            return True
    for call in code.calls("pad_sequence"):
        side = option(call, "padding_side")
        if side is None or (isinstance(side, ast.Constant) and side.value == "right"):
            return True
    return fills_rows(code)


def fills_rows(code: Code) -> bool:
    """Whether rows of zeros are filled from the front on: `row[place] = number`."""
    for call in code.calls("zeros", "full"):
        if any(
            "int" in ast.unparse(each) for each in [*call.args, *(k.value for k in call.keywords)]
        ):
            return any(
                isinstance(node.targets[0], ast.Subscript) for node in code.nodes(ast.Assign)
            )
    return False


def masks(network: ast.ClassDef) -> bool:
    """Whether a network looks at which tokens are padding, or at lengths."""
    text = ast.unparse(network)
    return any(each in text for each in ("length", "mask", "!= 0", "> 0", ".sum(1)", ".max("))


def last_states(network: ast.ClassDef) -> Iterator[ast.AST]:
    """Yield where the last state of a recurrent layer is taken: `out[:, -1]`, `h[-1]`."""
    for node in ast.walk(network):
        if not isinstance(node, ast.Subscript):
            continue
        index = node.slice
        is_last_step = isinstance(index, ast.Tuple) and number(index.elts[-1]) == -1
        is_of_state = last_name(node.value) in STATES
        if is_last_step or (number(index) == -1 and is_of_state):
            yield node
