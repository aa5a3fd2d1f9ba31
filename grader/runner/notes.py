"""What the runner has to say of a run that is no error: what was put right, left out or chosen.

Notes travel with a report, are shown beside the result as the box's own word, and are never scored.
"""

from __future__ import annotations

MOST = 8
NOTES: list[str] = []


def note(text: str) -> None:
    """Say something once; of more than MOST different notes the first ones stay."""
    if text not in NOTES and len(NOTES) < MOST:
        NOTES.append(text)


def report() -> list[str]:
    """Return names and values in turn: "note 1" and its text, and so on."""
    texts: list[str] = []
    for number, text in enumerate(NOTES, start=1):
        texts += [f"note {number}", text]
    return texts
