"""Rules about arrays with several axes: which step of a sequence is read, which axis goes where."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from grader.doctor.rules.rule import rule
from grader.doctor.rules.sequences import RECURRENT
from grader.doctor.rules.syntax import Code, called, is_true, last_name, number, option, owner_of

LEAST_AXES = 3  # with two, a view that swaps them cannot be told from one that adds an axis
LOSSES = ("cross_entropy", "nll_loss")
LOSS_CLASSES = ("CrossEntropyLoss", "NLLLoss")


@rule("what a recurrent layer knows after the first step, of a sequence read in one direction")
def state_of_first_step(code: Code) -> Iterator[ast.AST]:
    for node in code.nodes(ast.Assign):
        target = node.targets[0]
        if isinstance(target, ast.Tuple):
            target = target.elts[0]
        layer = layer_called(code, node.value)
        name = last_name(target)
        if layer is None or not name or is_true(option(layer, "bidirectional")):
            continue
        around = code.function_around(node)
        reads = [] if around is None else reads_of(around, name)
        is_first = [step_read(each, layer) == 0 for each in reads]
        if reads and all(is_first):
            yield reads[0]


def layer_called(code: Code, value: ast.AST) -> ast.Call | None:
    """Return how the recurrent layer was made whose sequence of states a value is."""
    if not isinstance(value, ast.Call):
        return None
    if isinstance(value.func, ast.Call):  # Keras: LSTM(64, return_sequences=True)(x)
        made = value.func
        returns_all = is_true(option(made, "return_sequences"))
        return made if called(made) in RECURRENT and returns_all else None
    for held in code.values_of(last_name(value.func)):
        if isinstance(held, ast.Call) and called(held) in RECURRENT:
            return held
    return None


def reads_of(function: ast.AST, name: str) -> list[ast.Subscript]:
    """Return where single steps of a sequence of this name are read in a function."""
    reads: list[ast.Subscript] = []
    for node in ast.walk(function):
        if not isinstance(node, ast.Subscript) or last_name(node.value) != name:
            continue
        if isinstance(node.ctx, ast.Load):
            reads.append(node)
    return reads


def step_read(read: ast.Subscript, layer: ast.Call) -> float | None:
    """Return the number of the step that is read; None where it is not one step."""
    places = read.slice.elts if isinstance(read.slice, ast.Tuple) else [read.slice]
    is_batch_first = is_true(option(layer, "batch_first")) or option(layer, "return_sequences")
    axis = 1 if is_batch_first else 0
    if len(places) <= axis:
        return None
    return number(places[axis])


@rule("a view that puts the size of one axis in another one's place")
def viewed_axes(code: Code) -> Iterator[ast.AST]:
    for call in code.calls("view", "reshape"):
        sides: Sequence[ast.expr] = call.args
        if len(sides) == 1 and isinstance(sides[0], ast.Tuple):
            sides = sides[0].elts
        if len(sides) < LEAST_AXES:
            continue
        named = axes_of(code, last_name(owner_of(call)))
        axes = [named.get(ast.unparse(side), -1) for side in sides]
        if len(sides) == LEAST_AXES and is_of_loss(code, call):
            axes = with_open_side(axes, sides)
        known = [axis for axis in axes if axis >= 0]
        if len(known) == len(axes) and known != sorted(known):
            yield call


def axes_of(code: Code, name: str) -> Mapping[str, int]:
    """Return what names an array's axes: "x.size(1)", "x.shape[1]", "T" of B, T, C = x.shape."""
    found: dict[str, int] = {}
    if not name:
        return found
    for axis in range(LEAST_AXES + 1):
        found[f"{name}.size({axis})"] = axis
        found[f"{name}.shape[{axis}]"] = axis
    for node in code.nodes(ast.Assign):
        names = node.targets[0]
        whole = ast.unparse(node.value)
        if isinstance(names, ast.Tuple) and whole in (f"{name}.shape", f"{name}.size()"):
            found |= {ast.unparse(each): axis for axis, each in enumerate(names.elts)}
    return found


def with_open_side(axes: Sequence[int], sides: Sequence[ast.expr]) -> list[int]:
    """Return axes with the one that -1 stands for, where scores of three axes keep all of them."""
    missing = set(range(LEAST_AXES)) - set(axes)
    is_open = [axis < 0 and number(side) == -1 for axis, side in zip(axes, sides, strict=True)]
    if is_open.count(True) != 1 or len(missing) != 1:
        return list(axes)
    kept = missing.pop()
    return [kept if open_ else axis for axis, open_ in zip(axes, is_open, strict=True)]


def is_of_loss(code: Code, call: ast.Call) -> bool:
    """Whether what is viewed goes straight into a cross-entropy."""
    for loss in code.calls():
        is_known = called(loss) in LOSSES or code.made_by(loss.func) in LOSS_CLASSES
        if is_known and call in loss.args:
            return True
    return False
