"""Interval bars: what is claimed and what was found, on one axis of characters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crossroads.claims import number

__all__ = ["Axis", "axis_over", "claimed_bar", "found_bar", "scale_line"]


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from ``low`` to ``high`` over ``width`` characters."""

    low: float
    high: float
    width: int

    def place(self, value: float) -> int:
        """Return the character at which a value stands; values beyond stand at the edge."""
        share = (value - self.low) / (self.high - self.low)
        return min(max(int(share * self.width), 0), self.width - 1)


def axis_over(values: Iterable[float | None], width: int) -> Axis:
    """Return an axis that holds all values with a margin at both ends.

    It starts at 0 where all values are positive and the least is under half the greatest.
    """
    known = [each for each in values if each is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    margin = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    left, right = low - margin, high + margin
    if 0 <= low < high / 2:
        left = 0.0
    if high <= 0 and high > low / 2:
        right = 0.0
    return Axis(left, right, width)


def claimed_bar(axis: Axis, low: float | None, high: float | None) -> str:
    """Draw the claimed set; an arrow where it has no end."""
    first = 0 if low is None else axis.place(low)
    last = axis.width - 1 if high is None else axis.place(high)
    bar = [" "] * axis.width
    bar[first : last + 1] = "▒" * (last + 1 - first)
    if low is None:
        bar[0] = "◂"
    if high is None:
        bar[-1] = "▸"
    return "".join(bar)


def found_bar(axis: Axis, median: float, low: float, high: float) -> str:
    """Draw what was found: its 90 % range with the median in it."""
    first, middle, last = (axis.place(each) for each in (low, median, high))
    bar = [" "] * axis.width
    bar[first : last + 1] = "─" * (last + 1 - first)
    if first < last:
        bar[first], bar[last] = "├", "┤"
    bar[middle] = "●"
    return "".join(bar)


def scale_line(axis: Axis) -> str:
    """Write the ends of the axis under it."""
    left, right = number(axis.low), number(axis.high)
    return left + right.rjust(axis.width - len(left))
