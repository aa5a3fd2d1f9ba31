"""A page for each test."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hand_in_page import Place, make_place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path / "class")
