"""A curve of losses that stays small however long a training is.

At most MOST_LOSSES are kept. Once there is no room, every second one goes and from then on only
every second one is kept, so that those kept are always equally far apart. Of the others only the
newest is remembered, so that a curve ends with its last loss.

A loss on an accelerator is kept as the tensor it is: reading it would make the training wait for
everything that was asked of the accelerator before. WAITING of them are read in one go.
"""

from __future__ import annotations

import sys
from typing import Any

from .frames import MOST_LOSSES

WAITING = 64


class Curve:
    """Numbers as they come: at most MOST_LOSSES of them, equally far apart, and the last one."""

    def __init__(self) -> None:
        self.count = 0
        self.every = 1  # kept is each one whose place is a multiple of this
        self._kept: list[Any] = []
        self._read = 0  # this many of those kept are plain numbers
        self._last: Any = None

    def note(self, value: Any) -> None:
        """Take the next number, or a tensor of one element."""
        place = self.count
        if len(self._kept) == MOST_LOSSES - 1 and place % self.every == 0:
            self._thin()
        if place % self.every:
            self._last = detached(value)
        else:
            self._keep(value)
        self.count = place + 1  # only now: a value that raised is not counted

    def _thin(self) -> None:
        """Let every second one go: the first stays and, their number being odd, the newest too."""
        self._read_all()
        self._kept = self._kept[::2]
        self._read = len(self._kept)
        self.every *= 2

    def _keep(self, value: Any) -> None:
        is_at_hand = getattr(value, "is_cpu", True)
        if is_at_hand and self._read == len(self._kept):
            self._kept.append(number_of(value))
            self._read += 1
        else:
            self._kept.append(detached(value))
            if len(self._kept) - self._read >= WAITING:
                self._read_all()

    def _read_all(self) -> None:
        """Make plain numbers of those kept that are none yet."""
        self._kept[self._read :] = numbers_of(self._kept[self._read :])
        self._read = len(self._kept)

    def values(self) -> list[float]:
        """Return what is kept, the last number at the end."""
        self._read_all()
        is_last_kept = self.count == 0 or (self.count - 1) % self.every == 0
        if is_last_kept:
            return self._kept
        return [*self._kept, *numbers_of([self._last])]


def detached(value: Any) -> Any:
    """Return a tensor without the graph it was computed by; anything else as it is."""
    return value.detach() if hasattr(value, "detach") else value


def is_number(value: Any) -> bool:
    """Whether a value is one real number, of whatever library; a text of digits is not."""
    if isinstance(value, float | int):
        return True
    try:
        return hasattr(value, "__float__") and all(side == 1 for side in value.shape)
    except Exception:  # it has no shape, or an unknown one
        return False


def numbers_of(values: list[Any]) -> list[float]:
    """Return plain numbers; those of an accelerator are brought in one go where that can be."""
    torch = sys.modules.get("torch")
    if len(values) > 1 and torch is not None:
        try:
            together = torch.stack([each.reshape(()) for each in values])
            numbers: list[float] = together.double().tolist()
        except Exception:  # they are of different kinds
            pass
        else:
            return numbers
    return [number_of(each) for each in values]


def number_of(value: Any) -> float:
    """Return a number or a tensor of one element as a plain number."""
    return float(value.item() if hasattr(value, "item") else value)
