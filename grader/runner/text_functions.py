"""How a script of its own makes numbers of texts, found among what it leaves.

Most programs that read texts have a function for it (`encode(text)`, `text_pipeline`), or a
vocabulary and something that splits a text into words. What they were called with isn't known, so
they are tried: an encoding counts only if, from training texts, it gives the very rows that the
network was seen to be given (`text_forms`). Guessed wrong it can't be; not found it may be, and
then the message has the lines to add.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .finding import bound, is_function
from .signatures import parameters_of
from .text_forms import CHUNK, Encode, Form, found_again

PROBE = "This was a good film, and one to see again."
FEWEST_NUMBERS = 8  # in the rows that were seen: an encoding that gives them all is no accident
SOME = 500  # first texts of the training set that are tried, and then others from all over it
MOST_TEXTS = 4000
NOT_TRIED = ("main", "train", "test", "evaluate", "fit", "run", "predict")
UNKNOWN = ("<unk>", "<UNK>", "[UNK]", "<oov>", "<OOV>", "unk", "UNK")
WORDS = re.compile(r"\w+")
Split = Callable[[str], list[str]]


def form_among(names: Mapping[str, Any], rows: np.ndarray, texts: list[str]) -> Form | None:
    """Return what turns texts into rows such as those that were seen; None if nothing does.

    names: what a script leaves. rows: some that its network was given, whole numbers (k, width).
    """
    if rows.ndim != 2 or rows.dtype.kind not in "iuf" or rows.size < FEWEST_NUMBERS:
        return None
    asked = spread(texts)
    for encode in encoders_among(names):
        if not gives_any(encode, rows, asked):
            continue
        if len(rows) == 1:
            return one_by_one(encode, rows.dtype)
        form = found_again(rows, asked, encode)
        if form is not None:
            return form
    return None


def spread(texts: list[str]) -> list[str]:
    """Return the first texts and then others from all over a training set, each once."""
    rest = texts[SOME:]
    order = np.random.RandomState(0).permutation(len(rest))
    return texts[:SOME] + [rest[place] for place in order]


def gives_any(encode: Encode, rows: np.ndarray, texts: list[str]) -> bool:
    """Whether an encoding gives the beginning or the end of any row, from a part of the texts.

    A wrong one is sorted out by this: with 256 rows of 25,000 texts, some forty of those that are
    tried were seen.
    """
    width = rows.shape[1]
    wanted = {key(row) for row in rows}
    for start in range(0, min(len(texts), MOST_TEXTS), CHUNK):
        try:
            encoded = encode(texts[start : start + CHUNK])
        except Exception:  # what takes other arguments raises whatever it likes
            return False
        for numbers in encoded:
            if {key(np.array(numbers[:width])), key(np.array(numbers[-width:]))} & wanted:
                return True
    return False


def key(numbers: np.ndarray) -> bytes:
    """Return what two rows have in common if they are alike but for what they are filled with."""
    whole = numbers.astype(np.int64)
    edges = whole[[0, -1]] if len(whole) else whole
    kept = np.flatnonzero(whole != edges[-1]) if len(whole) else whole
    last = int(kept[-1]) + 1 if len(kept) else 0
    inner = whole[:last]
    kept = np.flatnonzero(inner != edges[0]) if len(inner) else inner
    return inner[int(kept[0]) if len(kept) else 0 :].tobytes()


def one_by_one(encode: Encode, dtype: np.dtype) -> Form:
    """Return a form for a network that was given one text at a time, each as long as it is."""

    def form(texts: list[str]) -> np.ndarray:
        encoded = encode(texts)
        width = max(1, *map(len, encoded))
        made = np.zeros((len(encoded), width), dtype=dtype)
        for row, numbers in zip(made, encoded, strict=True):
            row[: len(numbers)] = numbers
        return made

    return form


# What may be an encoding.


def encoders_among(names: Mapping[str, Any]) -> Iterator[Encode]:
    """Yield functions of a script that make numbers of a text, then vocabularies with splitters."""
    functions = [each for _, each in functions_among(names)]
    for function in functions:
        yield each_alone(function)
    splits = [*splitters(names), str.split, split_lower, words_lower]
    for look in vocabularies(names):
        for split in splits:
            yield each_alone(joined(look, split))


def functions_among(names: Mapping[str, Any]) -> Iterator[tuple[str, Callable[[str], list[int]]]]:
    """Yield names and functions that make a list of whole numbers of one text."""
    for name, value in names.items():
        if not is_own_function(name, value):
            continue
        for filled_in in bound(value, dict(names)):
            function = numbers_of(filled_in)
            if is_numbers(function):
                yield name, function
                break


def is_own_function(name: str, value: Any) -> bool:
    """Whether a value may be a function of the script's own that takes a text."""
    if name.startswith("_") or name in NOT_TRIED or not is_function(value):
        return False
    module = getattr(value, "__module__", "") or ""
    return module in ("__main__", "solution", "builtins") and bool(parameters_of(value))


