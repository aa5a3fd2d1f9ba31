"""The browser that tests of pages share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.chromium import running_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from running_chromium()
