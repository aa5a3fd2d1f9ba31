"""Places that go with a mistake in the data: how inputs are prepared, which labels go with them,
what is trained on.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from grader.doctor import syntax
from grader.doctor.syntax import Code, called, is_true, number, option

SCALERS = {
    "ToTensor",
    "to_tensor",
    "Normalize",
    "normalize",
    "Rescaling",
    "loader",
    "StandardScaler",
    "MinMaxScaler",
}
SCALERS |= {
    "div",
    "div_",
    "true_divide",
    "divide",
    "Embedding",
    "convert_image_dtype",
    "scale",
    "unpackbits",
}
METHODS = dict.fromkeys(("div", "div_", "divide", "true_divide"), "Div")
METHODS |= dict.fromkeys(("mul", "mul_", "multiply"), "Mult") | dict.fromkeys(
    ("sub", "sub_", "subtract"), "Sub"
)
NORMALISING = {
    f"{lazy}{kind}Norm{n}d"
    for lazy in ("", "Lazy")
    for kind in ("Batch", "Instance")
    for n in "123"
}
NORMALISING |= {
    "LayerNorm",
    "GroupNorm",
    "batch_norm",
    "layer_norm",
    "instance_norm",
    "group_norm",
}  # after any scale
NORMALISING |= {"Normalization", "BatchNormalization", "LayerNormalization", "GroupNormalization"}
MAKERS = {"from_numpy", "tensor", "as_tensor", "array", "asarray", "long", "to"}
INPUTS = {"inputs", "images", "x", "X", "img", "image", "pixels", "batch"}
LABELS = {"labels", "y", "targets", "target", "label", "y_train", "train_labels", "yb"}
KEPT_APART = {
    "test",
    "testing",
    "val",
    "valid",
    "validation",
    "testset",
    "testloader",
    "valset",
    "valloader",
}
FEW = 2000  # examples; a slice up to here is no training set


def of_data(code: Code) -> Iterator[tuple[str, ast.AST]]:
    scales = any(is_scaling(node) for node in code.nodes(ast.AST)) or any(code.calls(*NORMALISING))
    for node in code.nodes(ast.Attribute):
        if node.attr == "inputs" and not scales:
            yield "raw_pixels", node
    train, predict = code.function("train"), code.function("predict")
    if train is not None and predict is not None:
        ways = names_that_scale(code) - {"train", "predict", "forward"}
        if are_apart(preparation(code, train, ways), preparation(code, predict, ways)):
            yield "scaled_once", predict
    for call in code.calls("view", "reshape"):
        owner = ast.unparse(call.func)
        first = ast.unparse(call.args[0]) if call.args else ""
        turned = any(way in owner for way in (".T.", ".t().", ".transpose(0", ".transpose(1, 0"))
        if turned or any(
            axis in first for axis in (".shape[1]", ".shape[-1]", ".size(1)", ".size(-1)")
        ):
            yield "mixing_reshape", call


def of_labels(code: Code) -> Iterator[tuple[str, ast.AST]]:
    for node in code.nodes(ast.BinOp):
        made = (
            node.left if isinstance(node.left, ast.Call) and called(node.left) in MAKERS else None
        )
        inner = made.args[0] if made is not None and made.args else node.left
        if (
            isinstance(node.op, ast.Add | ast.Sub)
            and number(node.right) == 1
            and syntax.last_name(inner) in LABELS
        ):
            yield "moved_labels", node
    for picked in code.nodes(ast.Subscript):
        if syntax.last_name(picked.value) not in LABELS:
            continue
        index = picked.slice
        if isinstance(index, ast.Call) and called(index) in ("randperm", "permutation"):
            yield "fresh_order", picked
        compared = index.elts[0] if isinstance(index, ast.Tuple) and index.elts else index
        if isinstance(compared, ast.Compare) and syntax.last_name(compared.left) in LABELS:
            yield "subset", picked
    for call in code.calls("argsort", "sort", "sorted"):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if syntax.last_name(call.args[0] if call.args else owner) in LABELS:
            yield "subset", call
    for call in code.calls("zip"):
        sources = [code.made(each) for each in call.args]
        if sum(each is not None and is_true(option(each, "shuffle")) for each in sources) > 1:
            yield "fresh_order", call
    for call in (*code.calls("shuffle"), *code.calls("permutation")):
        alone = LABELS if called(call) == "shuffle" else LABELS | INPUTS - {"batch"}
        if call.args and syntax.last_name(call.args[0]) in alone:
            yield "fresh_order", call


def of_parts(code: Code) -> Iterator[tuple[str, ast.AST]]:
    """Yield where a model is trained on what should be kept apart, or on the first few examples."""
    for call in code.calls("fit"):
        if call.args and is_kept_apart(call.args[0]):
            yield "trains_on_test", call
    for backward in code.calls("backward"):
        for loop in code.loops_around(backward)[:1]:
            inner = [
                each
                for each in ast.walk(loop)
                if isinstance(each, ast.For | ast.With) and each is not loop
            ]
            other = {id(each) for block in inner for each in ast.walk(block)}
            own = [
                each
                for each in ast.walk(loop)
                if id(each) not in other and isinstance(each, ast.expr)
            ]
            looped: list[ast.expr] = [each for each in own if isinstance(each, ast.Subscript)]
            looped += [loop.iter] if isinstance(loop, ast.For) else []
            yield from (("trains_on_test", each) for each in looped if is_kept_apart(each))
    for picked in code.nodes(ast.Subscript):
        index = picked.slice
        end = number(index.upper) if isinstance(index, ast.Slice) and index.lower is None else None
        known = INPUTS | LABELS | {"x_train", "X_train", "train_images", "train_data"}
        statement = next(
            (each for each in code.parents(picked) if isinstance(each, ast.stmt)), None
        )
        looks = isinstance(statement, ast.Expr) and "fit(" not in ast.unparse(
            statement
        )  # model(x[:1]), print(...)
        if (
            end is not None
            and 0 < end <= FEW
            and syntax.last_name(picked.value) in known
            and not looks
        ):
            yield "few_copies", picked


def is_kept_apart(node: ast.AST) -> bool:
    """Whether what is iterated, cut or fitted carries a name such as test_loader or x_val."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = (
            (node.args[0] if node.args else node.func) if isinstance(node, ast.Call) else node.value
        )
    return bool(set(syntax.last_name(node).lower().split("_")) & KEPT_APART)


