"""What only shows when tables and entries are held against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import polars as pl

from crossroads.entries import Entry, Quantity
from crossroads.errors import Finding, did_you_mean
from crossroads.meta import Meta
from crossroads.periods import SHORTEST_YEAR, Period, parse_date, parse_period
from crossroads.schema import (
    Column,
    FigureSpec,
    TableSpec,
    Vocabulary,
    entry_files,
    in_currency,
    table_specs,
)
from crossroads.tables import MAX_FINDINGS, bounded, finding

__all__ = ["check_integrity", "dimension_fits", "exchange_rates"]


_DEFINED = {
    **{name: f"{name}.csv" for name in ("sources", "actors", "products", "sites")},
    **{"claim": "claims.yaml", "levers": "levers.yaml", "scenario": "scenarios.yaml"},
    **{"document": "dossier.yaml", "documents": "dossier.yaml", "horizons": "dossier.yaml"},
}
"""The file that defines what an id refers to."""


def check_integrity(
    tables: Mapping[str, pl.DataFrame],
    entries: Mapping[str, Mapping[str, Entry]],
    meta: Meta | None,
    vocabulary: Vocabulary,
) -> list[Finding]:
    """Report unknown references, unsound figures, an overlapping partition, missing sources."""
    parts: list[Iterable[Finding]] = [_references(tables, entries, meta)]
    if meta is not None:
        settings = entries["dossier"]["dossier"]
        parts += [
            _figures(tables, vocabulary, meta),
            _ties(tables),
            _trees(tables),
            _partition(tables, meta, settings),
            _base_period(meta, settings),
            _currency(meta, settings, vocabulary),
            _scopes(settings, tables),
        ]
    return bounded(chain(*parts, _sources(tables)))


def _references(
    tables: Mapping[str, pl.DataFrame],
    entries: Mapping[str, Mapping[str, Entry]],
    meta: Meta | None,
) -> list[Finding]:
    """Report every reference to an id that does not exist."""
    ids = {
        name: frozenset(tables[name]["id"].to_list())
        for name in ("sources", "actors", "products", "sites")
    }
    if meta is not None:
        ids["documents"] = frozenset(meta.documents)
    words = {
        "claim": frozenset(entries["claims"]),
        "levers": frozenset(entries["levers"]),
        "scenario": frozenset(entries["scenarios"]) | {"baseline"},
        "document": frozenset(meta.documents) if meta else None,
        "horizons": frozenset(meta.horizons) if meta else None,
    }
    found: list[Finding] = []
    told: Counter[str] = Counter()

    def missing(
        file: str, line: int, what: str, word: str, known: frozenset[str], column: str
    ) -> None:
        told[file] += 1
        if told[file] == MAX_FINDINGS:
            message = "too many ids that nothing defines; what follows is not told"
            found.append(finding("too-large", file, line, message))
        if told[file] >= MAX_FINDINGS:
            return
        message = f"{column}: there is no {what.removesuffix('s')} '{word}'"
        if _DEFINED[what] != file:
            message += f" in {_DEFINED[what]}"
        found.append(
            finding("unknown-reference", file, line, message, did_you_mean(word, known), column)
        )

    for name, spec in table_specs().items():
        frame = tables[name]
        for column in spec.columns.values():
            known = ids.get(column.to)
            if column.of == ("horizons",):
                known = words["horizons"]
            if known is None or not frame.height:
                continue
            what = column.to or "horizons"
            lines = frame["line"].to_list()
            for line, cells in zip(lines, frame[column.name].to_list(), strict=True):
                for cell in cells if isinstance(cells, list) else (cells,):
                    if cell is not None and cell not in known:
                        missing(spec.file, line, what, cell, known, column.name)

    def walk(entry: Entry, fields: Mapping[str, Column], file: str) -> None:
        described = entry_files()[file].entries
        for name, value in entry.values.items():
            column = fields.get(name)
            line = entry.line_of(name)
            if isinstance(value, Quantity):
                for each in value.source:
                    if each not in ids["sources"]:
                        missing(f"{file}.yaml", value.line, "sources", each, ids["sources"], name)
            if column is None:
                continue
            if column.type in ("map", "list", "entry"):
                several = value.values() if column.type == "map" else value
                for each in [value] if column.type == "entry" else several:
                    walk(each, described[column.of[0]], file)
                continue
            known = ids.get(column.to) if column.to else words.get(column.type)
            if known is None or column.type not in (
                "ref",
                "refs",
                "claim",
                "levers",
                "scenario",
                "document",
            ):
                continue
            what = column.to or column.type
            for each in [value] if isinstance(value, str) else value:
                if each not in known:
                    missing(f"{file}.yaml", line, what, each, known, name)

    for file, description in entry_files().items():
        for entry in entries[file].values():
            walk(entry, description.fields, file)
    return found


def dimension_fits(dimension: str, wanted: str) -> bool:
    """Whether a unit's dimension, in whatever currency, is one that a figure may have."""
    if wanted in ("any", ""):
        return True
    dimension, _ = in_currency(dimension)
    for each in wanted.split(" or "):
        if dimension == each:
            return True
        if each in ("share", "ratio") and dimension in ("share", "ratio"):
            return True
        if each in ("price", "rate") and dimension.startswith((f"{each} per ", f"{each} of ")):
            return True
        if each == "throughput" and dimension.endswith(" throughput"):
            return True
    return False


