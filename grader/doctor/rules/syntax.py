"""What the source rules ask of a syntax tree: who is called where, what a name holds, what a
model's last layer is.

Used by `rules` in its limited child.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from typing import Any, TypeVar

Node = TypeVar("Node", bound=ast.AST)
Loop = ast.For | ast.While
MODEL_NAMES = {"model", "net", "network", "classifier", "layers", "mlp", "cnn"}
PASSING = {
    "Dropout",
    "Identity",
    "Flatten",
    "squeeze",
    "flatten",
    "float",
    "Unflatten",
}  # not the last that counts
BETWEEN = PASSING | {"BatchNorm1d", "LayerNorm"}  # no activation
MOST_STEPS = 30  # of following names


def last_name(node: ast.AST | None) -> str:
    """Return the rightmost name of `a.b.c`, "c"; nothing for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def called(call: ast.Call) -> str:
    return last_name(call.func)


def option(call: ast.Call, *names: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg in names), None)


def number(node: ast.AST | None) -> float | None:
    """Return the number that a literal, or a quotient or product of literals is, or None."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Mult):
        left, right = number(node.left), number(node.right)
        if left is None or right is None or (isinstance(node.op, ast.Div) and right == 0):
            return None
        return left / right if isinstance(node.op, ast.Div) else left * right
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    ):
        return float(node.value)
    return None


def is_true(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def is_false(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def attributes(node: ast.AST) -> Iterator[ast.Attribute]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Attribute))


def pairs_among(layers: list[ast.AST]) -> Iterator[ast.AST]:
    """Yield the linear layers that follow a linear one, of layers that stand in order."""
    calls = [each for each in layers if isinstance(each, ast.Call) and called(each) not in BETWEEN]
    for one, other in itertools.pairwise(calls):
        if is_linear(one) and called(one) == called(other):
            yield other


def is_linear(call: ast.Call) -> bool:
    """Whether a layer is a matrix and nothing else."""
    activation = option(call, "activation")
    if called(call) == "Dense" and isinstance(activation, ast.Constant):
        return activation.value in (None, "linear")
    return (
        called(call) in ("Linear", "Dense")
        and activation is None
        and len(call.args) < 2 + (called(call) == "Linear")
    )


class Code:
    """All files of one submission, looked at together."""

    def __init__(self, trees: list[ast.Module]) -> None:
        self._all: list[ast.AST] = []
        self._parent: dict[ast.AST, ast.AST] = {}
        self._file: dict[ast.AST, int] = {}
        for index, tree in enumerate(trees):
            for node in ast.walk(tree):
                self._all.append(node)
                self._file[node] = index
                for child in ast.iter_child_nodes(node):
                    self._parent[child] = node
        self._calls = [node for node in self._all if isinstance(node, ast.Call)]
        self._by_name: dict[str, list[ast.Call]] = {}
        for call in self._calls:
            self._by_name.setdefault(called(call), []).append(call)
        self._assigned: dict[str, list[ast.expr]] = {}
        for node in self._all:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._assigned.setdefault(last_name(target), []).append(node.value)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                self._assigned.setdefault(last_name(node.target), []).append(node.value)
        self._given: dict[str, list[ast.expr]] = {}  # defaults of parameters, and keyword arguments
        for node in self._all:
            if isinstance(node, ast.keyword) and node.arg is not None:
                self._given.setdefault(node.arg, []).append(node.value)
            elif isinstance(node, ast.arguments):
                plain = [*node.posonlyargs, *node.args]
                pairs = [*zip(plain[len(plain) - len(node.defaults) :], node.defaults, strict=True)]
                pairs += [
                    (each, value)
                    for each, value in zip(node.kwonlyargs, node.kw_defaults, strict=True)
                    if value
                ]
                for each, value in pairs:
                    self._given.setdefault(each.arg, []).append(value)
        self._torch = any(
            (alias.name or "").partition(".")[0] == "torch"
            for node in self.nodes(ast.Import)
            for alias in node.names
        ) or any(
            (node.module or "").partition(".")[0] == "torch" for node in self.nodes(ast.ImportFrom)
        )

    def file_of(self, node: ast.AST) -> int:
        return self._file.get(node, 0)

    def nodes(self, kind: type[Node]) -> Iterator[Node]:
        return (node for node in self._all if isinstance(node, kind))

    def all_calls(self) -> list[ast.Call]:
        return self._calls

    def calls(self, *names: str) -> Iterator[ast.Call]:
        return (call for name in names for call in self._by_name.get(name, ()))

    def parents(self, node: ast.AST) -> Iterator[ast.AST]:
        while node in self._parent:
            node = self._parent[node]
            yield node

    def function(self, name: str) -> ast.FunctionDef | None:
        return next((node for node in self.nodes(ast.FunctionDef) if node.name == name), None)

    def is_torch(self, _: ast.Call) -> bool:
        """Whether the source uses PyTorch at all."""
        return self._torch

    def is_tensor(self, call: ast.Call) -> bool:
        """Whether a method is called on a value, and not a function of a module."""
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        return owner is not None and last_name(owner) not in (
            "F",
            "torch",
            "functional",
            "nn",
            "special",
            "jax",
        )

    def loops_around(self, node: ast.AST) -> list[Loop]:
        """Return the loops around a node within its function, the innermost first."""
        found: list[Loop] = []
        for parent in self.parents(node):
            if isinstance(parent, ast.FunctionDef | ast.Lambda | ast.ClassDef):
                break
            if isinstance(parent, ast.For | ast.While):
                found.append(parent)
        return found

    def is_called_in_a_loop(self, node: ast.AST) -> bool:
        """Whether the function around a node is called by its name in a loop."""
        return any(self.loops_around(call) for call in self.calls_of_the_function_around(node))

    def calls_of_the_function_around(self, node: ast.AST) -> Iterator[ast.Call]:
        """Yield the calls of the function around a node, by its name or with its name:
        `call("after_batch")`.
        """
        around = self._scope(node)
        if isinstance(around, ast.FunctionDef):
            yield from self.calls(around.name)
            for call in self._calls:
                if any(
                    isinstance(each, ast.Constant) and each.value == around.name
                    for each in call.args
                ):
                    yield call

    def all_loops_around(self, node: ast.AST) -> list[Loop]:
        """Return the loops around a node, the innermost first, and around that call of its function
        which has most.
        """
        outer = (self.loops_around(call) for call in self.calls_of_the_function_around(node))
        return [*self.loops_around(node), *max(outer, key=len, default=[])]

    def under_condition(self, node: ast.AST, text: str) -> bool:
        return any(
            isinstance(each, ast.If) and text in ast.unparse(each.test)
            for each in self.parents(node)
        )

    def over_parameters(self, node: ast.AST) -> bool:
        """Whether a node stands in a loop over a model's parameters."""
        return any(
            "parameters(" in ast.unparse(loop.iter)
            for loop in self.loops_around(node)
            if isinstance(loop, ast.For)
        )

    def reads(self, attribute: str) -> bool:
        return any(node.attr == attribute for node in self.nodes(ast.Attribute))

    def clears_gradients(self) -> bool:
        """Whether a gradient is set to None or to zero somewhere."""
        targets = (target for node in self.nodes(ast.Assign) for target in node.targets)
        if any(isinstance(target, ast.Attribute) and target.attr == "grad" for target in targets):
            return True
        return any(".grad" in ast.unparse(call.func) for call in self.calls("zero_", "fill_"))

    def value(self, node: ast.AST | None) -> ast.AST | None:
        """Return what a name holds, if it was assigned once; any other node as it is."""
        if isinstance(node, ast.Name | ast.Attribute):
            values = self._assigned.get(last_name(node), [])
            return values[0] if len(values) == 1 else None
        return node

    def made(self, node: ast.AST | None) -> ast.Call | None:
        """Return the call that made what a name holds; of a function of the learner's, what that
        returns.
        """
        call = self.value(node)
        function = self.function(called(call)) if isinstance(call, ast.Call) else None
        if function is not None:
            call = next(
                (each.value for each in ast.walk(function) if isinstance(each, ast.Return)), None
            )
        return call if isinstance(call, ast.Call) else None

    def number(self, node: ast.AST | None) -> float | None:
        """Return the number that stands there, or the only one that is ever given to what stands
        there.
        """
        if not isinstance(node, ast.Name | ast.Attribute):
            return number(node)
        name = last_name(node)
        given = [*self._assigned.get(name, []), *self._given.get(name, [])]
        numbers = {value for value in map(number, given) if value is not None}
        return numbers.pop() if len(numbers) == 1 else None

    def made_by(self, owner: ast.AST | None) -> str:
        """Return the name of what made the value that a name holds: "StepLR", or nothing."""
        values = self._assigned.get(last_name(owner), [])
        return next((called(each) for each in values if isinstance(each, ast.Call)), "")

    def is_optimizer(self, call: ast.Call) -> bool:
        """Whether `x.step()` steps an optimizer and not a scheduler."""
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        return (
            owner is not None
            and not self.made_by(owner).endswith("LR")
            and "sched" not in last_name(owner).lower()
        )

    # What a model ends with.

    def endings(self) -> Iterator[tuple[str, ast.AST]]:
        """Yield (name, node) of what a model's scores come out of last, as far as that can be
        followed.
        """
        for method in self.nodes(ast.FunctionDef):
            if method.name in ("forward", "call", "__call__"):
                for node in ast.walk(method):
                    if isinstance(node, ast.Return) and node.value is not None:
                        yield from self._follow(node.value, method, 0)
        for name in MODEL_NAMES:
            for value in self._assigned.get(name, ()):
                yield from self._follow(value, None, 0)
        losses = [
            call
            for call in self._calls
            if self.made_by(call.func).endswith("Loss") or called(call) == "cross_entropy"
        ]
        for call in losses:
            if call.args:
                yield from self._follow(call.args[0], self._scope(call), 0)

    def _scope(self, node: ast.AST) -> ast.AST | None:
        return next(
            (each for each in self.parents(node) if isinstance(each, ast.FunctionDef)), None
        )

    def _follow(
        self, node: ast.AST, scope: ast.AST | None, depth: int
    ) -> Iterator[tuple[str, ast.AST]]:
        if depth > MOST_STEPS:
            return
        if isinstance(node, ast.Name) and scope is not None:
            before = [
                each
                for each in ast.walk(scope)
                if isinstance(each, ast.Assign)
                and any(last_name(t) == node.id for t in each.targets)
                and each.lineno < node.lineno
            ]
            if before:
                latest = max(before, key=lambda each: each.lineno)
                yield from self._follow(latest.value, scope, depth + 1)
        elif isinstance(node, ast.Call):
            yield from self._follow_call(node, scope, depth)

    def _follow_call(
        self, call: ast.Call, scope: ast.AST | None, depth: int
    ) -> Iterator[tuple[str, ast.AST]]:
        name = called(call)
        if isinstance(call.func, ast.Call):  # nn.Softmax(dim=1)(x)
            yield from self._follow(call.func, scope, depth + 1)
        elif name == "Sequential":
            last = self.last_layer(call)
            if last is not None:
                yield from self._follow(last, scope, depth + 1)
        elif name in PASSING and isinstance(call.func, ast.Attribute):
            inner = call.args[0] if call.args else call.func.value
            yield from self._follow(inner, scope, depth + 1)
        elif isinstance(call.func, ast.Attribute) and last_name(call.func.value) == "self":
            for value in self._assigned.get(name, ()):
                yield from self._follow(value, None, depth + 1)
        elif name in ("Dense",):
            activation = option(call, "activation")
            if isinstance(activation, ast.Constant) and isinstance(activation.value, str):
                yield activation.value, call
        elif (
            isinstance(call.func, ast.Name)
            and (last := self.last_of_those(call.func, scope)) is not None
        ):
            yield from self._follow(last, None, depth + 1)
        elif name:
            yield name, call

    def last_of_those(self, name: ast.Name, scope: ast.AST | None) -> ast.AST | None:
        """Return the last of the layers that a loop gives a name to one after the other: `for layer
        in self.layers`.
        """
        for loop in ast.walk(scope) if scope is not None else ():
            if isinstance(loop, ast.For) and last_name(loop.target) == name.id:
                layers = self.value(loop.iter)
                if isinstance(layers, ast.Call) and called(layers) == "Sequential":
                    return self.last_layer(layers)
                if isinstance(layers, ast.Call) and called(layers) == "ModuleList" and layers.args:
                    layers = layers.args[0]
                if isinstance(layers, ast.List | ast.Tuple) and layers.elts:
                    return layers.elts[-1]
                return layers.elt if isinstance(layers, ast.ListComp | ast.GeneratorExp) else None
        return None

    def layers_of(self, call: ast.Call) -> list[ast.AST]:
        """Return the layers a Sequential is made of, in order, as far as they are written out."""
        layers: list[ast.AST] = []
        given: list[Any] = list(call.args)
        if len(given) == 1 and isinstance(given[0], ast.List):
            given = given[0].elts
        for each in given:
            if isinstance(each, ast.Starred):
                layers += [
                    added.args[0]
                    for added in self.calls("append")
                    if added.args
                    and isinstance(added.func, ast.Attribute)
                    and last_name(added.func.value) == last_name(each.value)
                ]
            else:
                layers.append(each)
        return layers

    def last_layer(self, call: ast.Call) -> ast.AST | None:
        layers = [
            each
            for each in self.layers_of(call)
            if not (isinstance(each, ast.Call) and called(each) in PASSING)
        ]
        return layers[-1] if layers else None

    def linear_pairs(self) -> Iterator[ast.AST]:
        """Yield linear layers that directly follow a linear layer."""
        for call in self.calls("Sequential"):
            if not any(isinstance(each, ast.Starred) for each in call.args):
                yield from pairs_among(self.layers_of(call))
        added: dict[str, list[ast.AST]] = {}
        for call in sorted(
            self.calls("add"), key=lambda each: (self.file_of(each), each.lineno, each.col_offset)
        ):
            if isinstance(call.func, ast.Attribute) and len(call.args) == 1:
                again = 2 if self.loops_around(call) and not self._added_beside(call) else 1
                added.setdefault(ast.unparse(call.func.value), []).extend(call.args * again)
        for layers in added.values():
            yield from pairs_among(layers)
        linear, between = self._named({"Linear"}), self._named(BETWEEN)
        for method in self.nodes(ast.FunctionDef):
            if method.name in ("forward", "__call__"):
                yield from self._pairs_in(method, linear, between)

    def _added_beside(self, call: ast.Call) -> bool:
        """Whether the loop around `net.add(layer)` adds something else as well."""
        loop = self.loops_around(call)[0]
        return any(
            each is not call and isinstance(each, ast.Call) and called(each) == "add"
            for each in ast.walk(loop)
        )

    def _named(self, kinds: set[str]) -> set[str]:
        """Return the names that hold a layer of one of these kinds."""
        made = ((name, value) for name, values in self._assigned.items() for value in values)
        return {
            name for name, value in made if isinstance(value, ast.Call) and called(value) in kinds
        }

    def _pairs_in(
        self, method: ast.FunctionDef, linear: set[str], between: set[str]
    ) -> Iterator[ast.AST]:
        before = ""
        for statement in method.body:
            value = getattr(statement, "value", None)
            if isinstance(value, ast.Call) and called(value) in linear:
                inner = value.args[0] if value.args else None
                nested = isinstance(inner, ast.Call) and called(inner) in linear
                if nested or (before and last_name(inner) == before):
                    yield value
                before = (
                    last_name(statement.targets[0]) if isinstance(statement, ast.Assign) else ""
                )
            elif isinstance(value, ast.Call) and called(value) in between:
                continue
            else:
                before = ""
