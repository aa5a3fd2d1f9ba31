"""What to say about a name that nobody knows: the nearest names that exist, and all of them."""

from __future__ import annotations

from collections.abc import Iterable

MOST_SUGGESTIONS = 2


def no_such(kind: str, word: str, known: Iterable[str], listing: str = "") -> str:
    """Return a message about an unknown name, without a full stop at its end.

    kind: what was named, such as "data set". known: the names that exist.
    listing: where to find them, for names too many to list.
    """
    names = list(known)
    message = f"there is no {kind} {word!r}"
    near = nearest(word, names)
    if near:
        message += f". Did you mean {' or '.join(map(repr, near))}?"
    else:
        message += "."
    if listing:
        return f"{message} {listing}"
    if not names:
        return f"{message} None are known"
    return f"{message} Known names: {', '.join(names)}"


def nearest(word: str, names: list[str]) -> list[str]:
    """Return the known names that look most like a word, the nearest first; often none."""
    # Imported only here: it is needed for messages alone, and costs every start 4 ms.
    import difflib

    by_fold = {name.lower(): name for name in names}
    near = difflib.get_close_matches(word.lower(), by_fold, n=MOST_SUGGESTIONS)
    return [by_fold[each] for each in near]
