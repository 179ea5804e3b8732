"""Judging claims: each reading against what is known, then all readings together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from crossroads.claims.claim import Claim, Reading
from crossroads.claims.expectation import Selection, select, values_of
from crossroads.claims.records import judge_outcome, judge_record
from crossroads.claims.verdict import Flip, Verdict, judge_draws, together
from crossroads.indicators import Indicators, draws_taken
from crossroads.periods import parse_period
from crossroads.schema import Unit
from crossroads.world import World

__all__ = ["Found", "Judged", "Knowledge", "ReadingVerdict", "judge", "judge_reading"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Knowledge:
    """What is known at one time: the base world, the rows of all cases, and cases that failed."""

    world: World
    indicators: Indicators
    failed: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, in the unit ``unit`` (``factor`` base units): median and 90 % range."""

    median: float
    p05: float
    p95: float
    unit: str
    factor: float


@dataclass(frozen=True, eq=False)
class ReadingVerdict:
    """The verdict on one reading and what it rests on."""

    reading: Reading
    verdict: Verdict
    reason: str
    share: float | None = None
    found: Found | None = None
    flips_at: Flip | None = None
    cells: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[str, ...] = ()
    draws: Floats | None = None


@dataclass(frozen=True, eq=False)
class Judged:
    """A claim with its verdicts: as known now, and as known when it was made."""

    claim: Claim
    verdict: Verdict
    verdict_then: Verdict
    reason: str
    reason_then: str
    readings: tuple[ReadingVerdict, ...]
    readings_then: tuple[ReadingVerdict, ...]


def judge(claim: Claim, now: Knowledge, then: Knowledge) -> Judged:
    """Judge a claim as known now and as known on its document's date."""
    verdict, reason, readings = _at(claim, now)
    verdict_then, reason_then, readings_then = _at(claim, then)
    return Judged(claim, verdict, verdict_then, reason, reason_then, readings, readings_then)


def _at(claim: Claim, known: Knowledge) -> tuple[Verdict, str, tuple[ReadingVerdict, ...]]:
    if claim.untestable:
        return Verdict.UNTESTABLE, claim.untestable, ()
    if claim.awaits:
        return Verdict.NO_DATA, f"waits for the {claim.awaits} engine", ()
    readings = tuple(judge_reading(each, claim.document.date, known) for each in claim.readings)
    verdict = together([each.verdict for each in readings])
    return verdict, _reason(verdict, readings), readings


def _reason(verdict: Verdict, readings: Sequence[ReadingVerdict]) -> str:
    if len(readings) == 1:
        return readings[0].reason
    if verdict is Verdict.MIXED:
        return "; ".join(f"{each.reading.name}: {each.verdict}" for each in readings)
    return "; ".join(f"{each.reading.name}: {each.reason}" for each in readings)


def judge_reading(reading: Reading, written: date, known: Knowledge) -> ReadingVerdict:
    """Judge one reading, made on the day ``written``."""
    if reading.form in ("record", "outcome"):
        judge_rows = judge_record if reading.form == "record" else judge_outcome
        record = judge_rows(reading, known.world)
        return ReadingVerdict(reading, record.verdict, record.reason, rows=record.rows)
    failed = known.failed.get((reading.scenario, reading.horizon))
    if failed:
        return ReadingVerdict(reading, Verdict.NO_DATA, failed)
    selection = select(reading, known.indicators, written)
    if selection.place is None:
        return _without_row(reading, selection, known)
    draws = values_of(reading, selection, known.indicators)
    solved = draws[~np.isnan(draws)]
    taken = int(draws_taken(draws[None])[0])
    if not solved.size or solved.size < 0.95 * taken:
        lost = f"{1 - solved.size / max(taken, 1):.0%} of draws have no solution"
        return ReadingVerdict(reading, Verdict.NO_DATA, lost, cells=selection.cells)
    assert reading.claimed is not None
    unit = known.world.dossier.vocabulary.units[reading.claimed.unit]
    judgement = judge_draws(reading.claimed, solved)
    found = _found(solved, unit)
    return ReadingVerdict(
        reading,
        judgement.verdict,
        _told(found, judgement.share, selection),
        judgement.share,
        found,
        judgement.flips_at,
        selection.cells,
        selection.inputs,
        draws,
    )


def _without_row(reading: Reading, selection: Selection, known: Knowledge) -> ReadingVerdict:
    if selection.candidates:
        several = f"selects {len(selection.candidates)} rows: {', '.join(selection.candidates[:5])}"
        return ReadingVerdict(reading, Verdict.NO_DATA, several)
    if reading.period and parse_period(reading.period).end > known.world.known:
        return ReadingVerdict(reading, Verdict.OPEN, f"{reading.period} was not over")
    return ReadingVerdict(reading, Verdict.NO_DATA, selection.missing)


def _found(draws: Floats, unit: Unit) -> Found:
    median, p05, p95 = (float(each) / unit.factor for each in np.quantile(draws, (0.5, 0.05, 0.95)))
    return Found(median, p05, p95, unit.name, unit.factor)


def number(value: float) -> str:
    """Write a figure with three significant digits, thousands apart."""
    if value == 0:
        return "0"
    text = f"{value:.3g}"
    if "e" in text:
        whole = float(text)
        return f"{whole:,.0f}" if abs(whole) >= 1 else f"{value:.2g}"
    return f"{float(text):,.0f}" if abs(float(text)) >= 1000 else text


def part(share: float) -> str:
    """Say which share of the draws, never rounding some to none or to all."""
    if share in (0, 1):
        return "no draw" if share == 0 else "all draws"
    if share < 0.01 or share > 0.99:
        return "under 1% of draws" if share < 0.01 else "over 99% of draws"
    return f"{share:.0%} of draws"


def _told(found: Found, share: float, selection: Selection) -> str:
    middle, low, high = (number(each) for each in (found.median, found.p05, found.p95))
    unit = "" if found.unit == "ratio" else f" {found.unit}"
    spread = "" if low == high else f" ({low} to {high})"
    return f"found {middle}{spread}{unit} in {selection.cells['period']}; {part(share)} as claimed"
