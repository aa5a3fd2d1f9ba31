"""The other side of /api/v1, for `grader submit --to`: hand in, wait, fetch the result.

Only the standard library: whoever hands in needs no server's packages.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit

from grader.errors import GraderError, UsageError
from grader.text import terminal_line

PREFIX = "/api/v1"
TIMEOUT_SECONDS = 60.0
ASK_SECONDS = 1.0
MOST_TRIES = 30  # in a row without an answer, while waiting
MOST_ANSWER_BYTES = 64 << 20
OPEN_STATES = ("waiting", "grading")

Fields = Mapping[str, Any]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes to the address that was given, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class HandInPage:
    """A hand-in page, and a token for it."""

    address: str
    token: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(
                f"{self.address!r} is no address; expected https://HOST or http://HOST"
            )

    def hand_in(self, path: Path, task: str) -> Fields:
        """Send a file, and return the receipt. Raises GraderError if it is not taken."""
        with path.open("rb") as content:
            answer = self._ask(
                f"/uploads?task={quote(task)}&file={quote(path.name)}",
                content,
                path.stat().st_size,
            )
        return answer

    def must_answer(self) -> None:
        """Raise GraderError unless a hand-in page answers; it needs no token for that."""
        try:
            self._bytes("/tasks")
        except NotLetIn:
            return

    def job(self, number: int) -> Fields:
        return self._ask(f"/jobs/{number}")

    def result(self, number: int) -> bytes:
        return self._bytes(f"/jobs/{number}/result")

    def wait(self, number: int, tell: Callable[[Fields], None]) -> Fields:
        """Return a job when it has ended. tell: called with it whenever it was asked for."""
        tries = 0
        while True:
            try:
                job = self.job(number)
            except NoAnswer:
                tries += 1
                if tries >= MOST_TRIES:
                    raise
            else:
                tries = 0
                tell(job)
                if job["state"] not in OPEN_STATES:
                    return job
            time.sleep(ASK_SECONDS)

    def _ask(self, path: str, content: IO[bytes] | None = None, size: int = 0) -> Fields:
        try:
            answer = json.loads(self._bytes(path, content, size))
        except ValueError:
            raise GraderError(
                f"{self.address} answers, but is no hand-in page; look at the address"
            ) from None
        return dict(answer)

    def _bytes(self, path: str, content: IO[bytes] | None = None, size: int = 0) -> bytes:
        request = urllib.request.Request(f"{self.address.rstrip('/')}{PREFIX}{path}", data=content)
        request.add_header("Authorization", f"Bearer {self.token}")
        if content is not None:
            request.add_header("Content-Type", "application/octet-stream")
            request.add_header("Content-Length", str(size))
        opener = urllib.request.build_opener(NoRedirect)
        try:
            with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return bytes(answer.read(MOST_ANSWER_BYTES))
        except urllib.error.HTTPError as error:
            raise refusal(self.address, error) from None
        except (OSError, http.client.HTTPException) as error:
            why = getattr(error, "reason", None) or error
            raise NoAnswer(f"{self.address} does not answer: {why}") from None


class NoAnswer(GraderError):
    """The page can't be reached just now."""


class NotLetIn(UsageError):
    """The page asks for another token."""


def said_in(error: urllib.error.HTTPError) -> str:
    """Return the reason in a page's answer: in JSON, or alone as plain text; empty without one."""
    try:
        text = error.read(1 << 16).decode("utf-8", "replace")
    except OSError:
        return ""
    if error.headers.get_content_type() == "text/plain":
        return text.partition("\n")[0]
    try:
        return str(json.loads(text)["problem"])
    except (ValueError, KeyError, TypeError):
        return ""


def refusal(address: str, error: urllib.error.HTTPError) -> GraderError:
    """Return what a page says about why it refused."""
    said = said_in(error)
    if error.code == 404 and not said:
        return UsageError(f"{address} answers, but is no hand-in page; look at the address")
    text = f"{address}: {terminal_line(said or f'it answered with {error.code}')}"
    if error.code == 401:
        return NotLetIn(f"{text}. Put a token of {address}/token into GRADER_TOKEN")
    if error.code >= 500:
        return NoAnswer(text)
    return UsageError(text)
