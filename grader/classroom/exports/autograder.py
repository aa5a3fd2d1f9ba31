"""`grader export autograder`: a zip that Gradescope takes as an autograder for one task.

`setup.sh` installs the grader when the image is built; `run_autograder` grades what lies in
/autograder/submission and writes /autograder/results/results.json. Gradescope gives one container
and no engine inside it, so the tier is `process`: the submission runs as a user without rights over
the grader's files, but it shares the machine with it. The zip says so in README.txt, and the result
says so to the learner. What Gradescope measures on a machine of half a core is no speed: points for
speed and memory are left out unless `--set speed=yes`.

Takes: package=dl-grader (what pip installs), python=python3, speed=no, author=hidden.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from grader.classroom.export_order import Order
from grader.course.curriculum import Task, course_folder

NEEDS = "task"
DEFAULTS = {"package": "dl-grader", "python": "python3", "speed": "no"}
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
EXECUTABLE = 0o755 << 16
PLAIN = 0o644 << 16
SETUP = """\
#!/usr/bin/env bash
# Runs once, when Gradescope builds the image.
set -euo pipefail
cd "$(dirname "$0")"
if command -v apt-get > /dev/null && ! {python} -m venv --help > /dev/null 2>&1; then
    apt-get update && apt-get install -y --no-install-recommends python3-venv
fi
id -u learner > /dev/null 2>&1 || useradd --system --no-create-home learner || true
{python} -m venv venv
venv/bin/python -m pip install --quiet {package}
"""
RUN = """\
#!/usr/bin/env bash
# Runs for each submission. Whatever happens, a results.json that says what is written.
root="${{AUTOGRADER_ROOT:-/autograder}}"
source="$root/source"
mkdir -p "$root/results"
export GRADER_TASKS="$source/tasks" GRADER_CACHE="${{TMPDIR:-/tmp}}/grader-cache"
exec "$source/venv/bin/python" "$source/to_gradescope.py" "$root" {task} {speed}
"""
README = """\
An autograder for Gradescope: {title} ({task}).

Upload this zip under "Configure Autograder". Gradescope builds an image with setup.sh and calls
run_autograder for each submission.

Isolation: tier "process". Gradescope runs everything in one container, so a submission shares the
machine with the grader. Hidden inputs are drawn anew for each run and answers never enter the
submission's process, but a hostile program could read files of the container. Where grades matter,
grade the download again with `grader batch` in containers: the results say which tier they have.

Points: {points}
"""


def files_of(order: Order) -> dict[str, bytes]:
    """Return one zip."""
    task = order.the_task
    options = DEFAULTS | dict(order.options)
    is_timed = options["speed"] == "yes"
    writer = Path(__file__).resolve().parent.parent / "handouts" / "to_gradescope.py"
    points = "accuracy, speed and memory" if is_timed else "those of the metric alone"
    members = {
        "setup.sh": SETUP.format(python=options["python"], package=options["package"]).encode(),
        "run_autograder": RUN.format(task=task.id, speed=options["speed"]).encode(),
        "to_gradescope.py": writer.read_bytes(),
        "README.txt": README.format(title=task.spec.title, task=task.id, points=points).encode(),
    }
    members |= task_files(task)
    return {f"{task.id}-autograder.zip": packed(members)}


def task_files(task: Task) -> dict[str, bytes]:
    """Return the files of a task of one's own; the course's are in the package."""
    if task.folder.parent == course_folder("tasks"):
        return {"tasks/README.txt": b"Tasks of your own would lie here.\n"}
    files = {}
    for path in sorted(task.folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            files[f"tasks/{task.id}/{path.relative_to(task.folder).as_posix()}"] = path.read_bytes()
    return files


def packed(members: dict[str, bytes]) -> bytes:
    """Return a zip that is the same whenever it is made; scripts in it can be run."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.external_attr = EXECUTABLE if data.startswith(b"#!") else PLAIN
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return content.getvalue()
