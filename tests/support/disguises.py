"""Eight levels of disguise for a copied solution; each level does all that the ones before do.

1 as it is, 2 other comments, 3 other names, 4 functions in another order, 5 other numbers, types
and assignments, 6 lines in between that do nothing, 7 comparisons, branches and returns written
otherwise, 8 only a part of it, among somebody else's functions.
"""

from __future__ import annotations

import ast
import builtins
import random

LEVELS = range(1, 9)
TURNED = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}
REMARKS = ("first the sums", "this took a while", "see the lesson", "checked by hand", "TODO: tidy")


def disguised(source: str, level: int, other: str = "", seed: int = 0) -> str:
    """Return a copy of a source in disguise. other: somebody else's source, for level 8."""
    draw = random.Random(f"{level} {seed}")
    if level == 1:
        return source
    tree = ast.parse(source)
    if level >= 3:
        tree = Renamed(tree, draw).visit(tree)
    if level >= 4:
        reorder(tree, draw)
    if level >= 5:
        tree = Rewritten(draw).visit(tree)
    if level >= 7:
        tree = Turned().visit(tree)
    if level >= 6:
        fill(tree, draw)
    if level >= 8:
        mix(tree, ast.parse(other), draw)
    text = ast.unparse(ast.fix_missing_locations(tree))
    lines = []
    for line in text.splitlines():
        lines.append(line)
        if line.strip() and draw.random() < 0.2:
            lines.append(f"{' ' * (len(line) - len(line.lstrip()))}# {draw.choice(REMARKS)}")
    # A remark behind a line that opens a block has to stand in the block.
    kept = [line for number, line in enumerate(lines) if not opens(lines, number)]
    return "\n".join(kept) + "\n"


def opens(lines: list[str], number: int) -> bool:
    return lines[number].lstrip().startswith("#") and number > 0 and lines[number - 1].endswith(":")


class Renamed(ast.NodeTransformer):
    """Every name that the source itself gives becomes another one."""

    def __init__(self, tree: ast.AST, draw: random.Random) -> None:
        own = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                own.add(node.name)
            elif isinstance(node, ast.arg):
                own.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                own.add(node.id)
        own = {name for name in own if not name.startswith("__") and name not in dir(builtins)}
        self.names = {name: f"w{draw.randrange(10**6)}" for name in sorted(own)}

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self.names.get(node.arg, node.arg)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.names.get(node.name, node.name)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self.names.get(node.name, node.name)
        return self.generic_visit(node)


def reorder(tree: ast.Module, draw: random.Random) -> None:
    """Shuffle functions and classes, at the top and inside classes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef):
            blocks = [
                each for each in node.body if isinstance(each, ast.FunctionDef | ast.ClassDef)
            ]
            places = [node.body.index(each) for each in blocks]
            draw.shuffle(blocks)
            for place, block in zip(places, blocks, strict=True):
                node.body[place] = block


def blocks_of(body: list[ast.stmt]) -> list[ast.stmt]:
    return [each for each in body if isinstance(each, ast.FunctionDef | ast.ClassDef)]


class Rewritten(ast.NodeTransformer):
    """Numbers, types and assignments are other ones, and docstrings are gone."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return ast.Constant(self.draw.randrange(2, 99))
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.target, ast.Name):
            return node
        read = ast.Name(node.target.id, ast.Load())
        return ast.Assign([node.target], ast.BinOp(read, node.op, node.value))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        if ast.get_docstring(node) and len(node.body) > 1:
            node.body = node.body[1:]
        for each in node.args.args:
            each.annotation = ast.Name("object", ast.Load())
        return node


class Turned(ast.NodeTransformer):
    """Comparisons are turned round, and so are branches."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        turned = TURNED.get(type(node.ops[0]))
        if turned is None or len(node.ops) > 1:
            return node
        return ast.Compare(node.comparators[0], [turned()], [node.left])

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        if not node.orelse:
            return node
        return ast.If(ast.UnaryOp(ast.Not(), node.test), node.orelse, node.body)

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        if node.value is None or isinstance(node.value, ast.Name):
            return node
        return [
            ast.Assign([ast.Name("outcome", ast.Store())], node.value),
            ast.Return(ast.Name("outcome", ast.Load())),
        ]  # type: ignore[return-value]


def fill(tree: ast.Module, draw: random.Random) -> None:
    """Put lines that do nothing between others."""
    for node in ast.walk(tree):
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if not isinstance(block, list) or not block or isinstance(node, ast.Lambda):
                continue
            filled = []
            for each in block:
                filled.append(each)
                if draw.random() < 0.2 and not isinstance(each, ast.Return):
                    name = ast.Name(f"unused{draw.randrange(99)}", ast.Store())
                    filled.append(ast.Assign([name], ast.Constant(draw.randrange(9))))
            setattr(node, field, filled)


def mix(tree: ast.Module, other: ast.Module, draw: random.Random) -> None:
    """Leave a half of the functions out, and put somebody else's among the rest."""
    own = blocks_of(tree.body)
    theirs = blocks_of(other.body)
    for each in own[: len(own) // 2]:
        tree.body.remove(each)
    for each in theirs:
        tree.body.insert(draw.randrange(len(tree.body) + 1), each)
