"""The hand-in page under load and under kills, on loopback.

Load: 300 learners upload 5 MB each within a minute, while others look at pages, a grading runs and
a thousand pages watch their uploads. Kills: during 100 uploads both processes are killed with
signal 9, in turn, at random moments; afterwards every receipt must have its upload and its result,
once. `python -m benchmarks serve` takes some minutes, most of it for the kills.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from grader.course.curriculum import find_task
from grader.server.accounts import LEARNER, Accounts, Person
from grader.server.database import Database
from grader.server.settings import Settings

LEARNERS = 300
UPLOAD_BYTES = 5_000_000
LOAD_SECONDS = 60.0
STREAMS = 1000
STREAMS_EACH = 4
CLIENTS = 24
KILLS = 20
KILLED_UPLOADS = 100
KILL_SECONDS = (0.5, 3.0)
DRAIN_SECONDS = 600.0
MIB = 1 << 20
GRADER = (sys.executable, "-m", "grader")
TRUSTED = ("--sandbox", "process", "--trust-submissions")
SOLUTION = find_task("neuron").reference_folder / "numpy" / "solution.py"


@dataclass(frozen=True)
class Page:
    """A hand-in page that runs."""

    folder: Path
    port: int
    tokens: Sequence[str]

    def upload(self, number: int, content: bytes, name: str) -> dict[str, object]:
        """Hand in as a learner, and return the receipt. OSError where the page is gone."""
        path = f"/api/v1/uploads?task=neuron&file={name}"
        headers = {"Authorization": f"Bearer {self.tokens[number]}"}
        return dict(json.loads(self.ask("POST", path, content, headers)))

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            said = answer.read()
        except http.client.HTTPException as error:
            raise OSError(str(error)) from None
        finally:
            connection.close()
        if answer.status >= 300:
            raise OSError(f"{answer.status}: {said[:200]!r}")
        return said

    def start(self, *more: str) -> subprocess.Popen[bytes]:
        """Start the page, and wait until it answers."""
        words = ("serve", str(self.folder), "--port", str(self.port), *TRUSTED, *more)
        process = subprocess.Popen([*GRADER, *words], stdout=subprocess.DEVNULL)
        for _ in range(600):
            with suppress(OSError):
                self.ask("GET", "/join")
                return process
            time.sleep(0.1)
        raise RuntimeError("the page does not answer")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        load(make_page(Path(folder) / "load"))
    with tempfile.TemporaryDirectory() as folder:
        kills(make_page(Path(folder) / "kills"))


def make_page(folder: Path) -> Page:
    """Return a page of a class of many, with a token for each."""
    folder.mkdir()
    rows = [f"S{number},learner{number},Learner {number}\n" for number in range(LEARNERS)]
    (folder / "roster.csv").write_text(f"id,login,name\n{''.join(rows)}")
    (folder / "course.toml").write_text('title = "Load"\n[[tasks]]\nid = "neuron"\n')
    settings = Settings(folder, folder / "results")
    accounts = Accounts(Database(settings.database), settings.secret, settings.limits)
    people = [Person(LEARNER, f"S{number}") for number in range(LEARNERS)]
    tokens = [accounts.make_token(each) for each in people]
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port = made.getsockname()[1]
    return Page(folder, int(port), tokens)


# Load.


def load(page: Page) -> None:
    """Print what the page does under load."""
    process = page.start("--only", "pages")
    stop = threading.Event()
    peak = Peak(process.pid)
    looks: list[float] = []
    watchers = [
        threading.Thread(target=peak.watch, args=(stop,)),
        threading.Thread(target=look, args=(page, looks, stop)),
        threading.Thread(target=grade_meanwhile, args=(page.folder.parent, stop)),
    ]
    for each in watchers:
        each.start()
    try:
        seconds, receipts = upload_all(page)
        streams = open_streams(page, receipts)
        print_line("streams open at once", f"{len(streams)}", f">= {STREAMS:,}")
        looks_before = len(looks)
        time.sleep(5)
        while_streaming = looks[looks_before:]
        for each in streams:
            each.close()
    finally:
        stop.set()
        for each in watchers:
            each.join()
        process.send_signal(signal.SIGTERM)
        process.wait()
    print_line("receipts", f"{len(receipts)} of {LEARNERS}", f"{LEARNERS}")
    print_line("uploads of 5 MB, 95 of 100 within", f"{percentile(seconds):.2f} s", "<= 2 s")
    print_line("pages, 95 of 100 within", f"{1000 * percentile(looks):.0f} ms", "<= 200 ms")
    shown = f"{1000 * percentile(while_streaming):.0f} ms" if while_streaming else "-"
    print_line("pages beside the streams", shown, "<= 200 ms")
    print_line("memory of the page, at most", f"{peak.most / MIB:.0f} MiB", "<= 400 MiB")


def upload_all(page: Page) -> tuple[list[float], list[dict[str, object]]]:
    """Have everybody upload, evenly over a minute; return how long each took, and the receipts."""
    seconds: list[float] = []
    receipts: list[dict[str, object]] = []
    began = time.monotonic()

    def one(number: int) -> None:
        content = random.Random(number).randbytes(UPLOAD_BYTES)
        due = began + LOAD_SECONDS * number / LEARNERS
        time.sleep(max(0.0, due - time.monotonic()))
        start = time.monotonic()
        with suppress(OSError):
            receipt = page.upload(number, content, "work.zip")
            seconds.append(time.monotonic() - start)
            if receipt["sha256"] == hashlib.sha256(content).hexdigest():
                receipts.append({**receipt, "learner": number})

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(one, range(LEARNERS)))
    return seconds, receipts


def open_streams(page: Page, receipts: Sequence[dict[str, object]]) -> list[socket.socket]:
    """Open streams until enough are open; return those that answered."""
    opened = []
    wanted = [each for each in receipts for _ in range(STREAMS_EACH)][:STREAMS]
    sessions: dict[object, str] = {}
    for receipt in wanted:
        learner = receipt["learner"]
        if learner not in sessions:
            sessions[learner] = session_of(page, f"S{learner}")
        made = socket.create_connection(("127.0.0.1", page.port), timeout=30)
        made.sendall(
            f"GET /jobs/{receipt['job']}/events HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\n"
            f"Cookie: grader_session={sessions[learner]}\r\n\r\n".encode()
        )
        if b" 200 " in made.recv(64):
            opened.append(made)
    return opened


def session_of(page: Page, learner: str) -> str:
    """Return a cookie for a learner."""
    from grader.records.gradebook import Learner

    settings = Settings(page.folder, page.folder / "results")
    accounts = Accounts(Database(settings.database), settings.secret, settings.limits)
    code = accounts.invite([Learner(learner)])[learner]
    cookie = accounts.redeem(code)
    assert cookie is not None
    return cookie


def look(page: Page, seconds: list[float], stop: threading.Event) -> None:
    """Look at a learner's page again and again."""
    cookie = {"Cookie": f"grader_session={session_of(page, 'S0')}"}
    while not stop.wait(0.2):
        start = time.monotonic()
        with suppress(OSError):
            page.ask("GET", "/", None, cookie)
            seconds.append(time.monotonic() - start)


