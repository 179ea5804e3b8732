"""Exceptions and findings.

CrossroadsError         exit 1
├── DossierError        exit 1   the dossier has problems: carries its findings
├── EngineError         exit 1   an engine broke its contract
├── LeverError          exit 1   a lever finds nothing to act on
└── UsageError          exit 2   the caller asked for something that does not exist
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

__all__ = [
    "CrossroadsError",
    "DossierError",
    "EngineError",
    "Finding",
    "LeverError",
    "UsageError",
    "did_you_mean",
    "named",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem in a dossier: where it is, what is wrong, what to do.

    ``code`` is a row of ``schema/vocabulary/findings.csv``, which holds its severity, its meaning
    and an example. ``line`` counts from 1; 0 stands for the file as a whole.
    """

    code: str
    file: str
    line: int
    message: str
    remedy: str
    severity: str = "error"
    column: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}; {self.remedy}"


class CrossroadsError(Exception):
    """Base of everything that crossroads raises on purpose."""

    exit_code = 1


class DossierError(CrossroadsError):
    """The dossier has problems; ``findings`` lists all of them."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class EngineError(CrossroadsError):
    """An engine returned something that its contract forbids."""


class LeverError(CrossroadsError):
    """A lever touches nothing in the world it is pulled on."""


class UsageError(CrossroadsError):
    """Something was asked for that does not exist or cannot be done."""

    exit_code = 2


_LONGEST_WORD = 120
"""Nothing that is looked up by name is longer; longer texts are not compared with names."""
_FEW, _NEIGHBOURS = 200, 25
"""Over so many words, only so many before and after in the order of beginnings, and of ends."""
_KEPT = 4_096
"""Hints that are remembered: a misspelt name tends to stand in many rows."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint naming the known word nearest to ``word``, or the first few known words.

    Of many words only those are compared that begin or end as ``word`` does, so that a thousand
    hints over a hundred thousand names take seconds.
    """
    return _hint(word, known if isinstance(known, frozenset) else frozenset(known))


def named(what: str, name: str, known: Mapping[str, T]) -> T:
    """Return what has a name.

    Raises
    ------
    UsageError
        If nothing has; it says what was looked for, and names the nearest.
    """
    if name not in known:
        raise UsageError(f"there is no {what} '{name}'; {did_you_mean(name, known)}")
    return known[name]


@lru_cache(maxsize=_KEPT)
def _hint(word: str, known: frozenset[str]) -> str:
    if not known:
        return "there is none to choose from"
    words, ends = _sorted(known)
    near: Sequence[str] = []
    if len(word) <= _LONGEST_WORD:
        ending = (each[::-1] for each in _around(word[::-1], ends))
        alike = words if len(words) <= _FEW else sorted({*_around(word, words), *ending})
        near = difflib.get_close_matches(word, alike, n=1, cutoff=0.6)
    if not near:
        folded = {each.casefold(): each for each in words}
        near = [folded[word.casefold()]] if word.casefold() in folded else []
    if near:
        return f"did you mean '{near[0]}'?"
    shown = ", ".join(words[:8]) + (", ..." if len(words) > 8 else "")
    return f"use one of: {shown}"


@lru_cache(maxsize=32)
def _sorted(known: frozenset[str]) -> tuple[list[str], list[str]]:
    """Return words in order, and words written backwards in order."""
    return sorted(known), sorted(each[::-1] for each in known)


def _around(word: str, words: list[str]) -> list[str]:
    """Return the words that stand around a word's place in a sorted list."""
    place = bisect_left(words, word)
    return words[max(0, place - _NEIGHBOURS) : place + _NEIGHBOURS]
