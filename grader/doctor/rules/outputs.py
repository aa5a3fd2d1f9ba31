"""Rules about what a model's scores come out of last: softmax, sigmoid, ReLU."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import (
    MODEL_NAMES,
    PASSING,
    Code,
    argument,
    called,
    is_true,
    last_argument,
    last_name,
    number,
    option,
    owner_of,
)

LOSSES_OF_SCORES = ("CrossEntropyLoss", "cross_entropy")  # Keras' own take shares, unless told
SOFTMAX_FUNCTIONS = ("softmax", "log_softmax")
SOFTMAX_LAYERS = ("Softmax", "LogSoftmax")
MOST_STEPS = 30  # of following names


@rule("the model ends in a softmax, and the loss is a cross-entropy on scores")
def softmax_last(code: Code) -> Iterator[ast.AST]:
    if takes_scores(code):
        yield from endings_called(code, "softmax", "Softmax")


@rule("a Keras model without a softmax, and a loss that expects shares")
def scores_as_shares(code: Code) -> Iterator[ast.AST]:
    if not code.uses_keras or mentions_softmax(code):
        return
    layers = sorted(code.calls("Dense"), key=lambda call: (call.lineno, call.col_offset))
    if not layers or activation_of(layers[-1]):
        return
    for call in code.calls("compile"):
        loss = option(call, "loss") or argument(call, 1)
        text = "" if loss is None else ast.unparse(loss).lower().replace("_", "")
        if "categoricalcrossentropy" in text:
            yield layers[-1]


def mentions_softmax(code: Code) -> bool:
    """Whether scores become shares somewhere, or the loss is told that they are scores."""
    for node in code.nodes(ast.Constant):
        if isinstance(node.value, str) and "softmax" in node.value:
            return True
    if any(from_logits(call) is not None for call in code.calls()):
        return True
    return code.has_call("softmax", "Softmax", "log_softmax", "Activation")


@rule("the model ends in a sigmoid, and the loss is a cross-entropy on scores")
def sigmoid_last(code: Code) -> Iterator[ast.AST]:
    if takes_scores(code):
        yield from endings_called(code, "sigmoid", "Sigmoid")


@rule("the model ends in a ReLU")
def relu_last(code: Code) -> Iterator[ast.AST]:
    yield from endings_called(code, "relu", "ReLU", "relu_")


@rule("a last layer of one unit, and a softmax")
def one_unit_softmax(code: Code) -> Iterator[ast.AST]:
    for layer in code.calls("Linear", "Dense"):
        units = argument(layer, 0) if called(layer) == "Dense" else last_argument(layer)
        if number(option(layer, "units", "out_features") or units) == 1:
            yield from endings_called(code, "softmax", "Softmax")
            return


@rule("a log-softmax over axis 0, which is the batch")
def log_softmax_over_batch(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("log_softmax", "LogSoftmax"):
        given = argument(call, 0)
        if number(softmax_axis(code, call)) == 0 and not isinstance(given, ast.Subscript):
            yield call


@rule("a softmax over axis 0, or over an axis that nobody named")
def softmax_over_batch(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("softmax", "Softmax", "log_softmax", "LogSoftmax"):
        axis = softmax_axis(code, call)
        if number(axis) == 0 or (axis is None and guesses_axis(code, call)):
            yield call


def softmax_axis(code: Code, call: ast.Call) -> ast.expr | None:
    """Return the axis a softmax is given: by name, or by its place among the arguments."""
    axis = option(call, "dim", "axis")
    if axis is not None:
        return axis
    if called(call) in SOFTMAX_LAYERS:
        return argument(call, 0)
    if len(call.args) == 1 and code.is_tensor(call):  # scores.softmax(1)
        return call.args[0]
    return argument(call, 1)


def guesses_axis(code: Code, call: ast.Call) -> bool:
    """Whether PyTorch would guess the axis; not where a layer made elsewhere is called."""
    is_made_layer = isinstance(code.value(call.func), ast.Call)  # softmax = nn.Softmax(dim=1)
    return code.uses_torch and not is_made_layer


def takes_scores(code: Code) -> bool:
    """Whether some loss expects scores before any softmax."""
    if code.has_call(*LOSSES_OF_SCORES):
        return True
    return any(is_true(from_logits(call)) for call in code.calls())


def from_logits(call: ast.Call) -> ast.expr | None:
    """Return what a loss of Keras is told of its scores; its classes take that first, if at all."""
    told = option(call, "from_logits")
    if told is None and called(call).lower().endswith("crossentropy"):
        first = argument(call, 0)
        return first if isinstance(first, ast.Constant) and isinstance(first.value, bool) else None
    return told


def endings_called(code: Code, *names: str) -> Iterator[ast.AST]:
    """Yield the endings of a model with one of these names."""
    for name, node in endings(code):
        if name in names:
            yield node


def endings(code: Code) -> Iterator[tuple[str, ast.AST]]:
    """Yield (name, node) of what a model's scores come out of last, as far as can be followed.

    Followed are the values that forward() and call() return, what names such as `model` hold, and
    what losses are given.
    """
    for method in code.methods_that_answer("forward", "call", "__call__"):
        for node in ast.walk(method):
            if isinstance(node, ast.Return) and node.value is not None:
                yield from follow(code, node.value, method, 0)
    for name in MODEL_NAMES:
        for value in code.values_of(name):
            yield from follow(code, value, code.function_around(value), 0)
        yield from follow_added(code, name)
    for call in code.calls():
        if call.args and is_loss(code, call):
            yield from follow(code, call.args[0], code.function_around(call), 0)


def follow_added(code: Code, name: str) -> Iterator[tuple[str, ast.AST]]:
    """Follow the last layer that add() gives to a model of this name."""
    calls: list[ast.Call] = []
    for call in code.calls("add"):
        if call.args and last_name(owner_of(call)) == name:
            calls.append(call)
    if calls:
        last = max(calls, key=lambda call: (call.lineno, call.col_offset))
        yield from follow(code, last.args[0], code.function_around(last), 0)


def is_loss(code: Code, call: ast.Call) -> bool:
    """Whether a call computes a loss; not where a loss is only made, with its weights."""
    if len(call.args) < 2:
        return False
    return code.made_by(call.func).endswith("Loss") or called(call) == "cross_entropy"


def follow(
    code: Code, node: ast.AST, scope: ast.AST | None, depth: int
) -> Iterator[tuple[str, ast.AST]]:
    """Follow a value back through the names of a function to the last call that made it."""
    if depth > MOST_STEPS:
        return
    if isinstance(node, ast.Name):
        latest = latest_value(code, node, scope)
        if latest is not None:
            yield from follow(code, latest, scope, depth + 1)
    elif isinstance(node, ast.Call):
        yield from follow_call(code, node, scope, depth)


def latest_value(code: Code, name: ast.Name, scope: ast.AST | None) -> ast.expr | None:
    """Return what a name was last given on the lines before it, within a function or the file."""
    latest: ast.Assign | None = None
    for each in code.assigns_to(name.id):
        is_before = each.lineno < name.lineno and code.function_around(each) is scope
        if is_before and (latest is None or each.lineno > latest.lineno):
            latest = each
    return None if latest is None else latest.value


def follow_call(
    code: Code, call: ast.Call, scope: ast.AST | None, depth: int
) -> Iterator[tuple[str, ast.AST]]:
    """Follow a call to the layer it ends in, through Sequential, `self.layer(x)` and loops."""
    name = called(call)
    if isinstance(call.func, ast.Call):  # nn.Softmax(dim=1)(x)
        yield from follow(code, call.func, scope, depth + 1)
    elif name == "Sequential":
        last = last_layer(code, call)
        if last is not None:
            yield from follow(code, last, scope, depth + 1)
    elif name in PASSING and isinstance(call.func, ast.Attribute):
        inner = call.args[0] if call.args else call.func.value
        yield from follow(code, inner, scope, depth + 1)
    elif isinstance(call.func, ast.Attribute) and last_name(call.func.value) == "self":
        for value in code.values_of(name):
            yield from follow(code, value, None, depth + 1)
    elif name in ("Dense", "Activation"):
        activation = activation_of(call)
        if activation:
            yield activation, call
    elif name == "Model":
        outputs = option(call, "outputs") or argument(call, 1)
        if outputs is not None:
            yield from follow(code, outputs, scope, depth + 1)
    else:
        last = last_of_loop(code, call.func, scope)
        if last is not None:
            yield from follow(code, last, None, depth + 1)
        elif name:
            yield name, call


def activation_of(layer: ast.Call) -> str:
    """Return the activation a Keras layer is given: by name, by its place, or as a function."""
    place = 0 if called(layer) == "Activation" else 1
    given = option(layer, "activation") or argument(layer, place)
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return given.value
    return last_name(given)


def last_layer(code: Code, sequential: ast.Call) -> ast.expr | None:
    """Return the last layer of a Sequential that changes scores, or None."""
    for layer in reversed(code.layers_of(sequential)):
        if not (isinstance(layer, ast.Call) and called(layer) in PASSING):
            return layer
    return None


def last_of_loop(code: Code, name: ast.AST, scope: ast.AST | None) -> ast.expr | None:
    """Return the last layer a loop gives a name to: of `for layer in self.layers: x = layer(x)`."""
    if not isinstance(name, ast.Name) or scope is None:
        return None
    for loop in ast.walk(scope):
        if isinstance(loop, ast.For) and last_name(loop.target) == name.id:
            return last_of_layers(code, code.value(loop.iter))
    return None


def last_of_layers(code: Code, layers: ast.AST | None) -> ast.expr | None:
    """Return the last of layers in a Sequential, a ModuleList, a list or a comprehension."""
    if isinstance(layers, ast.Call) and called(layers) == "Sequential":
        return last_layer(code, layers)
    if isinstance(layers, ast.Call) and called(layers) == "ModuleList" and layers.args:
        layers = layers.args[0]
    if isinstance(layers, ast.List | ast.Tuple) and layers.elts:
        return layers.elts[-1]
    if isinstance(layers, ast.ListComp | ast.GeneratorExp):
        return layers.elt
    return None
