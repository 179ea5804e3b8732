"""Findings about verdicts: how many, which turned, how far off, how arguments fare."""

from __future__ import annotations

from collections import Counter
from math import isfinite

from crossroads.claims import Argument, Verdict
from crossroads.claims.judge import ReadingVerdict
from crossroads.show.numbers import claimed_words, found_words, per_cent
from crossroads.show.report.highlights.sentence import (
    DECIDED,
    Highlight,
    Known,
    claim_link,
    named,
    sentence,
)
from crossroads.show.text import tally

__all__ = [
    "at_odds",
    "by_kind",
    "closest",
    "distance",
    "farthest",
    "flips",
    "largest_argument",
    "mixed",
    "overturned",
    "tallied",
    "undecided",
    "waiting",
]


def tallied(known: Known) -> Highlight | None:
    counts = known.study.tally()
    if not counts:
        return None
    decided = len(known.having(*DECIDED))
    told = [f"{count} {verdict}" for verdict, count in counts.items() if verdict in DECIDED]
    rest = [f"{count} {verdict}" for verdict, count in counts.items() if verdict not in DECIDED]
    said = (
        f"Of {tally(len(known.study.judged), 'claim')}, {decided} can be decided by what is known"
    )
    said += f" ({', '.join(told)})" if told else ""
    return sentence(1.0, f"{said}; the others are {', '.join(rest)}." if rest else f"{said}.")


def flips(known: Known) -> Highlight | None:
    every = known.study.judged.values()
    flipped = [each for each in every if each.verdict is not each.verdict_then]
    if not flipped:
        return None
    kinds = Counter((each.verdict_then, each.verdict) for each in flipped)
    told = ", ".join(f"{count} from {then} to {now}" for (then, now), count in kinds.most_common())
    return sentence(
        0.9,
        f"{tally(len(flipped), 'claim has', 'claims have')} another verdict now than by what was "
        f"known when they were made: {told} (",
        named(flipped),
        ").",
    )


def overturned(known: Known) -> Highlight | None:
    sides = {frozenset((each.verdict, each.verdict_then)): each for each in known.having(*DECIDED)}
    each = sides.get(frozenset(DECIDED))
    if each is None:
        return None
    return sentence(
        0.85,
        "One verdict turned over: ",
        claim_link(each),
        f" was {each.verdict_then} by what was known then and is {each.verdict} now.",
    )


def farthest(known: Known) -> Highlight | None:
    """Name the contradicted claim of which even the nearest reading is farthest off."""
    told = []
    for judged in known.having(Verdict.CONTRADICTED):
        near = [each for each in judged.readings if distance(each) > 1]
        if near and len(near) == len(judged.readings):
            told.append((judged, min(near, key=distance)))
    if not told:
        return None
    judged, reading = max(told, key=lambda each: distance(each[1]))
    assert reading.found is not None
    assert reading.reading.claimed is not None
    claimed = reading.reading.claimed
    return sentence(
        0.8,
        "Farthest from the figures is ",
        claim_link(judged),
        f": found {found_words(reading.found, claimed, known.study.dossier.vocabulary)}, "
        f"claimed {claimed_words(claimed)}, apart by {_times(distance(reading))} at least.",
    )


def distance(each: ReadingVerdict) -> float:
    """Return how many times what was found the nearest bound of what is claimed is, or inversely.

    Of what was found the end of the range nearest to the bound counts. 0 where the two differ in
    sign, or either is zero.
    """
    found, claimed = each.found, each.reading.claimed
    if found is None or claimed is None or each.verdict is not Verdict.CONTRADICTED:
        return 0.0
    told = [end * found.factor for end in (found.p05, found.p95)]
    said = [end for end in (claimed.low, claimed.high) if end is not None]
    if any(one * end <= 0 for one in told for end in said):
        return 0.0
    return min(max(one / end, end / one) for one in told for end in said)


def _times(ratio: float) -> str:
    return f"a factor of {ratio:,.0f}" if ratio >= 9.5 else f"a factor of {ratio:.1f}"


