"""Handing in to a hand-in page: the receipt, and with --wait the result, as `grader run` has it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError

from grader.commands.parts.console import console, print_json, say
from grader.commands.parts.exit_codes import EXIT_NOT_ACCEPTED, EXIT_OURS, exit_code
from grader.commands.parts.run_report import one_step
from grader.course import score
from grader.course.curriculum import find_task
from grader.errors import GraderError, UsageError
from grader.records import Result
from grader.server.client import HandInPage
from grader.terminal import print_result
from grader.text import terminal_line

ADDRESSES = ("http://", "https://")
HOST_AND_PORT = re.compile(r"[\w.-]+:\d+(/|$)")
MINUTE = 60


def page_of(to: str, token: str, *, wait: bool) -> HandInPage | None:
    """Return the hand-in page that --to names; None if it names a file.

    UsageError without a token, or if a file is to be waited for.
    """
    if HOST_AND_PORT.match(to):
        raise UsageError(
            f"--to {to} looks like the address of a page; write --to http://{to} or https://{to}. "
            "The name of a zip has no colon"
        )
    if not to.lower().startswith(ADDRESSES):
        if wait:
            raise UsageError("--wait waits for a hand-in page; give its address: --to https://HOST")
        return None
    if not token:
        # Nobody is sent to make a token where no page is.
        HandInPage(to, token).must_answer()
        raise UsageError(
            f"{to} asks who you are: open {to.rstrip('/')}/token, make a token, and put it into "
            "GRADER_TOKEN"
        )
    return HandInPage(to, token)


def hand_in(page: HandInPage, packed: Path, task: str, *, wait: bool, as_json: bool) -> None:
    """Send what was packed and show the receipt; wait for the result if that is asked for."""
    receipt = page.hand_in(packed, task)
    if not wait:
        if as_json:
            return print_json(dict(receipt))
        return show_receipt(page, receipt)
    if not as_json:
        show_receipt(page, receipt)
    ended = page.wait(int(receipt["job"]), Shown(quiet=as_json).tell)
    if not ended["result"]:
        show_end(ended)
    result = result_of(page, int(receipt["job"]))
    if as_json:
        sys.stdout.write(f"{result.model_dump_json(indent=2)}\n")
    else:
        print_result(console(), result, one_step(result, hint_for(result)), None)
    raise typer.Exit(exit_code(result))


def show_receipt(page: HandInPage, receipt: Mapping[str, Any]) -> None:
    moment = datetime.fromtimestamp(receipt["received_at"], UTC)
    shown = {**receipt, "received_at": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
    for key, value in shown.items():
        say(f"{key.replace('_', ' '):<20}{terminal_line(str(value))}", wrap=False, stderr=True)
    say(f"{page.address.rstrip('/')}/jobs/{receipt['job']} follows it.", wrap=False, stderr=True)


def show_end(ended: Mapping[str, Any]) -> None:
    """Say how it ended without a result, and end with the exit code that fits."""
    says = terminal_line(str(ended["problem"])) or "it was not graded"
    say(f"grader: {terminal_line(str(ended['state']))}: {says}", wrap=False, stderr=True)
    raise typer.Exit(EXIT_OURS if ended["state"] == "trouble" else EXIT_NOT_ACCEPTED)


def result_of(page: HandInPage, number: int) -> Result:
    try:
        return Result.model_validate_json(page.result(number))
    except ValidationError:
        raise GraderError(
            "the result is of another version of the grader than this one; look at it on the page: "
            f"{page.address.rstrip('/')}/jobs/{number}"
        ) from None


def hint_for(result: Result) -> str:
    """Return the task's own hint; empty where the task is not installed here."""
    try:
        task = find_task(result.task.id)
    except GraderError:
        return ""
    return score.hint_for(task.spec.hints, result.verdict, result.score)


class Shown:
    """Says on standard error how far a job is, whenever that changes."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._said = ""

    def tell(self, job: Mapping[str, Any]) -> None:
        line = line_about(job)
        if line != self._said and not self._quiet:
            self._said = line
            say(line, wrap=False, stderr=True)


def line_about(job: Mapping[str, Any]) -> str:
    """Return one line about a job that has not ended."""
    if job["state"] != "waiting":
        return terminal_line(f"{job['state']}: {job['step']}")
    line = f"number {job['place']} in the queue"
    if job["starts_in"] is not None:
        line += f", begins in about {max(1, round(job['starts_in'] / MINUTE))} min"
    return line
