"""Rules about how inputs are prepared: scaled at all, the same way twice, shaped without mixing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from grader.doctor.rules.names import INPUTS, TRAINING_SETS, mentions
from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import (
    MODEL_NAMES,
    Code,
    called,
    calls_in,
    last_name,
    number,
)

SCALERS = {
    "ToTensor",
    "to_tensor",
    "Normalize",
    "normalize",
    "Rescaling",
    "loader",
    "StandardScaler",
    "MinMaxScaler",
    "div",
    "div_",
    "true_divide",
    "divide",
    "Embedding",
    "convert_image_dtype",
    "scale",
    "unpackbits",
}
# Layers after which it no longer matters how large the inputs were.
NORMALISING = {
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
    "LayerNorm",
    "GroupNorm",
    "batch_norm",
    "layer_norm",
    "instance_norm",
    "group_norm",
    "Normalization",
    "BatchNormalization",
    "LayerNormalization",
    "GroupNormalization",
}
METHODS = {
    "div": "Div",
    "div_": "Div",
    "divide": "Div",
    "true_divide": "Div",
    "mul": "Mult",
    "mul_": "Mult",
    "multiply": "Mult",
    "sub": "Sub",
    "sub_": "Sub",
    "subtract": "Sub",
}
PICTURE_SETS = ("mnist", "fashion_mnist", "cifar10", "cifar100")
PICTURE_CLASSES = ("MNIST", "FashionMNIST", "CIFAR10", "CIFAR100")
SCALING_OPTIONS = {"rescale", "featurewise_center", "featurewise_std_normalization"}
FITTED = ("fit_transform", "transform", "Normalize", "ToTensor", "normalize", "MinMaxScaler")
SIDE = 8  # pixels: from here on a number of a shape may be a picture's side
SPREADS = ("std", "scale", "spread", "max", "sigma", "255")  # in names of what is divided by
LARGE_DIVISOR = 10
SMALL_FACTOR = 0.1
TRANSPOSING = (".T.", ".t().", ".transpose(0", ".transpose(1, 0")
TURNING = ("permute", "transpose", "movedim", "moveaxis", "swapaxes", "rollaxis", "rearrange")
BATCH_FIGURES = (".mean()", ".std()", ".max()", ".min()", ".mean(0)", ".std(0)", ".mean(axis=0)")
SCALING_LAYERS = ("Rescaling", "Normalization", "BatchNorm2d", "BatchNorm1d", "BatchNormalization")
PREPARING = ("transform", "prepare", "preprocess", "scale", "normal", "standard", "encode", "to_")
TEACHING = ("train", "main", "fit", "run", "load_data", "get_data")
OTHER_AXES = (".shape[1]", ".shape[-1]", ".size(1)", ".size(-1)")


@rule("inputs that are never scaled")
def raw_pixels(code: Code) -> Iterator[ast.AST]:
    if code.has_call(*NORMALISING):
        return
    if any(map(is_scaling, code.all_nodes())) and not any(large_again(code)):
        return
    yield from large_again(code)
    for node in code.nodes(ast.Attribute):
        if node.attr == "inputs":
            yield node
    yield from raw_loads(code)


def raw_loads(code: Code) -> Iterator[ast.AST]:
    """Yield where a program gets pictures as bytes: load_data(), `mnist.data.float()`, folders."""
    for call in code.calls("load_data"):
        if any(word in ast.unparse(call.func) for word in PICTURE_SETS) or reads_pictures(code):
            yield call
    yield from code.calls("image_dataset_from_directory", "flow_from_directory")
    for node in code.nodes(ast.Attribute):
        parent = next(code.parents(node), None)
        is_read = isinstance(parent, ast.Attribute) and parent.attr in ("float", "to", "numpy")
        if node.attr == "data" and is_read and code.has_call(*PICTURE_CLASSES):
            yield node


def reads_pictures(code: Code) -> bool:
    """Whether one of Keras' sets of pictures is imported by its name."""
    for node in code.nodes(ast.ImportFrom):
        if any(alias.name in PICTURE_SETS for alias in node.names):
            return True
    return False


def large_again(code: Code) -> Iterator[ast.AST]:
    """Yield `Lambda(lambda x: x * 255)` and the like: what was scaled is made large again."""
    for node in code.nodes(ast.Lambda):
        body = node.body
        is_product = isinstance(body, ast.BinOp) and isinstance(body.op, ast.Mult)
        if isinstance(body, ast.BinOp) and is_product and number(body.right) in (255.0, 256.0):
            yield node


def is_scaling(node: ast.AST) -> bool:
    """Whether a node brings inputs into another range."""
    if isinstance(node, ast.BinOp):
        return scales_by(node.op, node.right)
    if isinstance(node, ast.AugAssign):
        return scales_by(node.op, node.value)
    if isinstance(node, ast.Compare):
        return blackens(node)
    if not isinstance(node, ast.Call):
        return False
    return called(node) in SCALERS or any(each.arg in SCALING_OPTIONS for each in node.keywords)


