"""The versions of a task: short hashes of what decides about its results.

`exam_version` stands for what is asked and measured; results of two of them never share a board.
`score_version` stands for curve, gate and points, which can be applied again to stored results. A
lesson, a hint or a comment changes neither.

What counts of task.py is what it does. Its code is hashed as a syntax tree without imports,
docstrings, comments and formatting, so that tidying a file up leaves its results where they are.
Python's own `ast.dump` writes the same tree differently from release to release (3.13 began to
leave out empty lists), so the tree is written here, in a form that every Python gives.

A change of the code that asks the same as before, such as another way to compute the right answer,
is a new hash all the same. The table `same_as` of task.toml says that it is no new exam:

    [same_as]
    "6f2d0c1b9a54" = "91ab02cd37ef"   # the hash of today = the version that results have

Code that imports from inside the grader, as tasks had to before `grader` had a public face, keeps
the version it had then: the hash of its whole text. So a folder of tasks that was there before
keeps its boards, and stays on them when its imports are renewed with the `same_as` that the grader
then prints.
"""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path
from typing import Any

from grader.course.known_names import dataset_names
from grader.course.own_place import own_place
from grader.course.task_file import ADDED_LATER, NOT_EXAMINED, BudgetTable, TaskSpec
from grader.errors import TaskError
from grader.records import Record

CODE_FILE = "task.py"
QUESTIONS_FILE = "questions.json"  # of a notebook, see grader/exams/notebook_questions/work.py
# Of task.toml: what learners read, what only orders the course, and what is scored anew from stored
# measurements.
BESIDE_THE_EXAM = {
    "title",
    "about",
    "stage",
    "order",
    "needs",
    "scoring",
    "hints",
    "same_as",
}


def exam_version(spec: TaskSpec, folder: Path) -> str:
    """Return the version of what is asked and measured; TaskError if task.py is not Python.

    A data set of somebody's own counts with its content (own_place.py).
    """
    code = folder / CODE_FILE
    if code.is_file() and private_imports(read_code(code)):
        return digest([what_is_asked(spec), code.read_text("utf-8")])
    found = exam_hash(spec, folder)
    return spec.same_as.get(found, found)


def exam_hash(spec: TaskSpec, folder: Path) -> str:
    """Hash what decides about what is asked and measured; `same_as` is not looked up."""
    code = folder / CODE_FILE
    own = own_place(spec.dataset, folder) if spec.dataset not in dataset_names() else None
    if own is not None:
        return digest([what_is_asked(spec), own.version()])
    if spec.exam == "questions":
        return digest([what_is_asked(spec), what_questions_ask(folder / QUESTIONS_FILE)])
    if not code.is_file():
        return digest([what_is_asked(spec), ""])
    return digest([what_is_asked(spec), what_code_does(read_code(code))])


def what_questions_ask(path: Path) -> Any:
    """Return what counts of a notebook's questions: not their rubrics.

    Empty where the file is missing or broken, which the exam says.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
        for each in found["by_hand"]:
            each.pop("rubric", None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""
    return found


def what_is_asked(spec: TaskSpec) -> dict[str, Any]:
    """Return the keys of task.toml that count."""
    asked = spec.model_dump(mode="json", exclude=BESIDE_THE_EXAM)
    for key in NOT_EXAMINED:
        del asked["limits"][key]
    for name in ADDED_LATER:
        table: Record = getattr(spec, name)
        if table == type(table)():
            del asked[name]
    if spec.limits.answer_seconds is None:
        del asked["limits"]["answer_seconds"]  # a key that came later
    if (
        asked["budget"]
        and asked["budget"]["when_over"] == BudgetTable.model_fields["when_over"].default
    ):
        del asked["budget"]["when_over"]
    return asked


def score_version(spec: TaskSpec) -> str:
    """Return the version of how measurements become points.

    A key that is new to the grader counts only where a task uses it.
    """
    scoring = spec.scoring.model_dump(mode="json")
    if not spec.scoring.one_input:
        del scoring["one_input"]
    if spec.scoring.audit.too_good is None:
        del scoring["audit"]["too_good"]
    return digest(scoring)


def read_code(path: Path) -> ast.Module:
    """Return the syntax tree of a task's code; TaskError if it is not valid Python."""
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise TaskError(f"{path} is not valid Python: {error}") from None


def private_imports(code: ast.Module) -> dict[str, list[str]]:
    """Return what code imports from inside the grader: module -> names, none for a whole module."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(code):
        if isinstance(node, ast.ImportFrom) and is_private(node.module or ""):
            found.setdefault(node.module or "", []).extend(each.name for each in node.names)
        elif isinstance(node, ast.Import):
            for each in node.names:
                if is_private(each.name):
                    found.setdefault(each.name, [])
    return found


def is_private(module: str) -> bool:
    return module.startswith("grader.")


def what_code_does(part: Any) -> Any:
    """Return a syntax tree as nested lists, without imports, docstrings and what is empty."""
    if isinstance(part, ast.Constant):
        return [type(part.value).__name__, constant_text(part.value)]
    if isinstance(part, ast.AST):
        fields = [(name, what_code_does(value)) for name, value in ast.iter_fields(part)]
        return [type(part).__name__, *(each for each in fields if each[1] not in (None, []))]
    if isinstance(part, list):
        return [what_code_does(each) for each in part if does_something(each)]
    return part


def does_something(statement: Any) -> bool:
    """Whether a part of the code is neither an import nor a docstring."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return False
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Constant):
        return True
    return not isinstance(statement.value.value, str)


def constant_text(value: Any) -> str:
    """Return a constant of the code as text; `repr` of a text changes with Python's Unicode."""
    return value if isinstance(value, str) else repr(value)


def digest(value: Any) -> str:
    """Return 12 hexadecimal digits that change when the value does."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