def grade_meanwhile(folder: Path, stop: threading.Event) -> None:
    """Grade a reference again and again."""
    reference = find_task("digits").reference_folder
    solution = next(path for path in sorted(reference.iterdir()) if path.is_dir())
    words = ("run", str(solution), "--task", "digits", "--results", str(folder / "meanwhile"))
    while not stop.is_set():
        with subprocess.Popen(
            [*GRADER, *words, "--json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as run:
            while run.poll() is None and not stop.wait(0.2):
                pass
            if run.poll() is None:
                run.send_signal(signal.SIGINT)


class Peak:
    """The most memory that a process has."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.most = 0

    def watch(self, stop: threading.Event) -> None:
        while not stop.wait(0.1):
            with suppress(psutil.Error):
                self.most = max(self.most, self._process.memory_info().rss)


# Kills.


def kills(page: Page) -> None:
    """Print what is left after kills."""
    receipts: list[dict[str, object]] = []
    stop = threading.Event()
    killer = threading.Thread(target=kill_often, args=(page, stop))
    killer.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            list(
                pool.map(lambda number: upload_once(page, number, receipts), range(KILLED_UPLOADS))
            )
    finally:
        stop.set()
        killer.join()
    process = page.start()
    try:
        database = Database(Settings(page.folder, page.folder / "results").database)
        wait_until_graded(database)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
    tell_what_is_left(page, database, receipts)


def upload_once(page: Page, number: int, receipts: list[dict[str, object]]) -> None:
    """Hand in until a receipt comes; each learner hands in something else."""
    content = f"{SOLUTION.read_text()}\n# {number}\n".encode()
    for _ in range(600):
        try:
            receipts.append(page.upload(number, content, "solution.py"))
        except OSError:
            time.sleep(0.2)
        else:
            time.sleep(random.uniform(0, 0.5))
            return


def kill_often(page: Page, stop: threading.Event) -> None:
    """Kill the page or its grading process at random moments, and start it again."""
    process = page.start()
    for number in range(KILLS):
        time.sleep(random.uniform(*KILL_SECONDS))
        children = psutil.Process(process.pid).children()
        if number % 2 and children:
            os.kill(children[0].pid, signal.SIGKILL)
            continue
        process.kill()
        process.wait()
        process = page.start()
    stop.wait()
    process.kill()
    process.wait()


def wait_until_graded(database: Database) -> None:
    """Wait until nothing is in the queue any more."""
    end = time.monotonic() + DRAIN_SECONDS
    query = "SELECT count(*) AS left FROM jobs WHERE state IN ('waiting', 'grading')"
    while time.monotonic() < end:
        found = database.row(query)
        if found is not None and not found["left"]:
            return
        time.sleep(0.5)


def tell_what_is_left(
    page: Page, database: Database, receipts: Sequence[dict[str, object]]
) -> None:
    """Print whether everything is there, once."""
    rows = {row["id"]: row for row in database.rows("SELECT * FROM jobs")}
    uploads = {row["id"]: row for row in database.rows("SELECT * FROM uploads")}
    kept = 0
    graded = 0
    for receipt in receipts:
        job = rows.get(receipt["job"])
        if job is not None and uploads[job["upload"]]["sha256"] == receipt["sha256"]:
            kept += 1
            graded += job["state"] in ("done", "superseded")
    results = [path.read_text() for path in page.folder.glob("results/neuron/*/result.json")]
    hashes = [json.loads(text)["submission"]["sha256"] for text in results]
    print_line("killed with signal 9", f"{KILLS} times", f"{KILLS}")
    print_line("receipts with their upload", f"{kept} of {len(receipts)}", "all")
    print_line("of these, graded", f"{graded} of {len(receipts)}", "all")
    print_line("results graded twice", f"{len(hashes) - len(set(hashes))}", "0")


def percentile(seconds: Sequence[float]) -> float:
    """Return what 95 of 100 stay within."""
    if len(seconds) < 2:
        return float("nan")
    return statistics.quantiles(seconds, n=20)[-1]


def print_line(what: str, value: str, target: str) -> None:
    print(f"{what:<44} {value:<24} (target: {target})", flush=True)


if __name__ == "__main__":
    main()
