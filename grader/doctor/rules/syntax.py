"""What rules ask of a syntax tree: who calls what, which loops stand around it, what a name holds.

Names are followed without running anything: a name that is assigned once holds what it was given,
any other name holds nothing that is known. That is often right and sometimes wrong, which is why a
place alone never names a mistake.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)
Loop = ast.For | ast.While

MODEL_NAMES = ("model", "net", "network", "classifier", "layers", "mlp", "cnn")
MODULE_ALIASES = {"F", "torch", "functional", "nn", "special", "jax"}
# Layers that change no score: what counts as a model's last layer stands before them.
PASSING = {"Dropout", "Identity", "Flatten", "squeeze", "flatten", "float", "Unflatten"}


def last_name(node: ast.AST | None) -> str:
    """Return the rightmost name of `a.b.c`, "c"; nothing for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    return ""


def called(call: ast.Call) -> str:
    """Return the name of the function a call calls: "Linear" of `nn.Linear(64, 10)`."""
    return last_name(call.func)


def owner_of(call: ast.Call) -> ast.expr | None:
    """Return what a method is called on: `loss` of `loss.backward()`; None for a plain function."""
    return call.func.value if isinstance(call.func, ast.Attribute) else None


def argument(call: ast.Call, place: int) -> ast.expr | None:
    """Return the positional argument at a place, or None."""
    return call.args[place] if len(call.args) > place else None


def last_argument(call: ast.Call) -> ast.expr | None:
    """Return the last positional argument, or None."""
    return call.args[-1] if call.args else None


def option(call: ast.Call, *names: str) -> ast.expr | None:
    """Return the first keyword argument that has one of these names, or None."""
    for keyword in call.keywords:
        if keyword.arg in names:
            return keyword.value
    return None


def calls_in(node: ast.AST) -> Iterator[ast.Call]:
    """Yield every call within a node, itself included."""
    return (each for each in ast.walk(node) if isinstance(each, ast.Call))


def attributes(node: ast.AST) -> Iterator[ast.Attribute]:
    """Yield every `a.b` within a node, itself included."""
    return (each for each in ast.walk(node) if isinstance(each, ast.Attribute))


