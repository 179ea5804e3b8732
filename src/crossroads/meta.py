"""What ``dossier.yaml`` says: question, dates, partition of the world, documents, scopes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from crossroads.entries import Entry, Quantity
from crossroads.errors import Finding
from crossroads.periods import Period, parse_date, parse_period
from crossroads.schema import Unit, Vocabulary, entry_files
from crossroads.tables import finding

__all__ = ["Document", "Meta", "Scope", "meta_of"]


@dataclass(frozen=True, slots=True)
class Document:
    """A text whose claims are judged; ``date`` is the last day on which it can be of."""

    id: str
    title: str
    date: date
    by: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of a record table that is complete, so that absence is evidence."""

    table: str
    where: Mapping[str, str]
    why: str


@dataclass(frozen=True, slots=True)
class Meta:
    """What ``dossier.yaml`` says."""

    title: str
    question: str
    as_of: date
    base_period: Period
    currency: str
    horizons: Mapping[str, float]
    world: str
    regions: tuple[str, ...]
    spreads: Mapping[str, float]
    documents: Mapping[str, Document]
    complete: tuple[Scope, ...]
    authors: tuple[str, ...]
    licence: str


MOST_SPREAD = 100.0
"""A hundredfold either way; whoever knows less than that has no figure."""


def _spread_finding(grade: str, spread: Quantity, unit: Unit, known: bool) -> Finding | None:
    """Return what is wrong with a default range, None if nothing is."""
    what = f"the default range of {grade}"
    if not known:
        message = f"unknown reliability '{grade}' in default_ranges"
        return finding("bad-choice", "dossier.yaml", spread.line, message, "use one of: A to F")
    if unit.dimension not in ("share", "ratio"):
        message = f"{what} is in {unit.name}, not a share"
        return finding("wrong-dimension", "dossier.yaml", spread.line, message)
    if not 0 <= spread.value * unit.factor <= MOST_SPREAD:
        message = f"{what}, {spread.value:g} {unit.name}, lies outside 0 to {MOST_SPREAD:g}"
        return finding("out-of-bounds", "dossier.yaml", spread.line, message)
    return None


def meta_of(entry: Entry | None, vocabulary: Vocabulary, findings: list[Finding]) -> Meta | None:
    """Build the settings of a dossier, None where one that is required is missing."""
    required = entry_files()["dossier"].fields
    if entry is None or any(
        column.required and entry.get(name) is None for name, column in required.items()
    ):
        return None
    documents = {
        name: Document(
            name,
            each["title"],
            parse_date(each["date"])[1],
            each.get("by"),
            each.get("note", ""),
        )
        for name, each in entry["documents"].items()
        if each.get("title") and each.get("date")
    }
    horizons = {
        name: float(each["months"])
        for name, each in entry["horizons"].items()
        if each.get("months")
    }
    if not horizons:
        line = entry.line_of("horizons")
        findings.append(finding("missing-field", "dossier.yaml", line, "no horizon is given"))
        return None
    spreads = dict(vocabulary.reliability)
    for grade, spread in entry.get("default_ranges", {}).items():
        unit = vocabulary.units[spread.unit]
        found = _spread_finding(grade, spread, unit, known=grade in spreads)
        if found is None:
            spreads[grade] = spread.value * unit.factor
        else:
            findings.append(found)
    return Meta(
        title=entry["title"],
        question=entry["question"],
        as_of=parse_date(entry["as_of"])[1],
        base_period=parse_period(entry["base_period"]),
        currency=entry.get("currency", "USD"),
        horizons=horizons,
        world=entry["world"],
        regions=tuple(entry["regions"]),
        spreads=spreads,
        documents=documents,
        complete=tuple(
            Scope(each["table"], each["where"], each["why"])
            for each in entry.get("complete", [])
            if each.get("table") and each.get("where") and each.get("why")
        ),
        authors=tuple(entry.get("authors", ())),
        licence=entry.get("licence", ""),
    )
