"""Rules about training loops: gradients to clear, steps to take, loops that are left early."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor.rules.generators import named_optimizers, network_of
from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import (
    Code,
    Loop,
    argument,
    called,
    calls_in,
    is_true,
    last_name,
    number,
    option,
    owner_of,
)

CUTS = ("item", "detach", "data", "numpy", "tolist")
LOSSES = {"loss", "cost", "error", "l"}
APPLYING = ("apply_gradients", "apply", "assign_sub", "assign_add", "assign", "minimize")
COPYING = ("clone_model", "deepcopy", "clone")
ASKING = ("grad", "gradient", "value_and_grad", "fit", "manual_backward")
MANY_EPOCHS = 200  # what counts this far counts steps, not epochs
SLOW_GAMMA = 0.99  # from here on a rate falls slowly enough to be lowered with every step


@rule("gradients are computed and stepped along in a loop that never clears them")
def no_zero_grad(code: Code) -> Iterator[ast.AST]:
    if code.function("backward") is not None:  # one of their own, which may well begin at 0
        return
    for backward in code.calls("backward"):
        loops = code.all_loops_around(backward)
        if not loops or not steps_in(code, loops[0]):
            continue
        around = code.function_around(backward)
        is_cleared = any(clears_gradients(code, each) for each in code.reached_from(loops[0]))
        if not is_cleared and around is not None and not code.loops_around(backward):
            is_cleared = any(clears_gradients(code, each) for each in ast.walk(around))
        if not is_cleared:
            yield backward
            return
    yield from one_never_cleared(code)


def one_never_cleared(code: Code) -> Iterator[ast.AST]:
    """Yield a step of an optimizer whose gradients nobody clears, beside one that is cleared.

    As in a GAN: two networks, two optimizers, one zero_grad. Clearing a network clears those of its
    optimizer. Where it is not plain what is cleared, nothing is said.
    """
    held = {name: network_of(made) for name, made in named_optimizers(code).items()}
    cleared = {last_name(owner_of(call)) for call in code.calls("zero_grad")}
    is_plain = bool(cleared) and cleared <= held.keys() | held.values()
    by_hand = any(clears_gradients(code, each) for each in code.nodes(ast.Assign))
    if not is_plain or by_hand:
        return
    networks = cleared | {held[name] for name in cleared & held.keys()}
    for name, network in held.items():
        if not network or name in cleared or network in networks:
            continue
        for step in code.calls("step"):
            if last_name(owner_of(step)) == name and code.all_loops_around(step):
                yield step
                return


def in_loops(code: Code) -> list[ast.Call]:
    """Return the calls of backward() that stand in a loop of their own function."""
    return [call for call in code.calls("backward") if code.loops_around(call)]


def steps_in(code: Code, loop: Loop) -> bool:
    """Whether weights are moved in a loop: an optimizer steps, or a gradient is used by hand.

    Where both come later, gradients are meant to be gathered first.
    """
    for each in code.reached_from(loop):
        if isinstance(each, ast.Call) and called(each) == "step" and is_of_optimizer(code, each):
            return True
        if isinstance(each, ast.Attribute) and each.attr == "grad":
            return True
    return False


def clears_gradients(code: Code, node: ast.AST) -> bool:
    """Whether a node clears gradients: zero_grad(), `w.grad = None`, `w.grad.zero_()`."""
    if isinstance(node, ast.Call):
        is_zeroed = called(node) in ("zero_", "fill_") and ".grad" in ast.unparse(node.func)
        return called(node) == "zero_grad" or is_zeroed
    if isinstance(node, ast.Assign):
        return any(isinstance(each, ast.Attribute) and each.attr == "grad" for each in node.targets)
    return False


@rule("gradients are cleared between backward() and step()")
def cleared_before_step(code: Code) -> Iterator[ast.AST]:
    for clear in code.calls("zero_grad"):
        block = block_of(code, clear)
        if block is None:
            continue
        kinds = [kind_of(code, statement) for statement in block]
        place = next((i for i, each in enumerate(block) if clear in ast.walk(each)), -1)
        before = [kind for kind in kinds[:place] if kind]
        after = [kind for kind in kinds[place + 1 :] if kind]
        if before[-1:] == ["backward"] and after[:1] == ["step"]:
            yield clear


def block_of(code: Code, node: ast.AST) -> list[ast.stmt] | None:
    """Return the statements among which the one with a node stands."""
    for parent in code.parents(node):
        body = getattr(parent, "body", None)
        if isinstance(body, list) and not isinstance(node, ast.Lambda):
            return body
    return None


def kind_of(code: Code, statement: ast.stmt) -> str:
    """Return the last of backward, clear and step that a statement does; nothing for another."""
    found = ""
    for call in calls_in(statement):
        if called(call) == "backward":
            found = "backward"
        elif called(call) == "zero_grad":
            found = "clear"
        elif called(call) == "step" and is_of_optimizer(code, call):
            found = "step"
    return found


@rule("a loss or scores that are made anew, cut off from the weights they came from")
def cut_loss(code: Code) -> Iterator[ast.AST]:
    if not code.has_call("backward"):
        return
    for call in code.calls():
        is_wanted = is_true(option(call, "requires_grad")) and code.loops_around(call)
        if is_wanted and any(is_cut(each) for each in call.args):
            yield call
    for call in code.calls("requires_grad_", "requires_grad"):
        owner = owner_of(call)
        if owner is not None and is_cut(owner) and code.loops_around(call):
            yield call
    yield from scores_made_anew(code)


def scores_made_anew(code: Code) -> Iterator[ast.AST]:
    """Yield `scores = model(x).detach()` where `scores.requires_grad = True` follows."""
    wanted: set[str] = set()
    for node in code.nodes(ast.Assign):
        target = node.targets[0]
        is_switch = isinstance(target, ast.Attribute) and target.attr == "requires_grad"
        if isinstance(target, ast.Attribute) and is_switch and is_true(node.value):
            wanted.add(last_name(target.value))
    for call in code.calls("requires_grad_"):
        wanted.add(last_name(owner_of(call)))
    for node in code.nodes(ast.Assign):
        is_again = last_name(node.targets[0]) in wanted and code.loops_around(node)
        if is_again and is_cut(node.value) and any(True for _ in calls_of_networks(node.value)):
            yield node
    for block in code.nodes(ast.With):
        is_without = "no_grad" in ast.unparse(block.items[0]) and code.loops_around(block)
        if wanted - {""} and is_without and asks_a_network(block):
            yield block


def asks_a_network(block: ast.With) -> bool:
    """Whether scores or a loss are computed in a block, and nothing is only counted."""
    values = [each.value for each in ast.walk(block) if isinstance(each, ast.Assign)]
    return any(True for value in values for _ in calls_of_networks(value))


def is_cut(node: ast.AST) -> bool:
    """Whether a value is taken out of the graph: `.item()`, `.detach()`, `.data`, `float()`."""
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and each.attr in CUTS:
            return True
        if isinstance(each, ast.Call) and called(each) == "float" and owner_of(each) is None:
            return True
    return False


def calls_of_networks(node: ast.AST) -> Iterator[ast.Call]:
    """Yield calls that may be of a network: `net(x)`, `self.model(x)`; not `x.detach()`."""
    for call in calls_in(node):
        if called(call) not in CUTS and call.args:
            yield call


@rule("a training step whose result nobody keeps")
def update_thrown_away(code: Code) -> Iterator[ast.AST]:
    teaching = {
        function.name for function in code.nodes(ast.FunctionDef) if teaches(code, function)
    }
    for loop in [*code.nodes(ast.For), *code.nodes(ast.While)]:
        for statement in ast.walk(loop):
            value = getattr(statement, "value", None)
            if not isinstance(value, ast.Call) or called(value) not in teaching:
                continue
            if isinstance(statement, ast.Expr) or is_never_read(code, statement):
                yield statement


def teaches(code: Code, function: ast.FunctionDef) -> bool:
    """Whether a function asks JAX for a gradient and returns something."""
    returns = any(isinstance(each, ast.Return) and each.value for each in ast.walk(function))
    return returns and any(
        isinstance(each, ast.Call) and called(each) in ("grad", "value_and_grad")
        for each in code.reached_from(function)
    )


def is_never_read(code: Code, statement: ast.AST) -> bool:
    """Whether the one name that a statement assigns is read nowhere."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
        return False
    name = statement.targets[0].id
    reads = (node for node in code.nodes(ast.Name) if isinstance(node.ctx, ast.Load))
    return all(node.id != name for node in reads)


