"""Every export, read back by something that did not write it: readers made from what the consumers
document, the standard library's parsers, and pandas.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from support.classroom import course, roster, run
from support.factories import make_function_result

from grader.classroom.export_order import Order, all_exports
from grader.classroom.rules import gradebook_of
from grader.classroom.tables import table_of
from grader.classroom.without_names import anonymous
from grader.course.curriculum import find_task
from grader.errors import UsageError
from grader.records import Result, Status

HEADING = "id,platform_id,login,name,section,email\n"
FORMULA = '"=HYPERLINK(""http://x"")"'
ROWS = (
    "0042,900,mjn,María José Núñez,Tuesday,mj@example.org\n",
    f"0043,901,x,{FORMULA},,x@example.org\n",
    "0044,902,wang,王小明,,wang@example.org\n",
)
DUE = datetime(2026, 10, 12, 10, 0, tzinfo=UTC)
NOW = datetime(2027, 1, 1, tzinfo=UTC)
TASKS = [
    {"id": "neuron", "title": "Neuron, one", "points": 10, "deadline": datetime(2026, 10, 12, 12)},
    {"id": "layers", "title": "Layers"},
]


def order(task_ids: tuple[str, ...] = ("neuron", "layers"), template: str = "") -> Order:
    """Return the grades of three learners: 7.25 of 10 points after a day's penalty, 10, nothing."""
    of = roster(*ROWS, heading=HEADING)
    late = run("María José Núñez", 80.56, DUE.replace(day=13))
    full = run('=HYPERLINK("http://x")', 100.0, DUE)
    rules = {"penalty_percent_per_day": 10}
    book = gradebook_of(course(of, tasks=TASKS, late=rules), [late, full], NOW)
    chosen = tuple(task for task in book.tasks if task.id in task_ids)
    results = {
        late.path: result_of(late.id, 8, "María José Núñez"),
        full.path: result_of(full.id, 10, "="),
    }
    return Order(
        gradebook=book,
        results=results,
        chosen=chosen,
        template=table_of(template.encode(), "export.csv", "") if template else None,
        template_name="export.csv",
    )


def result_of(result_id: str, passed: int, author: str) -> Result:
    status = Status.ACCEPTED if passed == 10 else Status.BELOW_TARGET
    reason = "" if passed == 10 else "not correct yet: softmax()\n::set-output name=x::100%"
    return make_function_result(
        author, passed, task="neuron", id=result_id, status=status, reason=reason
    )


def made(name: str, of: Order | None = None) -> Mapping[str, bytes]:
    files: Mapping[str, bytes] = all_exports()[name].module.files_of(of or order())
    return files


def rows_of(content: bytes, encoding: str = "utf-8") -> list[dict[str, str]]:
    text = content.decode(encoding)
    assert re.search(r"(?<!\r)\n", text) is None, "RFC 4180 ends lines with CR LF"
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_file_in_the_folder_is_an_export_that_help_lists() -> None:
    names = {"canvas", "moodle", "gradescope", "csv", "junit", "github", "prairielearn"}
    assert names | {"autograder", "actions"} <= set(all_exports())
    assert all(each.about for each in all_exports().values())


# Canvas: https://community.canvaslms.com, "How do I import grades in the Gradebook?"


def canvas_import(content: bytes) -> dict[str, dict[str, float]]:
    """Read a gradebook as Canvas does: learners by ID, SIS ID or login; assignments by title."""
    table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    assert list(table.columns[:5]) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert table["Student"][0].strip() == "Points Possible"
    found: dict[str, dict[str, float]] = {}
    for row in table.to_dict("records")[1:]:
        key = row["ID"] or row["SIS User ID"] or row["SIS Login ID"]
        assert key not in found
        found[key] = {name: float(row[name]) for name in table.columns[5:] if row[name]}
    return found


def test_canvas_reads_points_by_its_own_ids() -> None:
    found = canvas_import(made("canvas")["canvas.csv"])
    assert found == {"900": {"Neuron, one": 7.25}, "901": {"Neuron, one": 10.0}, "902": {}}


def test_the_gradebook_that_canvas_exported_keeps_its_ids_and_titles() -> None:
    template = (
        'Student,ID,SIS User ID,SIS Login ID,Section,"Neuron, one (77)",Layers (78),Current Score\n'
        "    Points Possible,,,,,10,100,\n"
        '"Núñez, María José",900,0042,mjn,Tuesday,,,3\n'
        '"Student, Test",999,,,,,,\n'
        '"小明, 王",902,0044,wang,,5,50,\n'
    )
    content = made("canvas", order(template=template))["canvas.csv"]
    assert canvas_import(content) == {
        "900": {"Neuron, one (77)": 7.25},
        "902": {},
    }
    assert "Current Score" not in content.decode()


