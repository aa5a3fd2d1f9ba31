"""Places where no pages can be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.commands.parts import site_pages
from grader.errors import UsageError


def test_a_full_disk_is_told_with_the_folder_and_the_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(site_pages, "build", full)
    with pytest.raises(UsageError, match="No space left on device") as caught:
        site_pages.write_site(tmp_path / "results", tmp_path / "site", latest=False)
    assert str(tmp_path / "site") in str(caught.value)
    assert "--site" in str(caught.value)
