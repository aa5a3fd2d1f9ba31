"""`grader export actions`: a GitHub Actions workflow that grades each push to one task.

The workflow installs the grader, grades the repository's folder, writes the summary and the
annotations, and keeps the result as an artifact. What the submission prints goes to the result's
log and not to the step's output, so it can't give commands to the workflow. A self-hosted runner
with a GPU is `--set runs_on=self-hosted,gpu --set device=gpu`.

A learner can edit a workflow that lies in their own repository. It is a self-check; grades come
from the instructor's machine, or from a repository that learners can't write to.

Takes: folder=. (of the submission), runs_on=ubuntu-latest, device=cpu, sandbox=auto, python=3.12,
package=dl-grader, minutes=60.
"""

from __future__ import annotations

import json
from pathlib import Path

from grader.classroom.export_order import Order

NEEDS = "task"
DEFAULTS = {
    "folder": ".",
    "runs_on": "ubuntu-latest",
    "device": "cpu",
    "sandbox": "auto",
    "python": "3.12",
    "package": "dl-grader",
    "minutes": "60",
}
WORKFLOW = """\
name: {title}
on: [push, workflow_dispatch]
permissions:
  contents: read
jobs:
  grade:
    runs-on: {runs_on}
    timeout-minutes: {minutes}
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: {python}
      - name: Install the grader
        run: pip install {package}
      - name: Grade
        env:
          GRADER_FOLDER: {folder}
        run: bash .github/grade.sh
      - name: Keep the result
        if: always()
        uses: actions/upload-artifact@v4
        with:
          name: result
          path: ${{{{ runner.temp }}}}/grader-result.json
          if-no-files-found: ignore
"""
SCRIPT = """\
#!/usr/bin/env bash
# Grades the repository and tells GitHub; made by `grader export actions {task}`.
set -uo pipefail
kept="${{RUNNER_TEMP:-$(mktemp -d)}}"
python -m grader run "${{GRADER_FOLDER:-.}}" --task {task} --author "${{GITHUB_ACTOR:-author}}" \\
    --device {device} --sandbox {sandbox} --results "$kept/results" \\
    --json > "$kept/grader-result.json" 2> "$kept/grader-errors.txt"
code=$?
python .github/to_github.py "$kept/grader-result.json" "$kept/grader-errors.txt" "$code"
"""


def files_of(order: Order) -> dict[str, bytes]:
    """Return the workflow, and the two scripts that it calls."""
    task = order.the_task
    options = DEFAULTS | dict(order.options)
    labels = options["runs_on"].split(",")
    # A text of JSON is one of YAML as well, whatever is in it.
    workflow = WORKFLOW.format(
        title=json.dumps(f"Grade {task.id}"),
        runs_on=json.dumps(labels[0] if len(labels) == 1 else labels),
        minutes=int(options["minutes"]),
        python=json.dumps(options["python"]),
        package=options["package"],
        folder=json.dumps(options["folder"]),
    )
    writer = Path(__file__).resolve().parent.parent / "handouts" / "to_github.py"
    script = SCRIPT.format(task=task.id, device=options["device"], sandbox=options["sandbox"])
    return {
        ".github/workflows/grade.yml": workflow.encode(),
        ".github/grade.sh": script.encode(),
        ".github/to_github.py": writer.read_bytes(),
    }
