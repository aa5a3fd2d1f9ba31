"""Rules about a generator's training: cut gradients, mixed-up optimizers, noise that is ignored."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import (
    Code,
    argument,
    called,
    calls_in,
    last_name,
    number,
    option,
    owner_of,
)

NOISE = {"noise", "z", "latent", "latents", "noises", "codes"}
DRAWS = {"randn", "rand", "normal", "uniform", "standard_normal", "ones", "zeros"}
NO_NETWORKS = DRAWS | {
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
# Functions that make pictures for others: no loss is computed from what they return.
ANSWERS = {"sample", "generate", "forward", "predict", "call", "__call__"}
NO_GRADIENT = {"no_grad", "inference_mode"}
CUTS = {"detach", "detach_", "data", "numpy", "item"}
OPTIMIZERS = ("Adam", "AdamW", "SGD", "RMSprop", "NAdam", "Adagrad")
SEEDING = ("manual_seed", "default_rng", "RandomState")
MOST_STEPS = 12  # of following names


@rule("two optimizers that hold the same network, and none that holds the generator")
def one_network_twice(code: Code) -> Iterator[ast.AST]:
    networks = {called(call) for call in made_pictures(code)}
    optimizers = named_optimizers(code)
    held = Counter(network_of(call) for call in optimizers.values())
    if not networks or networks & held.keys():
        return
    for call in optimizers.values():
        if held[network_of(call)] > 1:
            yield call


@rule("an optimizer of the generator that never steps")
def idle_optimizer(code: Code) -> Iterator[ast.AST]:
    networks = {called(call) for call in made_pictures(code)}
    for name, call in named_optimizers(code).items():
        if network_of(call) in networks and not is_used(code, name):
            yield call


@rule("a generator's loss that no gradient can come back from")
def cut_generator(code: Code) -> Iterator[ast.AST]:
    made = made_pictures(code)
    networks = {called(call) for call in made} - {""}
    held = {name: network_of(call) for name, call in named_optimizers(code).items()}
    for backward in code.calls("backward"):
        loss = owner_of(backward)
        if loss is None or held.get(next_to_step(code, backward)) not in networks:
            continue
        trail = Trail(code, made, scope_of(code, backward))
        reached = trail.follow(loss, backward.lineno, 0)
        if reached is not None and reached.is_cut:
            yield reached.place


def made_pictures(code: Code) -> list[ast.Call]:
    """Return the calls that turn noise into pictures in a training."""
    return [call for call in code.calls() if makes_pictures(code, call)]


def makes_pictures(code: Code, call: ast.Call) -> bool:
    """Whether a network is called with noise as its first argument, in a training."""
    if not call.args or called(call) in NO_NETWORKS or not is_noise(call.args[0]):
        return False
    for parent in code.parents(call):
        if isinstance(parent, ast.FunctionDef) and parent.name in ANSWERS:
            return False
    return True


def is_noise(node: ast.AST) -> bool:
    """Whether a node is noise: by its name, or freshly drawn, as in `torch.randn(64, 32).to(d)`."""
    if not isinstance(node, ast.Call):
        return last_name(node) in NOISE
    owner = owner_of(node)
    return called(node) in DRAWS or (isinstance(owner, ast.Call) and is_noise(owner))


def named_optimizers(code: Code) -> dict[str, ast.Call]:
    """Return name -> the call that made an optimizer; the last one, where there are several."""
    found: dict[str, ast.Call] = {}
    for node in code.nodes(ast.Assign):
        name = last_name(node.targets[0])
        if name and isinstance(node.value, ast.Call) and called(node.value) in OPTIMIZERS:
            found[name] = node.value
    return found


def network_of(optimizer: ast.Call) -> str:
    """Return the network whose parameters() an optimizer is given; nothing if that is not plain."""
    first = argument(optimizer, 0)
    if isinstance(first, ast.Call) and called(first) == "parameters":
        return last_name(owner_of(first))
    return ""


def is_used(code: Code, name: str) -> bool:
    """Whether an optimizer steps, or is handed to something that may step it."""
    for call in code.calls():
        if called(call) == "step" and last_name(owner_of(call)) == name:
            return True
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if any(last_name(each) == name for each in given):
            return True
    return any(last_name(each) == name for each in returned_nodes(code))


def returned_nodes(code: Code) -> Iterator[ast.AST]:
    """Yield every node within what functions return."""
    for node in code.nodes(ast.Return):
        if node.value is not None:
            yield from ast.walk(node.value)


def next_to_step(code: Code, backward: ast.Call) -> str:
    """Return the name of the optimizer that steps next after a backward() in the same function."""
    scope = scope_of(code, backward)
    first: ast.Call | None = None
    for call in code.calls("step"):
        if owner_of(call) is None or call.lineno < backward.lineno:
            continue
        if scope_of(code, call) is scope and (first is None or position(call) < position(first)):
            first = call
    return "" if first is None else last_name(owner_of(first))


def position(call: ast.Call) -> tuple[int, int]:
    return call.lineno, call.col_offset


def scope_of(code: Code, node: ast.AST) -> ast.AST | None:
    """Return the function a node stands in, or the file."""
    for parent in code.parents(node):
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            return parent
    return None


class Reached(NamedTuple):
    """Pictures found in a loss: whether the gradient is cut on the way to them, and where."""

    is_cut: bool
    place: ast.AST


class Trail:
    """Follows a loss back to where pictures were made, through the names of one function."""

    def __init__(self, code: Code, made: list[ast.Call], scope: ast.AST | None) -> None:
        self.code = code
        self.made = set(made)
        self.scope = scope

    def follow(self, node: ast.AST, line: int, depth: int) -> Reached | None:
        """Return the pictures in an expression, reached without a cut if one way allows it.

        line: names mean what they were given before it. None if no picture is found.
        """
        if depth > MOST_STEPS:
            return None
        found: Reached | None = None
        for each in ast.walk(node):
            reached = self._pictures_at(each, line, depth)
            if reached is None:
                continue
            if not reached.is_cut:
                cut = self._cut_above(each)
                if cut is None:
                    return reached
                reached = Reached(True, cut)
            found = reached
        return found

    def _pictures_at(self, node: ast.AST, line: int, depth: int) -> Reached | None:
        if isinstance(node, ast.Call) and node in self.made:
            return Reached(False, node)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            latest = self._latest(node.id, line)
            if latest is not None:
                return self.follow(latest.value, latest.lineno, depth + 1)
        return None

    def _cut_above(self, inner: ast.AST) -> ast.AST | None:
        """Return where the gradient ends around a node: `.detach()`, or `with torch.no_grad()`."""
        for parent in self.code.parents(inner):
            if isinstance(parent, ast.Attribute) and parent.attr in CUTS:
                return parent
            if isinstance(parent, ast.With) and forbids_gradients(parent):
                return parent
            if isinstance(parent, ast.FunctionDef):
                break
        return None

    def _latest(self, name: str, line: int) -> ast.Assign | None:
        """Return the last assignment to a name before a line, in this function."""
        latest: ast.Assign | None = None
        for node in self.code.nodes(ast.Assign):
            if node.lineno >= line or last_name(node.targets[0]) != name:
                continue
            if scope_of(self.code, node) is not self.scope:
                continue
            if latest is None or node.lineno > latest.lineno:
                latest = node
        return latest


def forbids_gradients(block: ast.With) -> bool:
    for item in block.items:
        context = item.context_expr
        if isinstance(context, ast.Call) and called(context) in NO_GRADIENT:
            return True
    return False


@rule("pictures generated without using the seed")
def noise_without_seed(code: Code) -> Iterator[ast.AST]:
    for function in code.methods_that_answer("sample", "generate"):
        if ignores_seed(function):
            yield noise_in(function) or function
        for call in calls_in(function):
            given = argument(call, 0) or option(call, "seed")
            if called(call) in SEEDING and number(given) is not None:
                yield call


def noise_in(function: ast.FunctionDef) -> ast.Assign | None:
    """Return where a function makes its noise, or None."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and last_name(node.targets[0]) in NOISE:
            return node
    return None