@rule("a tape is asked for gradients, and nothing applies them")
def never_applied(code: Code) -> Iterator[ast.AST]:
    if not code.has_call(*APPLYING):
        yield from code.calls("gradient")


@rule("a step of the training that is named and not called, for want of its brackets")
def not_called(code: Code) -> Iterator[ast.AST]:
    for node in code.nodes(ast.Expr):
        if isinstance(node.value, ast.Attribute) and node.value.attr in ("step", "backward"):
            yield node


@rule("gradients are computed, and no optimizer ever steps")
def no_step(code: Code) -> Iterator[ast.AST]:
    steps_otherwise = code.reads("grad") or code.has_call("fit", "minimize")
    if not optimizer_steps(code) and not steps_otherwise:
        yield from list(code.calls("backward"))[:1]


@rule("an optimizer steps, and no gradient is ever computed")
def no_backward(code: Code) -> Iterator[ast.AST]:
    if not code.has_call("backward", *ASKING):
        yield from optimizer_steps(code)[:1]


@rule("a loss is computed in a loop, and no gradient and no step follows")
def no_training(code: Code) -> Iterator[ast.AST]:
    if code.has_call("backward", *ASKING, *APPLYING) or optimizer_steps(code):
        return
    if not code.uses_torch or code.has_call("grad"):
        return
    for node in code.nodes(ast.Assign):
        if last_name(node.targets[0]) in LOSSES and code.loops_around(node):
            yield node