@pytest.mark.parametrize(
    ("heading", "says"),
    [
        ("Student,SIS User ID,Section,Layers (1)", "no column 'ID'"),
        ("Student,ID,Layers (1)", "no column for Neuron, one"),
        ("Student,ID,Layers (1),Layers (2),Neuron, one", "no column for"),
    ],
)
def test_a_gradebook_that_lost_a_column_is_one_message(heading: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as raised:
        made("canvas", order(template=f"{heading}\nx,1,,\n"))
    assert "export.csv" in str(raised.value)


# Moodle: https://docs.moodle.org, "Grade import" and "Offline grading worksheet".


def test_moodle_maps_by_email_and_reads_numbers_or_a_dash() -> None:
    rows = {row["Email address"]: row for row in rows_of(made("moodle")["moodle.csv"])}
    assert rows["mj@example.org"]["Neuron, one"] == "7.25"
    assert rows["mj@example.org"]["First name"] == "María José"
    assert rows["mj@example.org"]["Neuron, one (feedback)"] == "1 day late, 10 % less"
    assert rows["wang@example.org"]["Neuron, one"] == "-"
    assert rows["wang@example.org"]["ID number"] == "0044"


def test_a_worksheet_of_moodle_comes_back_with_grades_and_nothing_else_changed() -> None:
    template = (
        "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed\n"
        'Participant 5,"María José Núñez",mj@example.org,Submitted for grading,,10.00,Yes\n'
        "Participant 6,Somebody,else@example.org,No submission,3.00,10.00,Yes\n"
    )
    content = made("moodle", order(("neuron",), template))["moodle-worksheet.csv"]
    first, second = rows_of(content)
    assert first["Identifier"] == "Participant 5"
    assert first["Grade"] == "7.25"
    assert second["Grade"] == "3.00"
    with pytest.raises(UsageError, match="--task"):
        made("moodle", order(template=template))


def test_gradescope_has_its_own_columns() -> None:
    rows = {row["SID"]: row for row in rows_of(made("gradescope")["gradescope.csv"])}
    mine = rows["0042"]
    assert (mine["First Name"], mine["Last Name"]) == ("María José", "Núñez")
    assert (mine["Neuron, one"], mine["Neuron, one - Max Points"]) == ("7.25", "10")
    assert mine["Neuron, one - Submission Time"] == "2026-10-13 10:00:00 +0000"
    assert mine["Neuron, one - Lateness (H:M:S)"] == "24:00:00"
    assert rows["0044"]["Neuron, one"] == ""


def test_the_plain_table_has_everything_and_excel_reads_its_letters() -> None:
    files = made("csv")
    assert files["grades.csv"].startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(io.BytesIO(files["grades.csv"]), dtype={"id": str})
    mine = table[(table["id"] == "0042") & (table["task"] == "neuron")].iloc[0]
    assert mine["score"] == 72.5
    assert mine["score_before_rules"] == 80.56
    assert mine["late_days"] == 1
    totals = pd.read_csv(io.BytesIO(files["totals.csv"]), dtype={"id": str}).set_index("id")
    assert totals.loc["0043", "total"] == 50.0
    assert totals.loc["0044", "name"] == "王小明"


@pytest.mark.parametrize("name", ["canvas", "moodle", "gradescope", "csv"])
def test_no_cell_is_a_formula(name: str) -> None:
    for content in made(name).values():
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
            for cell in row:
                is_number = re.fullmatch(r"-?\d+(\.\d+)?|-", cell)
                assert is_number or not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t"))


# JUnit: the schema that CI systems share (windyroad/JUnit-Schema), whose rules on counts are here.


def test_junit_is_xml_whose_counts_add_up() -> None:
    root = ElementTree.fromstring(made("junit")["junit.xml"])
    assert root.tag == "testsuites"
    tags = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    for suite in root.findall("testsuite"):
        cases = suite.findall("testcase")
        assert int(suite.get("tests", "-1")) == len(cases)
        for count, tag in tags.items():
            assert int(suite.get(count, "-1")) == sum(c.find(tag) is not None for c in cases)
        assert all(case.get("classname") and case.get("name") for case in cases)
    assert root.get("tests") == "6"
    assert root.get("failures") == "1"
    assert root.get("skipped") == "4"


def test_junit_is_read_by_another_program(tmp_path: Path) -> None:
    from junitparser import JUnitXml

    path = tmp_path / "junit.xml"
    path.write_bytes(made("junit")["junit.xml"])
    read = JUnitXml.fromfile(str(path))
    assert (read.tests, read.failures, read.errors, read.skipped) == (6, 1, 0, 4)
    cases = [case for suite in read for case in suite]
    states = Counter(type(entry).__name__ for case in cases for entry in case.result)
    assert states == {"Failure": 1, "Skipped": 4}
    assert len(cases) == 6


def test_junit_holds_whatever_a_submission_prints() -> None:
    hostile = order()
    [path, *_] = hostile.results
    group = (
        hostile.results[path]
        .cases[0]
        .model_copy(update={"status": "fail", "message": "a\x00\x1b[31m\ufffe ]]> <x> & ' \""})
    )
    bad = hostile.results[path].model_copy(update={"cases": [group]})
    content = made("junit", Order(hostile.gradebook, {path: bad}, chosen=hostile.chosen))
    message = ElementTree.fromstring(content["junit.xml"]).findall(".//failure")[0].get("message")
    assert message is not None
    assert "]]> <x> &" in message


# GitHub Actions: "Workflow commands", and classroom50's result-v1 schema.

COMMAND = re.compile(
    r"::(?P<kind>notice|error|warning) title=(?P<title>[^:,\n]*)::(?P<text>[^\n]*)"
)
RESULT_V1 = {
    "schema": str, "classroom": str, "assignment": str, "assignment_type": str, "owner": str,
    "submission": str, "commit": str, "release": str, "review": str, "datetime": str,
    "graded_at": str, "score": int, "max-score": int, "tests": list,
}  # fmt: skip


def test_a_submissions_words_are_no_commands_on_github() -> None:
    lines = made("github")["annotations.txt"].decode().splitlines()
    assert len(lines) == 2
    found = [COMMAND.fullmatch(line) for line in lines]
    assert all(found)
    [late, full] = [each.groupdict() for each in found if each]
    assert late["kind"] == "error"
    assert late["text"].startswith("72.5 of 100 points; not correct yet")
    assert "100%25" in late["text"]
    assert full["kind"] == "notice"


def test_the_summary_shows_names_as_they_are() -> None:
    text = made("github")["summary.md"].decode()
    assert r"\=HYPERLINK" not in text
    assert '=HYPERLINK\\("http://x"\\)' in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert all(line.count("|") - line.count("\\|") == 5 for line in rows)


def test_a_result_for_github_has_the_schemas_fields() -> None:
    found = json.loads(made("github")["0042-neuron.json"])
    assert {name: type(value) for name, value in found.items()} == RESULT_V1
    assert found["schema"] == "classroom50/result/v1"
    assert found["submission"].startswith("submit/")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["datetime"])
    assert found["datetime"] == "2026-10-13T10:00:00Z"
    assert 0 <= found["score"] <= found["max-score"] == 10
    for test in found["tests"]:
        assert {"test-name", "passed", "score", "max-score"} <= test.keys()


