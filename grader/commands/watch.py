"""`grader watch`: checks again whenever a file is saved, on one calm screen, until it is asked for
something else.

Three things put events into one queue: the folder (watchfiles), the keyboard, and the check, which
is a `grader check
--json` of its own, so that a newer save ends it and starts the next. The loop that takes them out
is the only one that draws. What the keys stand for are other commands, run in the foreground.
Without a terminal there are no keys and no screen, but a few lines for each check.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from grader.commands.keys import Keys, keyboard
from grader.commands.output import console
from grader.course.curriculum import all_tasks
from grader.intake.submission import must_be_there
from grader.terminal import print_check

GRADER = (sys.executable, "-m", "grader.cli")
# File systems on which other computers save too, and nobody tells.
EVENTLESS = ("nfs", "nfs4", "cifs", "smb3", "9p", "vboxsf", "fuse.sshfs", "drvfs", "virtiofs")
MOUNTS = Path("/proc/self/mounts")
STOP_MS = 100
QUIET_MS = 50  # after the last change: editors write a file in several steps
POLL_MS = 500
END_SECONDS = 5
HEADS = {
    "ready": ("PASS", "bold green"),
    "failed": ("FAIL", "bold red"),
    "todo": ("TODO", "bold cyan"),
}
KEYS = "h hint   p predict   n next task   l list   r run   q quit"

Event = tuple[
    str, Any
]  # "saved": file names; "key": a letter; "checked": (number, report or an error text)


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
        """ "ready", "failed", or "todo" while nothing of it was attempted."""
        if self.trouble or self.report is None:
            return "failed"
        if self.report["ready"]:
            return "ready"
        cases = self.report["cases"]
        return (
            "todo"
            if cases and all(case["status"] == "not_attempted" for case in cases)
            else "failed"
        )


def watch_submission(path: Path, task_id: str | None, *, poll: bool, plain: bool) -> None:
    """Check `path` now and after every save, until q, Ctrl-C or the end of the input."""
    must_be_there(path)
    out = console()
    drawn = not plain and sys.stdin.isatty() and out.is_terminal
    events: queue.Queue[Event] = queue.Queue()
    watched = Watched(path, task_id)
    with (
        keyboard(lambda key: events.put(("key", key)))
        if drawn
        else contextlib.nullcontext() as keys
    ):
        screen: Callable[[Watched], None] = Screen(out).draw if drawn else Lines(out).say
        following: Watched | None = watched
        with contextlib.suppress(KeyboardInterrupt):
            while following is not None:
                following = watch_one(following, events, screen, keys, poll)
    out.print("stopped watching")


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
        watched.said.append(f"looking for changes twice a second: {why or 'as asked'}")
    with saves(watched.path, events, poll=poll or why is not None):
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


def press(watched: Watched, key: str, keys: Keys) -> Watched | None:
    """Do what a key stands for; returns what to watch from now on, None to quit."""
    words = ["--task", watched.task_id] if watched.task_id else []
    named = watched.report["task"] if watched.report else watched.task_id
    if key in ("q", "\x03", "\x04"):
        return None
    if key == "p" and named:
        watched.said, watched.asking = (
            [*captured("ask", named), "  here a digit answers, and nothing has to be"],
            True,
        )
    elif key.isdecimal() and named and watched.asking:
        watched.said, watched.asking = captured("ask", named, "--answer", key), False
    if key == "h":
        watched.said = captured("hint", str(watched.path), *words)
    elif key == "l":
        with keys.lent():
            subprocess.run([*GRADER, "tasks"], check=False)
    elif key == "r":
        with keys.lent():
            subprocess.run([*GRADER, "run", str(watched.path), *words], check=False)
    elif key == "n":
        return next_watched(watched)
    return watched


def next_watched(watched: Watched) -> Watched:
    """Return the task after this one, in a folder beside this one; the same where it has to be
    passed first.
    """
    if watched.state != "ready":
        watched.said = [
            "this one is not ready yet; `grader start` makes a folder for any other task"
        ]
        return watched
    order = [task.id for task in all_tasks()]
    found = watched.report["task"] if watched.report else None
    place = order.index(found) + 1 if found in order else len(order)
    if place >= len(order):
        watched.said = ["this was the last task of the course"]
        return watched
    folder = watched.path.resolve().parent / order[place]
    if not folder.exists():
        lines = captured("start", order[place], str(folder))
        if not folder.exists():
            watched.said = lines
            return watched
    return Watched(folder, order[place])


def begin_check(watched: Watched, events: queue.Queue[Event], because: str) -> None:
    """Start a check; one that is still at work is ended, because its answer would be about an older
    file.
    """
    end_check(watched)
    watched.number += 1
    watched.checking, watched.because = True, because
    words = ["--task", watched.task_id] if watched.task_id else []
    process = subprocess.Popen(
        [*GRADER, "check", str(watched.path), "--json", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the watcher, which ends the check in order
    )
    watched.process = process

    def wait(number: int = watched.number) -> None:
        answer, errors = process.communicate()
        try:
            report: Any = json.loads(answer)
        except ValueError:
            report = (
                errors.strip().removeprefix("grader: ")
                or f"the check ended with exit code {process.returncode}"
            )
        events.put(("checked", (number, report)))

    threading.Thread(target=wait, name="check", daemon=True).start()


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
    watched.checking = False
    watched.report, watched.trouble = (None, answer) if isinstance(answer, str) else (answer, "")


def captured(*words: str) -> list[str]:
    """Return what a command of the grader prints, as lines."""
    done = subprocess.run(
        [*GRADER, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).rstrip().splitlines()


# What is seen.


class Screen:
    """The whole terminal, drawn anew with each event: newest state on top, keys below."""

    def __init__(self, out: Console) -> None:
        self._out = out

    def draw(self, watched: Watched) -> None:
        out = self._out
        out.clear()
        out.print(heading(watched))
        show(out, watched)
        out.print(Text(f"\n  {KEYS}", "dim"))


class Lines:
    """For files, pipes and terminals that cannot be drawn on: a line for each start, the report for
    each end.
    """

    def __init__(self, out: Console) -> None:
        self._out = out

    def say(self, watched: Watched) -> None:
        if watched.checking:
            for line in watched.said:
                self._out.print(f"  {line}", markup=False)
            watched.said.clear()
            self._out.print(
                f"{time.strftime('%H:%M:%S')} checking {watched.path} ({watched.because})",
                markup=False,
            )
        else:
            self._out.print(heading(watched))
            show(self._out, watched)


def heading(watched: Watched) -> Text:
    """Return the first line: what it is, and how it stands, in a word as well as in colour."""
    if watched.checking:
        return Text("... ", "bold").append(
            f" {watched.path.name}: checking ({watched.because})", "default"
        )
    word, style = HEADS[watched.state]
    task = f" for {watched.report['task']}" if watched.report else ""
    return Text(word, style).append(f" {watched.path.name}{task}", "default")


def show(out: Console, watched: Watched) -> None:
    """Print what the newest whole check found; while the next one is at work, it stays to be
    read.
    """
    if watched.trouble:
        out.print(Text(f"  {watched.trouble}"))
    elif watched.report is not None:
        print_check(out, watched.report)
        if watched.report["ready"] and not watched.checking:
            out.print(
                "  ready: r grades it, n goes on to the next task; it stays here until you ask",
                markup=False,
            )
    for line in watched.said:
        out.print(Text(f"  {line}"))


# Where events come from.


@contextlib.contextmanager
def saves(path: Path, events: queue.Queue[Event], *, poll: bool) -> Iterator[None]:
    """Put the name of what was saved into the queue, while this is open."""
    import watchfiles

    stop = threading.Event()
    whole = path.is_dir()

    def follow() -> None:
        changes = watchfiles.watch(
            path if whole else path.parent,
            stop_event=stop,
            debounce=2 * QUIET_MS,
            step=QUIET_MS,
            rust_timeout=STOP_MS,
            force_polling=poll or None,
            poll_delay_ms=POLL_MS,
            recursive=whole,
            raise_interrupt=False,
        )
        for found in changes:
            names = sorted(
                {Path(name).name for _, name in found if whole or Path(name).name == path.name}
            )
            if names:
                events.put(("saved", ", ".join(names[:3])))

    thread = threading.Thread(target=follow, name="saves", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(END_SECONDS)


def why_poll(path: Path) -> str | None:
    """Return why no events can be expected for this path: a file system that does not tell of all
    changes, or None.
    """
    try:
        lines = MOUNTS.read_text("utf-8").splitlines()
    except OSError:  # not Linux
        return None
    mounts = [
        (Path(parts[1].replace("\\040", " ")), parts[2])
        for parts in map(str.split, lines)
        if len(parts) > 2
    ]
    here = path.resolve()
    around = [(len(point.parts), kind) for point, kind in mounts if here.is_relative_to(point)]
    kind = max(around, default=(0, ""))[1]
    return (
        f"{path} is on {kind}, which does not tell of every change" if kind in EVENTLESS else None
    )