def optimizer_steps(code: Code) -> list[ast.Call]:
    """Return the calls of step() that step an optimizer, not a scheduler."""
    return [call for call in code.calls("step") if is_of_optimizer(code, call)]


def is_of_optimizer(code: Code, step: ast.Call) -> bool:
    owner = owner_of(step)
    if owner is None or "sched" in last_name(owner).lower():
        return False
    return not code.made_by(owner).endswith("LR")


@rule("a scheduler that steps with every batch")
def scheduler_in_batches(code: Code) -> Iterator[ast.AST]:
    over_batches = loops_over_batches(code)
    for call in code.calls("step"):
        around = code.all_loops_around(call)
        if len(around) < 2 or not over_batches.intersection(around):
            continue
        if counts_epochs(code.value(owner_of(call))):
            yield call


def loops_over_batches(code: Code) -> set[Loop]:
    """Return the loops that step an optimizer: the innermost one around each step."""
    found: set[Loop] = set()
    for step in optimizer_steps(code):
        found.update(code.all_loops_around(step)[:1])
    return found


def counts_epochs(made: ast.AST | None) -> bool:
    """Whether a scheduler was made to lower the rate with every few calls of its step().

    Other schedulers are written for steps as often as for epochs, and a large step_size or a gamma
    near 1 is meant for steps.
    """
    if not isinstance(made, ast.Call):
        return False
    kind = called(made)
    if kind == "StepLR":
        size = number(option(made, "step_size") or argument(made, 1))
        return size is None or size < MANY_EPOCHS
    if kind == "MultiStepLR":
        last = last_milestone(made)
        return last is None or last < MANY_EPOCHS
    if kind == "ExponentialLR":
        gamma = number(option(made, "gamma") or argument(made, 1))
        return gamma is None or gamma < SLOW_GAMMA
    return False


def last_milestone(scheduler: ast.Call) -> float | None:
    """Return where a MultiStepLR lowers the rate for the last time, if that is written out."""
    ends = option(scheduler, "milestones") or argument(scheduler, 1)
    if isinstance(ends, ast.List | ast.Tuple) and ends.elts:
        return number(ends.elts[-1])
    return None


@rule("a loop over batches that is left after the first one")
def leaves_loop(code: Code) -> Iterator[ast.AST]:
    for call in in_loops(code):
        for statement in code.loops_around(call)[0].body:
            if isinstance(statement, ast.Return | ast.Break):
                yield statement


@rule("a function that trains a copy of the model it is given, and does not return it")
def trains_a_copy(code: Code) -> Iterator[ast.AST]:
    for function in code.nodes(ast.FunctionDef):
        parameters = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}
        lost = parameters - names_returned(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and name_copied_over(node) in lost:
                yield node


def name_copied_over(node: ast.Assign) -> str | None:
    """Return the name that is replaced by its own copy: `model = deepcopy(model)`; else None."""
    name = last_name(node.targets[0])
    if not isinstance(node.value, ast.Call) or called(node.value) not in COPYING:
        return None
    return name if name in {last_name(each) for each in node.value.args} else None


def names_returned(function: ast.FunctionDef) -> set[str]:
    """Return the names of what a function gives back."""
    names: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Return):
            names |= names_in(node.value)
    return names


def names_in(value: ast.AST | None) -> set[str]:
    """Return the names a value gives back: of `(net, log)` and `net.eval()`, not of `net.log`."""
    if isinstance(value, ast.Name):
        return {value.id}
    inner: list[ast.expr] = []
    if isinstance(value, ast.Tuple | ast.List):
        inner += value.elts
    elif isinstance(value, ast.Dict):
        inner += value.values
    elif isinstance(value, ast.Call):
        inner += value.args
        owner = owner_of(value)
        if owner is not None:
            inner.append(owner)
    names: set[str] = set()
    for each in inner:
        names |= names_in(each)
    return names
