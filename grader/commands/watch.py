"""`grader watch`: Check again whenever a file is saved."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from grader.commands.options import HERE, PathArgument, TaskOption
from grader.commands.parts.console import console
from grader.commands.parts.keyboard import Keys, keyboard
from grader.commands.parts.saves import saves, why_poll
from grader.course.curriculum import all_tasks
from grader.intake.submission import must_be_there
from grader.terminal import print_check

HELP_PLACE = ("Learn", 4)
GRADER = (sys.executable, "-m", "grader")
END_SECONDS = 5
HEADS = {
    "ready": ("PASS", "bold green"),
    "failed": ("FAIL", "bold red"),
    "todo": ("TODO", "bold cyan"),
}
KEYS = "h hint   p predict   n next task   l list   r run   q quit"
QUIT_KEYS = ("q", "\x03", "\x04")  # Ctrl-C and the end of the input mean the same

# What happens, and with what: "saved" and file names; "key" and a letter; "checked" and the number
# of the check with its report, or with an error text.
Event = tuple[str, Any]


@dataclass
class Watched:
    """What is watched, and what the newest check said."""

    path: Path
    task_id: str | None
    number: int = 0  # of the newest check: the answers of older ones are not shown
    report: dict[str, Any] | None = None
    trouble: str = ""
    checking: bool = False
    because: str = ""
    process: subprocess.Popen[str] | None = None
    asking: bool = False  # a question was shown: a digit answers it
    said: list[str] = field(default_factory=list)  # what a key brought, below the report

    @property
    def state(self) -> str:
        """Return "ready", "failed", or "todo" while nothing of it was attempted."""
        if self.trouble or self.report is None:
            return "failed"
        if self.report["ready"]:
            return "ready"
        cases = self.report["cases"]
        if cases and all(case["status"] == "not_attempted" for case in cases):
            return "todo"
        return "failed"

    @property
    def task_words(self) -> list[str]:
        """Return the words that name the task to another command, where it was named to this."""
        return ["--task", self.task_id] if self.task_id else []

    @property
    def task_name(self) -> str | None:
        """Return the task's id, as far as it is known."""
        return self.report["task"] if self.report else self.task_id


def watch(
    path: PathArgument = HERE,
    task: TaskOption = None,
    poll: Annotated[
        bool,
        typer.Option(
            "--poll", help="Look for changes by polling, for folders that do not report them."
        ),
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Print lines instead of showing a screen with keys.")
    ] = False,
) -> None:
    """Check again whenever a file is saved; keys give a hint, the next task, the list or a run."""
    # Three things put events into one queue: the folder, the keyboard, and the check, which is a
    # `grader check --json` of its own, so that a newer save can end it and start the next. The loop
    # that takes them out is the only one that draws. What the keys stand for are other commands,
    # run in the foreground. Without a terminal there are no keys and no screen, but a few lines for
    # each check.
    must_be_there(path)
    out = console()
    is_drawn = not plain and sys.stdin.isatty() and out.is_terminal
    events: queue.Queue[Event] = queue.Queue()
    if is_drawn:
        with keyboard(lambda key: events.put(("key", key))) as keys:
            watch_each(Watched(path, task), events, Screen(out).draw, keys, poll)
    else:
        watch_each(Watched(path, task), events, Lines(out).say, None, poll)
    out.print("stopped watching")


def watch_each(
    first: Watched,
    events: queue.Queue[Event],
    draw: Callable[[Watched], None],
    keys: Keys | None,
    poll: bool,
) -> None:
    """Serve one submission after another, until q, Ctrl-C or the end of the input."""
    following: Watched | None = first
    with contextlib.suppress(KeyboardInterrupt):
        while following is not None:
            following = watch_one(following, events, draw, keys, poll)


def watch_one(
    watched: Watched,
    events: queue.Queue[Event],
    draw: Callable[[Watched], None],
    keys: Keys | None,
    poll: bool,
) -> Watched | None:
    """Serve one submission; returns the next one to watch, or None for the end."""
    why = why_poll(watched.path)
    if poll or why:
        watched.said.append(f"checking for changes twice a second: {why or 'as requested'}")

    def saved(names: str) -> None:
        events.put(("saved", names))

    with saves(watched.path, saved, poll=poll or why is not None):
        try:
            begin_check(watched, events, "now")
            draw(watched)
            while True:
                kind, what = events.get()
                if kind == "saved":
                    watched.said.clear()
                    begin_check(watched, events, what)
                elif kind == "checked" and what[0] == watched.number:
                    take(watched, what[1])
                elif kind == "key" and keys is not None:
                    following = press(watched, what, keys)
                    if following is not watched:
                        return following
                else:
                    continue
                draw(watched)
        finally:
            end_check(watched)


# Keys.