def numbers_of(function: Callable[..., Any]) -> Callable[[str], list[int]]:
    """Return a function whose answer, of whatever library, is a list of whole numbers."""

    def ask(text: str) -> list[int]:
        answer = function(None, text)
        values = answer.tolist() if hasattr(answer, "tolist") else list(answer)
        while len(values) == 1 and isinstance(values[0], list):
            values = values[0]
        return [whole(value) for value in values]

    return ask


def whole(value: Any) -> int:
    """Return a whole number; TypeError for anything else, a character for one."""
    if isinstance(value, str | bytes | bool) or int(value) != value:
        raise TypeError("no whole number")
    return int(value)


def is_numbers(function: Callable[[str], list[int]]) -> bool:
    """Whether a function makes more than one number of a text."""
    try:
        return len(function(PROBE)) > 1
    except Exception:  # what takes something else raises whatever it likes
        return False


def splitters(names: Mapping[str, Any]) -> Iterator[Split]:
    """Yield functions of a script that split a text into words."""
    for name, value in names.items():
        if name.startswith("_") or name in NOT_TRIED or not is_function(value):
            continue
        try:
            words = value(PROBE)
        except Exception:  # what takes something else raises whatever it likes
            continue
        is_list = isinstance(words, list) and len(words) > 1
        if is_list and all(isinstance(word, str) for word in words):
            yield value


def split_lower(text: str) -> list[str]:
    return text.lower().split()


def words_lower(text: str) -> list[str]:
    return WORDS.findall(text.lower())


def vocabularies(names: Mapping[str, Any]) -> Iterator[Callable[[list[str]], list[int]]]:
    """Yield what looks up words: dicts, and objects as torchtext has them."""
    for name, value in names.items():
        if name.startswith("_"):
            continue
        if hasattr(value, "lookup_indices"):
            yield value.lookup_indices
        table = getattr(value, "stoi", value)
        if isinstance(table, Mapping) and is_table(table):
            yield from lookups(table)


def is_table(table: Mapping[Any, Any]) -> bool:
    """Whether a mapping has a number for each word."""
    first = next(iter(table.items()), (None, None))
    return len(table) > 1 and isinstance(first[0], str) and isinstance(first[1], int)


def lookups(table: Mapping[str, int]) -> Iterator[Callable[[list[str]], list[int]]]:
    """Yield ways to look words up: those that are not there get a number, or are left out."""
    named = [table[word] for word in UNKNOWN if word in table]
    for number in dict.fromkeys([*named, 0, 1, len(table)]):
        yield filling(table, number)
    yield lambda words: [table[word] for word in words if word in table]


def filling(table: Mapping[str, int], number: int) -> Callable[[list[str]], list[int]]:
    known = dict(table)
    return lambda words: [known.get(word, number) for word in words]


def joined(look: Callable[[list[str]], list[int]], split: Split) -> Callable[[str], list[int]]:
    return lambda text: look(split(text))


def each_alone(function: Callable[[str], list[int]]) -> Encode:
    return lambda texts: [function(text) for text in texts]


# Where none is found.


def lines_to_add(names: Mapping[str, Any], framework: str) -> str:
    """Return the three lines by which a script says how its texts become numbers.

    framework: "torch" or "keras". The script's own function is named where it has one.
    """
    found = [name for name, _ in functions_among(names)]
    encode = found[0] if found else "encode"
    numbers = f"[{encode}(text) for text in inputs]"
    if framework == "torch":
        tensors = f"[torch.as_tensor({encode}(text)) for text in inputs]"
        filled = f"torch.nn.utils.rnn.pad_sequence({tensors}, batch_first=True)"
        answer = "model(numbers)"
    else:
        filled = f"keras.utils.pad_sequences({numbers})"
        answer = "model.predict(numbers, verbose=0)"
    own = "" if found else ", where encode is what makes numbers of a text in your program"
    return (
        "Add three lines at the end:\n"
        "def predict(model, inputs):  # inputs: a list of texts\n"
        f"    numbers = {filled}\n"
        f"    return {answer}{own}"
    )
