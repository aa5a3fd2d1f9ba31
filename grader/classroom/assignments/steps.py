"""From the cells of a source to what is run when a learner's notebook is graded.

An answer cell may hold lines of the teacher's beside those that learners write. A statement in
which nothing was taken out is the teacher's: it runs in the tests' box, as it was given. Of every
other statement only the names matter that it defines, which are asked for in the learner's box.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from grader.exams.notebook_questions.work import Step

# Lines that Jupyter understands and Python does not.
MAGIC = re.compile(r"^\s*[%!?].*$|^.*\?\s*$", re.MULTILINE)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def plain_code(source: str) -> str:
    """Return the code of a cell without what only Jupyter understands."""
    if source.lstrip().startswith("%%"):
        return ""
    return MAGIC.sub("", source)


def given(source: str) -> list[Step]:
    """Return the step of a cell of the teacher's; none where there is no code in it."""
    code = plain_code(source)
    return [Step(kind="given", code=code)] if code.strip() else []


def answer_steps(lines: Sequence[str], is_answer: Sequence[bool]) -> list[Step]:
    """Return the steps of a cell that learners complete.

    is_answer: which of its lines were taken out of what learners get.
    """
    source = plain_code("\n".join(lines))
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):
        return []
    steps: list[Step] = []
    for statement in body:
        end = statement.end_lineno or statement.lineno
        first = min([statement.lineno, *decorators(statement)])
        code = "\n".join(source.split("\n")[first - 1 : end])
        if not any(is_answer[first - 1 : end]) or isinstance(
            statement, ast.Import | ast.ImportFrom
        ):
            steps.append(Step(kind="given", code=code))
        else:
            names = list(dict.fromkeys(names_in(statement)))
            steps.append(Step(kind="answer", names=names))
    return steps


def decorators(statement: ast.stmt) -> list[int]:
    return [each.lineno for each in getattr(statement, "decorator_list", ())]


def names_in(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement defines in the notebook's own namespace."""
    if isinstance(node, SCOPES):
        yield node.name
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    if isinstance(node, ast.Import | ast.ImportFrom):
        for each in node.names:
            yield (each.asname or each.name).partition(".")[0]
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return
    for child in ast.iter_child_nodes(node):
        yield from names_in(child)