def closest(known: Known) -> Highlight | None:
    """Name the decided claim that the smallest change of what is claimed would turn."""
    told = []
    for judged in known.having(*DECIDED):
        for each in judged.readings:
            flip, claimed = each.flips_at, each.reading.claimed
            if flip is not None and claimed is not None and isfinite(flip.tolerance):
                told.append((abs(flip.tolerance - claimed.tolerance), judged, flip))
    if not told:
        return None
    step, judged, flip = min(told, key=lambda each: each[0])
    return sentence(
        0.6,
        "The closest call is ",
        claim_link(judged),
        f": {judged.verdict}, and {flip.verdict} if the wording were taken "
        f"{per_cent(step)} wider or narrower.",
    )


def largest_argument(known: Known) -> Highlight | None:
    """Name the largest argument, its verdict and those of what it rests on."""
    held = known.study.arguments
    tops = [each for each in held.values() if each.judged.claim.part_of not in held]
    if not tops:
        return None
    top = max(tops, key=lambda each: sum(each.tally.values()))
    counts = top.tally
    told = ", ".join(f"{counts[each]} {each}" for each in Verdict if each in counts)
    return sentence(
        0.88,
        "The argument with the most premises is ",
        claim_link(top.judged),
        f": {top.judged.verdict} itself; of its {tally(sum(counts.values()), 'premise')} {told}.",
    )


def at_odds(known: Known) -> Highlight | None:
    """Name arguments whose own verdict and that of a premise point different ways."""

    def fails(each: Argument) -> bool:
        return any(one.judged.verdict is Verdict.CONTRADICTED for one in each.premises)

    held = known.study.arguments.values()
    odd = [each.judged for each in held if each.judged.verdict is Verdict.SUPPORTED and fails(each)]
    if not odd:
        return None
    return sentence(
        0.75,
        f"{tally(len(odd), 'argument holds', 'arguments hold')} although a premise given for "
        f"{'it' if len(odd) == 1 else 'them'} is contradicted: ",
        named(odd),
        ".",
    )


def by_kind(known: Known) -> Highlight | None:
    """Say how claims of each kind fare."""
    told = []
    for kind in dict.fromkeys(each.claim.kind for each in known.having(*DECIDED)):
        group = [each for each in known.having(*DECIDED) if each.claim.kind == kind]
        holds = sum(each.verdict is Verdict.SUPPORTED for each in group)
        told.append((len(group), f"{holds} of {len(group)} ({kind})"))
    if len(told) < 2:
        return None
    told.sort(key=lambda each: -each[0])
    words = ", ".join(words for _, words in told)
    return sentence(0.65, f"Supported among the decided claims, by kind: {words}.")


def mixed(known: Known) -> Highlight | None:
    mixed = known.having(Verdict.MIXED)
    if not mixed:
        return None
    return sentence(
        0.55,
        f"{tally(len(mixed), 'claim depends', 'claims depend')} on how "
        f"{'it is' if len(mixed) == 1 else 'they are'} read, or on which record is believed: ",
        named(mixed),
        ".",
    )


def undecided(known: Known) -> Highlight | None:
    vague = known.having(Verdict.IMPRECISE)
    if not vague:
        return None
    one = len(vague) == 1
    return sentence(
        0.5,
        f"{tally(len(vague), 'claim stays', 'claims stay')} undecided because the ranges of the "
        f"figures known for {'it' if one else 'them'} are too wide, not for want of figures: ",
        named(vague),
        ".",
    )


def waiting(known: Known) -> Highlight | None:
    engines = Counter(
        each.claim.awaits for each in known.having(Verdict.NO_DATA) if each.claim.awaits
    )
    if not engines:
        return None
    told = ", ".join(f"{name} ({count})" for name, count in engines.most_common())
    return sentence(
        0.35,
        f"{tally(engines.total(), 'claim waits', 'claims wait')} for an engine that is not there "
        f"yet: {told}.",
    )