def names_that_scale(code: Code) -> set[str]:
    """Return the functions and classes that bring inputs into another range, by themselves or by
    what they call.
    """
    kinds: tuple[type[ast.FunctionDef | ast.ClassDef], ...] = (ast.FunctionDef, ast.ClassDef)
    owned = {each: [*ast.walk(each)] for kind in kinds for each in code.nodes(kind)}
    names = {each.name for each, inside in owned.items() if any(map(is_scaling, inside))}
    calls = {
        each: {called(node) for node in inside if isinstance(node, ast.Call)}
        for each, inside in owned.items()
    }
    while more := {each.name for each in owned if calls[each] & names} - names:
        names |= more
    return names


class Preparation(NamedTuple):
    """What a function does to its inputs, in no order."""

    numbers: frozenset[
        tuple[str, float, int]
    ]  # "Div" or "Sub", by what, after how many in the same expression
    ways: frozenset[str]  # functions and classes that scale, and are given the inputs
    is_known: bool  # there is nothing else that scales


def are_apart(one: Preparation, other: Preparation) -> bool:
    """Whether two functions surely prepare their inputs in two ways: what others do for them is not
    compared.
    """
    if not (one.is_known and other.is_known):
        return False
    if one.ways or other.ways:
        return not any(one[:2]) or not any(other[:2])
    return one.numbers != other.numbers