def ignores_seed(function: ast.FunctionDef) -> bool:
    """Whether a function is given a seed and never reads it."""
    seeds = {each.arg for each in function.args.args if "seed" in each.arg}
    if not seeds:
        return False
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in seeds:
            return False
    return True


@rule("the optimizer that steps on the generator's loss holds the discriminator as well")
def generator_holds_both(code: Code) -> Iterator[ast.AST]:
    networks = {called(call) for call in made_pictures(code)} - {""}
    optimizers = named_optimizers(code)
    held = {name: networks_in(call) for name, call in optimizers.items()}
    others = {each for names in held.values() for each in names} - networks
    for name, call in optimizers.items():
        if held[name] & networks and held[name] & others and len(optimizers) > 1:
            yield call


def networks_in(optimizer: ast.Call) -> set[str]:
    """Return every network whose parameters() stand in what an optimizer is given."""
    given = argument(optimizer, 0) or option(optimizer, "params")
    found: set[str] = set()
    for call in calls_in(given) if given is not None else ():
        if called(call) == "parameters":
            found.add(last_name(owner_of(call)))
    return found - {""}


class Judged(NamedTuple):
    """One comparison of a discriminator's answer with a target, in a training."""

    is_made: bool  # the pictures come from the generator
    is_cut: bool  # and no gradient leads back to it
    target: str  # what stands in the place of the target, names followed to what made them
    place: ast.Call


@rule("the generator's loss wants its pictures called what the discriminator calls made ones")
def generator_target(code: Code) -> Iterator[ast.AST]:
    found = judged(code)
    for_real = {each.target for each in found if not each.is_made}
    as_made = {each.target for each in found if each.is_made and each.is_cut}
    for each in found:
        is_wrong = each.target in as_made and each.target not in for_real
        if each.is_made and not each.is_cut and for_real and is_wrong:
            yield each.place


def judged(code: Code) -> list[Judged]:
    """Return what is compared with which target: `bce(D(fake), zeros)`, in order."""
    made = made_pictures(code)
    found: list[Judged] = []
    for call in code.calls():
        first = argument(call, 0)
        target = argument(call, 1)
        if target is None or not isinstance(first, ast.Call | ast.Name) or first in made:
            continue
        if not is_comparison(code, call):
            continue
        trail = Trail(code, made, scope_of(code, call))
        reached = trail.follow(first, call.lineno + 1, 0)
        is_cut = reached is not None and reached.is_cut
        found.append(Judged(reached is not None, is_cut, written(code, target, call), call))
    return found


def is_comparison(code: Code, call: ast.Call) -> bool:
    """Whether a call is one of a binary cross-entropy or a squared error."""
    name = called(call).lower()
    made = code.made_by(call.func).lower()
    return any(each in text for each in ("bce", "mse", "binary_cross") for text in (name, made))


def written(code: Code, target: ast.expr, call: ast.Call) -> str:
    """Return 0 or 1 where a target is made of zeros or ones; else its text."""
    value = code.value(target) or target
    if isinstance(value, ast.Call):
        name = called(value)
        if name.startswith(("zeros", "ones")):
            return "0" if name.startswith("zeros") else "1"
        filled = number(argument(value, 1)) if name.startswith("full") else None
        if filled is not None:
            return f"{round(filled)}"
    return ast.unparse(target)