def _wanted(figure: FigureSpec, row: Mapping[str, Any], vocabulary: Vocabulary) -> tuple[str, str]:
    """Return the dimension and the sign that a figure's row must have."""
    word = row.get("measure") or row.get("name") or ""
    measure = vocabulary.measures.get(word)
    dimension, sign = figure.dimension, figure.sign
    if measure and figure.dimension == "by measure":
        dimension = measure.dimension
    if measure and figure.sign == "by measure":
        sign = measure.sign
    if figure.sign == "by figure":
        sign = str(row["sign"])
    return dimension, sign


def _figures(
    tables: Mapping[str, pl.DataFrame], vocabulary: Vocabulary, meta: Meta
) -> Iterator[Finding]:
    """Check ranges, signs, dimensions and exchange rates of every figure, and intervals."""
    yield from _rival_rates(tables["facts"], vocabulary)
    rates = exchange_rates(tables["facts"], vocabulary)
    for name, spec in table_specs().items():
        frame = tables[name]
        for figure in spec.figures.values():
            for row in frame.filter(pl.col(figure.value).is_not_null()).iter_rows(named=True):
                yield from _figure(row, spec, figure, vocabulary, meta, rates)
        if name == "transfers":
            yield from _ordered(frame, spec)
        first = "start" if "start" in spec.columns else "date"
        if {first, "end"} <= set(spec.columns):
            for row in frame.filter(pl.col("end").is_not_null()).iter_rows(named=True):
                if parse_date(row["end"])[1] < parse_date(row[first])[0]:
                    message = f"end {row['end']} lies before {first} {row[first]}"
                    yield finding("bad-interval", spec.file, row["line"], message)


def _ties(tables: Mapping[str, pl.DataFrame]) -> Iterator[Finding]:
    """Report rows that lead from something to itself; trade within a bloc or a region may."""
    kinds = dict(zip(tables["actors"]["id"], tables["actors"]["kind"], strict=True))
    for name in ("flows", "links", "memberships", "relations", "transfers"):
        spec = table_specs()[name]
        assert spec.edge is not None
        one, other = str(spec.edge["from"]), str(spec.edge["to"])
        for row in tables[name].filter(pl.col(one) == pl.col(other)).iter_rows(named=True):
            if name == "flows" and kinds.get(row[one]) in ("bloc", "region", "world"):
                continue
            message = f"{one} and {other} are both {row[one]}"
            yield finding("same-ends", spec.file, row["line"], message)


def _trees(tables: Mapping[str, pl.DataFrame]) -> Iterator[Finding]:
    """Report actors and products that are, through those above them, part of themselves."""
    for name, column in (("actors", "part_of"), ("products", "parent")):
        frame = tables[name]
        parents = dict(zip(frame["id"], frame[column], strict=True))
        for each, line in zip(frame["id"], frame["line"], strict=True):
            if each in _above(each, parents):
                message = f"{column}: {each} is part of itself"
                yield finding("circular-tree", table_specs()[name].file, line, message)


def _above(each: str, parents: Mapping[str, str | None]) -> list[str]:
    """Return what is above something in a tree, nearest first, each once."""
    above = parents.get(each)
    seen: dict[str, None] = {}
    while above is not None and above not in seen:
        seen[above] = None
        above = parents.get(above)
    return list(seen)


