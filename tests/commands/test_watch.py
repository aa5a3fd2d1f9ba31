"""`grader watch` as people use it: in a terminal with keys, and as lines where there is none."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.paths import ROOT

from grader.commands import watch
from grader.commands.parts import saves
from grader.course.curriculum import all_tasks, course_folder

RIGHT = course_folder("reference") / "neuron" / "numpy" / "solution.py"
PATIENCE_SECONDS = 30
COMMAND = [sys.executable, "-m", "grader.cli", "watch"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the terminal here is a POSIX one")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "neuron"
    started = [*COMMAND[:-1], "start", "neuron", str(made)]
    subprocess.run(started, check=True, env=environment(), stdout=subprocess.DEVNULL)
    return made


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "150", "LINES": "50"}


def with_ctrl_c() -> None:
    """In the child: be interrupted by Ctrl-C, even if whoever started the tests is not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Terminal:
    """A program in a terminal of its own; what it shows is kept without escape sequences."""

    def __init__(self, *words: str | Path, cwd: Path) -> None:
        import fcntl
        import pty
        import termios

        def begin() -> None:
            with_ctrl_c()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C there is a signal to it

        self._end, inner = pty.openpty()
        self.process = subprocess.Popen(
            [*COMMAND, *map(str, words)],
            cwd=cwd,
            env=environment(),
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
            preexec_fn=begin,
        )
        os.close(inner)
        self._shown = ""

    def shows(self, text: str) -> str:
        """Wait until `text` is shown; returns all that came before it, and forgets it."""
        until = time.monotonic() + PATIENCE_SECONDS
        while text not in self._shown:
            assert time.monotonic() < until, f"{text!r} is not in {self._shown!r}"
            if not select.select([self._end], [], [], 1.0)[0]:
                continue
            try:
                raw = os.read(self._end, 1 << 16)
            except OSError:  # the program ended
                raw = b""
            assert raw, f"ended before {text!r}; it showed {self._shown!r}"
            self._shown += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", raw.decode("utf-8", "replace"))
        before, _, self._shown = self._shown.partition(text)
        return before

    def press(self, key: str) -> None:
        os.write(self._end, key.encode())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._end)


@pytest.fixture
def terminal(folder: Path) -> Iterator[Terminal]:
    made = Terminal(folder, cwd=folder.parent)
    yield made
    made.close()


def test_it_checks_at_once_and_after_each_save_and_stays_until_asked(
    terminal: Terminal, folder: Path
) -> None:
    terminal.shows("checking (now)")
    terminal.shows("TODO neuron for neuron")
    terminal.shows(watch.KEYS)
    (folder / "solution.py").write_text("def neuron(:")
    terminal.shows("checking (solution.py)")
    assert "never closed" in terminal.shows(watch.KEYS) or "cannot be imported" in terminal.shows(
        watch.KEYS
    )
    terminal.press("n")
    terminal.shows("this one is not ready yet")
    shutil.copyfile(RIGHT, folder / "solution.py")
    terminal.shows("PASS neuron for neuron")
    terminal.shows("ready: press r to grade it")
    terminal.press("l")
    terminal.shows("activations")
    terminal.shows("(Enter goes back)")
    terminal.press("\n")
    terminal.shows("PASS neuron for neuron")
    following = next_of("neuron")
    terminal.press("n")
    terminal.shows(f" {following} for {following}")
    assert (folder.parent / following / "solution.py").is_file()
    terminal.press("q")
    terminal.shows("stopped watching")
    assert terminal.process.wait(PATIENCE_SECONDS) == 0


def test_a_prediction_is_asked_for_with_a_key_and_answered_with_a_digit(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "cache"))
    terminal = Terminal(folder, cwd=folder.parent)
    try:
        terminal.shows("TODO neuron for neuron")
        terminal.press("2")  # nothing was asked yet
        terminal.press("p")
        assert "noted" not in terminal.shows("press a digit to answer")
        terminal.press("2")
        terminal.shows("noted: by 0.025")
        terminal.press("q")
        terminal.shows("stopped watching")
    finally:
        terminal.close()


def next_of(task_id: str) -> str:
    order = [task.id for task in all_tasks()]
    return order[order.index(task_id) + 1]


