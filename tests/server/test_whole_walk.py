"""The page as it is run: the command, its two processes, a real grading, a kill, a program."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from support.hand_in_page import ROSTER, csrf_in, free_port
from support.here import grader_here as grader

from grader.course.curriculum import find_task
from grader.results.store import load_results

RIGHT = find_task("neuron").reference_folder / "numpy" / "solution.py"
COURSE = 'title = "Deep learning"\n[[tasks]]\nid = "neuron"\n'
TRUSTED = ("--sandbox", "process", "--trust-submissions")
LINK = re.compile(r"http://\S+/join/(\S+)")
SECONDS = 120.0


@contextmanager
def served(folder: Path, port: int) -> Iterator[str]:
    """Run `grader serve` on a class, and give the instructor's code."""
    words = ("serve", "class", "--port", str(port), *TRUSTED)
    with subprocess.Popen(
        [sys.executable, "-m", "grader", *words], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as page:
        try:
            assert page.stdout is not None
            found = None
            while found is None:
                line = page.stdout.readline()
                assert line, "the page ended"
                found = LINK.search(line)
            yield found.group(1)
        finally:
            page.send_signal(signal.SIGTERM)
            page.wait(60)


def wait_for(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.2)


class Visitor:
    """A browser that needs no package."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}"
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def ask(self, path: str, **fields: str) -> str:
        data = urlencode(fields).encode() if fields else None
        with self._opener.open(f"{self._address}{path}", data, timeout=30) as answer:
            return str(answer.read().decode())

    def answers(self) -> bool:
        try:
            return bool(self.ask("/join"))
        except OSError:
            return False


def grading_process(folder: Path) -> int:
    """Return the number of the process that holds the queue of a class."""
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = status.read_bytes().split(b"\0")
            here = Path(os.readlink(status.parent / "cwd")) == folder
        except OSError:
            continue
        if here and words[-3:-1] == [b"--only", b"grading"]:
            return int(status.parent.name)
    return 0


def parent_of(number: int) -> int:
    """Return the number of the process that started another one."""
    return int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])


def test_from_an_invitation_to_a_result(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(ROSTER)
    assert grader("class", "init", "roster.csv", cwd=tmp_path).returncode == 0
    (tmp_path / "class" / "course.toml").write_text(COURSE)
    invited = grader("class", "invite", "ada", "--csv", "codes.csv", cwd=tmp_path)
    assert invited.returncode == 0, invited.stderr
    code = (tmp_path / "codes.csv").read_text().split(",")[-1].strip()
    port = free_port()
    with served(tmp_path, port) as teacher_code:
        ada = Visitor(port)
        wait_for(ada.answers)
        ada.ask("/join", code=code)
        csrf = csrf_in(ada.ask("/token"))
        token = re.search(r"grader-[\w-]{20,}", ada.ask("/token", csrf=csrf))
        assert token
        wait_for(lambda: grading_process(tmp_path) > 0)
        # Killed before it grades anything: it is started again, and the upload is graded once.
        os.kill(grading_process(tmp_path), signal.SIGKILL)
        os.environ["GRADER_TOKEN"] = token.group()
        try:
            address = f"http://127.0.0.1:{port}"
            words = ("submit", str(RIGHT), "--task", "neuron", "--to", address, "--wait", "--json")
            done = grader(*words, cwd=tmp_path)
        finally:
            del os.environ["GRADER_TOKEN"]
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["verdict"]["status"] == "accepted"
        wait_for(lambda: "The whole result" in ada.ask("/jobs/1"))
        page = re.search(r'href="(/results/[^"]+)"', ada.ask("/jobs/1"))
        assert page
        assert "Accepted" in ada.ask(page.group(1))
        assert "Ada Lovelace" in ada.ask("/board/neuron")
        teacher = Visitor(port)
        teacher.ask("/join", code=teacher_code)
        assert "Ada Lovelace" in teacher.ask("/class")
        # Killed, the page takes the grading process along.
        grading = grading_process(tmp_path)
        os.kill(parent_of(grading), signal.SIGKILL)
        wait_for(lambda: grading_process(tmp_path) == 0)
    results, broken = load_results(tmp_path / "class" / "results")
    assert broken == []
    assert [each.submission.author for each in results] == ["Ada Lovelace"]
    assert results[0].submission.submitted_at is not None
