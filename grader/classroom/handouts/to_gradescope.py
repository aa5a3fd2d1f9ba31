"""Grades one submission on Gradescope; packed by `grader export autograder`.

    python to_gradescope.py /autograder TASK [yes: points for speed and memory count]

It calls `grader run --json` and turns what that prints into Gradescope's fields. Whatever goes
wrong, a results.json is written that says so: Gradescope shows nothing else to the learner. Trouble
of the grader's own is no score at all, so that the platform reports an error and not a zero.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SECONDS = 2300  # Gradescope's own limit is 40 minutes
GRADED = (0, 1)
TEXT_CHARACTERS = 4000


def main(root: Path, task: str, counts_speed: bool) -> int:
    """Grade and write; returns the exit code."""
    results = root / "results" / "results.json"
    results.parent.mkdir(parents=True, exist_ok=True)
    code, printed, said = graded(root / "submission", task)
    if code in GRADED:
        found = content_of(json.loads(printed), counts_speed)
    elif code == 2:
        found = refused(said)
    else:
        print(said, file=sys.stderr)
        return 1
    partial = results.with_suffix(".partial")
    partial.write_text(json.dumps(found, indent=2), "utf-8")
    partial.replace(results)
    return 0


def graded(submission: Path, task: str) -> tuple[int, str, str]:
    """Return how `grader run` ended, and what it printed for programs and for people."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "grader", "run", str(submission)]
        command += ["--task", task, "--author", "submission", "--json"]
        command += ["--results", f"{scratch}/results"]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
                cwd=scratch,
                env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            )
        except subprocess.TimeoutExpired:
            return 3, "", f"the grading took longer than {SECONDS} s"
    return done.returncode, done.stdout, done.stderr.strip()


def refused(said: str) -> dict[str, Any]:
    """Return what is shown for a submission that could not be opened."""
    return {
        "score": 0,
        "output": said[:TEXT_CHARACTERS],
        "output_format": "text",
        "visibility": "visible",
    }


def content_of(result: dict[str, Any], counts_speed: bool) -> dict[str, Any]:
    """Return Gradescope's fields for one result."""
    score = result["score"]
    parts = ["accuracy", "speed", "memory"] if counts_speed else ["accuracy"]
    most = sum(score[f"max_{part}"] for part in parts)
    points = sum(score[part] for part in parts)
    share = points / most if most else 0.0
    return {
        "score": round(100 * share, 2),
        "execution_time": result["elapsed_seconds"],
        "output": summary_of(result),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests_of(result, parts),
        "leaderboard": leaderboard_of(result),
        "extra_data": {
            "tier": result["tier"],
            "exam_version": result["task"]["exam_version"],
            "sha256": result["submission"]["sha256"],
        },
    }


def summary_of(result: dict[str, Any]) -> str:
    """Return the verdict and what a reader should know, in a few lines."""
    verdict = result["verdict"]
    lines = [verdict["status"].replace("_", " ")]
    if verdict["reason"]:
        lines.append(verdict["reason"])
    lines.append(f"Graded in the tier {result['tier']!r}, the weakest isolation there is.")
    return "\n".join(lines)[:TEXT_CHARACTERS]


def tests_of(result: dict[str, Any], parts: list[str]) -> list[dict[str, Any]]:
    """Return a test for each group of cases, or one for each part of the score."""
    tests = []
    for group in result["cases"]:
        tests.append(
            {
                "name": f"{group['function']}: {group['group']}",
                "status": "passed" if group["status"] == "pass" else "failed",
                "output": group["message"][:TEXT_CHARACTERS],
                "output_format": "text",
            }
        )
    if tests:
        return tests
    score = result["score"]
    for part in parts:
        if score[f"max_{part}"]:
            tests.append({"name": part, "score": score[part], "max_score": score[f"max_{part}"]})
    return tests


def leaderboard_of(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the figures that a board compares, for as many as were measured."""
    board: list[dict[str, Any]] = [{"name": "score", "value": result["score"]["total"]}]
    metric = result["task"]["metric"]
    better = result["task"].get("better", "higher")
    for name, order in ((metric, "desc" if better == "higher" else "asc"), ("speed_ratio", "desc")):
        measured = result["measurements"].get(name)
        if measured is not None:
            board.append({"name": name, "value": measured["value"], "order": order})
    return board


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:] == ["yes"]))