def number(node: ast.AST | None) -> float | None:
    """Return the number that a literal, or a quotient or product of literals, stands for."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.BinOp):
        return number_of_operation(node)
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
        return None
    if isinstance(node.value, int | float):
        return float(node.value)
    return None


def number_of_operation(node: ast.BinOp) -> float | None:
    """Return `1 / 255` or `4 * 0.1` as a number; None for anything else."""
    if not isinstance(node.op, ast.Div | ast.Mult):
        return None
    left = number(node.left)
    right = number(node.right)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Mult):
        return left * right
    return left / right if right else None


def is_at_least(value: float | None, least: float) -> bool:
    """Whether a number is known and is this much or more."""
    return value is not None and value >= least


def is_true(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def is_false(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


class Code:
    """All files of one submission, looked at together.

    Nodes come in the order of the files, and within a file in that of `ast.walk`.
    """

    def __init__(self, trees: list[ast.Module]) -> None:
        self._nodes: list[ast.AST] = []
        self._by_type: dict[type[ast.AST], list[ast.AST]] = {}
        self._parent: dict[ast.AST, ast.AST] = {}
        self._file: dict[ast.AST, int] = {}
        self._calls_by_name: dict[str, list[ast.Call]] = {}
        self._assigned: dict[str, list[ast.expr]] = {}
        self._given: dict[str, list[ast.expr]] = {}
        for index, tree in enumerate(trees):
            for node in ast.walk(tree):
                self._add(node, index)
        for call in self.nodes(ast.Call):
            self._calls_by_name.setdefault(called(call), []).append(call)
        for node in self._nodes:
            self._note_assigned(node)
            self._note_given(node)
        self._around: dict[ast.AST, ast.FunctionDef | None] = {}  # looked up before
        self._calls_by_text: dict[str, list[ast.Call]] = {}
        for call in self.nodes(ast.Call):
            for text in {each.value for each in call.args if isinstance(each, ast.Constant)}:
                if isinstance(text, str):
                    self._calls_by_text.setdefault(text, []).append(call)
        self._assigns: dict[str, list[ast.Assign]] = {}
        for node in self.nodes(ast.Assign):
            for name in {last_name(target) for target in node.targets}:
                self._assigns.setdefault(name, []).append(node)
        self._functions: dict[str, ast.FunctionDef] = {}
        for function in self.nodes(ast.FunctionDef):
            self._functions.setdefault(function.name, function)
        self.uses_torch = self._imports("torch")
        self.uses_keras = self._imports("keras") or self._imports("tensorflow")

    def _add(self, node: ast.AST, file: int) -> None:
        self._nodes.append(node)
        self._by_type.setdefault(type(node), []).append(node)
        self._file[node] = file
        for child in ast.iter_child_nodes(node):
            self._parent[child] = node

    def _note_assigned(self, node: ast.AST) -> None:
        """Remember what names are assigned, by the last part of the name."""
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._assigned.setdefault(last_name(target), []).append(node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._assigned.setdefault(last_name(node.target), []).append(node.value)

    def _note_given(self, node: ast.AST) -> None:
        """Remember what parameters are given: their defaults, and keyword arguments."""
        if isinstance(node, ast.keyword) and node.arg is not None:
            self._given.setdefault(node.arg, []).append(node.value)
        elif isinstance(node, ast.arguments):
            plain = [*node.posonlyargs, *node.args]
            with_default = plain[len(plain) - len(node.defaults) :]
            for parameter, value in zip(with_default, node.defaults, strict=True):
                self._given.setdefault(parameter.arg, []).append(value)
            for parameter, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
                if default is not None:
                    self._given.setdefault(parameter.arg, []).append(default)

    def _imports(self, package: str) -> bool:
        names = [alias.name for node in self.nodes(ast.Import) for alias in node.names]
        names += [node.module or "" for node in self.nodes(ast.ImportFrom)]
        return any(name.partition(".")[0] == package for name in names)

    def file_of(self, node: ast.AST) -> int:
        """Return the number of the file a node stands in."""
        return self._file.get(node, 0)

    def all_nodes(self) -> list[ast.AST]:
        return self._nodes

    def nodes(self, kind: type[Node]) -> Iterator[Node]:
        """Yield the nodes of exactly this type."""
        return (node for node in self._by_type.get(kind, ()) if isinstance(node, kind))

    def calls(self, *names: str) -> Iterator[ast.Call]:
        """Yield the calls of these names, those of the first name first; without names, all."""
        if not names:
            yield from self.nodes(ast.Call)
        for name in names:
            yield from self._calls_by_name.get(name, ())

    def has_call(self, *names: str) -> bool:
        """Whether something of one of these names is called anywhere."""
        return any(name in self._calls_by_name for name in names)

    def parents(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what stands around a node, the innermost first."""
        while node in self._parent:
            node = self._parent[node]
            yield node

    def function(self, name: str) -> ast.FunctionDef | None:
        """Return the first function of a name, or None."""
        return self._functions.get(name)

    def function_around(self, node: ast.AST) -> ast.FunctionDef | None:
        """Return the innermost function a node stands in, or None."""
        if node not in self._around:
            found = (each for each in self.parents(node) if isinstance(each, ast.FunctionDef))
            self._around[node] = next(found, None)
        return self._around[node]

    def assigns_to(self, name: str) -> list[ast.Assign]:
        """Return the assignments to a name, or to an attribute of that name."""
        return self._assigns.get(name, [])

    def methods_that_answer(self, *names: str) -> Iterator[ast.FunctionDef]:
        """Yield the functions of these names: `forward`, `__call__`."""
        return (node for node in self.nodes(ast.FunctionDef) if node.name in names)

    def is_tensor(self, call: ast.Call) -> bool:
        """Whether a method is called on a value, and not a function of a module."""
        owner = owner_of(call)
        return owner is not None and last_name(owner) not in MODULE_ALIASES

    def reads(self, attribute: str) -> bool:
        """Whether `something.attribute` stands anywhere."""
        return any(node.attr == attribute for node in self.nodes(ast.Attribute))

    # What stands around a node.

    def loops_around(self, node: ast.AST) -> list[Loop]:
        """Return the loops around a node within its function, the innermost first."""
        found: list[Loop] = []
        for parent in self.parents(node):
            if isinstance(parent, ast.FunctionDef | ast.Lambda | ast.ClassDef):
                break
            if isinstance(parent, ast.For | ast.While):
                found.append(parent)
        return found

    def calls_of_function_around(self, node: ast.AST) -> Iterator[ast.Call]:
        """Yield the calls of the function around a node: `after_batch()`, `call("after_batch")`."""
        function = self.function_around(node)
        if function is None:
            return
        yield from self.calls(function.name)
        yield from self._calls_by_text.get(function.name, [])

    def all_loops_around(self, node: ast.AST) -> list[Loop]:
        """Return the loops around a node, the innermost first, callers' loops included.

        Of several calls of the function around it, the one within most loops counts.
        """
        outer = (self.loops_around(call) for call in self.calls_of_function_around(node))
        return [*self.loops_around(node), *max(outer, key=len, default=[])]

    def reached_from(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield every node within a node, and within the functions of these files it calls."""
        open_nodes: list[ast.AST] = [node]
        entered: set[str] = set()
        while open_nodes:
            for each in ast.walk(open_nodes.pop()):
                yield each
                if not isinstance(each, ast.Call) or called(each) in entered:
                    continue
                entered.add(called(each))
                function = self.function(called(each))
                if function is not None:
                    open_nodes.append(function)

    def is_called_in_a_loop(self, node: ast.AST) -> bool:
        """Whether the function around a node is called by its name in a loop."""
        return any(self.loops_around(call) for call in self.calls_of_function_around(node))

    def is_under_condition(self, node: ast.AST, text: str) -> bool:
        """Whether an `if` around a node has a text in its condition."""
        for parent in self.parents(node):
            if isinstance(parent, ast.If) and text in ast.unparse(parent.test):
                return True
        return False

    def is_over_parameters(self, node: ast.AST) -> bool:
        """Whether a node stands in a loop over a model's parameters."""
        for loop in self.loops_around(node):
            if isinstance(loop, ast.For) and "parameters(" in ast.unparse(loop.iter):
                return True
        return False

    # What names hold.

    def values_of(self, name: str) -> list[ast.expr]:
        """Return everything that is assigned to a name, or to an attribute of that name."""
        return self._assigned.get(name, [])

    def assigned_names(self) -> Iterator[tuple[str, ast.expr]]:
        """Yield (name, value) of every assignment."""
        for name, values in self._assigned.items():
            for value in values:
                yield name, value

    def value(self, node: ast.AST | None) -> ast.AST | None:
        """Return what a name holds, if it was assigned once; any other node as it is."""
        if not isinstance(node, ast.Name | ast.Attribute):
            return node
        values = self.values_of(last_name(node))
        return values[0] if len(values) == 1 else None

    def number(self, node: ast.AST | None) -> float | None:
        """Return the number that stands there, or the only one a name is ever given."""
        if not isinstance(node, ast.Name | ast.Attribute):
            return number(node)
        name = last_name(node)
        given = [*self.values_of(name), *self._given.get(name, [])]
        numbers = {value for value in map(number, given) if value is not None}
        return numbers.pop() if len(numbers) == 1 else None

    def made(self, node: ast.AST | None) -> ast.Call | None:
        """Return the call that made what a name holds, looking through a function's `return`."""
        value = self.value(node)
        if not isinstance(value, ast.Call):
            return None
        function = self.function(called(value))
        if function is None:
            return value
        for each in ast.walk(function):
            if isinstance(each, ast.Return):
                return each.value if isinstance(each.value, ast.Call) else None
        return None

    def made_by(self, owner: ast.AST | None) -> str:
        """Return the name of what made the value that a name holds: "StepLR", or nothing."""
        for value in self.values_of(last_name(owner)):
            if isinstance(value, ast.Call):
                return called(value)
        return ""

    # Layers.

    def layers_of(self, call: ast.Call) -> list[ast.expr]:
        """Return the layers a Sequential is made of, in order, as far as they are written out."""
        given = list(call.args)
        if len(given) == 1 and isinstance(given[0], ast.List):
            given = given[0].elts
        layers: list[ast.expr] = []
        for each in given:
            if isinstance(each, ast.Starred):
                layers += self._appended_to(last_name(each.value))
            else:
                layers.append(each)
        return layers

    def _appended_to(self, name: str) -> Iterator[ast.expr]:
        """Yield what is appended to a list of this name: layers that a loop collects."""
        for call in self.calls("append"):
            owner = owner_of(call)
            if call.args and owner is not None and last_name(owner) == name:
                yield call.args[0]
