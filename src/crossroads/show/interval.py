"""Interval bars: what is claimed and what was found, on one axis of characters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

from crossroads.claims import number

__all__ = ["Axis", "axis_over", "claimed_bar", "found_bar", "scale_line"]


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from ``low`` to ``high`` over ``width`` characters."""

    low: float
    high: float
    width: int

    def share(self, value: float) -> float:
        """Return how far along the axis a value stands, 0 to 1; values beyond stand at the edge."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    def place(self, value: float) -> int:
        """Return the character at which a value stands."""
        return min(int(self.share(value) * self.width), self.width - 1)

    def ticks(self, most: int = 5) -> list[float]:
        """Return round values on the axis, at most so many: multiples of 1, 2 or 5 times a power
        of ten."""
        span = self.high - self.low
        power = 10.0 ** floor(log10(span / most))
        step = next(each * power for each in (1, 2, 5, 10) if span <= each * power * most)
        first, last = ceil(self.low / step), floor(self.high / step)
        return [place * step for place in range(first, last + 1)]


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
