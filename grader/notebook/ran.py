"""Which cells were run in this kernel, and which file they are saved in."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.errors import UsageError

SUFFIX = ".ipynb"
# Where front ends say which file they show: VS Code in a variable, Jupyter's server in the kernel's
# environment, with a prefix where several people edit it.
VSCODE_NAME = "__vsc_ipynb_file__"
JUPYTER_NAME = "JPY_SESSION_NAME"
SHARED_PREFIX = "RTC:"


@dataclass(frozen=True)
class Ran:
    """One cell that ran to its end."""

    source: str
    cell_id: str  # empty where the front end tells none


@dataclass
class History:
    """The cells that ran since the extension was loaded, and whatever ran before.

    It is told of each cell by IPython's event `post_run_cell`. What ended with an error is left
    out, as it would end the box's run too. Of what ran before nothing is known, and it is kept.
    """

    ran: list[Ran] = field(default_factory=list)

    def take_over(self, cells: Sequence[str]) -> None:
        """Keep what ran before."""
        self.ran += [Ran(cell, "") for cell in cells if cell.strip()]

    def note(self, result: Any) -> None:
        """Note a cell that ended; result: IPython's ExecutionResult."""
        source = result.info.raw_cell or ""
        if result.success and result.info.store_history and source.strip():
            self.ran.append(Ran(source, str(getattr(result.info, "cell_id", None) or "")))

    def cells(self) -> list[str]:
        """Return the sources in the order they ran; of a cell that ran again, only the last."""
        last = {each.cell_id or number: number for number, each in enumerate(self.ran)}
        return [each.source for number, each in enumerate(self.ran) if number in last.values()]


def raw_cells(shell: Any) -> list[str]:
    """Return every cell as it was typed, the one that is running last. Cell 1 is the first."""
    return [str(cell) for cell in shell.history_manager.input_hist_raw[1:]]


def file_of(shell: Any) -> Path | None:
    """Return the file that the front end shows; None where it doesn't tell."""
    told = shell.user_ns.get(VSCODE_NAME) or os.environ.get(JUPYTER_NAME, "")
    path = Path(str(told).replace(SHARED_PREFIX, "", 1))
    return path if path.suffix == SUFFIX else None


def check_saved(path: Path, cell: str) -> None:
    """Raise UsageError unless the file is there and holds the cell that is running.

    A file without it is older than what stands on the screen, and so would be the grade.
    """
    if not path.exists():
        raise UsageError(
            f"this notebook was {path} when its kernel started, and there is no such file now. "
            "Save it and restart the kernel, or name its file: %grader run FILE.ipynb"
        )
    if cell.strip() not in {source.strip() for source in saved_cells(path)}:
        raise UsageError(
            f"{path.name} was last saved before this cell was written, so it is older than what "
            "you see. Save the notebook (Ctrl+S), then run this cell again"
        )


def saved_cells(path: Path) -> Sequence[str]:
    """Return the sources of a notebook's cells. Raises UsageError if it can't be read."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return ["".join(cell["source"]) for cell in cells]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path} cannot be read as a notebook ({type(error).__name__}); save it again"
        ) from None