def preparation(code: Code, function: ast.FunctionDef, ways: set[str]) -> Preparation:
    """Return what a function does to its inputs. A number may stand under a name, as long as that
    has a value once.
    """
    numbers, used, is_known, names = set(), set(), True, names_of_inputs(function)
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and called(node) in ways:
            used.add(called(node))
            is_known = is_known and holds(
                names, *node.args, *(each.value for each in node.keywords)
            )
        elif isinstance(node, ast.Call) and called(node) in ("loader", "ToTensor"):
            numbers.add(("Div", 255.0, 0))
        elif (done := operation(code, node, names)) is not None:
            before = (
                each for each in ast.walk(done.on) if operation(code, each, names) is not None
            )
            numbers.add((done.kind, done.value, len([*before])))
        elif is_scaling(node):
            is_known = False
    return Preparation(frozenset(numbers), frozenset(used), is_known)


def names_of_inputs(function: ast.FunctionDef) -> set[str]:
    """Return the names under which inputs are known in train() or predict(), as far as that can be
    told.
    """
    given = [each.arg for each in function.args.args]
    own = {*given[1:]} if function.name == "predict" else {"inputs"}
    models = {*syntax.MODEL_NAMES, *given[:1]}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = [*zip(target.elts, node.value.elts, strict=False)]
                for name, value in pairs:
                    answers = any(
                        called(each) in models
                        for each in ast.walk(value)
                        if isinstance(each, ast.Call)
                    )
                    if syntax.last_name(name) and holds(own, value) and not answers:
                        own.add(syntax.last_name(name))
    return own | INPUTS


class Operation(NamedTuple):
    """Inputs divided by a number, or made smaller by one."""

    kind: str
    value: float
    on: ast.AST


def operation(code: Code, node: ast.AST, names: set[str]) -> Operation | None:
    """Return what a node does to inputs with one number: `x / 255`, `x.mul(1 / 255)`, `x -=
    0.5`.
    """
    on: ast.AST
    if isinstance(node, ast.BinOp):
        kind, on, by = type(node.op).__name__, node.left, node.right
    elif isinstance(node, ast.AugAssign):
        kind, on, by = type(node.op).__name__, node.target, node.value
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and len(node.args) in (1, 2)
    ):
        kind, on, by = (
            METHODS.get(called(node), ""),
            [node.func.value, *node.args][-2],
            node.args[-1],
        )
    else:
        return None
    value = number(code.value(by))
    if kind == "Mult" and value:
        kind, value = "Div", 1 / value
    repeated = isinstance(on, ast.List | ast.Tuple)  # [inputs] * 10
    if kind not in ("Div", "Sub") or value is None or repeated or not holds(names, on):
        return None
    return Operation(kind, round(value, 6), on)


def holds(names: set[str], *nodes: ast.AST) -> bool:
    return any(syntax.last_name(each) in names for node in nodes for each in ast.walk(node))


def is_scaling(node: ast.AST) -> bool:
    """Whether a node brings inputs into another range: a division by a large number, or something
    known for it.
    """
    if isinstance(node, ast.BinOp | ast.AugAssign):
        right = node.right if isinstance(node, ast.BinOp) else node.value
        value = number(right)
        spread = any(
            word in ast.unparse(right).lower()
            for word in ("std", "scale", "spread", "max", "sigma", "255")
        )
        divided = isinstance(node.op, ast.Div) and (spread if value is None else abs(value) >= 10)
        return divided or (
            isinstance(node.op, ast.Mult) and value is not None and 0 < abs(value) <= 0.1
        )
    if isinstance(node, ast.Compare):  # pixels that become black or white
        names = {syntax.last_name(each) for each in ast.walk(node.left)}
        return bool(names & INPUTS) and (number(node.comparators[0]) or 0) >= 1
    return isinstance(node, ast.Call) and called(node) in SCALERS