def press(watched: Watched, key: str, keys: Keys) -> Watched | None:
    """Do what a key stands for; returns what to watch from now on, None to quit."""
    path = str(watched.path)
    if key in QUIT_KEYS:
        return None
    if key == "n":
        return next_watched(watched)
    if key == "p" and watched.task_name:
        said = captured("ask", watched.task_name)
        watched.said = [*said, "  press a digit to answer; you need not answer"]
        watched.asking = True
    elif key.isdecimal() and watched.task_name and watched.asking:
        watched.said = captured("ask", watched.task_name, "--answer", key)
        watched.asking = False
    elif key == "h":
        watched.said = captured("hint", path, *watched.task_words)
    elif key == "l":
        in_foreground(keys, "tasks")
    elif key == "r":
        in_foreground(keys, "run", path, *watched.task_words)
    return watched


def captured(*words: str) -> list[str]:
    """Return what a command of the grader prints, as lines."""
    done = subprocess.run(
        [*GRADER, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).rstrip().splitlines()


def in_foreground(keys: Keys, *words: str) -> None:
    """Lend the terminal to a command of the grader until it ends."""
    with keys.lent():
        subprocess.run([*GRADER, *words], check=False)


def next_watched(watched: Watched) -> Watched:
    """Return the task after this one, in a folder beside this one; the same until it is ready."""
    if watched.state != "ready":
        watched.said = [
            "this one is not ready yet; `grader start` makes a folder for any other task"
        ]
        return watched
    following = task_after(watched.task_name)
    if following is None:
        watched.said = ["this was the last task of the course"]
        return watched
    folder = watched.path.resolve().parent / following
    if not folder.exists():
        lines = captured("start", following, str(folder))
        if not folder.exists():
            watched.said = lines
            return watched
    return Watched(folder, following)


def task_after(task_id: str | None) -> str | None:
    """Return the task that follows in the course; None after the last, and after one outside it."""
    order = [task.id for task in all_tasks()]
    if task_id not in order[:-1]:
        return None
    return order[order.index(task_id) + 1]


# Checks.


def begin_check(watched: Watched, events: queue.Queue[Event], because: str) -> None:
    """Start a check; one still at work is ended, for its answer would be about an older file."""
    end_check(watched)
    watched.number += 1
    watched.checking = True
    watched.because = because
    process = subprocess.Popen(
        [*GRADER, "check", str(watched.path), "--json", *watched.task_words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the watcher, which ends the check in order
    )
    watched.process = process

    def wait(number: int = watched.number) -> None:
        events.put(("checked", (number, answer_of(process))))

    threading.Thread(target=wait, name="check", daemon=True).start()


def answer_of(process: subprocess.Popen[str]) -> dict[str, Any] | str:
    """Wait for a check; returns its report, or what it complained about."""
    answer, errors = process.communicate()
    try:
        report: dict[str, Any] = json.loads(answer)
        return report
    except ValueError:
        complaint = errors.strip().removeprefix("grader: ")
        return complaint or f"the check ended with exit code {process.returncode}"


def end_check(watched: Watched) -> None:
    """End the check that is at work, if one is; it cleans up after itself."""
    process = watched.process
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def take(watched: Watched, answer: dict[str, Any] | str) -> None:
    """Keep what the newest check found: its report, or a text about trouble."""
    watched.checking = False
    watched.report = None
    watched.trouble = ""
    if isinstance(answer, str):
        watched.trouble = answer
    else:
        watched.report = answer


# What is seen.


class Screen:
    """The whole terminal, drawn anew with each event: the newest state on top, keys below."""

    def __init__(self, out: Console) -> None:
        self._out = out

    def draw(self, watched: Watched) -> None:
        out = self._out
        out.clear()
        out.print(heading(watched))
        show(out, watched)
        out.print(Text(f"\n  {KEYS}", "dim"))


class Lines:
    """For files, pipes and terminals that cannot be drawn on: a line for each start, and the report
    for each end.
    """

    def __init__(self, out: Console) -> None:
        self._out = out

    def say(self, watched: Watched) -> None:
        if not watched.checking:
            self._out.print(heading(watched))
            show(self._out, watched)
            return
        for line in watched.said:
            self._out.print(f"  {line}", markup=False)
        watched.said.clear()
        now = time.strftime("%H:%M:%S")
        self._out.print(f"{now} checking {watched.path} ({watched.because})", markup=False)


def heading(watched: Watched) -> Text:
    """Return the first line: what it is, and how it stands, in a word as well as in colour."""
    name = watched.path.name
    if watched.checking:
        return Text("... ", "bold").append(f" {name}: checking ({watched.because})", "default")
    word, style = HEADS[watched.state]
    task = f" for {watched.report['task']}" if watched.report else ""
    return Text(word, style).append(f" {name}{task}", "default")


def show(out: Console, watched: Watched) -> None:
    """Print what the newest finished check found; it stays while the next one is at work."""
    if watched.trouble:
        out.print(Text(f"  {watched.trouble}"))
    elif watched.report is not None:
        print_check(out, watched.report)
        if watched.report["ready"] and not watched.checking:
            out.print(
                "  ready: press r to grade it, n to go on to the next task",
                markup=False,
            )
    for line in watched.said:
        out.print(Text(f"  {line}"))
