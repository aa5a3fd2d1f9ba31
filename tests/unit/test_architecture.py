"""The house as a table: who may import whom, how code reads, and what the docs must name.

The rooms are read from the folders; only their floors are written down here.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from pydantic import BaseModel
from support.paths import ROOT

from benchmarks.style import faults_of
from grader import records
from grader.records import Status, Tier

# The house from the top. A room is a folder or a module of grader/. It imports from the floors
# below it, never from above and never from its neighbours. The drawing in
# docs/build/architecture.md is held to this table by test_architecture_drawing.py.
FLOORS: list[tuple[str, set[str]]] = [
    ("entrance", {"cli", "interface"}),
    ("doors", {"commands", "notebook"}),
    ("page", {"server"}),
    ("work", {"grading", "classroom", "tutor"}),
    ("exams", {"exams"}),
    ("doctor", {"doctor"}),
    ("places", {"sandbox", "intake"}),
    ("matter", {"course", "results"}),
    ("machine", {"host", "terminal"}),
    ("ground", {"records", "errors", "measures", "metrics", "figures", "text", "spelling", "logs"}),
]
BESIDE = {"runner"}  # goes into the box: imports nothing of ours, and see below for who imports it
FACE = {"__init__", "__main__"}  # the public face, and `python -m grader`
REPORTS_MAY_IMPORT = {
    "course",
    "results",
    "records",
    "errors",
    "measures",
    "metrics",
    "figures",
    "text",
}

# Inside a room the same holds for its own folders and files: those named later may import those
# named earlier, and what is not named imports none of its neighbours.
INSIDE: dict[str, list[set[str]]] = {
    "exams": [
        {"outcome", "session"},
        {"exam", "teaching"},
        {"function_cases", "notebook_questions", "timing"},
        {"details", "stand_in"},
        {"looked_at_again"},
        {"trained_exam"},
        {"checks"},
        {"kinds"},
        {"holding"},
    ],
    "doctor": [
        {"evidence"},
        {"probes", "observables", "rules"},
        {"entries"},
        {"diagnose"},
        {"hunt"},
    ],
}

# What a room may import from outside; the standard library and grader itself are always allowed.
PURE = {
    "metrics": {"numpy"},
    "errors": set(),
    "text": set(),
    "spelling": set(),
    "figures": set(),
    "measures": {"pydantic"},
    "records": {"pydantic"},
    "doctor": {"numpy", "pydantic"},
}
PURE_MODULES = {
    "grader.course.score": set(),
    "grader.intake.opener.main": set(),
    "grader.intake.opener.member_names": set(),
    "grader.intake.opener.unpacking": set(),
    "grader.intake.opener.zips": set(),
    "grader.intake.opener.tars": set(),
    "grader.intake.opener.cells": set(),
    "grader.intake.opener.open_lines": set(),
    "grader.intake.opener.notebooks": {"nbformat"},
    "grader.exams.timing.stopwatch": {"numpy"},
    "grader.exams.timing.estimates": {"numpy"},
}
RUNNER_ALWAYS = {"numpy"}
FRAMEWORKS = {"torch", "torchvision", "keras", "tensorflow", "jax", "flax"}
RUNNER_LAZILY = FRAMEWORKS | {"datasets", "pandas", "matplotlib", "IPython", "PIL"}
RUNNER_NAME = "_grader_runner"
LONG_MODULE = 500  # lines: past this a reviewer asks why
LONG_FOR_A_REASON = {"grader.measures": "a table: one entry a figure, and hardly any code"}
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base", "shared"}
SEE = "See docs/build/architecture.md."
FORMAT_DOC = ROOT / "docs" / "measure" / "results-format.md"


@dataclass(frozen=True)
class Import:
    """One imported module, and whether it is imported as soon as its importer is."""

    name: str
    at_once: bool


# What runs in boxes alone.
IN_BOXES = ("grader.runner", "grader.exams.notebook_questions.in_box")


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = [path for folder in ("grader", "reports") for path in sorted((ROOT / folder).rglob("*.py"))]
MODULES = {module_name(path): path for path in FILES}


@cache  # a module is asked about by many tests
def imports_of(module: str) -> frozenset[Import]:
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
    return frozenset(found)


def room_of(module: str) -> str:
    """Return the room a module belongs to: "reports", or what follows "grader."."""
    parts = module.split(".")
    if parts[0] == "reports":
        return "reports"
    return parts[1] if len(parts) > 1 else "__init__"


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
ROOMS = {room_of(module) for module in GRADER_MODULES} - FACE - BESIDE
FLOOR_OF = {room: number for number, (_, rooms) in enumerate(FLOORS) for room in rooms}


def rooms_used(module: str) -> set[str]:
    """Return the other rooms a module imports from; nobody imports the public face."""
    return {room_of(name) for name in ours(module)} - {room_of(module), "__init__"}


def listed(names: Iterable[str]) -> str:
    """Return names for a message, or "nothing"."""
    return ", ".join(sorted(names)) or "nothing"


def assert_uses(module: str, used: set[str], may: set[str]) -> None:
    """Assert that a module imports only what it may; the message says what else it imports."""
    too_much = used - may
    assert not too_much, (
        f"{module} imports {listed(too_much)}; it may import {listed(may)}. Move what both need to "
        f"a floor below, or pass it as a value. {SEE}"
    )


def test_the_floors_hold_every_room_and_no_other() -> None:
    nowhere = ROOMS - set(FLOOR_OF)
    assert not nowhere, (
        f"on no floor: {listed(nowhere)}. Give each new room of grader/ a floor in FLOORS, and "
        f"draw it. {SEE}"
    )
    gone = set(FLOOR_OF) - ROOMS
    assert not gone, f"FLOORS names {listed(gone)}, which grader/ does not have. {SEE}"


@pytest.mark.parametrize("module", sorted(set(GRADER_MODULES) - {"grader.__main__"}))
def test_a_module_imports_only_from_the_floors_below(module: str) -> None:
    room = room_of(module)
    if room in BESIDE:
        return  # it imports nothing of ours, which is a test of its own
    below = {other for other, number in FLOOR_OF.items() if number > FLOOR_OF[room]}
    ground = FLOORS[-1][1]  # neighbours on the ground floor may lean on each other
    may = below | ground | {"runner"}
    if room in ("cli", "commands", "notebook", "server"):
        may |= {"reports"}
    assert_uses(module, rooms_used(module), may)


@pytest.mark.parametrize("module", REPORT_MODULES)
def test_reports_read_what_is_stored_and_run_nothing(module: str) -> None:
    assert_uses(module, rooms_used(module) - {"reports"}, REPORTS_MAY_IMPORT)


def test_nobody_imports_the_command_line_but_its_entrance() -> None:
    users = {module for module in MODULES if "grader.cli" in ours(module)}
    users.discard("grader.__main__")
    assert not users, f"nobody imports the command line, but {listed(users)} does. {SEE}"


def part_of(module: str) -> str:
    """Return the folder or file inside its room that a module belongs to."""
    parts = module.split(".")
    return parts[2] if len(parts) > 2 else ""


@pytest.mark.parametrize("room", INSIDE)
def test_inside_a_room_the_parts_have_an_order(room: str) -> None:
    order = {part: number for number, parts in enumerate(INSIDE[room]) for part in parts}
    for module in GRADER_MODULES:
        part = part_of(module)
        if room_of(module) != room or part not in order:
            continue
        used = {part_of(name) for name in ours(module) if room_of(name) == room} - {part, ""}
        for other in used:
            assert order.get(other, -1) < order[part], (
                f"{module} imports {other} of its own room, which stands after {part} in INSIDE. "
                f"Only parts that stand before may be imported. {SEE}"
            )


def siblings_apart(folder: str) -> None:
    """Assert that no file of a folder imports another one of it."""
    inside = [module for module in GRADER_MODULES if module.startswith(f"{folder}.")]
    for module in inside:
        siblings = ours(module) & set(inside) - {module}
        assert not siblings, (
            f"{module} imports {listed(siblings)}: the files of {folder} know nothing of each "
            f"other. What they share goes to a folder beside it. {SEE}"
        )


@pytest.mark.parametrize(
    "folder",
    [
        "grader.exams.kinds",
        "grader.course.datasets",
        "grader.intake.platforms",
        "grader.classroom.exports",
    ],
)
def test_extensions_of_one_kind_know_nothing_of_each_other(folder: str) -> None:
    siblings_apart(folder)


def test_no_module_needs_itself_through_others_not_even_lazily() -> None:
    graph = {
        module: {each.name for each in imports_of(module) if each.name in MODULES} - {module}
        for module in MODULES
        if room_of(module) not in FACE
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a cycle: {' -> '.join(error.args[1])}")


# The runner goes into the box: it brings nothing of ours along.

RUNNER_MODULES = [module for module in GRADER_MODULES if module.startswith("grader.runner")]


@pytest.mark.parametrize("module", RUNNER_MODULES)
def test_the_runner_imports_nothing_of_ours(module: str) -> None:
    brought = {name for name in ours(module) if not name.startswith("grader.runner")}
    assert not brought, (
        f"{module} imports {listed(brought)}, which is not in the box: the runner imports nothing "
        f"of ours but itself. {SEE}"
    )


def framework_of(module: str) -> str:
    """Return the framework that a module of the runner needs as soon as it is imported, or ""."""
    eager = {each.name for each in outside(module) if each.at_once} & FRAMEWORKS
    return next(iter(sorted(eager)), "")


@pytest.mark.parametrize("module", RUNNER_MODULES)
def test_the_runner_needs_numpy_alone_and_frameworks_lazily(module: str) -> None:
    framework = framework_of(module)
    if framework:
        name = module.rpartition(".")[2]
        assert framework in name, f"{name} imports {framework}: its name has to say so"
    at_once = {each.name for each in outside(module) if each.at_once}
    assert_uses(module, at_once, RUNNER_ALWAYS | {framework, f"{framework}vision"} - {"", "vision"})
    assert_uses(module, {each.name for each in outside(module)}, RUNNER_ALWAYS | RUNNER_LAZILY)


@pytest.mark.parametrize("module", RUNNER_MODULES)
def test_a_module_for_a_framework_is_imported_lazily(module: str) -> None:
    own = framework_of(module)
    needed = {framework_of(each.name) for each in imports_of(module) if is_eager_runner(each)}
    others = needed - {"", own}
    assert not others, (
        f"{module} imports modules that need {listed(others)} as soon as it is imported; import "
        f"them inside a function, because a box may have no {listed(others)}"
    )


def is_eager_runner(found: Import) -> bool:
    return found.at_once and found.name in RUNNER_MODULES


def test_of_the_runner_the_host_imports_the_wire_format_alone() -> None:
    for module in GRADER_MODULES:
        if not module.startswith("grader.runner"):
            used = {name for name in ours(module) if name.startswith("grader.runner")}
            assert_uses(module, used, {"grader.runner", "grader.runner.frames"})


@pytest.mark.parametrize("room", PURE)
def test_what_is_pure_stays_so(room: str) -> None:
    for module in GRADER_MODULES:
        if room_of(module) == room:
            assert_uses(module, {each.name for each in outside(module)}, PURE[room])


@pytest.mark.parametrize("module", PURE_MODULES)
def test_a_pure_module_stays_so(module: str) -> None:
    assert_uses(module, {each.name for each in outside(module)}, PURE_MODULES[module])


def test_the_engine_imports_no_framework_but_to_fetch_data() -> None:
    for module in GRADER_MODULES:
        if not module.startswith(IN_BOXES):
            used = {each for each in outside(module) if each.name in FRAMEWORKS}
            fetches = module == "grader.course.fetch" and not any(each.at_once for each in used)
            frameworks = listed(each.name for each in used)
            assert not used or fetches, (
                f"{module} imports {frameworks}, which only a box may. {SEE}"
            )


# Files.


def test_a_long_module_has_a_reason() -> None:
    lengths = {name: len(path.read_text("utf-8").splitlines()) for name, path in MODULES.items()}
    long = {name for name, count in lengths.items() if count > LONG_MODULE}
    long -= set(LONG_FOR_A_REASON)
    assert not long, (
        f"longer than {LONG_MODULE} lines: {listed(long)}. Cut each by what belongs together, or "
        "give a reason in LONG_FOR_A_REASON"
    )


@pytest.mark.parametrize("module", MODULES)
def test_code_reads_as_contributing_asks(module: str) -> None:
    """Functions of at most 50 lines, one thought a line: see benchmarks/style.py."""
    path = MODULES[module]
    place = path.relative_to(ROOT).as_posix()
    faults = faults_of(path.read_text("utf-8"))
    found = [f"{place}:{fault.line}: {fault.rule}" for fault in faults]
    assert not found, "\n".join([*found, "CONTRIBUTING.md has the rules"])


SUBMISSIONS = {"null"}  # folders that are put into a box, and no packages
FOLDERS = sorted({path.parent for path in FILES if path.parent.name not in SUBMISSIONS})


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_folder_says_what_it_owns(folder: Path) -> None:
    source = (folder / "__init__.py").read_text("utf-8")
    said = ast.get_docstring(ast.parse(source)) or ""
    assert len(said.split()) >= 12, f"{folder}/__init__.py says too little: {said!r}"


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [name for name in MODULES if VAGUE_NAMES & set(name.split("."))]
    assert not vague, f"{listed(vague)}: a vague name; call each after what it owns"


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is(module: str) -> None:
    source = MODULES[module].read_text("utf-8")
    if source.strip():
        said = ast.get_docstring(ast.parse(source))
        assert said, f"{module} begins with no docstring that says what it is"


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


# Suffixes of files that are refused or left out by name.
SUFFIX_WORDS = {"pickle", "joblib", "yaml"}


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
    assert documented == list(model.model_fields), (
        f"the rows of ### {model.__name__} in {FORMAT_DOC.name} are not its fields, in their order"
    )


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
    missing = named - documented
    assert not missing, (
        f"{FORMAT_DOC.name} has no row for {listed(missing)}; see grader/measures.py"
    )


def test_the_example_is_a_result() -> None:
    blocks = re.findall(r"^```json\n(.*?)^```", FORMAT_DOC.read_text("utf-8"), re.M | re.S)
    assert blocks
    result = records.Result.model_validate_json(blocks[0])
    assert result.schema_version == 1
