"""The table of attacks in docs/measure/security.md: `make attack-table` writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grader.records import Tier
from support.paths import DOCS
from support.planted import (
    ATTACKS,
    NO_SCORE,
    SECTIONS,
    expectations,
    read_expectations,
    rows_of,
    what_it_tries,
)

PAGE = DOCS / "measure" / "security.md"
BEGIN = "<!-- table of attacks: written by `make attack-table` -->"
END = "<!-- end of the table -->"
BOUNDS = {
    "max_accuracy": "accuracy at most {:g}",
    "max_score": "score at most {:g}",
    "max_speed_ratio": "at most {:g} times as fast as par",
    "min_peak_bytes": "peak memory at least {:,.0f} bytes",
    "min_latency_seconds": "latency at least {:g} s",
}
CANNOT_BE_BROKEN = {
    "max_accuracy": 1.0,
    "max_score": 100.0,
    "max_speed_ratio": 100.0,
    "min_peak_bytes": 0.0,
}


def table_of_attacks() -> str:
    """Return the table: for each row of the catalogue what was tried and what must come of it."""
    lines = [BEGIN]
    for letter, (title, _, _) in SECTIONS.items():
        rows = rows_of_section(letter)
        if not rows:
            continue
        lines += ["", f"### {letter}. {title[0].upper()}{title[1:]}", ""]
        lines += ["| # | what it tries | containers | plain process |", "|---|---|---|---|"]
        lines += [table_row(f"{letter}{number}", folder) for number, folder in rows]
    return "\n".join([*lines, "", END])


def rows_of_section(letter: str) -> list[tuple[int, Path]]:
    """Return the attacks of a section by their numbers in the catalogue."""
    rows = []
    for folder in ATTACKS:
        for row in rows_of(folder):
            if row[0] == letter:
                rows.append((int(row[1:]), folder))
    return sorted(rows)


def table_row(name: str, folder: Path) -> str:
    process = "the same"
    differs = read_expectations(folder).get("process")
    if differs:
        process = f"{outcome(folder, Tier.PROCESS)}: {differs['why']}"
    cells = (name, what_it_tries(folder), outcome(folder, Tier.CONTAINER), process)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def outcome(folder: Path, tier: Tier) -> str:
    """Say shortly what must come of an attack in a tier."""
    expected = expectations(folder, tier)
    said = " or ".join(f"`{verdict}`" for verdict in expected["verdicts"])
    if expected.get("code"):
        said += f" ({expected['code']})"
    if set(expected["verdicts"]) <= NO_SCORE:
        return said
    return ", ".join([said, *bounds_of(expected)])


def bounds_of(expected: dict[str, Any]) -> list[str]:
    """Return the bounds on what an attack may earn, without those that nothing could break."""
    bounds = []
    for key, text in BOUNDS.items():
        if key in expected and expected[key] != CANNOT_BE_BROKEN.get(key):
            bounds.append(text.format(expected[key]))
    return bounds


def table_in_docs() -> str:
    text = PAGE.read_text("utf-8")
    for marker in (BEGIN, END):
        assert text.count(marker) == 1, f"{PAGE.name} must contain {marker!r} once"
    return BEGIN + text.partition(BEGIN)[2].partition(END)[0] + END


if __name__ == "__main__":
    PAGE.write_text(PAGE.read_text("utf-8").replace(table_in_docs(), table_of_attacks()), "utf-8")
