"""Claims as the dossier has them: who says what, where, and how it may be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crossroads.dossier import Dossier
from crossroads.entries import Claimed, Entry
from crossroads.errors import named
from crossroads.indicators import BASELINE
from crossroads.levers import Case
from crossroads.meta import Document
from crossroads.schema import Vocabulary

__all__ = ["Claim", "ClaimedSet", "Reading", "cases_asked", "claim_named", "claims_of"]


@dataclass(frozen=True, slots=True)
class ClaimedSet:
    """The set C of values that a wording claims, in base units; None is unbounded.

    ``anchor`` is the size against which tolerances count: the figure said.
    """

    wording: str
    low: float | None
    high: float | None
    anchor: float
    tolerance: float
    unit: str
    factor: float

    @staticmethod
    def of(claimed: Claimed, vocabulary: Vocabulary) -> ClaimedSet:
        """Apply the frozen table of wordings to what was said."""
        wording = claimed.wording
        first, last = (
            each.value * vocabulary.units[each.unit].factor for each in (claimed.low, claimed.high)
        )
        ends = [
            None if factor is None else said * factor
            for said, factor in ((first, wording.low), (last, wording.high))
        ]
        if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
            ends.reverse()
        both = wording.low is not None and wording.high is not None
        symmetric = both and wording.takes == "quantity" and wording.low != wording.high
        unit = vocabulary.units[claimed.low.unit]
        return ClaimedSet(
            wording=wording.name,
            low=ends[0],
            high=ends[1],
            anchor=max(abs(first), abs(last)),
            tolerance=max((wording.high or 1) - 1, 0.0) if symmetric else 0.0,
            unit=unit.name,
            factor=unit.factor,
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a claim, with what it lets one expect."""

    name: str
    form: str
    target: str
    claimed: ClaimedSet | None
    cells: Mapping[str, str]
    scenario: str
    horizon: str
    change: str | None
    period: str | None
    match: Mapping[str, str]
    expect: Mapping[str, str]
    absent: bool
    window: str | None
    why: str
    line: int

    @property
    def engine(self) -> str:
        return self.target.partition("/")[0] if self.form == "indicator" else ""

    @property
    def indicator(self) -> str:
        return self.target.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says."""

    id: str
    says: str
    by: str
    kind: str
    document: Document
    section: int
    sentence: int | None
    part_of: str | None
    readings: tuple[Reading, ...]
    awaits: str | None
    untestable: str | None
    note: str
    line: int


def _reading(entry: Entry, dossier: Dossier) -> Reading:
    form = next((each for each in ("indicator", "record", "outcome") if each in entry.values), "")
    claimed: Claimed | None = entry.get("claimed")
    return Reading(
        name=entry.id,
        form=form,
        target=entry.get(form, "") if form else "",
        claimed=ClaimedSet.of(claimed, dossier.vocabulary) if claimed else None,
        cells={
            name: entry[name] for name in ("actor", "counterpart", "item") if name in entry.values
        },
        scenario=entry.get("scenario", BASELINE),
        horizon=entry.get("horizon") or next(iter(dossier.meta.horizons)),
        change=entry.get("change"),
        period=entry.get("period"),
        match=entry.get("match", {}),
        expect=entry.get("expect", {}),
        absent=entry.get("absent", False),
        window=entry.get("window"),
        why=entry.get("why", ""),
        line=entry.line,
    )


def _claim(entry: Entry, dossier: Dossier) -> Claim:
    """Build a claim from its entry in ``claims.yaml``."""
    where: Entry = entry["where"]
    return Claim(
        id=entry.id,
        says=entry["says"],
        by=entry["by"],
        kind=entry["kind"],
        document=dossier.meta.documents[where["document"]],
        section=where["section"],
        sentence=where.get("sentence"),
        part_of=entry.get("part_of"),
        readings=tuple(_reading(each, dossier) for each in entry.get("readings", {}).values()),
        awaits=entry.get("awaits"),
        untestable=entry.get("untestable"),
        note=entry.get("note", ""),
        line=entry.line,
    )


def claims_of(dossier: Dossier) -> dict[str, Claim]:
    """Return every claim of a dossier by its id."""
    return {name: _claim(entry, dossier) for name, entry in dossier.claims.items()}


def claim_named(dossier: Dossier, name: str) -> Claim:
    """Return one claim.

    Raises
    ------
    UsageError
        If the dossier has no claim of that id.
    """
    return _claim(named("claim", name, dossier.claims), dossier)


def cases_asked(claims: Iterable[Claim], every: Iterable[Case]) -> tuple[Case, ...]:
    """Return the cases that readings of the claims look at."""
    asked = {
        (reading.scenario, reading.horizon)
        for claim in claims
        for reading in claim.readings
        if reading.form == "indicator"
    }
    return tuple(case for case in every if (case.scenario, case.horizon) in asked)
