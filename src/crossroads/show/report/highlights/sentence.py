"""Sentences of the findings: pieces of text and links, and what templates look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crossroads.claims import Judged, Verdict
from crossroads.show.report.anchors import Anchors, Link, claim_anchor
from crossroads.show.report.scenarios import ScenarioSeen
from crossroads.study import Study

__all__ = ["DECIDED", "NAMED", "Highlight", "Known", "claim_link", "named", "sentence"]

DECIDED = (Verdict.SUPPORTED, Verdict.CONTRADICTED)

NAMED = 5
"""How many claims a sentence names."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """A sentence in pieces, of which some lead elsewhere, and how much it tells, 0 to 1."""

    weight: float
    words: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Known:
    """What templates look at."""

    study: Study
    anchors: Anchors
    scenarios: Sequence[ScenarioSeen]

    def having(self, *verdicts: Verdict) -> list[Judged]:
        """Return claims that have one of the verdicts, as known now."""
        return [each for each in self.study.judged.values() if each.verdict in verdicts]


def sentence(weight: float, *words: str | Link | Iterable[Link]) -> Highlight:
    pieces: list[Link] = []
    for each in words:
        if isinstance(each, str):
            pieces.append(Link(each))
        elif isinstance(each, Link):
            pieces.append(each)
        else:
            pieces += each
    return Highlight(weight, pieces)


def claim_link(judged: Judged) -> Link:
    return Link(f"“{judged.claim.says}”", f"#{claim_anchor(judged.claim.id)}")


def named(claims: Sequence[Judged]) -> list[Link]:
    """Return links to claims by their ids, the first few of them."""
    pieces: list[Link] = []
    for each in claims[:NAMED]:
        pieces += [Link(", ")] if pieces else []
        pieces.append(Link(each.claim.id, f"#{claim_anchor(each.claim.id)}"))
    if len(claims) > NAMED:
        pieces.append(Link(f" and {len(claims) - NAMED} more"))
    return pieces
