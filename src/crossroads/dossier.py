"""A dossier: the folder an analyst keeps, read whole, typed, and checked against itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from crossroads.entries import Entry, Quantity, read_yaml
from crossroads.errors import DossierError, Finding, UsageError, did_you_mean
from crossroads.periods import Period, parse_date, parse_period
from crossroads.schema import (
    Column,
    FigureSpec,
    TableSpec,
    Vocabulary,
    entry_files,
    extension_specs,
    measure_of,
    package_vocabulary,
    table_specs,
    unit_of,
)
from crossroads.tables import empty_frame, finding, frame_of, read_csv, row_id

__all__ = [
    "REQUIRED_FILES",
    "Document",
    "Dossier",
    "Meta",
    "Scope",
    "bundled",
    "load",
    "locate",
    "read",
]

_BUNDLED = Path(__file__).parent / "dossiers"
REQUIRED_FILES = ("dossier.yaml", "sources.csv", "actors.csv")


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


@dataclass(frozen=True)
class Dossier:
    """Tables, entries and settings of one dossier, with what was found wrong with them."""

    path: Path
    name: str
    meta: Meta
    vocabulary: Vocabulary
    tables: Mapping[str, pl.DataFrame]
    claims: Mapping[str, Entry]
    levers: Mapping[str, Entry]
    scenarios: Mapping[str, Entry]
    findings: tuple[Finding, ...]
    digests: Mapping[str, str]

    @cached_property
    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """Every source by its id."""
        return {row["id"]: row for row in self.tables["sources"].iter_rows(named=True)}

    @cached_property
    def actors(self) -> Mapping[str, Mapping[str, Any]]:
        """Every actor by its id."""
        return {row["id"]: row for row in self.tables["actors"].iter_rows(named=True)}

    def name_of(self, actor: str | None) -> str:
        """Return the name of an actor, or its id where it has none."""
        known = self.actors.get(actor or "")
        return str(known["name"]) if known else (actor or "")

    def is_unverified(self, sources: list[str] | None) -> bool:
        """Whether a row rests on recollection alone."""
        known = [self.sources[each] for each in sources or [] if each in self.sources]
        return bool(known) and all(each["unverified"] for each in known)

    def __repr__(self) -> str:
        rows = sum(frame.height for frame in self.tables.values())
        return f"<Dossier {self.name}: {rows} rows, {len(self.claims)} claims>"


def bundled() -> list[str]:
    """Return the names of the dossiers that come with the package."""
    return sorted(path.parent.name.replace("_", "-") for path in _BUNDLED.glob("*/dossier.yaml"))


def locate(name: str | Path) -> Path:
    """Find a dossier's folder: an existing path, or the name of a bundled one.

    Raises
    ------
    UsageError
        If there is neither.
    """
    path = Path(name)
    if path.is_dir():
        return path
    inside = _BUNDLED / str(name).replace("-", "_")
    if path.name == str(name) and inside.is_dir():
        return inside
    hint = did_you_mean(str(name), bundled())
    raise UsageError(f"there is no folder '{name}', nor a bundled dossier of that name; {hint}")


def load(name: str | Path) -> Dossier:
    """Read a dossier whose tables and entries have no problems.

    What only shows when levers are pulled and claims are looked up is for ``check_dossier``.

    Raises
    ------
    UsageError
        If it does not exist.
    DossierError
        If anything is wrong with its files; the error carries every finding.
    """
    dossier, findings = read(locate(name))
    errors = [each for each in findings if each.severity == "error"]
    if dossier is None or errors:
        raise DossierError(errors)
    return dossier


def read(path: Path) -> tuple[Dossier | None, list[Finding]]:
    """Read a dossier whatever state it is in.

    Returns
    -------
    The dossier, or None when ``dossier.yaml`` cannot be understood; and everything found.
    """
    findings: list[Finding] = []
    digests: dict[str, str] = {}
    vocabulary = _vocabulary(path, findings, digests)
    specs = table_specs()
    tables: dict[str, pl.DataFrame] = {}
    for name, spec in specs.items():
        if spec.virtual:
            continue
        if _present(path, spec.file, findings, digests):
            tables[name], found = read_csv(path / spec.file, spec, vocabulary)
            findings += found
        else:
            tables[name] = empty_frame(spec)
    entries: dict[str, dict[str, Entry]] = {}
    for name, file in entry_files().items():
        entries[name] = {}
        if _present(path, file.file, findings, digests):
            entries[name], found = read_yaml(path / file.file, file, vocabulary)
            findings += found
    findings += _strangers(path)
    tables["levers"] = _lever_figures(entries["levers"], vocabulary)
    meta = _meta(entries["dossier"].get("dossier"), vocabulary, findings)
    findings += _references(tables, entries, meta)
    if meta is not None:
        findings += _figures(tables, vocabulary, meta)
        findings += _partition(tables, meta, entries["dossier"]["dossier"])
    findings += _sources(tables, entries["levers"])
    if meta is None:
        return None, findings
    dossier = Dossier(
        path=path,
        name=path.resolve().name.replace("_", "-"),
        meta=meta,
        vocabulary=vocabulary,
        tables=tables,
        claims=entries["claims"],
        levers=entries["levers"],
        scenarios=entries["scenarios"],
        findings=tuple(findings),
        digests=digests,
    )
    return dossier, findings


def _present(path: Path, file: str, findings: list[Finding], digests: dict[str, str]) -> bool:
    target = path / file
    if not target.exists():
        if file in REQUIRED_FILES:
            findings.append(finding("missing-file", file, 0, f"there is no {file} in {path.name}"))
        return False
    if not target.resolve().is_relative_to(path.resolve()):
        findings.append(finding("symlink-outside", file, 0, "the file is a link that leads out"))
        return False
    if not target.is_file():
        findings.append(finding("missing-file", file, 0, f"{file} is not a file"))
        return False
    with target.open("rb") as stream:
        digests[file] = hashlib.file_digest(stream, "sha256").hexdigest()
    return True


def _strangers(path: Path) -> list[Finding]:
    known = {spec.file for spec in table_specs().values()}
    known |= {file.file for file in entry_files().values()} | set(extension_specs())
    found = []
    for each in sorted(path.iterdir()):
        if each.suffix in (".csv", ".yaml", ".yml") and each.name not in known:
            hint = did_you_mean(each.name, known)
            found.append(
                finding("unknown-file", each.name, 0, "no table or entry file has this name", hint)
            )
    return found


def _vocabulary(path: Path, findings: list[Finding], digests: dict[str, str]) -> Vocabulary:
    """Return the package's vocabulary with the dossier's own units and measures added."""
    package = package_vocabulary()
    units, synonyms = dict(package.units), dict(package.synonyms)
    measures = dict(package.measures)
    for row, line in _extension(path, "units.csv", findings, digests, package):
        if row["factor"] <= 0:
            message = f"factor {row['factor']:g} is not positive"
            findings.append(finding("wrong-sign", "units.csv", line, message))
            continue
        unit, also = unit_of({name: str(row[name] or "") for name in row})
        if unit.name in units or unit.name in synonyms:
            message = f"'{unit.name}' is a unit of the package"
            findings.append(finding("duplicate-key", "units.csv", line, message))
            continue
        units[unit.name] = unit
        synonyms |= {word: unit.name for word in also if word not in units}
    based = {unit.dimension for unit in units.values() if unit.factor == 1}
    for unit in [each for name, each in units.items() if name not in package.units]:
        if unit.dimension not in based:
            message = f"no unit of {unit.dimension} has the factor 1"
            findings.append(finding("no-base-unit", "units.csv", 0, message))
            based.add(unit.dimension)
    for row, line in _extension(path, "measures.csv", findings, digests, package):
        measure = measure_of({name: str(row[name] or "") for name in row})
        if measure.name in package.measures:
            message = f"'{measure.name}' is a measure of the package"
            findings.append(finding("duplicate-key", "measures.csv", line, message))
            continue
        measures[measure.name] = measure
    return Vocabulary(
        units=units,
        measures=measures,
        synonyms=synonyms,
        wordings=package.wordings,
        reliability=package.reliability,
        enforcement=package.enforcement,
    )


def _extension(
    path: Path,
    file: str,
    findings: list[Finding],
    digests: dict[str, str],
    vocabulary: Vocabulary,
) -> Iterator[tuple[dict[str, Any], int]]:
    if _present(path, file, findings, digests):
        frame, found = read_csv(path / file, extension_specs()[file], vocabulary)
        findings += found
        for row in frame.iter_rows(named=True):
            yield row, row["line"]


def _meta(entry: Entry | None, vocabulary: Vocabulary, findings: list[Finding]) -> Meta | None:
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
        if grade not in spreads:
            line = entry.line_of("default_ranges")
            message = f"unknown reliability '{grade}' in default_ranges"
            findings.append(
                finding("bad-choice", "dossier.yaml", line, message, "use one of: A to F")
            )
        spreads[grade] = spread.value * vocabulary.units[spread.unit].factor
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


def _lever_figures(levers: Mapping[str, Entry], vocabulary: Vocabulary) -> pl.DataFrame:
    """Return the figures of all levers as rows, the package's enforcement where none is written."""
    spec = table_specs()["levers"]
    rows: list[dict[str, Any]] = []
    for lever in levers.values():
        for place, change in enumerate(lever.get("changes", []), 1):
            common = {"lever": lever.id, "change": place}
            written = {
                name: each for name, each in change.values.items() if isinstance(each, Quantity)
            }
            for name, each in written.items():
                rows.append(
                    common
                    | {
                        "figure": name,
                        "value": each.value,
                        "low": each.low,
                        "high": each.high,
                        "unit": each.unit,
                        "source": list(each.source) or None,
                        "sign": _lever_sign(name, change, vocabulary),
                        "origin": "written",
                        "line": each.line,
                    }
                )
            kind = next((k for k in ("flow", "barrier", "link") if k in change.values), None)
            if not kind or not _is_enforced(kind, change, vocabulary):
                continue
            for default in vocabulary.enforcement:
                if default.change == kind and default.figure not in written:
                    rows.append(
                        common
                        | {
                            "figure": default.figure,
                            "value": default.value,
                            "low": default.low,
                            "high": default.high,
                            "unit": default.unit,
                            "sign": _lever_sign(default.figure, change, vocabulary),
                            "origin": "default",
                            "note": default.basis,
                            "line": change.line,
                        }
                    )
    for row in rows:
        row["row"] = row_id(spec, row)
    return frame_of(spec, rows)


