"""Rules about a model's layers: dropout, batch normalisation, linear and recurrent ones."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import (
    PASSING,
    Code,
    argument,
    called,
    calls_in,
    is_at_least,
    is_false,
    is_true,
    last_argument,
    last_name,
    option,
    owner_of,
)

DROPOUTS = ("Dropout", "dropout", "Dropout1d", "Dropout2d", "AlphaDropout")
NORMS = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LazyBatchNorm1d", "LazyBatchNorm2d")
RECURRENT = ("GRU", "LSTM", "RNN")
TURNING = ("permute", "transpose", "movedim", "moveaxis", "swapaxes", "swapdims", "rearrange")
NO_ACTIVATION = PASSING | {"BatchNorm1d", "LayerNorm"}
HIGH_DROPOUT = 0.8
SLOW_MOMENTUM = 0.005  # the share of a new batch in the statistics
REGISTERED = ("ModuleList", "Sequential", "ModuleDict", "ParameterList", "Parameter")


@rule("dropout")
def uses_dropout(code: Code) -> Iterator[ast.AST]:
    yield from code.calls(*DROPOUTS)


@rule("batch normalisation")
def uses_batchnorm(code: Code) -> Iterator[ast.AST]:
    yield from code.calls(*NORMS)


@rule("dropout, and eval() is never called")
def dropout_without_eval(code: Code) -> Iterator[ast.AST]:
    yield from without_eval(code, DROPOUTS)


@rule("batch normalisation, and eval() is never called")
def batchnorm_without_eval(code: Code) -> Iterator[ast.AST]:
    yield from without_eval(code, NORMS)


def without_eval(code: Code, layers: tuple[str, ...]) -> Iterator[ast.AST]:
    """Yield where layers of these names answer in training mode: in predict(), if there is one."""
    if not code.uses_torch or (evaluates(code) and not predicts_in_training_mode(code)):
        return
    switch = training_mode_in_predict(code)
    for layer in code.calls(*layers):
        yield switch or code.function("predict") or layer


def evaluates(code: Code) -> bool:
    """Whether a model is ever set to answer: eval(), train(False), train(mode=False)."""
    if code.has_call("eval"):
        return True
    for call in code.calls("train"):
        if is_false(argument(call, 0)) or is_false(option(call, "mode")):
            return True
    return False


def predicts_in_training_mode(code: Code) -> bool:
    """Whether predict() itself calls train()."""
    return training_mode_in_predict(code) is not None


def training_mode_in_predict(code: Code) -> ast.Call | None:
    """Return the call of train() in predict(), or None."""
    predict = code.function("predict")
    for call in calls_in(predict) if predict is not None else ():
        if called(call) == "train" and not any(map(is_false, call.args)):
            return call
    return None


@rule("dropout that is told to stay on, or not told when to stop")
def dropout_always(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("dropout", "dropout2d", "alpha_dropout"):
        is_function = last_name(owner_of(call)) in ("F", "functional", "")
        switch = option(call, "training") or argument(call, 2)
        if (
            is_function
            and code.uses_torch
            and len(call.args)
            and (switch is None or is_true(switch))
        ):
            yield call
    for call in code.calls():
        if code.uses_keras and is_true(option(call, "training")) and is_of_dropout(code, call):
            yield call


def is_of_dropout(code: Code, call: ast.Call) -> bool:
    """Whether a dropout layer is called: by a name that holds it, or as soon as it is made."""
    if isinstance(call.func, ast.Call):
        return called(call.func) in DROPOUTS
    return code.made_by(call.func) in DROPOUTS


@rule("batch normalisation whose statistics follow very slowly")
def slow_statistics(code: Code) -> Iterator[ast.AST]:
    for call in code.calls(*NORMS):
        momentum = code.number(option(call, "momentum") or argument(call, 2))
        if momentum is not None and 0 < momentum <= SLOW_MOMENTUM:
            yield call
    for call in code.calls("BatchNormalization"):
        momentum = code.number(option(call, "momentum"))
        if momentum is not None and 1 - SLOW_MOMENTUM <= momentum < 1:
            yield call


@rule("layers that lie in a plain list of a network")
def plain_list(code: Code) -> Iterator[ast.AST]:
    for owner in code.nodes(ast.ClassDef):
        if not any(last_name(base) == "Module" for base in owner.bases):
            continue
        for node in ast.walk(owner):
            if isinstance(node, ast.Assign) and is_own_list(node) and is_used_as_layers(code, node):
                yield node


def is_own_list(node: ast.Assign) -> bool:
    """Whether a list or a dict is kept as `self.something`."""
    target = node.targets[0]
    is_own = isinstance(target, ast.Attribute) and last_name(target.value) == "self"
    return is_own and isinstance(node.value, ast.List | ast.ListComp | ast.Dict | ast.DictComp)


def is_used_as_layers(code: Code, node: ast.Assign) -> bool:
    """Whether what lies in a list of this name are layers: made there, appended, or called."""
    name = last_name(node.targets[0])
    if any(makes_a_layer(code, call) for call in calls_in(node.value)):
        return True
    for call in code.calls("append"):
        is_this = last_name(owner_of(call)) == name
        if is_this and any(makes_a_layer(code, each) for each in calls_in(call)):
            return True
    return False


def makes_a_layer(code: Code, call: ast.Call) -> bool:
    """Whether a call makes a layer: one of `nn`, or of a function or class that uses `nn`."""
    if last_name(owner_of(call)) == "nn" and called(call) not in REGISTERED:
        return True
    if called(call) in ("Linear", "Conv2d", "LSTM", "GRU", "Embedding"):
        return True
    names = {each.name for each in code.nodes(ast.ClassDef)}
    function = code.function(called(call))
    if function is not None:
        return any(makes_a_layer(code, each) for each in calls_in(function) if each is not call)
    return called(call) in names


@rule("dropout of 0.8 or more")
def high_dropout(code: Code) -> Iterator[ast.AST]:
    for call in code.calls(*DROPOUTS):
        share = option(call, "p") or last_argument(call)
        if is_at_least(code.number(share), HIGH_DROPOUT):
            yield call


@rule("a recurrent layer without batch_first=True")
def rnn_axis(code: Code) -> Iterator[ast.AST]:
    turns_axes = code.has_call(*TURNING) or code.reads("T") or code.reads("mT")
    if turns_axes or not code.uses_torch:
        return
    own_classes = {each.name for each in code.nodes(ast.ClassDef)}
    for call in code.calls(*RECURRENT):
        if called(call) not in own_classes and not is_true(option(call, "batch_first")):
            yield call


@rule("two linear layers in a row, nothing between them")
def linear_after_linear(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("Sequential"):
        if not any(isinstance(each, ast.Starred) for each in call.args):
            yield from pairs_among(code.layers_of(call))
    for layers in added_layers(code).values():
        yield from pairs_among(layers)
    yield from functional_pairs(code)
    linear = names_holding(code, {"Linear"})
    passing = names_holding(code, NO_ACTIVATION)
    for method in code.methods_that_answer("forward", "__call__"):
        yield from pairs_in_method(method, linear, passing)


def pairs_among(layers: list[ast.expr]) -> Iterator[ast.AST]:
    """Yield the linear layers that follow a linear one, of layers in order."""
    calls: list[ast.Call] = []
    for layer in layers:
        if isinstance(layer, ast.Call) and called(layer) not in NO_ACTIVATION:
            calls.append(layer)
    for one, other in itertools.pairwise(calls):
        if is_linear(one) and called(one) == called(other):
            yield other


def functional_pairs(code: Code) -> Iterator[ast.AST]:
    """Yield `x = Dense(10)(x)` right after another one, as Keras' functional way writes it."""
    before: tuple[ast.AST | None, str] = (None, "")
    applied = [node for node in code.nodes(ast.Assign) if is_layer_applied(node.value)]
    for node in sorted(applied, key=lambda each: (code.file_of(each), each.lineno)):
        call = node.value
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Call):
            continue
        scope = code.function_around(node)
        layer = call.func
        if called(layer) in PASSING:
            continue
        is_plain = called(layer) == "Dense" and is_linear(layer)
        if called(layer) == "Dense" and before == (scope, last_name(argument(call, 0))):
            yield layer
        before = (scope, last_name(node.targets[0])) if is_plain else (None, "")


