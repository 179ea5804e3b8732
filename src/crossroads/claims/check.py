"""What can be wrong with claims beyond their form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crossroads.claims.claim import Claim, Reading, claims_of
from crossroads.claims.expectation import select
from crossroads.claims.explain import sources_of
from crossroads.claims.judge import Knowledge, judge_reading
from crossroads.dossier import Dossier
from crossroads.engines import Engine
from crossroads.entries import Entry
from crossroads.errors import Finding, did_you_mean
from crossroads.indicators import BASELINE, IndicatorSpec
from crossroads.integrity import dimension_fits
from crossroads.periods import SHORTEST_YEAR, parse_period
from crossroads.schema import in_currency, table_specs
from crossroads.tables import CellError, bounded, cell, finding

__all__ = ["check_claims"]

_FILE = "claims.yaml"
_TESTS = ("readings", "awaits", "untestable")


def check_claims(
    dossier: Dossier, engines: Sequence[Engine], known: Knowledge | None
) -> tuple[list[Finding], frozenset[str]]:
    """Report claims that cannot be judged as written, and the rows that verdicts rest on.

    ``known`` holds the results of the central world; without it rows are not looked up.
    """
    specs = {f"{engine.name}/{each.id}": each for engine in engines for each in engine.provides}
    found = bounded(
        each for entry in dossier.claims.values() for each in _form(entry, dossier, specs)
    )
    used: set[str] = set()
    if any(each.severity == "error" for each in found) or known is None:
        return found, frozenset()
    for claim in claims_of(dossier).values():
        for reading in claim.readings:
            found += _against_index(claim, reading, known)
            rows = judge_reading(reading, claim.document.date, known).rows
            found += _own_word(claim, reading, rows, known)
            used.update(rows)
    return found, frozenset(used)


def _form(entry: Entry, dossier: Dossier, specs: Mapping[str, IndicatorSpec]) -> Iterator[Finding]:
    tests = [name for name in _TESTS if entry.get(name)]
    if len(tests) != 1:
        message = f"claim '{entry.id}' has {' and '.join(tests) or 'no test'}"
        remedy = f"write exactly one of {', '.join(_TESTS)}"
        yield finding("no-test", _FILE, entry.line, message, remedy)
    above, seen = entry.get("part_of"), {entry.id}
    while above in dossier.claims:
        if above in seen:
            message = f"claim '{entry.id}' is part of itself"
            yield finding("circular-argument", _FILE, entry.line_of("part_of"), message)
            break
        seen.add(above)
        above = dossier.claims[above].get("part_of")
    for reading in entry.get("readings", {}).values():
        yield from _reading(entry.id, reading, dossier, specs)


def _reading(
    claim: str, entry: Entry, dossier: Dossier, specs: Mapping[str, IndicatorSpec]
) -> Iterator[Finding]:
    what = f"reading '{entry.id}' of claim '{claim}'"
    forms = [name for name in ("indicator", "record", "outcome") if name in entry.values]
    if len(forms) != 1:
        message = f"{what} has {' and '.join(forms) or 'no expectation'}"
        remedy = "write exactly one of indicator, record, outcome"
        yield finding("no-test", _FILE, entry.line, message, remedy)
        return
    form = forms[0]
    if form == "indicator":
        yield from _indicator(what, entry, dossier, specs)
        return
    for name in ("match", "expect"):
        yield from _record_cells(what, entry, name, entry[form], dossier)
    if not entry.get("match"):
        yield finding("missing-field", _FILE, entry.line, f"{what} has no 'match'")
    if form == "record" and not entry.get("absent") and len(entry.get("expect", {})) < 2:
        message = f"{what} compares fewer than two fields"
        yield finding("too-few-fields", _FILE, entry.line_of("expect"), message)
    if form == "outcome" and not entry.get("window"):
        yield finding("missing-field", _FILE, entry.line, f"{what} has no 'window'")


def _indicator(
    what: str, entry: Entry, dossier: Dossier, specs: Mapping[str, IndicatorSpec]
) -> Iterator[Finding]:
    target = entry["indicator"]
    line = entry.line_of("indicator")
    spec = specs.get(target)
    if spec is None:
        message = f"{what}: there is no indicator '{target}'"
        yield finding("unknown-reference", _FILE, line, message, did_you_mean(target, specs))
    claimed = entry.get("claimed")
    if claimed is None:
        message = f"{what} does not say what is claimed"
        remedy = f"add one of {', '.join(dossier.vocabulary.wordings)} with a quantity"
        yield finding("missing-field", _FILE, entry.line, message, remedy)
    elif claimed.low.unit != claimed.high.unit:
        message = f"{what}: the two ends have different units"
        yield finding("wrong-dimension", _FILE, claimed.line, message)
    elif claimed.low.value > claimed.high.value:
        message = f"{what}: {claimed.low.value:g} to {claimed.high.value:g} runs backwards"
        yield finding("bad-interval", _FILE, claimed.line, message, "write [low, high]")
    if entry.get("change") and entry.get("scenario", BASELINE) == BASELINE:
        message = f"{what} compares the baseline with itself"
        yield finding("missing-field", _FILE, entry.line_of("change"), message, "name a scenario")
    horizon = entry.get("horizon")
    if horizon and horizon not in dossier.meta.horizons:
        message = f"{what}: there is no horizon '{horizon}'"
        hint = did_you_mean(horizon, dossier.meta.horizons)
        yield finding("unknown-reference", _FILE, entry.line_of("horizon"), message, hint)
    if spec and spec.only == "scenario" and not entry.get("scenario"):
        message = f"{what}: {target} has rows under a scenario only"
        yield finding("selects-none", _FILE, line, message, "name a scenario")


def _record_cells(
    what: str, entry: Entry, field: str, table: str, dossier: Dossier
) -> Iterator[Finding]:
    columns = table_specs()[table].columns
    for name, text in entry.get(field, {}).items():
        column = columns.get(name)
        line = entry.line_of(field)
        if column is None:
            message = f"{what}: {table} has no column '{name}'"
            yield finding("unknown-field", _FILE, line, message, did_you_mean(name, columns))
            continue
        try:
            cell(text, column, dossier.vocabulary)
        except CellError as error:
            yield finding(error.code, _FILE, line, f"{what}: {name}: {error}", error.remedy)
        if column.to == "actors" and column.type == "ref" and text not in dossier.actors:
            message = f"{what}: {name}: there is no actor '{text}'"
            hint = did_you_mean(text, dossier.actors)
            yield finding("unknown-reference", _FILE, line, message, hint)


def _against_index(claim: Claim, reading: Reading, known: Knowledge) -> Iterator[Finding]:
    """Check that a reading of an indicator selects one row, in its unit."""
    what = f"reading '{reading.name}' of claim '{claim.id}'"
    if reading.form == "indicator":
        failed = known.failed.get((reading.scenario, reading.horizon))
        selection = select(reading, known.indicators, claim.document.date)
        if selection.candidates:
            message = f"{what} selects {len(selection.candidates)} rows: " + ", ".join(
                selection.candidates[:6]
            )
            yield finding("selects-several", _FILE, reading.line, message)
            return
        if selection.place is None:
            message = f"{what} selects no row: {failed or selection.missing}"
            yield finding("selects-none", _FILE, reading.line, message)
            return
        if not reading.period:
            yield from _part_year(what, reading, selection.cells, known)
        units = known.world.dossier.vocabulary.units
        unit = "share" if reading.change == "relative" else selection.unit
        assert reading.claimed is not None
        said, has = units[reading.claimed.unit].dimension, units[unit].dimension
        if not dimension_fits(said, has) or in_currency(said)[1] != in_currency(has)[1]:
            message = f"{what} claims {reading.claimed.unit}, the figure is in {unit}"
            yield finding("wrong-dimension", _FILE, reading.line, message)


def _own_word(
    claim: Claim, reading: Reading, rows: Sequence[str], known: Knowledge
) -> Iterator[Finding]:
    """Check that no row that a reading rests on is its speaker's own word."""
    what = f"reading '{reading.name}' of claim '{claim.id}'"
    sources = known.world.dossier.sources
    for row in rows:
        cited = [sources[each.id] for each in sources_of([row], known.world)]
        if cited and all(
            each["by"] == claim.by or each["document"] == claim.document.id for each in cited
        ):
            message = f"{what} rests on {row}, whose only source is the claim's own speaker or text"
            yield finding("self-sourced", _FILE, reading.line, message)


def _part_year(
    what: str, reading: Reading, cells: Mapping[str, str], known: Knowledge
) -> Iterator[Finding]:
    """Report a reading that, for want of a whole year, would be judged on a part of one."""
    measure = known.world.dossier.vocabulary.measures.get(cells["item"].partition(":")[0])
    text = cells["period"].partition(" over ")[0]
    period = parse_period(text)
    if (measure is None or measure.kind == "flow") and 1 < period.days < SHORTEST_YEAR:
        message = f"{what} rests on {text}, which is a part of a year; it names no period"
        yield finding("part-year", _FILE, reading.line, message)
