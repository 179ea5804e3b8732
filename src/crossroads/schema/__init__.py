"""The dossier format as data: one description per table and YAML file, and the vocabularies.

Reader, checks, reference docs and exports read what stands here. A new column is one line in
``tables/*.yaml``, a new unit one row in ``vocabulary/units.csv``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

__all__ = [
    "Column",
    "Enforcement",
    "EntryFile",
    "FigureSpec",
    "FindingCode",
    "Measure",
    "TableSpec",
    "Unit",
    "Vocabulary",
    "Wording",
    "entry_files",
    "extension_specs",
    "finding_codes",
    "grade_meanings",
    "in_currency",
    "package_vocabulary",
    "table_specs",
    "template_file",
]

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table or a field of a YAML entry.

    ``least`` and ``most`` bound a number; None is no bound.
    """

    name: str
    type: str
    meaning: str
    required: bool = False
    default: str = ""
    of: tuple[str, ...] = ()
    to: str = ""
    unit: str = ""
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class FigureSpec:
    """Which columns make up a figure, and what it may be."""

    name: str
    value: str
    low: str
    high: str
    unit: str
    sign: str
    dimension: str


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of a dossier."""

    name: str
    file: str
    about: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    figures: Mapping[str, FigureSpec]
    known: str = "none"
    vintage: str = ""
    edge: Mapping[str, str | None] | None = None
    virtual: bool = False


@dataclass(frozen=True, slots=True)
class EntryFile:
    """One YAML file of a dossier: a record, or a map from ids to records."""

    name: str
    file: str
    about: str
    form: str
    fields: Mapping[str, Column]
    entries: Mapping[str, Mapping[str, Column]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: ``factor`` times the base unit of its dimension."""

    name: str
    dimension: str
    factor: float
    label: str


def in_currency(dimension: str) -> tuple[str, str]:
    """Return a dimension of money or prices without its currency, and that currency.

    ``money in EUR`` gives ``money`` and ``EUR``, ``price per mass in EUR`` gives ``price per mass``
    and ``EUR``. The currency is empty where it is the base one, or there is none.
    """
    head, _, currency = dimension.rpartition(" in ")
    return (head, currency) if head.split(" ")[0] in ("money", "price") else (dimension, "")


@dataclass(frozen=True, slots=True)
class Measure:
    """What a row of facts or parameters measures.

    ``role`` is ``denominator`` where flows are set against it, ``buffer`` where it is a reserve.
    """

    name: str
    dimension: str
    kind: str
    sign: str
    role: str
    label: str
    about: str


@dataclass(frozen=True, slots=True)
class Wording:
    """What a wording claims: the factors on the figure that bound the claimed set."""

    name: str
    low: float | None
    high: float | None
    takes: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Enforcement:
    """The package's default for how well a kind of change is enforced.

    ``cases`` are the resolved cases it is taken from, ``sources`` ids of sources of the first
    bundled dossier, in which they are told.
    """

    change: str
    figure: str
    value: float
    low: float | None
    high: float | None
    unit: str
    basis: str
    cases: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingCode:
    """A kind of problem in a dossier."""

    code: str
    severity: str
    meaning: str
    remedy: str
    example: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The closed vocabularies: the package's, and what a dossier adds to units and measures."""

    units: Mapping[str, Unit]
    measures: Mapping[str, Measure]
    synonyms: Mapping[str, str]
    wordings: Mapping[str, Wording]
    reliability: Mapping[str, float]
    enforcement: tuple[Enforcement, ...]

    def unit(self, text: str) -> Unit | None:
        """Look a unit up by its name or a synonym; nothing is ever parsed."""
        name = text if text in self.units else self.synonyms.get(text, "")
        return self.units.get(name)

    def base_unit(self, dimension: str) -> Unit | None:
        """Return the unit of a dimension whose factor is 1, the first one listed."""
        for unit in self.units.values():
            if unit.dimension == dimension and unit.factor == 1:
                return unit
        return None


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / "vocabulary" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _number(text: str) -> float | None:
    return float(text) if text else None


def unit_of(row: Mapping[str, str]) -> tuple[Unit, tuple[str, ...]]:
    """Build a unit and its synonyms from a row of a units table."""
    also = tuple(part.strip() for part in row.get("also", "").split(";") if part.strip())
    return Unit(row["unit"], row["dimension"], float(row["factor"]), row["label"]), also