def scales_by(operator: ast.operator, by: ast.expr) -> bool:
    """Whether this divides by a large number or a spread, or multiplies by a small number."""
    value = number(by)
    if isinstance(operator, ast.Mult):
        return value is not None and 0 < abs(value) <= SMALL_FACTOR
    if not isinstance(operator, ast.Div):
        return False
    if value is not None:
        return abs(value) >= LARGE_DIVISOR
    if isinstance(by, ast.BinOp) and isinstance(by.op, ast.Sub):  # (x - low) / (high - low)
        return True
    text = ast.unparse(by).lower()
    return any(word in text for word in SPREADS)


def blackens(node: ast.Compare) -> bool:
    """Whether a comparison turns pixels black or white: `inputs > 127`."""
    threshold = number(node.comparators[0])
    return mentions(INPUTS, node.left) and threshold is not None and threshold >= 1


@rule("a reshape that mistakes another axis for the batch")
def mixing_reshape(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("view", "reshape"):
        owner = ast.unparse(call.func)
        first = ast.unparse(call.args[0]) if call.args else ""
        is_turned = any(way in owner for way in TRANSPOSING)
        if is_turned or any(axis in first for axis in OTHER_AXES) or is_batch_last(call):
            yield call


def is_batch_last(call: ast.Call) -> bool:
    """Whether a shape leaves its last side open and fixes the first: `x.view(28 * 28, -1)`."""
    sides = call.args
    if len(sides) == 1 and isinstance(sides[0], ast.Tuple):
        sides = sides[0].elts
    if len(sides) != 2 or number(sides[1]) != -1:
        return False
    first = number(sides[0])
    return first is not None and first >= SIDE


@rule("pictures with their channels last, reshaped as if these came first")
def reshaped_channels(code: Code) -> Iterator[ast.AST]:
    if code.has_call(*TURNING):
        return
    for call in code.calls("view", "reshape", "Unflatten"):
        sides = call.args
        if sides and isinstance(sides[-1], ast.Tuple | ast.List):
            sides = sides[-1].elts
        numbers = [number(each) for each in sides]
        if len(numbers) < 3 or numbers[-3] != 3 or "loader" in ast.unparse(call):
            continue
        if all(side is not None and side >= SIDE for side in numbers[-2:]):
            yield call


@rule("what scales the inputs is measured anew on the batch that is asked")
def fits_in_predict(code: Code) -> Iterator[ast.AST]:
    predict = code.function("predict")
    if predict is None:
        return
    for node in ast.walk(predict):
        if isinstance(node, ast.Call) and called(node) in ("fit_transform", "fit", "adapt"):
            yield node
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Sub):
            text = ast.unparse(node.right)
            if text.endswith(BATCH_FIGURES) and mentions(names_of_inputs(predict), node.right):
                yield node


@rule("inputs are scaled in training or in predict(), not in both")
def scaled_once(code: Code) -> Iterator[ast.AST]:
    train = code.function("train")
    predict = code.function("predict")
    if predict is not None and scales_in_training_alone(code, predict):
        yield predict
    if train is None or predict is None:
        return
    ways = names_that_scale(code) - {"train", "predict", "forward"}
    if are_apart(preparation(code, train, ways), preparation(code, predict, ways)):
        yield predict


def scales_in_training_alone(code: Code, predict: ast.FunctionDef) -> bool:
    """Whether a program scales what it trains on, and nothing that predict() reaches scales."""
    reached = set(code.reached_from(predict))
    if any(map(is_scaling, reached)) or any(scales_by_name(each) for each in reached):
        return False
    if code.has_call(*SCALING_LAYERS):
        return False
    for node in code.all_nodes():
        if node in reached or not is_of_examples(code, node):
            continue
        function = code.function_around(node)
        if function is None or function.name in TEACHING:
            return True
    return False


def scales_by_name(node: ast.AST) -> bool:
    """Whether a call goes by a name that prepares: transform(x), preprocess(x), scaler(x)."""
    if not isinstance(node, ast.Call):
        return False
    return any(word in called(node).lower() for word in PREPARING)


def is_of_examples(code: Code, node: ast.AST) -> bool:
    """Whether a node scales training examples, by a number or by what was fitted to them."""
    if isinstance(node, ast.Call):
        if called(node) == "loader":
            return True
        return called(node) in FITTED and not is_in_network(code, node)
    if isinstance(node, ast.BinOp | ast.AugAssign) and is_scaling(node):
        on = node.left if isinstance(node, ast.BinOp) else node.target
        return mentions(INPUTS | TRAINING_SETS, on)
    return False


def is_in_network(code: Code, node: ast.AST) -> bool:
    return any(isinstance(parent, ast.ClassDef) for parent in code.parents(node))


