"""Places that go with a mistake in a generator: what its gradient passes through, its grey levels,
its noise.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor import syntax
from grader.doctor.syntax import Code, called, last_name, number

NOISE = {"noise", "z", "latent", "latents", "noises", "codes"}
DRAWS = {"randn", "rand", "normal", "uniform", "standard_normal", "ones", "zeros"}
NO_NETWORKS = {
    "cat",
    "stack",
    "len",
    "print",
    "randn_like",
    "zeros_like",
    "ones_like",
    "from_numpy",
    "tensor",
    "range",
}
ANSWERS = {
    "sample",
    "generate",
    "forward",
    "predict",
    "call",
    "__call__",
}  # functions that make pictures, not losses
NO_GRADIENT = {"no_grad", "inference_mode"}
CUTS = {"detach", "detach_", "data", "numpy", "item"}
OPTIMIZERS = ("Adam", "AdamW", "SGD", "RMSprop", "NAdam", "Adagrad")
FULL = 100.0  # a factor from which on shares become grey levels
MOST_STEPS = 12
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Module


def of_generators(code: Code) -> Iterator[tuple[str, ast.AST]]:
    made = [call for call in code.all_calls() if makes_pictures(code, call)]
    yield from of_gradients(code, made)
    yield from of_greys(code)
    for function in code.nodes(ast.FunctionDef):
        if function.name in ("sample", "generate"):
            yield from of_noise(function)


def makes_pictures(code: Code, call: ast.Call) -> bool:
    """Whether a call turns noise into pictures in a training: a network is called, and noise is its
    first argument.
    """
    if not call.args or called(call) in NO_NETWORKS | DRAWS or not is_noise(call.args[0]):
        return False
    around = [each for each in code.parents(call) if isinstance(each, ast.FunctionDef)]
    return not any(each.name in ANSWERS for each in around)


def is_noise(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        return called(node) in DRAWS or (isinstance(owner, ast.Call) and is_noise(owner))
    return last_name(node) in NOISE


def of_gradients(code: Code, made: list[ast.Call]) -> Iterator[tuple[str, ast.AST]]:
    """Yield where the generator's loss is cut from it, and optimizers that hold another network or
    never step.
    """
    names = {called(call) for call in made}
    optimizers = {
        name: call
        for node in code.nodes(ast.Assign)
        for name in [last_name(node.targets[0])]
        for call in [node.value]
        if isinstance(call, ast.Call) and called(call) in OPTIMIZERS and name
    }
    holds = {name: network_of(call) for name, call in optimizers.items()}
    for name, call in optimizers.items():
        if (
            names
            and len(optimizers) > 1
            and list(holds.values()).count(holds[name]) > 1
            and not names & {*holds.values()}
        ):
            yield "one_network_twice", call
        if holds[name] in names and not is_used(code, name):
            yield "idle_optimizer", call
    for backward in code.calls("backward"):
        owner = backward.func.value if isinstance(backward.func, ast.Attribute) else None
        stepped = next_step(code, backward)
        if owner is None or holds.get(stepped) not in names - {""}:
            continue
        reached = Reach(code, made).of(owner, scope_of(code, backward), backward.lineno, 0)
        if reached is not None and reached.is_cut:
            yield "cut_generator", reached.place


def network_of(call: ast.Call) -> str:
    """Return the name of the network whose parameters an optimizer is given; nothing if that is not
    so simple.
    """
    first = call.args[0] if call.args else None
    asked = first.func if isinstance(first, ast.Call) else None
    return (
        last_name(asked.value)
        if isinstance(asked, ast.Attribute) and asked.attr == "parameters"
        else ""
    )


def is_used(code: Code, name: str) -> bool:
    """Whether an optimizer steps, or is handed to something that may step it."""
    for call in code.all_calls():
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if called(call) == "step" and last_name(owner) == name:
            return True
        if any(
            last_name(each) == name
            for each in (*call.args, *(given.value for given in call.keywords))
        ):
            return True
    returned = (node.value for node in code.nodes(ast.Return) if node.value is not None)
    return any(last_name(each) == name for value in returned for each in ast.walk(value))


def next_step(code: Code, backward: ast.Call) -> str:
    """Return the name of the optimizer that steps next after a backward() in the same function."""
    scope = scope_of(code, backward)
    later = [
        call
        for call in code.calls("step")
        if scope_of(code, call) is scope
        and call.lineno >= backward.lineno
        and isinstance(call.func, ast.Attribute)
    ]
    if not later:
        return ""
    first = min(later, key=lambda call: (call.lineno, call.col_offset))
    return last_name(first.func.value) if isinstance(first.func, ast.Attribute) else ""


def scope_of(code: Code, node: ast.AST) -> ast.AST | None:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.Module
    return next((each for each in code.parents(node) if isinstance(each, kinds)), None)


class Reached:
    """A generator's pictures in a loss: whether a gradient finds the way, and if not, where it
    ends.
    """

    def __init__(self, is_cut: bool, place: ast.AST) -> None:
        self.is_cut, self.place = is_cut, place


class Reach:
    """Follows a loss back to where pictures were made, through the names of one function."""

    def __init__(self, code: Code, made: list[ast.Call]) -> None:
        self.code, self.made = code, {id(call) for call in made}

    def of(self, node: ast.AST, scope: ast.AST | None, line: int, depth: int) -> Reached | None:
        """Return what is known of an expression before a line; None if no picture is found in
        it.
        """
        if depth > MOST_STEPS:
            return None
        found: Reached | None = None
        for each in ast.walk(node):
            reached: Reached | None = None
            if isinstance(each, ast.Call) and id(each) in self.made:
                reached = Reached(False, each)
            elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
                latest = self._latest(each.id, scope, line)
                reached = (
                    None
                    if latest is None
                    else self.of(latest.value, scope, latest.lineno, depth + 1)
                )
            if reached is None:
                continue
            cut = None if reached.is_cut else self._cut_above(each, node)
            reached = reached if cut is None else Reached(True, cut)
            if not reached.is_cut:
                return reached
            found = reached
        return found

    def _cut_above(self, inner: ast.AST, outer: ast.AST) -> ast.AST | None:
        """Return where the gradient ends between a node and the expression around it, or its
        block.
        """
        for parent in self.code.parents(inner):
            if isinstance(parent, ast.Attribute) and parent.attr in CUTS:
                return parent
            if isinstance(parent, ast.With):
                named = [
                    called(item.context_expr)
                    for item in parent.items
                    if isinstance(item.context_expr, ast.Call)
                ]
                if NO_GRADIENT & set(named):
                    return parent
            if isinstance(parent, ast.FunctionDef):
                break
        return None

    def _latest(self, name: str, scope: ast.AST | None, line: int) -> ast.Assign | None:
        before = [
            node
            for node in self.code.nodes(ast.Assign)
            if node.lineno < line
            and last_name(node.targets[0]) == name
            and scope_of(self.code, node) is scope
        ]
        return max(before, key=lambda node: node.lineno) if before else None


def of_greys(code: Code) -> Iterator[tuple[str, ast.AST]]:
    """Yield where a generator's output becomes grey levels in a way that does not fit its range."""
    has_tanh, has_sigmoid = any(code.calls("Tanh", "tanh")), any(code.calls("Sigmoid", "sigmoid"))
    factors = [node for node in code.nodes(ast.BinOp) if isinstance(node.op, ast.Mult)]
    for node in factors:
        for factor, other in ((node.right, node.left), (node.left, node.right)):
            if has_tanh and number(factor) in (255.0, 256.0) and not is_shifted(code, other):
                yield "tanh_times_255", node
    multiplied = [node.value for node in code.nodes(ast.AugAssign) if isinstance(node.op, ast.Mult)]
    multiplied += [each for node in factors for each in (node.left, node.right)]
    multiplied += [each for call in code.calls("mul", "mul_", "multiply") for each in call.args]
    grows = any((number(each) or 0) >= FULL for each in multiplied)
    for call in (*code.calls("to", "astype", "type"), *code.calls("byte")):
        if (
            (has_tanh or has_sigmoid)
            and not grows
            and (
                called(call) == "byte"
                or any(last_name(each) in ("uint8", "ByteTensor") for each in call.args)
            )
        ):
            yield "unscaled_bytes", call


def is_shifted(code: Code, node: ast.AST) -> bool:
    """Whether something was added to an expression, or to one of its names somewhere."""
    inner = [node, *(value for each in ast.walk(node) if (value := code.value(each)) is not None)]
    for each in (part for value in inner for part in ast.walk(value)):
        if isinstance(each, ast.BinOp) and isinstance(each.op, ast.Add | ast.Sub):
            return True
        if isinstance(each, ast.Call) and called(each) in (
            "add",
            "add_",
            "abs",
            "sigmoid",
            "rescale",
        ):
            return True
    return False


def of_noise(function: ast.FunctionDef) -> Iterator[tuple[str, ast.AST]]:
    """Yield functions that make pictures and do not look at their seed."""
    seeds = [each.arg for each in function.args.args if "seed" in each.arg]
    loaded = {
        each.id
        for each in ast.walk(function)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    }
    if seeds and not set(seeds) & loaded:
        yield "noise_without_seed", function
    for call in (each for each in ast.walk(function) if isinstance(each, ast.Call)):
        given = call.args[0] if call.args else syntax.option(call, "seed")
        if (
            called(call) in ("manual_seed", "default_rng", "RandomState")
            and number(given) is not None
        ):
            yield "noise_without_seed", call
