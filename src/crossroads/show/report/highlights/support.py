"""Findings about what verdicts rest on: sources, ranges, defaults."""

from __future__ import annotations

from collections import defaultdict

from crossroads.claims import Judged
from crossroads.claims.explain import SourceUsed
from crossroads.show.claim_words import about_words
from crossroads.show.numbers import per_cent
from crossroads.show.report.anchors import Link, source_anchor
from crossroads.show.report.highlights.sentence import (
    DECIDED,
    Highlight,
    Known,
    claim_link,
    named,
    sentence,
)
from crossroads.show.text import tally

__all__ = ["check_first", "defaults", "one_origin", "ranges"]


def one_origin(known: Known) -> Highlight | None:
    """Count the decided claims that rest on a single origin, and name the one that carries most."""
    alone: dict[str, list[Judged]] = {}
    for judged in known.having(*DECIDED):
        explained = known.study.explanations[judged.claim.id]
        if explained.origins == 1:
            alone.setdefault(explained.sources[0].origin, []).append(judged)
    if not alone:
        return None
    count = sum(map(len, alone.values()))
    origin = max(alone, key=lambda each: len(alone[each]))
    said = (
        f"{count} of {tally(len(known.having(*DECIDED)), 'decided verdict')} "
        f"{'rests' if count == 1 else 'rest'} on a single source or origin"
    )
    if len(alone[origin]) == 1:
        return sentence(0.7, f"{said}, each on another.")
    place = known.study.explanations[alone[origin][0].claim.id].sources[0]
    return sentence(0.7, f"{said}; {len(alone[origin])} of them on ", _source(place), ".")


def _source(source: SourceUsed) -> Link:
    return Link(f"{source.title} ({source.reliability})", f"#{source_anchor(source.id)}")


def check_first(known: Known) -> Highlight | None:
    """Name the origin that most of what is undecided goes with, over all claims."""
    shares: defaultdict[str, float] = defaultdict(float)
    sources: dict[str, SourceUsed] = {}
    claims: dict[str, list[Judged]] = {}
    for name, explained in known.study.explanations.items():
        for each in explained.undecided:
            origin = each.sources[0].origin
            shares[origin] += each.share
            sources.setdefault(origin, each.sources[0])
            claims.setdefault(origin, []).append(known.study.judged[name])
    if not shares:
        return None
    origin = max(shares, key=lambda each: shares[each])
    return sentence(
        0.72,
        "Checking ",
        _source(sources[origin]),
        " would settle most of what the figures leave undecided; it bears on ",
        named(claims[origin]),
        ".",
    )


def ranges(known: Known) -> Highlight | None:
    counts = known.study.counts
    if not counts.used:
        return None
    return sentence(
        0.45,
        f"{per_cent(counts.used_ranged / counts.used)} of the {tally(counts.used, 'figure')} that "
        "verdicts rest on have a range from their sources; the others have the default range of "
        "their source's grade.",
    )


def defaults(known: Known) -> Highlight | None:
    """Count the claims whose spread goes mainly with a figure that the package supplied."""
    table = known.study.world.dossier.tables["levers"]
    supplied = set(table.filter(table["origin"] == "default")["row"].to_list())
    told = [
        (known.study.judged[name], explained.drivers[0])
        for name, explained in known.study.explanations.items()
        if explained.drivers and explained.drivers[0].row in supplied
    ]
    if not told:
        return None
    judged, driver = max(told, key=lambda each: each[1].share)
    about = about_words(driver.row, known.anchors.seen.get(driver.row))
    return sentence(
        0.5,
        f"For {tally(len(told), 'claim')} the spread goes mainly with how well a lever is "
        "enforced, for which the package's default stands: most of all for ",
        claim_link(judged),
        f" ({per_cent(driver.share)} with {about}).",
    )
