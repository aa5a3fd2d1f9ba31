"""Finds the folder inside what was handed in that holds the solution.

People pack a folder around their folder, platforms put one around each learner, and a report often
lies beside the code. So single folders are gone down into, an archive that is all there is gets
opened, and where only one folder holds scripts, it is the solution. What is left out by this is
said.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.errors import SubmissionRefused
from grader.intake.archives import archive_kind, open_archive
from grader.intake.contents import MAIN_FILES, SCRIPT_SUFFIXES, has_file
from grader.intake.settings import SETTINGS_FILE

MAX_UNPACKED = 2  # an archive within an archive is opened, a third one is not
SHOWN = 8


def unwrap(folder: Path, notes: list[str]) -> None:
    """Make a folder the one that holds the solution, if it can be told. SubmissionRefused."""
    for number in range(MAX_UNPACKED):
        lift_single_folders(folder)
        inner = only_archive(folder)
        if inner is None:
            break
        unpacked = folder.parent / f"unpacked-{number}"
        unpacked.mkdir()
        open_archive(inner, unpacked, notes)
        note_on_rest(folder, inner, notes)
        put_in_place(unpacked, folder)
    place = place_of_solution(folder)
    if place != folder:
        note_on_rest(folder, place, notes)
        put_in_place(place, folder)


def place_of_solution(folder: Path) -> Path:
    """Return the folder that holds the scripts. SubmissionRefused where there are several.

    Of several, it is the one with a solution.py or another usual name.
    """
    places = places_of_scripts(folder)
    named = [place for place in places if any(has_file(place, name) for name in MAIN_FILES)]
    if len(named) == 1 or len(places) == 1:
        return (named or places)[0]
    if not places:
        return folder
    shown = ", ".join(f"{place.relative_to(folder).as_posix()}/" for place in places[:SHOWN])
    raise SubmissionRefused(
        f"scripts lie in several folders ({shown}), and any of them could be the solution; hand in "
        "the one that is"
    )


def lift_single_folders(folder: Path) -> None:
    """Replace a folder that holds nothing but one folder by that one, as often as it is so."""
    while True:
        entries = list(folder.iterdir())
        if len(entries) != 1 or not entries[0].is_dir():
            return
        put_in_place(entries[0], folder)


def only_archive(folder: Path) -> Path | None:
    """Return the one archive in a folder that holds no script anywhere, else None."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    if any(path.suffix in SCRIPT_SUFFIXES for path in files):
        return None
    archives = [path for path in files if archive_kind(path.name)]
    return archives[0] if len(archives) == 1 else None


def places_of_scripts(folder: Path) -> list[Path]:
    """Return the folders that hold scripts while none of the folders around them does."""
    holding = {path.parent for path in folder.rglob("*") if path.suffix in SCRIPT_SUFFIXES}
    return sorted(place for place in holding if not holding & set(place.parents))


def note_on_rest(folder: Path, chosen: Path, notes: list[str]) -> None:
    """Say what is left out where a solution is taken from one folder or archive among others."""
    rest = []
    for path in sorted(folder.rglob("*")):
        is_chosen = path == chosen or chosen in path.parents
        if path.is_file() and not is_chosen and path.name != SETTINGS_FILE:
            rest.append(path.relative_to(folder).as_posix())
    if rest:
        more = f" and {len(rest) - SHOWN} more" if len(rest) > SHOWN else ""
        where = chosen.relative_to(folder).as_posix()
        notes.append(f"the solution is taken from {where}, without {', '.join(rest[:SHOWN])}{more}")


def put_in_place(inner: Path, folder: Path) -> None:
    """Let one folder take the place of another, which may be around it.

    Settings outside are taken along where there are none inside.
    """
    outside = folder / SETTINGS_FILE
    if outside.is_file() and not (inner / SETTINGS_FILE).exists():
        outside.rename(inner / SETTINGS_FILE)
    kept = inner.rename(folder.parent / "lifted")
    shutil.rmtree(folder)
    kept.rename(folder)
