"""The course.toml that a new class begins with: every task by name, every rule as a remark."""

from __future__ import annotations

import json
from collections.abc import Sequence

from grader.course.curriculum import Task

HEAD = """\
# The rules of the class. Nothing is graded again when they change: `grader rescore` shows what
# they come to. docs/teach/running-a-class.md explains every key.

title = "Deep learning"
timezone = "UTC"            # such as "Europe/Berlin"; deadlines below are on its clocks
counts = "best"             # or "last": which attempt of a learner counts
# attempts = 5              # only the first five count
# tiers = ["container", "gvisor"]   # results of weaker isolation don't count
# show_source = true        # the pages show everybody the lines that a diagnosis names

[late]
grace_minutes = 10
bank_days = 0               # free late days for each learner, for the whole course
# most_bank_days_per_task = 2
penalty_percent_per_day = 100   # of the points earned, for days that the bank doesn't pay
# closed_after_days = 7

"""
TAIL = """
# [[extensions]]
# learner = "4711"          # id, login, e-mail or name
# task = "neuron"           # leave it out for every task
# days = 3                  # or: until = 2026-11-02T12:00:00
# why = "ill"

# [[teams]]
# name = "Team 1"
# members = ["4711", "4712"]
# tasks = ["mnist"]         # leave it out for every task
"""


def course_template(tasks: Sequence[Task]) -> str:
    """Return a course.toml in which every task stands as a remark but the first one."""
    entries = []
    for number, task in enumerate(tasks):
        mark = "# " if number else ""
        lines = [
            "[[tasks]]",
            f"id = {json.dumps(task.id)}",
            "weight = 1",
            "# deadline = 2026-10-12T23:59:00",
        ]
        entries.append(
            "\n".join(f"{mark}{line.removeprefix('# ') if number else line}" for line in lines)
        )
    return HEAD + "\n\n".join(entries) + "\n" + TAIL