def _lever_sign(figure: str, change: Entry, vocabulary: Vocabulary) -> str:
    """Return what a figure of a change may be: a share of bans and caps and what leaks, a factor
    or rate above zero, or what the measure of a fact may be."""
    if figure == "leakage":
        return "share"
    if figure != "value":
        return "positive"
    if change.get("barrier", {}).get("kind") in ("ban", "cap"):
        return "share"
    measure = vocabulary.measures.get(change.get("fact", {}).get("measure", ""))
    return measure.sign if measure else "signed"


def _is_enforced(kind: str, change: Entry, vocabulary: Vocabulary) -> bool:
    """Whether a change forbids something, so that it can leak and lapse."""
    if kind == "barrier":
        return change["barrier"].get("kind") in ("ban", "cap")
    scale = change.get("scale")
    if scale is None:
        return kind == "flow" or change.get("set") == "closed"
    least = scale.value if scale.low is None else scale.low
    return bool(least * vocabulary.units[scale.unit].factor < 1)


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
    words = {
        "claim": frozenset(entries["claims"]),
        "levers": frozenset(entries["levers"]),
        "scenario": frozenset(entries["scenarios"]) | {"baseline"},
        "document": frozenset(meta.documents) if meta else None,
        "horizons": frozenset(meta.horizons) if meta else None,
    }
    found: list[Finding] = []

    def missing(
        file: str, line: int, what: str, word: str, known: frozenset[str], column: str
    ) -> None:
        message = f"{column}: there is no {what} '{word}'"
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
            what = (column.to or "horizons").removesuffix("s")
            cells = frame.select(pl.col(column.name).alias("cell"), "line").drop_nulls("cell")
            if column.type == "refs":
                cells = cells.explode("cell", empty_as_null=False)
            for row in cells.filter(~pl.col("cell").is_in(list(known))).iter_rows(named=True):
                missing(spec.file, row["line"], what, row["cell"], known, column.name)

    def walk(entry: Entry, fields: Mapping[str, Column], file: str) -> None:
        described = entry_files()[file].entries
        for name, value in entry.values.items():
            column = fields.get(name)
            line = entry.line_of(name)
            if isinstance(value, Quantity):
                for each in value.source:
                    if each not in ids["sources"]:
                        missing(f"{file}.yaml", value.line, "source", each, ids["sources"], name)
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
            what = (column.to or column.type).removesuffix("s")
            for each in [value] if isinstance(value, str) else value:
                if each not in known:
                    missing(f"{file}.yaml", line, what, each, known, name)

    for file, description in entry_files().items():
        for entry in entries[file].values():
            walk(entry, description.fields, file)
    return found


