"""What stands around the code: metadata, forms, and pages that messages name."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder
from support.paths import ROOT

import grader
from grader.course.documents import PAGE, located

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def test_messages_name_only_pages_that_a_wheel_brings() -> None:
    included = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included["docs"] == "grader/course/docs"
    named = set()
    for path in (ROOT / "grader").rglob("*.py"):
        named |= set(PAGE.findall(path.read_text("utf-8")))
    assert len(named) > 8
    assert [page for page in sorted(named) if not (ROOT / page).is_file()] == []


def test_a_wheel_has_every_file_that_the_program_reads() -> None:
    built = {each.distribution_path for each in WheelBuilder(str(ROOT)).recurse_included_files()}
    # The two folders besides `grader` and `reports` that a wheel takes along, under other names.
    places = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    folders = {"grader": "grader", "reports": "reports"}
    folders |= {name: place for name, place in places.items() if (ROOT / name).is_dir()}
    assert {"tasks", "reference", "docs"} <= folders.keys()
    missing = []
    for name in files_of(*folders):
        folder, _, rest = name.partition("/")
        if f"{folders[folder]}/{rest}" not in built:
            missing.append(name)
    assert missing == []


def files_of(*folders: str) -> list[str]:
    """Return the files of these folders, without what Python compiled."""
    names = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.parent.name != "__pycache__":
                names.append(path.relative_to(ROOT).as_posix())
    assert len(names) > 500
    return names


def test_the_development_container_is_made_as_everybodys_environment() -> None:
    read = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    assert read["postCreateCommand"] == "make install"
    assert re.search(r"^install:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    settings = read["customizations"]["vscode"]["settings"]
    assert settings["python.defaultInterpreterPath"] == ".venv/bin/python"


def test_a_message_says_where_a_page_really_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = ROOT / "docs" / "learn" / "verdicts.md"
    assert located("see docs/learn/verdicts.md, please") == f"see {page}, please"
    assert located("see docs/learn/nowhere.md") == "see docs/learn/nowhere.md"
    monkeypatch.chdir(ROOT)
    assert located("see docs/learn/verdicts.md") == "see docs/learn/verdicts.md"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_a_form_asks_for_something_and_says_what_it_is_for(form: Path) -> None:
    read = yaml.safe_load(form.read_text("utf-8"))
    if form.stem == "config":
        assert read == {"blank_issues_enabled": False}
        return
    assert {"name", "description", "body"} <= read.keys()
    ids = [field["id"] for field in read["body"]]
    assert len(ids) == len(set(ids)) > 1
    assert all(field["attributes"]["label"] for field in read["body"])


def test_the_citation_names_the_version_and_the_licence() -> None:
    read = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert read["version"] == grader.__version__
    assert read["license"] == PROJECT["project"]["license"]


def test_ci_runs_what_everybody_can_run() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    commands = [step.get("run", "") for step in workflow["jobs"]["check"]["steps"]]
    assert [command for command in commands if command] == ["sudo --preserve-env=PATH .ci/run"]


def test_a_commit_is_checked_with_the_tools_of_the_virtual_environment() -> None:
    read = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = read["repos"][0]["hooks"]
    assert [hook["id"] for hook in hooks] == ["ruff", "ruff-format", "mypy"]
    assert all(re.match(r"\.venv/bin/", hook["entry"]) for hook in hooks)