def test_ctrl_c_ends_it_and_leaves_the_terminal_as_it_was(terminal: Terminal) -> None:
    import termios

    before = termios.tcgetattr(terminal._end)
    terminal.shows("checking (now)")
    terminal.press("\x03")
    terminal.shows("stopped watching")
    assert terminal.process.wait(PATIENCE_SECONDS) == 0
    assert termios.tcgetattr(terminal._end)[3] == before[3]


def test_a_newer_save_ends_the_check_at_work(folder: Path) -> None:
    (folder / "solution.py").write_text("import time\ntime.sleep(50)\n")
    with Printed(folder) as (process, said):
        said("checking")
        time.sleep(1)  # into the sleep of the first one
        shutil.copyfile(RIGHT, folder / "solution.py")
        assert "FAIL" not in said("PASS neuron for neuron")
        process.send_signal(signal.SIGINT)
        said("stopped watching")
        assert process.wait(PATIENCE_SECONDS) == 0


def test_without_a_terminal_there_are_lines_and_no_colours(folder: Path) -> None:
    with Printed(folder) as (process, said):
        said("checking")
        shown = said("TODO neuron for neuron")
        assert "\x1b" not in shown
        shutil.copyfile(RIGHT, folder / "solution.py")
        said("(solution.py)")
        said("PASS  layer()")
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) != 0


@pytest.mark.parametrize("words", [("--poll",), ()])
def test_a_script_alone_is_watched_and_its_neighbours_are_not(
    folder: Path, words: tuple[str, ...]
) -> None:
    with Printed(folder / "solution.py", "--task", "neuron", *words) as (_, said):
        if words:
            said("checking for changes twice a second: as requested")
        said("TODO solution.py for neuron")
        (folder / "notes.txt").write_text("nothing to check")
        time.sleep(1.5)
        shutil.copyfile(RIGHT, folder / "solution.py")
        assert "notes.txt" not in said("PASS solution.py for neuron")


class Printed:
    """A watcher without a terminal, and a function that waits for a text in what it prints."""

    def __init__(self, *words: str | Path) -> None:
        self._words = words

    def __enter__(self) -> tuple[subprocess.Popen[str], object]:
        self._process = subprocess.Popen(
            [*COMMAND, *map(str, self._words)],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=with_ctrl_c,
        )

        def said(text: str) -> str:
            assert self._process.stdout is not None
            before = ""
            for line in self._process.stdout:
                before += line
                if text in line:
                    return before
            raise AssertionError(f"ended before {text!r}; it printed {before!r}")

        return self._process, said

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, str(tmp_path / "nothing")],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "nothing does not exist" in done.stderr


@pytest.mark.parametrize(
    ("mounts", "polls"),
    [
        ("/dev/sda / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\n", True),
        ("/dev/sda / ext4 rw 0 0\n", False),
        ("server:/ / nfs rw 0 0\n/dev/sda /home ext4 rw 0 0\n", False),
        ("C:\\134 /home 9p rw 0 0\n", True),
        ("broken line\n", False),
    ],
)
def test_folders_that_tell_of_no_change_are_looked_at(
    mounts: str, polls: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mounts").write_text(mounts)
    monkeypatch.setattr(saves, "MOUNTS", tmp_path / "mounts")
    assert (saves.why_poll(Path("/home/ada/neuron")) is not None) is polls


def test_a_report_of_wrong_answers_is_no_pass() -> None:
    case = {"function": "f", "group": "typical", "cases": 2, "passed": 1, "message": "", "hint": ""}
    wrong = {
        "ready": False,
        "cases": [case | {"status": "fail"}, case | {"status": "not_attempted"}],
    }
    nothing = {"ready": False, "cases": [case | {"status": "not_attempted"}]}
    watched = watch.Watched(Path("x"), None)
    for report, state in (
        (wrong, "failed"),
        (nothing, "todo"),
        (json.loads('{"ready": true, "cases": []}'), "ready"),
    ):
        watch.take(watched, report)
        assert watched.state == state
    watch.take(watched, "no such task")
    assert watched.state == "failed"


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("solution.py", True),
        ("parts/model.py", True),
        ("results/digits/.partial-19875-5edc/result.json", False),
        ("site/index.html", False),
        (".git/index", False),
        ("__pycache__/solution.cpython-311.pyc", False),
    ],
)
def test_what_the_grader_or_a_system_writes_is_no_save(
    name: str, counts: bool, tmp_path: Path
) -> None:
    assert saves.is_of_solution(tmp_path / name, tmp_path) is counts