def measure_of(row: Mapping[str, str]) -> Measure:
    """Build a measure from a row of a measures table."""
    return Measure(
        row["measure"],
        row["dimension"],
        row["kind"],
        row["sign"],
        row["role"],
        row["label"],
        row["about"],
    )


@cache
def grade_meanings() -> Mapping[str, str]:
    """Return what each grade of a source means."""
    return {row["reliability"]: row["meaning"] for row in _rows("reliability.csv")}


@cache
def package_vocabulary() -> Vocabulary:
    """Return the vocabularies that the package ships."""
    pairs = [unit_of(row) for row in _rows("units.csv")]
    return Vocabulary(
        units={unit.name: unit for unit, _ in pairs},
        synonyms={word: unit.name for unit, also in pairs for word in also},
        measures={row["measure"]: measure_of(row) for row in _rows("measures.csv")},
        wordings={
            row["wording"]: Wording(
                row["wording"],
                _number(row["low"]),
                _number(row["high"]),
                row["takes"],
                row["meaning"],
            )
            for row in _rows("wordings.csv")
        },
        reliability={row["reliability"]: float(row["spread"]) for row in _rows("reliability.csv")},
        enforcement=tuple(
            Enforcement(
                row["change"],
                row["figure"],
                float(row["value"]),
                _number(row["low"]),
                _number(row["high"]),
                row["unit"],
                row["basis"],
                tuple(row["cases"].split(";")),
                tuple(row["sources"].split(";")),
            )
            for row in _rows("enforcement.csv")
        ),
    )


@cache
def finding_codes() -> Mapping[str, FindingCode]:
    """Return every kind of finding by its code."""
    return {row["code"]: FindingCode(**row) for row in _rows("findings.csv")}


def _column(name: str, described: Mapping[str, Any]) -> Column:
    of = described.get("of", ())
    return Column(
        name=name,
        type=described["type"],
        meaning=described["meaning"],
        required=bool(described.get("required", False)),
        default=str(described.get("default", "")),
        of=(of,) if isinstance(of, str) else tuple(str(each) for each in of),
        to=described.get("to", ""),
        unit=described.get("unit", ""),
        least=described.get("least"),
        most=described.get("most"),
    )


def _columns(described: Mapping[str, Mapping[str, Any]]) -> dict[str, Column]:
    return {name: _column(name, each) for name, each in described.items()}


def _load(path: Path) -> dict[str, Any]:
    described: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    return described


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _table_spec(name: str) -> TableSpec:
    described = _load(_HERE / "tables" / f"{name}.yaml")
    figures = described.get("figures", {})
    return TableSpec(
        name=name,
        file=described["file"],
        about=described["about"],
        key=tuple(described["key"]),
        columns=_columns(described["columns"]),
        figures={figure: FigureSpec(figure, **columns) for figure, columns in figures.items()},
        known=described["known"],
        vintage=described.get("vintage", ""),
        edge=described.get("edge"),
        virtual=bool(described.get("virtual", False)),
    )


@cache
def table_specs() -> Mapping[str, TableSpec]:
    """Return the description of every table of a world, by name, in reading order."""
    order = [
        *("sources", "actors", "products", "facts", "parameters", "flows", "barriers"),
        *(
            "sites",
            "links",
            "modes",
            "demands",
            "memberships",
            "relations",
            "transfers",
            "events",
            "levers",
        ),
    ]
    return {name: _table_spec(name) for name in order}


@cache
def extension_specs() -> Mapping[str, TableSpec]:
    """Return the description of the tables by which a dossier adds to vocabularies, by file."""
    return {f"{name}.csv": _table_spec(name) for name in ("units", "measures")}


def _entry_file(name: str) -> EntryFile:
    """Read the description of a YAML file; its entries may be those of another."""
    described = _load(_HERE / "entries" / f"{name}.yaml")
    entries = described.get("entries", {})
    return EntryFile(
        name=name,
        file=described["file"],
        about=described["about"],
        form=described["form"],
        fields=_columns(described["fields"]),
        entries=entry_files()[entries].entries
        if isinstance(entries, str)
        else {key: _columns(each) for key, each in entries.items()},
    )


@cache
def entry_files() -> Mapping[str, EntryFile]:
    """Return the description of every YAML file of a dossier, by name."""
    return {name: _entry_file(name) for name in ("dossier", "claims", "levers", "scenarios")}


@cache
def template_file() -> EntryFile:
    """Return the description of the package's file of templates."""
    return _entry_file("templates")
