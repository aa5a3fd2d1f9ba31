"""The body of a request, bounded before it is read and while it is read.

A length that is too large is refused before a byte of it is taken; a body without a length, or with
a wrong one, ends where the bound is. Whoever sends nothing for a while, or a byte now and then, is
told so and let go: 300 uploads at once must not wait for one.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import IO

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from grader.server.settings import MIB, Limits
from grader.server.uploads import Part

MEMORY_BYTES = 1 << 16  # of each file, before it goes to the disk
MOST_FIELDS = 20
FIELD_BYTES = 4096
MULTIPART_OVERHEAD = 1 << 16
GRACE_SECONDS = 30.0  # before the slowest rate is asked for


@dataclass
class Form:
    """What a form brought."""

    fields: dict[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)


def refuse_length(request: Request, most: int) -> None:
    """Raise 413 if a request says that it is too long, 411 or 400 if it says nothing sensible."""
    text = request.headers.get("content-length")
    if text is None:
        return
    if not text.isascii() or not text.isdigit():
        raise HTTPException(400, "the Content-Length of the request is no number")
    if int(text[:20]) > most:
        raise too_large(most)


def too_large(most: int) -> HTTPException:
    return HTTPException(
        413,
        f"the upload is larger than {most // MIB} MiB, which is the most that is taken. There is "
        "no need to hand in data or environments: the grader has the data",
    )


async def bounded(request: Request, most: int, limits: Limits) -> AsyncGenerator[bytes, None]:
    """Yield the body of a request. HTTPException where it is too long or too slow."""
    began = time.monotonic()
    size = 0
    stream = request.stream().__aiter__()
    while True:
        try:
            chunk = await asyncio.wait_for(anext(stream), limits.silent_seconds)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise HTTPException(
                408, f"nothing came for {limits.silent_seconds:.0f} s; send it again"
            ) from None
        except ClientDisconnect:
            raise HTTPException(400, "the connection was dropped before the end") from None
        size += len(chunk)
        if size > most:
            raise too_large(most)
        spent = time.monotonic() - began - GRACE_SECONDS
        if spent > 0 and size < spent * limits.slowest_bytes_per_second:
            raise HTTPException(
                408,
                "the upload came too slowly; send it again over a faster connection, or pack it "
                "smaller",
            )
        yield chunk


async def read_form(request: Request, limits: Limits) -> Form:
    """Read a form with files. HTTPException where it is not one, or breaks a bound."""
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise HTTPException(415, "expected a form with files (multipart/form-data)")
    most = limits.upload_bytes + MULTIPART_OVERHEAD + limits.files * 300
    refuse_length(request, most)
    parser = MultiPartParser(
        request.headers,
        bounded(request, most, limits),
        max_files=limits.files,
        max_fields=MOST_FIELDS,
        max_part_size=FIELD_BYTES,
    )
    parser.spool_max_size = MEMORY_BYTES
    try:
        read = await parser.parse()
    except (MultiPartException, KeyError, ValueError, UnicodeError) as error:
        said = getattr(error, "message", "") or "it is not a form that can be read"
        raise HTTPException(400, f"the upload was refused: {said}") from None
    form = Form()
    for name, value in read.multi_items():
        if isinstance(value, UploadFile):
            if value.filename or value.size:
                form.parts.append(Part(value.filename or "", value.file))
        else:
            form.fields[name] = value
    return form


async def read_body(request: Request, limits: Limits) -> IO[bytes]:
    """Read a body that is one file. HTTPException where it breaks a bound."""
    refuse_length(request, limits.upload_bytes)
    file: IO[bytes] = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115
    try:
        async for chunk in bounded(request, limits.upload_bytes, limits):
            file.write(chunk)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
