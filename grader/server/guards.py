"""What every request and answer goes through: whom it is for, how long it is, what a page may do.

A request is answered only under a name that this page has, so that a name somebody pointed here
reaches nothing, and links are never made from what a request says. A form that comes from another
site is refused by what the browser says of its origin, before it is read; each form has a token of
its own session besides.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from grader.server.settings import Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The pages of the site: plots and tables set styles on elements, and no form leaves them.
SITE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    ("x-content-type-options", "nosniff"),
    # Not "no-referrer": with that, browsers say of a form's origin that it is unknown.
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
)
HTTPS_HEADER = ("strict-transport-security", "max-age=31536000")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
UPLOADS = ("/upload/", "/api/v1/uploads")
MOST_ADDRESS = 2048  # bytes of path and query


class Guards:
    """The outermost layer of the page."""

    def __init__(self, app: App, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._headers = list(HEADERS)
        if settings.is_https:
            self._headers.append(HTTPS_HEADER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._with_headers(scope, message)
            await send(message)

        refused = self._why_refused(scope)
        if refused is not None:
            return await refuse(guarded, *refused)
        await self._app(scope, receive, guarded)

    def _with_headers(self, scope: Scope, message: Message) -> list[tuple[bytes, bytes]]:
        """Return an answer's headers, with those that every answer has."""
        found = list(message.get("headers", []))
        names = {name.lower() for name, _ in found}
        more = [*self._headers, ("content-security-policy", PAGE_POLICY)]
        if not scope["path"].startswith("/static/"):
            more.append(("cache-control", "no-store"))
        for name, value in more:
            if name.encode() not in names:
                found.append((name.encode(), value.encode()))
        return found

    def _why_refused(self, scope: Scope) -> tuple[int, str] | None:
        """Return a status and a sentence if a request is refused unread; None if it is not."""
        hosts = values_of(scope, b"host")
        if len(hosts) != 1 or hosts[0].lower() not in self._settings.hosts:
            return 421, f"this page answers under {self._settings.address} only"
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MOST_ADDRESS:
            return 414, "the address is too long"
        if scope["method"] in SAFE_METHODS:
            return None
        if not self._is_from_here(scope):
            return 403, "the form came from another site"
        return self._why_body_refused(scope)

    def _why_body_refused(self, scope: Scope) -> tuple[int, str] | None:
        """Refuse what is longer than any form but an upload, and what has no length."""
        if scope["path"].startswith(UPLOADS):
            return None
        lengths = values_of(scope, b"content-length")
        if len(lengths) > 1 or not all(each.isascii() and each.isdigit() for each in lengths):
            return 400, "the Content-Length of the request is no number"
        if values_of(scope, b"transfer-encoding") and not lengths:
            return 411, "a form without a Content-Length is not read"
        if lengths and int(lengths[0][:20]) > self._settings.limits.other_body_bytes:
            return 413, "the form is too long"
        return None

    def _is_from_here(self, scope: Scope) -> bool:
        """Whether a request comes from a page of ours, or from no page at all."""
        site = values_of(scope, b"sec-fetch-site")
        if site and site[0] not in ("same-origin", "none"):
            return False
        for origin in values_of(scope, b"origin"):
            # An origin that does not parse is nobody's.
            try:
                host = urlsplit(origin).netloc.lower()
            except ValueError:
                return False
            if host not in self._settings.hosts:
                return False
        return True


def values_of(scope: Scope, name: bytes) -> list[str]:
    """Return every value of a header. name: in small letters."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


async def refuse(send: Send, status: int, why: str) -> None:
    """Answer in plain text, without reading what was sent."""
    body = f"{why}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