def dimension_fits(dimension: str, wanted: str) -> bool:
    """Whether a unit's dimension is one that a figure may have."""
    if wanted in ("any", ""):
        return True
    for each in wanted.split(" or "):
        if dimension == each or dimension.startswith(f"{each} in "):
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
) -> list[Finding]:
    """Check ranges, signs, dimensions and exchange rates of every figure, and intervals."""
    found: list[Finding] = []
    rates = exchange_rates(tables["facts"], vocabulary)
    for name, spec in table_specs().items():
        frame = tables[name]
        for figure in spec.figures.values():
            for row in frame.filter(pl.col(figure.value).is_not_null()).iter_rows(named=True):
                found += _figure(row, spec, figure, vocabulary, rates)
        first = "start" if "start" in spec.columns else "date"
        if {first, "end"} <= set(spec.columns):
            for row in frame.filter(pl.col("end").is_not_null()).iter_rows(named=True):
                if parse_date(row["end"])[1] < parse_date(row[first])[0]:
                    message = f"end {row['end']} lies before {first} {row[first]}"
                    found.append(finding("bad-interval", spec.file, row["line"], message))
    return found


def _figure(
    row: Mapping[str, Any],
    spec: TableSpec,
    figure: FigureSpec,
    vocabulary: Vocabulary,
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
    if sign in ("positive", "share") and lowest < 0:
        yield finding("wrong-sign", spec.file, line, f"{lowest:g} is negative")
    if sign == "share" and highest * unit.factor > 1:
        yield finding("wrong-sign", spec.file, line, f"{highest:g} {unit.name} is more than all")
    currency = unit.dimension.partition("money in ")[2]
    if currency and "period" in row:
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
        above, seen = parents.get(region), {region}
        while above is not None and above not in seen:
            seen.add(above)
            if above in meta.regions:
                message = f"region {region} is part of region {above}"
                found.append(finding("overlapping-regions", "dossier.yaml", line, message))
            above = parents.get(above)
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


def _sources(tables: Mapping[str, pl.DataFrame], levers: Mapping[str, Entry]) -> list[Finding]:
    """Report figures without source, where the schema alone cannot."""
    found = []
    densities = tables["products"].filter(
        pl.col("density").is_not_null() & pl.col("source").is_null()
    )
    for row in densities.iter_rows(named=True):
        message = f"the value density of {row['id']} has no source"
        found.append(finding("no-source", "products.csv", row["line"], message))
    ranged = tables["levers"].filter(
        (pl.col("origin") == "written") & pl.col("low").is_not_null() & pl.col("source").is_null()
    )
    for row in ranged.iter_rows(named=True):
        message = f"the {row['figure']} of lever '{row['lever']}' has a range and no source"
        found.append(finding("no-source", "levers.yaml", row["line"], message))
    return found