def test_prairielearn_gets_a_share_and_tests_that_all_have_points() -> None:
    files = made("prairielearn")
    found = json.loads(files["0042/neuron/results.json"])
    assert found["gradable"] is True
    assert found["score"] == 0.725
    assert all({"name", "points", "max_points"} <= test.keys() for test in found["tests"])
    assert all(len(content) <= 1 << 20 for content in files.values())


def test_the_graders_own_trouble_uses_no_attempt_on_prairielearn() -> None:
    from grader.classroom.exports.prairielearn import results_of

    of = order()
    row = of.grades.rows[0]
    trouble = result_of("r1", 0, "x").model_copy(
        update={
            "verdict": result_of("r1", 0, "x").verdict.model_copy(
                update={"status": Status.GRADER_ERROR}
            )
        }
    )
    found = results_of(row, of.chosen[0], row.grades["neuron"], trouble)
    assert found["gradable"] is False
    assert "score" not in found


@pytest.mark.parametrize("name", ["canvas", "moodle", "gradescope", "csv", "junit", "github"])
def test_without_names_nothing_says_who_it_is(name: str) -> None:
    of = order()
    names = {row.learner.id: f"grey fox {n}" for n, row in enumerate(of.grades.rows)}
    for file, content in made(name, anonymous(of, names)).items():
        text = file + content.decode("utf-8")
        for known in ("María", "Núñez", "HYPERLINK", "王", "0042", "900", "mjn", "example.org"):
            assert known not in text
        assert "grey" in text


