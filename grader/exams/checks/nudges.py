"""Copies with the smallest change there is: nobody sees it, no answer should.

The audits that ask the same input twice, to see whether an answer is random or follows the batch,
ask such copies. To a table keyed on the bytes of an input each is new.

    pictures   one grey level of one pixel that is neither black nor white
    numbers    each times 1 plus or minus a hundred-thousandth
    texts      one blank more, at a drawn blank
"""

from __future__ import annotations

import numpy as np

BLACK = 0
WHITE = 255
NUMBER_SHARE = 1e-5


def nudged(inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return copies of inputs (n, ...), pictures, numbers or texts, each changed a little."""
    if inputs.dtype == object:
        return nudged_texts(inputs, draw)
    if inputs.dtype == np.uint8:
        return nudged_pictures(inputs, draw)
    if inputs.dtype.kind != "f":
        return inputs.copy()
    signs = draw.choice([-1, 1], size=inputs.shape)
    found: np.ndarray = (inputs * (1 + NUMBER_SHARE * signs)).astype(inputs.dtype)
    return found


def nudged_pictures(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return pictures, uint8 (n, ...), with one value of each moved by one."""
    rows = pictures.reshape(len(pictures), -1).copy()
    is_grey = (rows > BLACK) & (rows < WHITE)
    is_grey[~is_grey.any(axis=1)] = True  # nothing but black and white: any of them
    chosen = np.argmax(draw.random(rows.shape, dtype=np.float32) * is_grey, axis=1)
    every = np.arange(len(rows))
    values = rows[every, chosen].astype(np.int16)
    steps = draw.choice([-1, 1], size=len(rows))
    steps[values == BLACK] = 1
    steps[values == WHITE] = -1
    rows[every, chosen] = (values + steps).astype(np.uint8)
    return rows.reshape(pictures.shape)


def nudged_texts(texts: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return texts, object (n,), with a blank more in each."""
    found = np.empty(len(texts), dtype=object)
    for row, text in enumerate(texts):
        blanks = [place for place, letter in enumerate(text) if letter == " "]
        place = int(draw.choice(blanks)) if blanks else len(text)
        found[row] = f"{text[:place]} {text[place:]}"
    return found