def is_layer_applied(value: ast.AST) -> bool:
    """Whether a value is a layer that is made and called at once: `Dense(10)(x)`."""
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Call)


def is_linear(call: ast.Call) -> bool:
    """Whether a layer is a matrix and nothing else."""
    activation = option(call, "activation")
    if called(call) == "Dense":
        if isinstance(activation, ast.Constant):
            return activation.value in (None, "linear")
        return activation is None and len(call.args) < 2
    return called(call) == "Linear" and activation is None and len(call.args) < 3


def added_layers(code: Code) -> dict[str, list[ast.expr]]:
    """Return model -> layers in order, for models that are built with `model.add(layer)`."""
    added: dict[str, list[ast.expr]] = {}
    calls = code.calls("add")
    for call in sorted(calls, key=lambda each: (code.file_of(each), each.lineno, each.col_offset)):
        owner = owner_of(call)
        if owner is None or len(call.args) != 1:
            continue
        layers = added.setdefault(ast.unparse(owner), [])
        layers.append(call.args[0])
        if is_added_alone_in_loop(code, call):
            layers.append(call.args[0])
    return added


def is_added_alone_in_loop(code: Code, added: ast.Call) -> bool:
    """Whether a loop adds this layer again and again, and nothing else: it follows itself."""
    loops = code.loops_around(added)
    if not loops:
        return False
    return not any(each is not added and called(each) == "add" for each in calls_in(loops[0]))


def names_holding(code: Code, kinds: set[str]) -> set[str]:
    """Return the names that hold a layer of one of these kinds."""
    names: set[str] = set()
    for name, value in code.assigned_names():
        if isinstance(value, ast.Call) and called(value) in kinds:
            names.add(name)
    return names


def pairs_in_method(
    method: ast.FunctionDef, linear: set[str], passing: set[str]
) -> Iterator[ast.AST]:
    """Yield calls of a linear layer on what a linear layer just gave, line after line."""
    before = ""  # the name that holds what the last linear layer gave
    for statement in method.body:
        value = getattr(statement, "value", None)
        name = called(value) if isinstance(value, ast.Call) else ""
        if isinstance(value, ast.Call) and name in linear:
            inner = argument(value, 0)
            is_nested = isinstance(inner, ast.Call) and called(inner) in linear
            if is_nested or (before and last_name(inner) == before):
                yield value
            before = last_name(statement.targets[0]) if isinstance(statement, ast.Assign) else ""
        elif name not in passing or not isinstance(value, ast.Call):
            before = ""
