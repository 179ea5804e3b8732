"""Exceptions and findings.

CrossroadsError         exit 1
├── DossierError        exit 1   the dossier has problems: carries its findings
├── EngineError         exit 1   an engine broke its contract
├── LeverError          exit 1   a lever finds nothing to act on
└── UsageError          exit 2   the caller asked for something that does not exist
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

__all__ = [
    "CrossroadsError",
    "DossierError",
    "EngineError",
    "Finding",
    "LeverError",
    "UsageError",
    "did_you_mean",
]


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
_MOST_WORDS = 5_000
"""Of more names none is picked: comparing takes time for each, and every finding asks again."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint naming the known word nearest to ``word``, or the first few known words."""
    held = known if isinstance(known, Collection) else list(known)
    if len(held) > _MOST_WORDS:
        return f"use one of {len(held):,}"
    words = sorted(held)
    sane = len(word) <= _LONGEST_WORD
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6) if sane else []
    if not near:
        folded = {each.casefold(): each for each in words}
        near = [folded[word.casefold()]] if word.casefold() in folded else []
    if near:
        return f"did you mean '{near[0]}'?"
    if not words:
        return "there is none to choose from"
    shown = ", ".join(words[:8]) + (", ..." if len(words) > 8 else "")
    return f"use one of: {shown}"