def names_that_scale(code: Code) -> set[str]:
    """Return the functions and classes that scale inputs, themselves or by what they call."""
    calls: dict[str, set[str]] = {}
    names: set[str] = set()
    owners: list[ast.FunctionDef | ast.ClassDef] = [*code.nodes(ast.FunctionDef)]
    owners += code.nodes(ast.ClassDef)
    for owner in owners:
        calls.setdefault(owner.name, set()).update(map(called, calls_in(owner)))
        if any(map(is_scaling, ast.walk(owner))):
            names.add(owner.name)
    grows = True
    while grows:
        more = {name for name, used in calls.items() if used & names}
        grows = not more <= names
        names |= more
    return names


class Preparation(NamedTuple):
    """What a function does to its inputs, in no order."""

    # "Div" or "Sub", by what, after how many others in the same expression
    numbers: frozenset[tuple[str, float, int]]
    ways: frozenset[str]  # functions and classes that scale, and are given the inputs
    is_known: bool  # there is nothing else that scales


def are_apart(one: Preparation, other: Preparation) -> bool:
    """Whether two functions surely prepare their inputs differently.

    What others do for them is not compared, only whether something is done at all.
    """
    if not (one.is_known and other.is_known):
        return False
    if one.ways or other.ways:
        return does_nothing(one) or does_nothing(other)
    return one.numbers != other.numbers


def does_nothing(one: Preparation) -> bool:
    return not one.numbers and not one.ways


def preparation(code: Code, function: ast.FunctionDef, ways: set[str]) -> Preparation:
    """Return what a function does to its inputs; a number may stand under a name that holds it."""
    numbers: set[tuple[str, float, int]] = set()
    used: set[str] = set()
    is_known = True
    names = names_of_inputs(function)
    for node in ast.walk(function):
        operation = operation_of(code, node, names)
        if isinstance(node, ast.Call) and called(node) in ways:
            used.add(called(node))
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            is_known = is_known and mentions(names, *given)
        elif isinstance(node, ast.Call) and called(node) in ("loader", "ToTensor"):
            numbers.add(("Div", 255.0, 0))
        elif operation is not None:
            before = count_operations(code, operation.on, names)
            numbers.add((operation.kind, operation.value, before))
        elif is_scaling(node):
            is_known = False
    return Preparation(frozenset(numbers), frozenset(used), is_known)


def names_of_inputs(function: ast.FunctionDef) -> set[str]:
    """Return the names that hold inputs in train() or predict(), as far as that shows."""
    parameters = [each.arg for each in function.args.args]
    own = set(parameters[1:]) if function.name == "predict" else {"inputs"}
    models = {*MODEL_NAMES, *parameters[:1]}
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        for target, value in assigned_pairs(node):
            name = last_name(target)
            is_answer = any(called(call) in models for call in calls_in(value))
            if name and mentions(own, value) and not is_answer:
                own.add(name)
    return own | INPUTS


def assigned_pairs(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield (target, value) of an assignment; of `x, y = a, b` two pairs."""
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(target.elts, node.value.elts, strict=False)
        else:
            yield target, node.value


class Operation(NamedTuple):
    """Inputs divided by a number, or made smaller by one."""

    kind: str
    value: float
    on: ast.expr


class Parts(NamedTuple):
    """An operation as it is written: on / by, on *= by, on.sub(by)."""

    kind: str
    on: ast.expr
    by: ast.expr


def operation_of(code: Code, node: ast.AST, names: set[str]) -> Operation | None:
    """Return what a node does to inputs with one number: `x / 255`, `x.mul(0.1)`, `x -= 0.5`."""
    parts = parts_of(node)
    if parts is None or isinstance(parts.on, ast.List | ast.Tuple):  # [inputs] * 10
        return None
    kind = parts.kind
    value = number(code.value(parts.by))
    if kind == "Mult" and value:
        kind = "Div"
        value = 1 / value
    if kind not in ("Div", "Sub") or value is None or not mentions(names, parts.on):
        return None
    return Operation(kind, round(value, 6), parts.on)


def parts_of(node: ast.AST) -> Parts | None:
    """Return the parts of an operation, or None for any other node."""
    if isinstance(node, ast.BinOp):
        return Parts(type(node.op).__name__, node.left, node.right)
    if isinstance(node, ast.AugAssign):
        return Parts(type(node.op).__name__, node.target, node.value)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    kind = METHODS.get(called(node), "")
    if len(node.args) == 1:  # x.div(255)
        return Parts(kind, node.func.value, node.args[0])
    if len(node.args) == 2:  # torch.div(x, 255)
        return Parts(kind, node.args[0], node.args[1])
    return None


def count_operations(code: Code, node: ast.AST, names: set[str]) -> int:
    """Return how many operations on inputs stand within a node."""
    found = [operation_of(code, each, names) for each in ast.walk(node)]
    return len(found) - found.count(None)
