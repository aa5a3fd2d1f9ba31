"""The house as a table: who may import whom, what no file is called, how long none gets, what the
docs must name.

Data flows down: cli > commands > pipeline > exams > stopwatch > metrics, datasets > sandbox >
runner. A unit is a module of `grader/` or a whole package of it. It may import only the units its
row names; everyone may import `records` and `errors`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from pydantic import BaseModel
from support.paths import ROOT

from grader import records
from grader.records import Status, Tier

FOR_ALL = {"records", "errors"}
MAX_LINES = 400
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base", "shared"}
FORMAT_DOC = ROOT / "docs" / "measure" / "results-format.md"

# unit of grader/ -> the units it may import beside records and errors
MAY_IMPORT: dict[str, set[str]] = {
    "cli": {
        *(
            "commands",
            "curriculum",
            "datasets",
            "exams",
            "hints",
            "machine",
            "pipeline",
            "questions",
            "sandbox",
        ),
        *("score", "store", "subcommands", "submission", "terminal", "reports"),
    },
    "subcommands": {"commands", "datasets", "terminal"},
    "commands": {
        *(
            "batch",
            "curriculum",
            "datasets",
            "exams",
            "hints",
            "machine",
            "owner",
            "pipeline",
            "questions",
            "sandbox",
            "score",
            "store",
            "submission",
        ),
        *("terminal", "worker", "reports"),
    },
    "batch": {"curriculum", "machine", "submission", "worker"},
    "worker": {"curriculum", "exams", "machine", "owner", "pipeline", "sandbox", "submission"},
    "pipeline": {"curriculum", "exams", "machine", "sandbox", "score", "store"},
    "exams": {
        *(
            "cache",
            "cells",
            "curriculum",
            "datasets",
            "doctor",
            "machine",
            "metrics",
            "owner",
            "sandbox",
            "score",
        ),
        *("stopwatch", "submission"),
    },
    "doctor": {"cells", "limited"},
    "cells": set(),
    "hints": {"cache", "curriculum", "doctor", "score"},
    "questions": {"cache", "curriculum", "terminal"},
    "stopwatch": {"machine", "sandbox"},
    "metrics": set(),
    "datasets": set(),
    "sandbox": {"runner", "machine", "owner"},
    "runner": set(),
    "submission": {"curriculum", "limited"},
    "score": {"curriculum"},
    "curriculum": set(),
    "store": {"cache", "index", "owner"},
    "index": set(),
    "cache": set(),
    "limited": set(),
    "machine": set(),
    "terminal": set(),
    "opening": set(),
    "owner": set(),
    "errors": set(),
    "records": set(),
}
REPORTS_MAY_IMPORT = {"curriculum"}

# package -> the modules in it that its other modules may import: the rest are siblings and keep
# apart
FOUNDATIONS = {
    "exams": {
        *(
            "exam",
            "cases",
            "compare",
            "par",
            "audits",
            "corruptions",
            "details",
            "failing",
            "rehearsal",
            "shrink",
        ),
        *("causality", "training"),
    },
    "datasets": {"dataset", "fetch", "idx"},
    "metrics": set(),
    "commands": {"around", "keys", "options"},
}

# What a package may import from outside; the standard library and grader itself are always allowed.
PURE = {
    "metrics": {"numpy"},
    "score": set(),
    "errors": set(),
    "records": {"pydantic"},
    "opening": {"nbformat"},
    "stopwatch": {"numpy"},
    "doctor": {"numpy", "pydantic"},
}
RUNNER_ALWAYS = {"numpy"}
FRAMEWORKS = {"torch", "torchvision", "keras", "tensorflow", "jax", "flax"}
RUNNER_LAZILY = FRAMEWORKS | {"datasets", "pandas", "matplotlib", "IPython", "PIL"}
RUNNER_NAME = "_grader_runner"


@dataclass(frozen=True)
class Import:
    """One imported module, and whether it is imported as soon as its importer is."""

    name: str
    at_once: bool


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = [path for folder in ("grader", "reports") for path in sorted((ROOT / folder).rglob("*.py"))]
MODULES = {module_name(path): path for path in FILES}


def imports_of(module: str) -> set[Import]:
    """Return what a module imports, but for what only a type checker sees."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found: set[Import] = set()

    def visit(node: ast.AST, at_once: bool) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                visit(other, at_once)
            return
        if isinstance(node, ast.Import):
            found.update(Import(alias.name, at_once) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                start = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*start, *([base] if base else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                found.add(Import(whole if whole in MODULES else base, at_once))
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, at_once and not inside)

    visit(ast.parse(path.read_text("utf-8")), True)
    return found


def unit_of(module: str) -> str:
    """Return the row of the table a module belongs to: "reports", or what follows "grader."."""
    parts = module.split(".")
    return parts[0] if parts[0] != "grader" or len(parts) == 1 else parts[1]


def ours(module: str) -> set[str]:
    """Return the modules of ours that a module imports."""
    return {
        each.name
        for each in imports_of(module)
        if each.name.partition(".")[0] in ("grader", "reports")
    }


def outside(module: str) -> set[Import]:
    """Return what a module imports that is neither ours nor the standard library's."""
    known = {"grader", "reports", "__future__", RUNNER_NAME} | set(sys.stdlib_module_names)
    tops = {Import(each.name.partition(".")[0], each.at_once) for each in imports_of(module)}
    return {each for each in tops if each.name not in known}


GRADER_MODULES = [module for module in MODULES if module.startswith("grader.")]
REPORT_MODULES = [module for module in MODULES if module.startswith("reports")]


def test_the_table_has_a_row_for_every_unit_and_no_other() -> None:
    assert {unit_of(module) for module in GRADER_MODULES} == set(MAY_IMPORT)


@pytest.mark.parametrize("module", GRADER_MODULES)
def test_a_module_imports_only_what_its_row_allows(module: str) -> None:
    unit = unit_of(module)
    used = {unit_of(name) for name in ours(module)} - {unit, "grader"}
    assert used <= MAY_IMPORT[unit] | FOR_ALL


@pytest.mark.parametrize("module", REPORT_MODULES)
def test_reports_read_records_and_the_curriculum_alone(module: str) -> None:
    used = {unit_of(name) for name in ours(module)} - {"reports"}
    assert used <= REPORTS_MAY_IMPORT | FOR_ALL


def test_nobody_imports_the_command_line() -> None:
    assert [module for module in MODULES if "grader.cli" in ours(module)] == []


def test_records_and_errors_stand_on_nothing() -> None:
    for module in ("grader.records", "grader.errors"):
        assert ours(module) == set()


@pytest.mark.parametrize("package", FOUNDATIONS)
def test_siblings_keep_apart(package: str) -> None:
    for module in GRADER_MODULES:
        if not module.startswith(f"grader.{package}."):
            continue
        siblings = {
            name.rpartition(".")[2]
            for name in ours(module)
            if name.startswith(f"grader.{package}.")
        }
        assert siblings <= FOUNDATIONS[package], (
            f"{module} imports {siblings - FOUNDATIONS[package]}"
        )


def test_no_unit_needs_itself_through_others() -> None:
    rows = MAY_IMPORT | {"reports": REPORTS_MAY_IMPORT}
    order = list(TopologicalSorter(rows).static_order())
    assert order.index("cli") == len(order) - 1


def test_no_module_needs_itself_through_others() -> None:
    graph = {
        module: {each.name for each in imports_of(module) if each.at_once and each.name in MODULES}
        - {module}
        for module in MODULES
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a cycle: {' -> '.join(error.args[1])}")


# The runner goes into the box: it brings nothing of ours along.

RUNNER_MODULES = [module for module in GRADER_MODULES if module.startswith("grader.runner")]


@pytest.mark.parametrize("module", RUNNER_MODULES)
def test_the_runner_imports_nothing_of_ours(module: str) -> None:
    assert {name for name in ours(module) if not name.startswith("grader.runner")} == set()


@pytest.mark.parametrize("module", RUNNER_MODULES)
def test_the_runner_needs_numpy_alone_and_frameworks_lazily(module: str) -> None:
    framework = module.rpartition(".")[2].removeprefix("with_")
    at_once = {each.name for each in outside(module) if each.at_once}
    own = {framework, f"{framework}vision"} if ".with_" in module else set()
    assert at_once <= RUNNER_ALWAYS | own
    assert {each.name for each in outside(module)} <= RUNNER_ALWAYS | RUNNER_LAZILY


def test_a_module_for_a_framework_is_imported_lazily() -> None:
    for module in RUNNER_MODULES:
        eager = {each.name for each in imports_of(module) if each.at_once and ".with_" in each.name}
        assert eager == set(), module


def test_of_the_runner_the_host_imports_the_wire_format_alone() -> None:
    for module in GRADER_MODULES:
        if not module.startswith("grader.runner"):
            used = {name for name in ours(module) if name.startswith("grader.runner")}
            assert used <= {"grader.runner", "grader.runner.frames"}, module


@pytest.mark.parametrize("unit", PURE)
def test_what_is_pure_stays_so(unit: str) -> None:
    for module in GRADER_MODULES:
        if unit_of(module) == unit:
            assert {each.name for each in outside(module)} <= PURE[unit], module


def test_the_engine_imports_no_framework_but_to_fetch_data() -> None:
    for module in GRADER_MODULES:
        if not module.startswith("grader.runner"):
            used = {each for each in outside(module) if each.name in FRAMEWORKS}
            fetches = module == "grader.course.fetch" and not any(
                each.at_once for each in used
            )
            assert not used or fetches, module


# Files.


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {name: len(path.read_text("utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: count for name, count in lengths.items() if count > MAX_LINES} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [name for name in MODULES if VAGUE_NAMES & set(name.split("."))] == []


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is(module: str) -> None:
    source = MODULES[module].read_text("utf-8")
    if source.strip():
        assert ast.get_docstring(ast.parse(source)), module


def test_nothing_ever_unpickles() -> None:
    """Bytes from a submission are never opened with something that runs them."""
    risky = re.compile(
        r"\b(pickle|cloudpickle|marshal|shelve|dill|joblib|yaml)\b|allow_pickle=True|torch\.load\("
    )
    for name, path in MODULES.items():
        if not name.startswith("grader.runner"):
            code = ast.unparse(without_docstrings(ast.parse(path.read_text("utf-8"))))
            found = [match.group() for match in risky.finditer(code)]
            assert [word for word in found if word not in SUFFIX_WORDS] == [], name


SUFFIX_WORDS = {"pickle", "joblib"}  # suffixes of weight files, which are refused by name


def without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            body[0] = ast.Pass()
    return tree


# What is stored is documented.


def stored_models() -> Iterator[type[BaseModel]]:
    for name in dir(records):
        value = getattr(records, name)
        if (
            isinstance(value, type)
            and issubclass(value, records.Record)
            and value is not records.Record
        ):
            yield value


def section(model: type[BaseModel]) -> str:
    text = FORMAT_DOC.read_text("utf-8")
    found = re.search(rf"^### {model.__name__}\b.*?(?=^##|\Z)", text, re.M | re.S)
    assert found, f"{FORMAT_DOC.name} has no section '### {model.__name__}'"
    return found.group()


@pytest.mark.parametrize("model", list(stored_models()), ids=lambda model: model.__name__)
def test_every_stored_field_is_documented_and_no_other(model: type[BaseModel]) -> None:
    documented = re.findall(r"^\| `([a-z_0-9]+)` \|", section(model), re.M)
    assert documented == list(model.model_fields)


@pytest.mark.parametrize("value", [*Status, *Tier])
def test_every_verdict_and_tier_is_documented(value: Status | Tier) -> None:
    assert re.search(rf"^\| `{value.value}` \|", FORMAT_DOC.read_text("utf-8"), re.M)


def test_every_measurement_of_an_exam_is_documented() -> None:
    named: set[str] = set()
    for module in GRADER_MODULES:
        if module.startswith("grader.exams"):
            source = MODULES[module].read_text("utf-8")
            named |= set(re.findall(r'(?:measurements|figures)\["([a-z_0-9]+)"\]', source))
            named |= set(re.findall(r'"([a-z_0-9]+)": Measured\(', source))
    assert {"accuracy", "speed_ratio", "peak_memory_bytes", "cases"} <= named
    documented = set(re.findall(r"^\| `([a-z_0-9]+)` \|", FORMAT_DOC.read_text("utf-8"), re.M))
    assert named - documented == set()


def test_the_example_is_a_result() -> None:
    blocks = re.findall(r"^```json\n(.*?)^```", FORMAT_DOC.read_text("utf-8"), re.M | re.S)
    assert blocks
    result = records.Result.model_validate_json(blocks[0])
    assert result.schema_version == 1
