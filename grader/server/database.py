"""One SQLite file: accounts, uploads, the queue, what happened. Schema and connections.

Both processes open it. In WAL mode those who read never wait for the one who writes, and a process
that is killed leaves the last whole transaction. A receipt is given when its row is on the disk, so
every transaction is synced.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from grader.errors import GraderError

BUSY_SECONDS = 20.0
SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS invites (
    mark TEXT PRIMARY KEY,           -- SHA-256 of the code
    role TEXT NOT NULL,              -- learner, instructor
    learner TEXT NOT NULL,           -- id in the roster; empty for instructors
    made_at REAL NOT NULL, expires_at REAL NOT NULL, used_at REAL
);
CREATE TABLE IF NOT EXISTS sessions (
    mark TEXT PRIMARY KEY,
    role TEXT NOT NULL, learner TEXT NOT NULL,
    made_at REAL NOT NULL, expires_at REAL NOT NULL, revoked_at REAL
);
CREATE TABLE IF NOT EXISTS tokens (
    mark TEXT PRIMARY KEY,
    role TEXT NOT NULL, learner TEXT NOT NULL,
    made_at REAL NOT NULL, used_at REAL, revoked_at REAL
);
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY,
    learner TEXT NOT NULL, task TEXT NOT NULL,
    file TEXT NOT NULL,              -- name on the disk, of the only file; empty for a folder
    members TEXT NOT NULL,           -- JSON: the names in a folder, in the order of its files
    bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, received_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    upload TEXT NOT NULL REFERENCES uploads(id),
    learner TEXT NOT NULL, task TEXT NOT NULL,
    state TEXT NOT NULL,             -- waiting, grading, done, refused, cancelled, superseded,
                                     -- trouble
    queued_at REAL NOT NULL, started_at REAL, ended_at REAL,
    urgency INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    again INTEGER NOT NULL DEFAULT 0, -- a regrade: graded also if there is a result
    cancel INTEGER NOT NULL DEFAULT 0,
    why TEXT NOT NULL DEFAULT '',    -- of a regrade
    result TEXT NOT NULL DEFAULT '', status TEXT NOT NULL DEFAULT '', score REAL,
    problem TEXT NOT NULL DEFAULT '',
    checked TEXT NOT NULL DEFAULT '' -- JSON: what the quick check found
);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs(state);
CREATE INDEX IF NOT EXISTS jobs_by_learner ON jobs(learner, task);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job INTEGER NOT NULL, at REAL NOT NULL,
    kind TEXT NOT NULL,              -- state, step, log
    text TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_by_job ON events(job, id);
CREATE TABLE IF NOT EXISTS owners (
    result TEXT NOT NULL, learner TEXT NOT NULL, PRIMARY KEY (result, learner)
);
CREATE TABLE IF NOT EXISTS standings (
    learner TEXT NOT NULL, task TEXT NOT NULL,
    points REAL, attempts INTEGER NOT NULL, bank_left INTEGER NOT NULL, result TEXT NOT NULL,
    remarks TEXT NOT NULL, PRIMARY KEY (learner, task)
);
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Database:
    """The database at a path; each thread has a connection of its own."""

    def __init__(self, path: Path) -> None:
        """Open or make it. Raises GraderError if that cannot be."""
        self.path = path
        self._local = threading.local()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connect()) as made:
                made.execute("PRAGMA journal_mode=WAL")
                made.executescript(SCHEMA)
                made.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        except (OSError, sqlite3.Error) as error:
            raise GraderError(
                f"cannot open the database of the hand-in page, {path}: {error}. Is the disk full, "
                "or the folder not writable?"
            ) from None

    def _connect(self) -> sqlite3.Connection:
        made = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        made.row_factory = sqlite3.Row
        made.execute("PRAGMA synchronous=FULL")
        made.execute("PRAGMA foreign_keys=ON")
        return made

    @property
    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection, for reading."""
        made: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if made is None:
            made = self._local.connection = self._connect()
        return made

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        return self.connection.execute(query, values).fetchall()

    def row(self, query: str, *values: object) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self.connection.execute(query, values).fetchone()
        return found

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection in a transaction: all of it is stored, or nothing."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()

    def write(self, query: str, *values: object) -> int:
        """Run one statement and return how many rows it changed."""
        with self.writing() as connection:
            return connection.execute(query, values).rowcount

    def fact(self, key: str, default: str = "") -> str:
        """Return one of the few values that hold for the whole page."""
        found = self.row("SELECT value FROM facts WHERE key = ?", key)
        return default if found is None else str(found["value"])

    def set_fact(self, key: str, value: str) -> None:
        self.write("INSERT OR REPLACE INTO facts VALUES (?, ?)", key, value)

    def close(self) -> None:
        """Close this thread's connection."""
        made = getattr(self._local, "connection", None)
        if made is not None:
            made.close()
            self._local.connection = None
