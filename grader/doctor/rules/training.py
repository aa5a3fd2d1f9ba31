"""Places that go with a mistake in the training: the loss, the loops, the optimizer."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor import syntax
from grader.doctor.syntax import Code, called, is_true, number, option

SQUEEZING = {
    "squeeze",
    "unsqueeze",
    "view",
    "reshape",
    "flatten",
    "one_hot",
    "eye",
    "expand_dims",
    "ravel",
}
RATES = {
    "SGD": (2e-4, 1.0),
    "Adam": (2e-6, 0.05),
    "AdamW": (2e-6, 0.05),
    "RMSprop": (2e-6, 0.05),
    "NAdam": (2e-6, 0.05),
}
HIGH_DECAY = 0.3
COPYING = ("clone_model", "deepcopy", "clone")
EPOCH_SCHEDULERS = ("StepLR", "MultiStepLR", "ExponentialLR")
MANY_EPOCHS = 200  # what counts so far counts steps
SLOW_GAMMA = 0.99  # from here on a rate is lowered slowly enough for steps


def of_losses(code: Code) -> Iterator[tuple[str, ast.AST]]:
    logs = any(code.calls(*("log_softmax", "LogSoftmax", "log", "logsigmoid", "logsumexp")))
    for call in code.calls("NLLLoss", "nll_loss"):
        if not logs:
            yield "nll_without_log", call
    averaged = any(
        is_count(node.right) for node in code.nodes(ast.BinOp) if isinstance(node.op, ast.Div)
    )
    for call in code.all_calls():
        reduction = option(call, "reduction")
        if isinstance(reduction, ast.Constant) and reduction.value == "sum" and not averaged:
            yield "sum_reduction", call
        if called(call) == "backward" and isinstance(call.func, ast.Attribute):
            owner = call.func.value
            if isinstance(owner, ast.Call) and called(owner) == "sum" and not averaged:
                yield "sum_reduction", call
            if isinstance(owner, ast.UnaryOp) and isinstance(owner.op, ast.USub):
                yield "climbs", call
    yield from unsqueezed(code)


def unsqueezed(code: Code) -> Iterator[tuple[str, ast.AST]]:
    """Yield squared errors whose arguments, and what the model returns, are never brought into
    another shape.
    """
    methods = (
        each for each in code.nodes(ast.FunctionDef) if each.name in ("forward", "call", "__call__")
    )
    returns = (
        node for method in methods for node in ast.walk(method) if isinstance(node, ast.Return)
    )
    if any(node.value is not None and reshapes(node.value) for node in returns):
        return
    for call in code.all_calls():
        if called(call) == "mse_loss" or code.made_by(call.func) == "MSELoss":
            given = [*call.args, *(code.value(each) for each in call.args)]
            if not any(each is not None and reshapes(each) for each in given):
                yield "unsqueezed_mse", call


def reshapes(node: ast.AST) -> bool:
    text = ast.unparse(node)
    return any(name in text for name in SQUEEZING) or ", None]" in text or "[:, 0]" in text


def of_loops(code: Code) -> Iterator[tuple[str, ast.AST]]:
    backward = [*code.calls("backward")]
    steps = [call for call in code.calls("step") if code.is_optimizer(call)]
    cleared = any(code.calls("zero_grad")) or code.clears_gradients()
    looped = [call for call in backward if code.loops_around(call)]
    repeated = looped or [call for call in backward if code.is_called_in_a_loop(call)]
    if repeated and not cleared:
        yield "no_zero_grad", repeated[0]
    if backward and not steps and not code.reads("grad") and not any(code.calls("fit", "minimize")):
        yield "no_step", backward[0]
    asks = backward or any(
        code.calls("grad", "gradient", "value_and_grad", "fit", "manual_backward")
    )
    if steps and not asks:
        yield "no_backward", steps[0]
    over_batches = {loops[0] for step in steps if (loops := code.all_loops_around(step))}
    for call in code.calls("step"):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        around = code.all_loops_around(call)
        if len(around) > 1 and over_batches & {*around} and counts_epochs(code.value(owner)):
            yield "scheduler_in_batches", call
    for call in looped:
        loop = code.loops_around(call)[0]
        for statement in loop.body:
            if isinstance(statement, ast.Return | ast.Break):
                yield "leaves_loop", statement
    yield from (("trains_a_copy", each) for each in trains_a_copy(code))
    for node in code.nodes(ast.AugAssign):
        if isinstance(node.op, ast.Add) and moves_by_own_gradient(node.target, node.value):
            yield "climbs", node
    for call in code.calls("add_"):
        negative = (
            any(isinstance(each, ast.USub) for each in ast.walk(call))
            or option(call, "alpha", "value") is not None
        )
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if not negative and moves_by_own_gradient(owner, *call.args):
            yield "climbs", call


def trains_a_copy(code: Code) -> Iterator[ast.AST]:
    """Yield where a function makes a copy of a model it is given, under the same name, and does not
    return it.
    """
    for function in code.nodes(ast.FunctionDef):
        given = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}
        returned = {
            name
            for each in ast.walk(function)
            if isinstance(each, ast.Return)
            for name in names_in(each.value)
        }
        for node in ast.walk(function):
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Call)
                and called(node.value) in COPYING
            ):
                name = syntax.last_name(node.targets[0])
                if name in given - returned and name in {
                    syntax.last_name(each) for each in node.value.args
                }:
                    yield node


def names_in(value: ast.AST | None) -> set[str]:
    """Return the names that are given back by a value: of `net`, `(net, log)` and `net.eval()`, not
    of `net.log`.
    """
    if isinstance(value, ast.Name):
        return {value.id}
    inner: list[ast.AST] = []
    if isinstance(value, ast.Tuple | ast.List):
        inner = [*value.elts]
    elif isinstance(value, ast.Dict):
        inner = [*value.values]
    elif isinstance(value, ast.Call):
        inner = [
            *value.args,
            *([value.func.value] if isinstance(value.func, ast.Attribute) else []),
        ]
    return {name for each in inner for name in names_in(each)}


def moves_by_own_gradient(target: ast.AST | None, *values: ast.AST) -> bool:
    """Whether `w.grad` stands in what is added to `w` or `w.data`; gradients are added to a
    momentum rightly.
    """
    if isinstance(target, ast.Attribute) and target.attr == "data":
        target = target.value
    own = "" if target is None else ast.unparse(target)
    grads = (each for value in values for each in syntax.attributes(value) if each.attr == "grad")
    return any(ast.unparse(each.value) == own for each in grads)


def counts_epochs(made: ast.AST | None) -> bool:
    """Whether a scheduler was made to lower the rate with every few calls of its step().

    Others are written for steps as often as for epochs, and a large step_size or a gamma near 1 is
    meant for steps.
    """
    if not isinstance(made, ast.Call) or called(made) not in EPOCH_SCHEDULERS:
        return False
    second = made.args[1] if len(made.args) > 1 else None
    if called(made) == "StepLR":
        size = number(option(made, "step_size") or second)
        return size is None or size < MANY_EPOCHS
    if called(made) == "MultiStepLR":
        ends = option(made, "milestones") or second
        last = (
            number(ends.elts[-1]) if isinstance(ends, ast.List | ast.Tuple) and ends.elts else None
        )
        return last is None or last < MANY_EPOCHS
    gamma = number(option(made, "gamma") or second)
    return gamma is None or gamma < SLOW_GAMMA


def of_optimizers(code: Code) -> Iterator[tuple[str, ast.AST]]:
    for kind, (low, high) in RATES.items():
        for call in code.calls(kind):
            given = option(call, "lr", "learning_rate") or (
                call.args[1] if len(call.args) > 1 else None
            )
            rate = code.number(given)
            if rate is not None and rate >= high:
                yield "high_rate", call
            if rate is not None and rate <= low:
                yield "low_rate", call
            if (code.number(option(call, "weight_decay")) or 0) >= HIGH_DECAY:
                yield "high_decay", call
            if is_true(option(call, "maximize")):
                yield "climbs", call
            first = call.args[0] if call.args else None
            asked = first.func if isinstance(first, ast.Call) else None
            if (
                isinstance(asked, ast.Attribute)
                and asked.attr == "parameters"
                and isinstance(asked.value, ast.Call)
            ):
                yield "other_model", call


def is_count(node: ast.AST) -> bool:
    """Whether a node is how many there are: len(y), y.shape[0], batch_size."""
    text = ast.unparse(node)
    return (
        text.startswith("len(")
        or ".shape[0]" in text
        or ".size(0)" in text
        or "batch" in text.lower()
    )
