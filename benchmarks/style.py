"""How dense the code is: lengths of functions, conditional expressions, comprehensions, comments.

    python -m benchmarks.style                 the figures of grader/ and reports/
    python -m benchmarks.style --list PATH     every place that breaks a rule of CONTRIBUTING.md

The rules themselves are held by tests/unit/test_architecture.py, which asks `faults_of`.
"""

from __future__ import annotations

import argparse
import ast
import io
import statistics
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEASURED = ("grader", "reports")
LINE_LENGTH = 100
FUNCTION_LINES = 50
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Figures:
    """What was counted in some files."""

    lines: int = 0  # neither blank nor inside nothing: comments and docstrings count
    comments: int = 0  # lines that are nothing but a comment
    long_lines: int = 0
    conditionals: int = 0
    comprehensions: int = 0
    tuple_assignments: int = 0
    functions: list[int] = field(default_factory=list)  # lines of each

    def per_thousand(self, count: int) -> float:
        return 1000 * count / max(1, self.lines)


@dataclass(frozen=True)
class Fault:
    """A place that breaks a rule."""

    line: int
    rule: str


def measure(sources: list[str]) -> Figures:
    """Return the figures of Python sources taken together."""
    found = Figures()
    for source in sources:
        tree = ast.parse(source)
        rows = [row for row in source.splitlines() if row.strip()]
        found.lines += len(rows)
        found.comments += sum(row.lstrip().startswith("#") for row in rows)
        found.long_lines += sum(len(row) > LINE_LENGTH for row in rows)
        for node in ast.walk(tree):
            found.conditionals += isinstance(node, ast.IfExp)
            found.comprehensions += isinstance(node, COMPREHENSIONS)
            found.tuple_assignments += is_packed(node)
            if isinstance(node, FUNCTIONS):
                found.functions.append(length(node))
    return found


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function from `def` to its end, without decorators."""
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def is_packed(node: ast.AST) -> bool:
    """Whether this assigns several values to several names at once, other than to exchange them."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Tuple):
        return False
    target = node.targets[0]
    if not isinstance(target, ast.Tuple):
        return False
    left = {ast.unparse(each) for each in target.elts}
    right = {ast.unparse(each) for each in node.value.elts}
    return left != right


def faults_of(source: str) -> Iterator[Fault]:
    """Yield every place in a Python source that breaks a rule that can be counted."""
    for node in ast.walk(ast.parse(source)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, FUNCTIONS) and length(node) > FUNCTION_LINES:
            yield Fault(line, f"{node.name}() has {length(node)} lines; at most {FUNCTION_LINES}")
        if is_packed(node):
            yield Fault(line, "a tuple assignment that packs several things; one a line")
        if isinstance(node, ast.IfExp) and any(is_conditional(part) for part in parts_of(node)):
            yield Fault(line, "a conditional expression inside another")
        if isinstance(node, COMPREHENSIONS) and is_crowded(node):
            yield Fault(line, "a comprehension with two conditions and a call; write the loop")


def parts_of(node: ast.IfExp) -> tuple[ast.expr, ast.expr, ast.expr]:
    return node.test, node.body, node.orelse


def is_conditional(node: ast.expr) -> bool:
    return isinstance(node, ast.IfExp)


def is_crowded(node: ast.AST) -> bool:
    """Whether a comprehension has two conditions or more, and calls something besides."""
    assert isinstance(node, COMPREHENSIONS)
    conditions = 0
    for generator in node.generators:
        for test in generator.ifs:
            conditions += len(test.values) if isinstance(test, ast.BoolOp) else 1
    return conditions >= 2 and any(isinstance(each, ast.Call) for each in ast.walk(node))


def comment_tokens(source: str) -> int:
    """Return the number of comments, those behind code included."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return sum(token.type == tokenize.COMMENT for token in tokens)


def files_below(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def main() -> None:
    parser = argparse.ArgumentParser(description="How dense the code is.")
    parser.add_argument("paths", nargs="*", type=Path, help="default: grader and reports")
    parser.add_argument("--list", action="store_true", help="list the places that break a rule")
    words = parser.parse_args()
    paths = words.paths or [ROOT / name for name in MEASURED]
    files = [file for path in paths for file in files_below(path)]
    if words.list:
        for file in files:
            for fault in sorted(faults_of(file.read_text("utf-8")), key=lambda each: each.line):
                print(f"{file}:{fault.line}: {fault.rule}")
        return
    print_figures([file.read_text("utf-8") for file in files])


def print_figures(sources: list[str]) -> None:
    found = measure(sources)
    tenth = statistics.quantiles(found.functions, n=10)[8]
    comments = sum(comment_tokens(source) for source in sources)
    rows = (
        ("files", f"{len(sources)}"),
        ("non-blank lines", f"{found.lines}"),
        ("functions: median, 90th percentile, longest", function_lengths(found, tenth)),
        (
            "conditional expressions per 1,000 lines",
            f"{found.per_thousand(found.conditionals):.1f}",
        ),
        ("comprehensions per 1,000 lines", f"{found.per_thousand(found.comprehensions):.1f}"),
        ("tuple assignments per 1,000 lines", f"{found.per_thousand(found.tuple_assignments):.1f}"),
        ("comment lines per 1,000 lines", f"{found.per_thousand(found.comments):.1f}"),
        ("comments of any kind per 1,000 lines", f"{found.per_thousand(comments):.1f}"),
        ("lines over 100 columns", f"{found.long_lines}"),
    )
    for name, value in rows:
        print(f"{name:<46}{value}")


def function_lengths(found: Figures, tenth: float) -> str:
    return f"{statistics.median(found.functions):.0f}, {tenth:.0f}, {max(found.functions)} lines"


if __name__ == "__main__":
    main()
