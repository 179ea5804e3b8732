"""Bars of the report: where along an axis what is claimed and what was found stand, in per cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossroads.claims import ClaimedSet, Found, number
from crossroads.show.interval import Axis, axis_over

__all__ = ["Band", "Span", "Tick", "axis_of", "band_of", "span_of", "ticks_of"]


@dataclass(frozen=True, slots=True)
class Band:
    """A set of values: where it starts, how wide it is, whether it goes on beyond an end."""

    start: str
    width: str
    open_left: bool
    open_right: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A range with its median."""

    start: str
    middle: str
    end: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A round value on an axis, and how its label hangs on it: ``start``, ``middle``, ``end``."""

    at: str
    label: str
    anchor: str


def axis_of(claimed: ClaimedSet, found: Sequence[Found]) -> Axis:
    """Return an axis in the unit of what is claimed, which holds it and all that was found."""
    ends = [None if end is None else end / claimed.factor for end in (claimed.low, claimed.high)]
    return axis_over([*ends, *(end for each in found for end in (each.p05, each.p95))], 100)


def band_of(axis: Axis, claimed: ClaimedSet) -> Band:
    """Place what is claimed; a single value is as wide as a hair."""
    low, high = (
        None if end is None else end / claimed.factor for end in (claimed.low, claimed.high)
    )
    start = 0.0 if low is None else axis.share(low)
    end = 1.0 if high is None else axis.share(high)
    return Band(_at(start), _at(max(end - start, 0.004)), low is None, high is None)


def span_of(axis: Axis, low: float, middle: float, high: float) -> Span:
    """Place a range and its median."""
    return Span(*(_at(axis.share(each)) for each in (low, middle, high)))


def ticks_of(axis: Axis, most: int = 5) -> list[Tick]:
    """Place round values, and their labels so that none runs over the edge."""
    told = []
    for value in axis.ticks(most):
        share = axis.share(value)
        anchor = "start" if share < 0.06 else "end" if share > 0.94 else "middle"
        told.append(Tick(_at(share), number(value), anchor))
    return told


def _at(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + "%"
