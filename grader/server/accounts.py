"""Who is who: invitations that work once, sessions, and tokens for programs.

Whoever has the database has none of them: only their SHA-256 is stored, which is enough for values
that nobody can guess (80 bits for a code that people type, 256 for the others). A session's cookie
is signed as well, so that a forged one is refused before the database is asked.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from itsdangerous import BadSignature, Signer

from grader.classroom.class_folder import write_whole
from grader.records.gradebook import Learner
from grader.server.database import Database
from grader.server.settings import Limits

LEARNER = "learner"
INSTRUCTOR = "instructor"
# Without what looks alike: 0 and O, 1 and I and L.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 16
GROUP = 4
# What may be wrong with a code.
USED = "used"
TOO_OLD = "too old"
INCOMPLETE = "incomplete"
UNKNOWN = "unknown"
TOKEN_PREFIX = "grader-"
DAY = 86_400.0
MINUTE = 60.0


@dataclass(frozen=True)
class Person:
    """Who asks. learner: id in the roster; empty for an instructor. mark: of session or token."""

    role: str
    learner: str
    mark: str = ""

    @property
    def is_instructor(self) -> bool:
        return self.role == INSTRUCTOR

    @property
    def key(self) -> str:
        """Return what rates are counted by."""
        return f"{self.role}:{self.learner}"


class Accounts:
    """Invitations, sessions and tokens, in the database."""

    def __init__(
        self,
        database: Database,
        secret: Path,
        limits: Limits,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._limits = limits
        self._now = now
        self._secret = read_secret(secret)
        self._signer = Signer(self._secret, salt="session")

    # Invitations.

    def invite(self, learners: Sequence[Learner]) -> dict[str, str]:
        """Return a new code for each learner's id; one that was not used before is void."""
        now = self._now()
        expires = now + self._limits.invite_days * DAY
        codes = {each.id: new_code() for each in learners}
        with self._database.writing() as rows:
            for learner, code in codes.items():
                rows.execute("DELETE FROM invites WHERE learner = ? AND used_at IS NULL", [learner])
                made = (mark_of(code), LEARNER, learner, now, expires)
                rows.execute("INSERT INTO invites VALUES (?, ?, ?, ?, ?, NULL)", made)
        return codes

    def invite_instructor(self) -> str:
        """Return a new code for an instructor, good for an hour; earlier ones are void."""
        now = self._now()
        code = new_code()
        expires = now + self._limits.instructor_link_minutes * MINUTE
        with self._database.writing() as rows:
            rows.execute("DELETE FROM invites WHERE role = ? AND used_at IS NULL", [INSTRUCTOR])
            made = (mark_of(code), INSTRUCTOR, "", now, expires)
            rows.execute("INSERT INTO invites VALUES (?, ?, ?, ?, ?, NULL)", made)
        return code

    def redeem(self, code: str) -> str | None:
        """Return a new session's cookie for a code that was not used yet, and use it up."""
        now = self._now()
        mark = mark_of(plain_code(code))
        # A wrong one takes no turn at writing from those who hand in.
        if self._database.row("SELECT 1 FROM invites WHERE mark = ?", mark) is None:
            return None
        with self._database.writing() as rows:
            found = rows.execute(
                "SELECT role, learner FROM invites WHERE mark = ? AND used_at IS NULL "
                "AND expires_at > ?",
                (mark, now),
            ).fetchone()
            if found is None:
                return None
            rows.execute("UPDATE invites SET used_at = ? WHERE mark = ?", (now, mark))
            return self._new_session(rows, found["role"], found["learner"])

    def what_is_wrong(self, code: str) -> str:
        """Return what is wrong with a code that was not taken."""
        plain = plain_code(code)
        found = self._database.row("SELECT used_at FROM invites WHERE mark = ?", mark_of(plain))
        if found is not None:
            return TOO_OLD if found["used_at"] is None else USED
        return UNKNOWN if len(plain.replace("-", "")) == CODE_LENGTH else INCOMPLETE

    def open_session(self, learner: Learner) -> str:
        """Return a new session's cookie for a learner whom a provider vouches for."""
        with self._database.writing() as rows:
            return self._new_session(rows, LEARNER, learner.id)

    def _new_session(self, rows: sqlite3.Connection, role: str, learner: str) -> str:
        now = self._now()
        session = secrets.token_urlsafe(32)
        expires = now + self._limits.session_days * DAY
        made = (mark_of(session), role, learner, now, expires)
        rows.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, NULL)", made)
        return self._signer.sign(session).decode()

    # Sessions.

    def person_of_cookie(self, cookie: str) -> Person | None:
        """Return who a cookie belongs to; None if it is forged, too old or revoked."""
        try:
            session = self._signer.unsign(cookie).decode()
        except (BadSignature, UnicodeError):
            return None
        mark = mark_of(session)
        found = self._database.row(
            "SELECT role, learner FROM sessions WHERE mark = ? AND revoked_at IS NULL "
            "AND expires_at > ?",
            mark,
            self._now(),
        )
        return None if found is None else Person(found["role"], found["learner"], mark)

    def end_session(self, person: Person) -> None:
        self._database.write(
            "UPDATE sessions SET revoked_at = ? WHERE mark = ?", self._now(), person.mark
        )

    def revoke_all(self, learner: str) -> int:
        """End every session and token of a learner, and void what was not used; return how many."""
        now = self._now()
        with self._database.writing() as rows:
            count = 0
            for table in ("sessions", "tokens"):
                count += rows.execute(
                    f"UPDATE {table} SET revoked_at = ? WHERE learner = ? AND role = ? "
                    "AND revoked_at IS NULL",
                    (now, learner, LEARNER),
                ).rowcount
            rows.execute("DELETE FROM invites WHERE learner = ? AND used_at IS NULL", [learner])
        return count

    def csrf_of(self, person: Person) -> str:
        """Return what a form of this session has to bring along."""
        return hmac.new(self._secret, f"form {person.mark}".encode(), hashlib.sha256).hexdigest()

    def is_csrf(self, person: Person, given: str) -> bool:
        return hmac.compare_digest(self.csrf_of(person).encode(), given.encode("utf-8", "replace"))

    # Tokens.

    def make_token(self, person: Person) -> str:
        """Return a new token for programs of a person; the one before is revoked."""
        now = self._now()
        token = f"{TOKEN_PREFIX}{secrets.token_urlsafe(32)}"
        with self._database.writing() as rows:
            rows.execute(
                "UPDATE tokens SET revoked_at = ? WHERE role = ? AND learner = ? "
                "AND revoked_at IS NULL",
                (now, person.role, person.learner),
            )
            made = (mark_of(token), person.role, person.learner, now)
            rows.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, NULL, NULL)", made)
        return token

    def person_of_token(self, token: str) -> Person | None:
        """Return who a token belongs to; None if there is no such one, or it was revoked."""
        if not token.startswith(TOKEN_PREFIX):
            return None
        mark = mark_of(token)
        found = self._database.row(
            "SELECT role, learner FROM tokens WHERE mark = ? AND revoked_at IS NULL", mark
        )
        return None if found is None else Person(found["role"], found["learner"], mark)


def new_code() -> str:
    """Return a code that people can type: four groups of four, 79 bits."""
    letters = [secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)]
    groups = ["".join(letters[at : at + GROUP]) for at in range(0, CODE_LENGTH, GROUP)]
    return "-".join(groups)


def plain_code(text: str) -> str:
    """Return a code as it was made, however it was typed."""
    letters = [each for each in text.upper() if each in CODE_LETTERS][: CODE_LENGTH + 1]
    groups = ["".join(letters[at : at + GROUP]) for at in range(0, len(letters), GROUP)]
    return "-".join(groups)


def mark_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def read_secret(path: Path) -> bytes:
    """Return the key that cookies are signed with; made where there is none."""
    if not path.is_file():
        write_whole(path, secrets.token_bytes(32), is_secret=True)
    return path.read_bytes()