def _ordered(transfers: pl.DataFrame, spec: TableSpec) -> Iterator[Finding]:
    """Report numbers ordered that lie outside their own range."""
    for row in transfers.iter_rows(named=True):
        low, number, high = (row[f] for f in ("ordered_low", "number_ordered", "ordered_high"))
        told = [each for each in (low, number, high) if each is not None]
        if told != sorted(told):
            message = f"ordered are {', '.join(f'{each:g}' for each in told)}, out of order"
            yield finding("range-order", spec.file, row["line"], message)


def _figure(
    row: Mapping[str, Any],
    spec: TableSpec,
    figure: FigureSpec,
    vocabulary: Vocabulary,
    meta: Meta,
    rates: Mapping[str, list[tuple[Period, str]]],
) -> Iterator[Finding]:
    line = row["line"]
    value, low, high = row[figure.value], row[figure.low], row[figure.high]
    if low is not None and low > value:
        yield finding("range-order", spec.file, line, f"low {low:g} is above value {value:g}")
    if high is not None and high < value:
        yield finding("range-order", spec.file, line, f"high {high:g} is below value {value:g}")
    dimension, sign = _wanted(figure, row, vocabulary)
    unit = vocabulary.unit(row[figure.unit]) if row[figure.unit] else None
    if unit is None:
        yield finding("missing-value", spec.file, line, f"'{figure.value}' has no unit")
        return
    if not dimension_fits(unit.dimension, dimension):
        message = f"unit '{unit.name}' measures {unit.dimension}, not {dimension}"
        yield finding("wrong-dimension", spec.file, line, message)
    lowest = min(each for each in (value, low, high) if each is not None)
    highest = max(each for each in (value, low, high) if each is not None)
    if unit.dimension.startswith("rate of ") and value == 0:
        yield finding("wrong-sign", spec.file, line, "an exchange rate of 0 converts nothing")
    if sign in ("positive", "share") and lowest < 0:
        yield finding("wrong-sign", spec.file, line, f"{lowest:g} is negative")
    is_share = sign == "share" and dimension_fits(unit.dimension, "share")
    if is_share and highest * unit.factor > 1:
        yield finding("wrong-sign", spec.file, line, f"{highest:g} {unit.name} is more than all")
    _, currency = in_currency(unit.dimension)
    if currency and "period" not in row and not spec.virtual:
        message = f"{figure.value} is in {currency}, and no period says at which rate it converts"
        remedy = f"write it in {meta.currency}, converted at the rate its source names"
        yield finding("no-exchange-rate", spec.file, line, message, remedy, figure.value)
    elif currency and "period" in row:
        period = parse_period(row["period"])
        if not any(each.contains(period) for each, _ in rates.get(currency, [])):
            message = f"there is no exchange rate of {currency} for {row['period']}"
            yield finding("no-exchange-rate", spec.file, line, message)


def exchange_rates(
    facts: pl.DataFrame, vocabulary: Vocabulary
) -> dict[str, list[tuple[Period, str]]]:
    """Return periods and row ids of the exchange-rate facts of each currency, shortest first."""
    rates: dict[str, list[tuple[Period, str]]] = {}
    for row in facts.filter(pl.col("measure") == "exchange_rate").iter_rows(named=True):
        unit = vocabulary.unit(row["unit"])
        currency = unit.dimension.partition("rate of ")[2] if unit else ""
        if currency:
            rates.setdefault(currency, []).append((parse_period(row["period"]), row["row"]))
    for each in rates.values():
        each.sort(key=lambda pair: pair[0].days)
    return rates


