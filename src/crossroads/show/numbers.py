"""Figures in units that people read: millions and billions, per cent, months and years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossroads.claims import ClaimedSet, Found, number
from crossroads.schema import Vocabulary

__all__ = [
    "Scale",
    "claimed_words",
    "found_words",
    "per_cent",
    "scale_for",
    "set_words",
    "spread",
    "with_unit",
]


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit to show a figure in: ``factor`` times the unit that it came in."""

    unit: str
    factor: float


def scale_for(size: float, unit: str, vocabulary: Vocabulary) -> Scale:
    """Return the unit of the same dimension in which a figure is at least 1, and nearest to it.

    Shares are shown in per cent. ``size`` is a figure in ``unit``.
    """
    known = vocabulary.unit(unit)
    if known is None:
        return Scale(unit, 1.0)
    if known.dimension == "share":
        return Scale("%", 0.01 / known.factor)
    kin = [each for each in vocabulary.units.values() if each.dimension == known.dimension]
    fitting = [each for each in kin if each.factor <= abs(size) * known.factor * (1 + 1e-12)]
    factor = max((each.factor for each in fitting), default=min(each.factor for each in kin))
    if size == 0 or factor == known.factor:
        return Scale(known.name, 1.0)
    chosen = next(each for each in kin if each.factor == factor)
    return Scale(chosen.name, factor / known.factor)


def with_unit(text: str, unit: str) -> str:
    """Return a figure's text with its unit; a bare ratio has none."""
    return text if unit in ("", "ratio") else f"{text} {unit}"


def _signed(value: float) -> str:
    return f"+{number(value)}" if value > 0 else number(value)


def spread(values: Sequence[float], unit: str, *, signed: bool = False) -> str:
    """Write median, low and high as ``4.6 (4.5 to 4.7) %``, the ends only where they differ."""
    middle, low, high = (_signed(each) if signed else number(each) for each in values)
    return with_unit(middle if low == high else f"{middle} ({low} to {high})", unit)


def per_cent(share: float) -> str:
    """Write a share in per cent, so that only none is 0 and only all is 100."""
    text = f"{share:.0%}"[:-1]
    if text == "0" and share > 0:
        return "under 1 %"
    return "over 99 %" if text == "100" and share < 1 else f"{text} %"


def found_words(found: Found, claimed: ClaimedSet, vocabulary: Vocabulary) -> str:
    """Write what was found, in the unit of what was said; in a fitting one if that was zero."""
    scale = Scale(found.unit, 1.0)
    if claimed.anchor == 0:
        scale = scale_for(found.median or found.p95, found.unit, vocabulary)
    ends = [each / scale.factor for each in (found.median, found.p05, found.p95)]
    return spread(ends, scale.unit)


def claimed_words(claimed: ClaimedSet) -> str:
    """Write what was said, as it was said: ``about 7 %``."""
    said = claimed.anchor / claimed.factor
    ends = [end / claimed.factor for end in (claimed.low, claimed.high) if end is not None]
    wording = claimed.wording.replace("_", " ")
    if claimed.wording == "between":
        return f"between {with_unit(f'{number(ends[0])} and {number(ends[-1])}', claimed.unit)}"
    if any(end < 0 for end in ends):
        said = -said
    text = with_unit(number(said), claimed.unit)
    return text if claimed.wording == "is" else f"{wording} {text}"


def set_words(low: float | None, high: float | None, unit: str) -> str:
    """Write a set of values by its ends."""
    if low is None and high is None:
        return "any value"
    if low is None or high is None:
        side = "at most" if low is None else "at least"
        end = high if low is None else low
        assert end is not None
        return with_unit(f"{side} {number(end)}", unit)
    first, last = number(low), number(high)
    return with_unit(first if first == last else f"{first} to {last}", unit)