# Tasks: the two that are programs of their own are run.


def unpacked(folder: Path) -> Path:
    content = made("autograder", Order(task=find_task("neuron")))["neuron-autograder.zip"]
    source = folder / "source"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(source)
        modes = {each.filename: each.external_attr >> 16 for each in archive.infolist()}
    assert modes["setup.sh"] & 0o111
    assert modes["run_autograder"] & 0o111
    return source


def gradescope_reads(path: Path) -> dict[str, Any]:
    """Check a results.json against what Gradescope documents, and return it."""
    found: dict[str, Any] = json.loads(path.read_text())
    assert found.keys() <= {
        "score", "execution_time", "output", "output_format", "test_output_format",
        "test_name_format", "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard",
    }  # fmt: skip
    assert isinstance(found["score"], int | float)
    for test in found.get("tests", []):
        assert test.keys() <= {
            "score", "max_score", "status", "name", "name_format", "number", "output",
            "output_format", "tags", "visibility", "extra_data",
        }  # fmt: skip
        assert test.get("status") in (None, "passed", "failed")
    for entry in found.get("leaderboard", []):
        assert entry.keys() <= {"name", "value", "order"}
        assert entry.get("order", "desc") in ("asc", "desc")
    return found


@pytest.mark.parametrize(("source", "points"), [("right", 100), ("wrong", 0), ("nothing", 0)])
def test_the_autograder_writes_what_gradescope_reads(
    tmp_path: Path, source: str, points: int
) -> None:
    program = unpacked(tmp_path) / "to_gradescope.py"
    submission = tmp_path / "submission"
    submission.mkdir()
    right = (find_task("neuron").reference_folder / "numpy" / "solution.py").read_text()
    wrong = "def weighted_sum(*_):\n    return 0\n\n\nneuron = layer = weighted_sum\n"
    if source != "nothing":
        (submission / "solution.py").write_text(right if source == "right" else wrong)
    done = subprocess.run(
        [sys.executable, program, tmp_path, "neuron", "no"],
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = gradescope_reads(tmp_path / "results" / "results.json")
    assert found["score"] == points
    if source == "right":
        assert "'process'" in found["output"]
        assert found["extra_data"]["tier"] == "process"


def test_the_zip_says_which_tier_it_gives(tmp_path: Path) -> None:
    text = (unpacked(tmp_path) / "README.txt").read_text()
    assert 'tier "process"' in text
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", tmp_path / "source" / script], check=True)


@pytest.mark.parametrize(
    "options", [{}, {"runs_on": "self-hosted,gpu", "device": "gpu", "folder": "it's: [here]"}]
)
def test_the_workflow_fits_githubs_own_schema(tmp_path: Path, options: dict[str, str]) -> None:
    path = tmp_path / "grade.yml"
    order = Order(task=find_task("neuron"), options=options)
    path.write_bytes(made("actions", order)[".github/workflows/grade.yml"])
    check = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.github-workflows",
    ]
    done = subprocess.run([*check, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    path.write_text(path.read_text().replace("runs-on", "runs_on"))
    assert subprocess.run([*check, path], capture_output=True, check=False).returncode == 1


def test_the_workflow_grades_and_tells_github(tmp_path: Path) -> None:
    files = made("actions", Order(task=find_task("neuron"), options={"runs_on": "self-hosted,gpu"}))
    repository = tmp_path / "repository"
    for name, content in files.items():
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    workflow = files[".github/workflows/grade.yml"].decode()
    assert 'runs-on: ["self-hosted", "gpu"]' in workflow
    assert "contents: read" in workflow
    wrong = "def weighted_sum(*_):\n    return 0\n\n\nneuron = layer = weighted_sum\n"
    (repository / "solution.py").write_text(wrong + "print('::set-output name=x::1')\n")
    links = tmp_path / "bin"
    links.mkdir()
    (links / "python").symlink_to(sys.executable)
    environment = os.environ | {
        "PATH": f"{links}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }
    done = subprocess.run(
        ["bash", ".github/grade.sh"], cwd=repository, env=environment,
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "::error title=below target::0 of 100 points" in done.stdout
    assert "::error file=solution.py,title=weighted_sum%3A typical::" in done.stdout
    assert "set-output" not in done.stdout
    assert "0 of 100 points" in (tmp_path / "summary.md").read_text()