def _rival_rates(facts: pl.DataFrame, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Report exchange rates of one currency and period that two actors give."""
    held: dict[tuple[str, str], Mapping[str, Any]] = {}
    for row in facts.filter(pl.col("measure") == "exchange_rate").iter_rows(named=True):
        unit = vocabulary.unit(row["unit"])
        first = held.setdefault((unit.dimension if unit else "", row["period"]), row)
        if first["actor"] != row["actor"]:
            message = f"a second {row['unit']} for {row['period']}, beside line {first['line']}"
            yield finding("duplicate-key", "facts.csv", row["line"], message)


def _partition(tables: Mapping[str, pl.DataFrame], meta: Meta, entry: Entry) -> list[Finding]:
    """Check that the regions do not overlap: none of them is part, or a member, of another."""
    line = entry.line_of("regions")
    actors = tables["actors"]
    parents = dict(zip(actors["id"], actors["part_of"], strict=True))
    kinds = dict(zip(actors["id"], actors["kind"], strict=True))
    found = []
    for region in meta.regions:
        if meta.regions.count(region) > 1:
            message = f"region {region} stands twice"
            found.append(finding("overlapping-regions", "dossier.yaml", line, message))
        for above in _above(region, parents):
            if above in meta.regions and above != region:
                message = f"region {region} is part of region {above}"
                found.append(finding("overlapping-regions", "dossier.yaml", line, message))
    for row in tables["memberships"].filter(pl.col("status") == "member").iter_rows(named=True):
        inside = row["state"] in meta.regions and row["bloc"] in meta.regions
        ended = row["end"] and parse_date(row["end"])[1] < meta.as_of
        if inside and not ended and parse_date(row["start"])[0] <= meta.as_of:
            message = f"region {row['state']} is a member of region {row['bloc']}"
            found.append(finding("overlapping-regions", "dossier.yaml", line, message))
    if kinds.get(meta.world, "world") != "world":
        message = f"'{meta.world}' is a {kinds[meta.world]}, not of kind world"
        where = entry.line_of("world")
        found.append(finding("overlapping-regions", "dossier.yaml", where, message))
    if meta.world in meta.regions:
        message = f"the world {meta.world} is one of its own regions"
        found.append(finding("overlapping-regions", "dossier.yaml", line, message))
    return list(dict.fromkeys(found))


def _base_period(meta: Meta, entry: Entry) -> list[Finding]:
    """Report a base period of a part-year: engines and levers take whole years alone."""
    if meta.base_period.is_year or meta.base_period.days > SHORTEST_YEAR:
        return []
    line = entry.line_of("base_period")
    message = f"the base period {meta.base_period.text} is a part of a year"
    return [finding("part-year", "dossier.yaml", line, message, "name a whole year")]


def _scopes(settings: Entry, tables: Mapping[str, pl.DataFrame]) -> Iterator[Finding]:
    """Report scopes called complete whose cells no record can have."""
    for scope in settings.get("complete", []):
        columns = table_specs()[scope["table"]].columns if scope.get("table") else {}
        for name, cell in (scope.get("where") or {}).items() if columns else ():
            line = scope.line_of("where")
            column = columns.get(name)
            if column is None:
                message = f"complete: {scope['table']} has no column '{name}'"
                hint = did_you_mean(name, columns)
                yield finding("unknown-field", "dossier.yaml", line, message, hint)
            elif column.to in tables and cell not in (known := set(tables[column.to]["id"])):
                message = f"complete: {name}: there is no {column.to.removesuffix('s')} '{cell}'"
                hint = did_you_mean(cell, known)
                yield finding("unknown-reference", "dossier.yaml", line, message, hint)


def _currency(meta: Meta, entry: Entry, vocabulary: Vocabulary) -> list[Finding]:
    """Report a currency other than that of the units of money: no other is converted into."""
    base = vocabulary.base_unit("money")
    if base is None or meta.currency == base.name:
        return []
    message = f"money converts into {base.name}, not into {meta.currency}"
    remedy = f"leave currency out, or write {base.name}"
    line = entry.line_of("currency")
    return [finding("bad-choice", "dossier.yaml", line, message, remedy)]


def _sources(tables: Mapping[str, pl.DataFrame]) -> Iterator[Finding]:
    """Report figures without source, where the schema alone cannot."""
    densities = tables["products"].filter(
        pl.col("density").is_not_null() & pl.col("source").is_null()
    )
    for row in densities.iter_rows(named=True):
        message = f"the value density of {row['id']} has no source"
        yield finding("no-source", "products.csv", row["line"], message)
    ranged = tables["levers"].filter(
        (pl.col("origin") == "written") & pl.col("low").is_not_null() & pl.col("source").is_null()
    )
    for row in ranged.iter_rows(named=True):
        message = f"the {row['figure']} of lever '{row['lever']}' has a range and no source"
        yield finding("no-source", "levers.yaml", row["line"], message)
