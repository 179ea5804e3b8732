"""What is said of a claim, in words that terminal and report share."""

from __future__ import annotations

from math import isfinite

from crossroads.claims import BreakEven, Claim, ClaimedSet, Judged, number
from crossroads.claims.judge import ReadingVerdict
from crossroads.schema import Vocabulary
from crossroads.show.numbers import claimed_words, found_words, set_words, with_unit
from crossroads.show.rows import RowSeen
from crossroads.show.text import plain
from crossroads.show.verdicts import draws_words
from crossroads.study import Study

__all__ = [
    "NO_BREAK_EVEN",
    "about_words",
    "behind",
    "break_even_words",
    "day_then",
    "expected_words",
    "figure_words",
    "flip_words",
    "found_line",
    "meant_words",
    "place_words",
]

NO_BREAK_EVEN = "None of the strongest inputs, within its range, makes the result cross the bound."

_PLAIN = frozenset({"over", "at_least", "under", "at_most", "up_to", "between", "exactly"})
"""Wordings that say by themselves which values are meant."""


def place_words(claim: Claim) -> str:
    """Say where in its document a claim stands."""
    where = f"section {claim.section}"
    return where if claim.sentence is None else f"{where}, sentence {claim.sentence}"


def day_then(study: Study, claim: Claim) -> str:
    """Return the day whose knowledge the verdict *then* goes by."""
    return min(claim.document.date, study.dossier.meta.as_of).isoformat()


def expected_words(each: ReadingVerdict) -> str:
    """Say what a reading looks at."""
    reading = each.reading
    if reading.form == "indicator":
        cells = [reading.cells.get(part, "") for part in ("actor", "counterpart", "item")]
        said = f"{reading.target}: {', '.join(cell for cell in cells if cell)}"
        period = each.cells.get("period") or reading.period
        said += f", {period}" if period else ""
        if reading.scenario != "baseline":
            said += f"; under {reading.scenario}, horizon {reading.horizon}"
        return plain(f"{said}; {reading.change} change" if reading.change else said)
    match = ", ".join(f"{name} {cell}" for name, cell in reading.match.items())
    expect = ", ".join(f"{name} {cell}" for name, cell in reading.expect.items())
    said = f"{reading.target} with {match}" + (f"; expected {expect}" if expect else "")
    said += "; expected to be absent" if reading.absent else ""
    return plain(f"{said}; within {reading.window}" if reading.window else said)


def meant_words(claimed: ClaimedSet) -> str:
    """Write what was said, and which values that means where the wording leaves it open."""
    words = claimed_words(claimed)
    if claimed.wording in _PLAIN:
        return words
    low, high = (
        None if end is None else end / claimed.factor for end in (claimed.low, claimed.high)
    )
    return f"{words}: {set_words(low, high, claimed.unit)}"


def found_line(each: ReadingVerdict, now: ReadingVerdict, vocabulary: Vocabulary) -> str:
    """Write what a reading found with its share of draws; its period where that of now differs."""
    if each.found is None or each.reading.claimed is None:
        return plain(each.reason)
    amount = found_words(each.found, each.reading.claimed, vocabulary)
    period = each.cells.get("period", "")
    other = f", {plain(period)}" if period != now.cells.get("period", "") else ""
    return f"{amount}{other}; {draws_words(each)}"


def flip_words(each: ReadingVerdict) -> str:
    """Say how far what is claimed would have to be stretched for another verdict."""
    flip, claimed = each.flips_at, each.reading.claimed
    if flip is None or claimed is None or not isfinite(flip.tolerance):
        return ""
    step = (flip.tolerance - claimed.tolerance) * claimed.anchor
    low = None if claimed.low is None else (claimed.low - step) / claimed.factor
    high = None if claimed.high is None else (claimed.high + step) / claimed.factor
    words = (
        f"It would be {flip.verdict} if what is claimed were {set_words(low, high, claimed.unit)}"
    )
    if claimed.tolerance:
        then, now = (number(100 * each) for each in (max(flip.tolerance, 0), claimed.tolerance))
        return f"{words}, a tolerance of {then} % instead of {now} %."
    return f"{words}."


def behind(judged: Judged) -> tuple[str, ...]:
    """Return the ids of the rows behind the verdicts, those of now first."""
    told = (*judged.readings, *judged.readings_then)
    return tuple(dict.fromkeys(row for each in told for row in each.rows))


def about_words(row: str, seen: RowSeen | None) -> str:
    """Say what a row is about, with its period; its id where it is unknown."""
    return f"{seen.about}, {seen.period}".rstrip(", ") if seen else row


def break_even_words(even: BreakEven, seen: RowSeen | None) -> str:
    """Say at which value of an input the central result crosses the bound of what is claimed."""
    said = with_unit(number(even.value), even.unit)
    now = with_unit(number(even.now), even.unit)
    return plain(f"Break-even: {about_words(even.row, seen)} at {said}; it is put at {now}.")


def figure_words(each: RowSeen) -> str:
    """Return a row's figures with their period, and what is to be known of both."""
    figure = f"{each.figure}, range by grade" if each.range_from == "grade" else each.figure
    known = "known then, since replaced" if each.replaced else ""
    return ", ".join(part for part in (figure, each.period, known) if part)
