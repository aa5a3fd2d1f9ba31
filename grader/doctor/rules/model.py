"""Places that go with a mistake in the model: what it ends with, its layers, how its weights
start.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from grader.doctor import syntax
from grader.doctor.syntax import Code, called, is_false, is_true, number, option

LOSSES = (
    "CrossEntropyLoss",
    "cross_entropy",
    "SparseCategoricalCrossentropy",
    "CategoricalCrossentropy",
)
NORMS = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LazyBatchNorm1d", "LazyBatchNorm2d")
TURNING = ("permute", "transpose", "movedim", "moveaxis", "swapaxes", "swapdims", "rearrange")
HIGH_DROPOUT, LARGE_SCALE, LARGE_FACTOR = 0.8, 0.5, 3.0
WEIGHT = re.compile(r"w(eights?)?_?[0-9]*", re.IGNORECASE)
INPUTS, TARGETS = {"x", "xb", "inputs", "X"}, {"y", "yb", "targets", "target", "labels", "Y"}


def of_outputs(code: Code) -> Iterator[tuple[str, ast.AST]]:
    crossed = any(call for name in LOSSES for call in code.calls(name))
    on_scores = crossed or any(is_true(option(call, "from_logits")) for call in code.all_calls())
    for name, node in code.endings():
        if name in ("softmax", "Softmax") and on_scores:
            yield "softmax_last", node
        elif name in ("sigmoid", "Sigmoid") and on_scores:
            yield "sigmoid_last", node
        elif name in ("relu", "ReLU", "relu_"):
            yield "relu_last", node
    for name in ("softmax", "Softmax", "log_softmax", "LogSoftmax"):
        for call in code.calls(name):
            axis = option(call, "dim", "axis")
            at = 0 if name.endswith("Softmax") else 1
            axis = axis if axis is not None else call.args[at] if len(call.args) > at else None
            is_method = isinstance(call.func, ast.Attribute) and name in ("softmax", "log_softmax")
            if is_method and axis is None and len(call.args) == 1 and code.is_tensor(call):
                axis = call.args[0]
            is_layer = isinstance(
                code.value(call.func), ast.Call
            )  # softmax = nn.Softmax(dim=1), and here it is called
            if number(axis) == 0 or (axis is None and code.is_torch(call) and not is_layer):
                yield "softmax_over_batch", call


def of_layers(code: Code) -> Iterator[tuple[str, ast.AST]]:
    dropouts = [*code.calls("Dropout", "dropout", "Dropout1d", "Dropout2d", "AlphaDropout")]
    norms = [*code.calls(*NORMS)]
    evaluates = any(code.calls("eval")) or any(
        (call.args and is_false(call.args[0])) or is_false(option(call, "mode"))
        for call in code.calls("train")
    )
    predict = code.function("predict")
    asked = (
        [call for call in ast.walk(predict) if isinstance(call, ast.Call)]
        if predict is not None
        else []
    )
    trains = any(called(call) == "train" and not any(map(is_false, call.args)) for call in asked)
    for rule, layers in (("dropout", dropouts), ("batchnorm", norms)):
        for layer in layers:
            yield f"uses_{rule}", layer
            if (trains or not evaluates) and code.is_torch(layer):
                yield f"{rule}_without_eval", predict or layer
    single = [
        call
        for call in code.calls("Linear", "Dense")
        if number(call.args[-1] if call.args else None) == 1
    ]
    for name, ending in code.endings():
        if name in ("softmax", "Softmax") and single:
            yield "one_unit_softmax", ending
    for call in dropouts:
        share = option(call, "p") or (call.args[-1] if call.args else None)
        if (code.number(share) or 0) >= HIGH_DROPOUT:
            yield "high_dropout", call
    for pair in code.linear_pairs():
        yield "linear_after_linear", pair
    turned = any(code.calls(*TURNING)) or code.reads("T") or code.reads("mT")
    own = {each.name for each in code.nodes(ast.ClassDef)}
    for call in (each for each in code.calls("GRU", "LSTM", "RNN") if called(each) not in own):
        if not turned and not is_true(option(call, "batch_first")) and code.is_torch(call):
            yield "rnn_axis", call
    for node in code.nodes(ast.Assign):
        target = node.targets[0]
        if isinstance(target, ast.Attribute) and isinstance(node.value, ast.List | ast.ListComp):
            inner = [called(each) for each in ast.walk(node.value) if isinstance(each, ast.Call)]
            if {"Linear", "Conv2d", "Sequential"} & set(inner):
                yield "plain_list", node
    yield from of_sequences(code)
    yield from of_weights(code)


def of_sequences(code: Code) -> Iterator[tuple[str, ast.AST]]:
    for call in code.calls("GRU", "LSTM", "RNN"):
        if is_true(option(call, "bidirectional")):
            yield "looks_ahead", call
    for call in code.calls("scaled_dot_product_attention"):
        causal = option(call, "is_causal")
        if (causal is None or is_false(causal)) and option(call, "attn_mask") is None:
            yield "looks_ahead", call
    masked = any(code.calls("tril", "triu", "generate_square_subsequent_mask"))
    for call in code.calls("TransformerEncoder", "MultiheadAttention"):
        if not masked:
            yield "looks_ahead", call
    given: dict[str, ast.AST] = {}
    for node in code.nodes(ast.Assign):
        if last_of(node) in INPUTS | TARGETS and isinstance(node.value, ast.Call | ast.Subscript):
            text = ast.unparse(node.value)
            other = given.get(text)
            if other is not None and (last_of(node) in TARGETS) != (last_of(other) in TARGETS):
                yield "unshifted_target", node
            given.setdefault(text, node)
        pair = (node.targets[0], node.value)
        if all(isinstance(each, ast.Tuple) and len(each.elts) == 2 for each in pair):
            left, right = (each.elts for each in pair if isinstance(each, ast.Tuple))
            if syntax.last_name(left[1]) in TARGETS and ast.unparse(right[0]) == ast.unparse(
                right[1]
            ):
                yield "unshifted_target", node


def last_of(node: ast.AST) -> str:
    return syntax.last_name(node.targets[0]) if isinstance(node, ast.Assign) else ""


def of_weights(code: Code) -> Iterator[tuple[str, ast.AST]]:
    for call in code.calls("zeros_", "constant_", "ones_", "zero_", "fill_"):
        text = ast.unparse(call)
        other = "bias" in text or "grad" in text or code.under_condition(call, "Norm")
        if not other and ("weight" in text or code.over_parameters(call)):
            yield "equal_init", call
    for call in code.all_calls():
        start = option(call, "kernel_initializer")
        word = (
            start.value
            if isinstance(start, ast.Constant)
            else called(start)
            if isinstance(start, ast.Call)
            else ""
        )
        if isinstance(word, str) and word.lower() in ("zeros", "ones", "constant"):
            yield "equal_init", call
    for call in code.calls("full", "ones"):
        shape = call.args[0] if call.args else None
        if isinstance(shape, ast.Tuple) and len(shape.elts) > 1 and is_weight(code, call):
            yield "equal_init", call
    for call in code.calls("normal_", "uniform_"):
        scale = option(call, "std", "b") or (call.args[-1] if len(call.args) > 1 else None)
        if (code.number(scale) or 0) >= LARGE_SCALE and not code.under_condition(call, "Norm"):
            yield "large_init", call
    for call in code.calls("mul_"):
        of_weights = "weight" in ast.unparse(call) or code.over_parameters(call)
        if of_weights and call.args and (code.number(call.args[0]) or 0) >= LARGE_FACTOR:
            yield "large_init", call
    for call in code.calls("requires_grad_"):
        if call.args and is_false(call.args[0]):
            yield "frozen", call
    for node in code.nodes(ast.Assign):
        target = node.targets[0]
        if (
            isinstance(target, ast.Attribute)
            and target.attr == "requires_grad"
            and is_false(node.value)
        ):
            yield "frozen", node


def is_weight(code: Code, made: ast.Call) -> bool:
    """Whether an array is kept under a weight's name: `self.w1 = ...`, `{"W": ...}`."""
    node: ast.AST = made
    for parent in code.parents(made):
        names: list[str] = []
        if isinstance(parent, ast.Dict):
            keys = [
                key for key, value in zip(parent.keys, parent.values, strict=True) if value is node
            ]
            names = [str(key.value) for key in keys if isinstance(key, ast.Constant)]
        elif isinstance(parent, ast.Assign):
            names = [syntax.last_name(each) for each in parent.targets]
        if any(WEIGHT.fullmatch(name) for name in names):
            return True
        if isinstance(parent, ast.stmt):
            break
        node = parent
    return False
