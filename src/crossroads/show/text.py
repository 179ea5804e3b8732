"""Text of a dossier, made safe and short enough to print."""

from __future__ import annotations

import unicodedata

__all__ = ["plain", "shortened", "tally"]

_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(value: object) -> str:
    """Return text on one line, without control characters or marks that reorder what follows."""
    line = " ".join(str(value).split())
    if line.isprintable():
        return line
    return "".join(
        each for each in line if unicodedata.category(each) != "Cc" and each not in _DIRECTIONS
    )


def shortened(text: str, length: int) -> str:
    """Return text of at most ``length`` characters, cut between words."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    whole = cut.rpartition(" ")[0]
    return (whole if len(whole) > length // 2 else cut).rstrip(" ,;:") + "…"


def tally(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: ``1 claim``, ``1,200 claims``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
