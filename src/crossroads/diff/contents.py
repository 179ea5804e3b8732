"""What two dossiers hold: rows and entries that were added, removed or changed, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

import polars as pl

from crossroads.dossier import Dossier
from crossroads.entries import Claimed, Entry, Quantity
from crossroads.schema import TableSpec, entry_files, table_specs

__all__ = ["CellChange", "Change", "changes_between", "flattened", "series_of"]


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that differs; empty where one side has none."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """Something that one side has and the other has not, or has otherwise.

    ``kind`` is a table, ``claims``, ``levers`` (figures are rows, ids with a colon), ``scenarios``,
    ``settings``, ``units`` or ``measures``; ``change`` is ``added``, ``removed`` or ``changed``, of
    claims also ``reworded`` (other words) and ``restated`` (another test). ``before`` is the id on
    the old side where a later vintage took its place. ``row`` holds the cells of a table's row.
    """

    kind: str
    id: str
    change: str
    cells: tuple[CellChange, ...]
    old_place: str
    new_place: str
    before: str = ""
    row: Mapping[str, Any] | None = None


def changes_between(
    old: Dossier,
    new: Dossier,
    old_tables: Mapping[str, pl.DataFrame],
    new_tables: Mapping[str, pl.DataFrame],
    *,
    vintages: bool,
) -> tuple[Change, ...]:
    """Return every change from one dossier to another, in the order of the format's files.

    Parameters
    ----------
    old_tables, new_tables
        The tables to compare: all that stands in the files, or what was known on a day.
    vintages
        Whether two vintages of a figure are two rows; otherwise the later replaces the earlier.
    """
    found: list[Change] = []
    for name, spec in table_specs().items():
        found += _rows(spec, old_tables[name], new_tables[name], vintages)
    for kind in ("claims", "levers", "scenarios"):
        found += _entries(kind, getattr(old, kind), getattr(new, kind))
    for kind in ("units", "measures"):
        found += _words(kind, old, new)
    return (*found, *_settings(old, new))


def series_of(row: Mapping[str, Any], spec: TableSpec) -> str:
    """Return the id of a row without its vintage."""
    identity: str = row["row"]
    stamp = row.get(spec.vintage) if spec.vintage else None
    return identity.removesuffix(f"@{stamp}") if stamp else identity


def text_of(value: Any) -> str:
    """Write a cell as a dossier would."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, list | tuple):
        return "; ".join(map(text_of, value))
    return str(value)


def cells_of(row: Mapping[str, Any], spec: TableSpec) -> dict[str, str]:
    """Return the cells of a row that its table describes, as text."""
    return {name: text for name in spec.columns if (text := text_of(row.get(name)))}


def _places(old: object, new: object) -> tuple[str, str]:
    return str(old or ""), str(new or "")


def differing(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[CellChange, ...]:
    """Return the cells that differ."""
    return tuple(
        CellChange(name, old.get(name, ""), new.get(name, ""))
        for name in dict.fromkeys((*old, *new))
        if old.get(name, "") != new.get(name, "")
    )


def _rows(
    spec: TableSpec, old: pl.DataFrame, new: pl.DataFrame, vintages: bool
) -> Iterator[Change]:
    def keyed(frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
        rows = frame.to_dicts()
        return {row["row"] if vintages else series_of(row, spec): row for row in rows}

    before, after = keyed(old), keyed(new)
    for key in dict.fromkeys((*before, *after)):
        one, two = before.get(key), after.get(key)
        row = two or one
        assert row is not None
        cells = differing(*({} if each is None else cells_of(each, spec) for each in (one, two)))
        places = _places(*(each and f"{spec.file}:{each['line']}" for each in (one, two)))
        if one is None or two is None:
            change = "added" if one is None else "removed"
            yield Change(spec.name, row["row"], change, cells, *places, row=row)
        elif cells:
            was = one["row"] if one["row"] != two["row"] else ""
            yield Change(spec.name, row["row"], "changed", cells, *places, was, row)


def flattened(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield what an entry says, field by field, without its lines."""
    if isinstance(value, Entry):
        value = value.values
    if isinstance(value, Quantity):
        ends = "" if value.low is None and value.high is None else f" ({value.low} to {value.high})"
        sources = f"; {', '.join(value.source)}" if value.source else ""
        yield path, f"{value.value:.12g}{ends} {value.unit}{sources}"
    elif isinstance(value, Claimed):
        ends = " and ".join(
            f"{each.value:.12g} {each.unit}" for each in dict.fromkeys((value.low, value.high))
        )
        yield path, f"{value.wording.name} {ends}"
    elif is_dataclass(value) and not isinstance(value, type):
        yield from flattened(asdict(value), path)
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from flattened(each, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple) and any(isinstance(each, Entry) for each in value):
        for place, each in enumerate(value, 1):
            yield from flattened(each, f"{path}.{place}")
    else:
        text = text_of(value)
        if text:
            yield path, text


def _entries(kind: str, old: Mapping[str, Entry], new: Mapping[str, Entry]) -> Iterator[Change]:
    file = entry_files()[kind].file
    for name in dict.fromkeys((*old, *new)):
        one, two = old.get(name), new.get(name)
        cells = differing(*({} if each is None else dict(flattened(each)) for each in (one, two)))
        places = _places(*(each and f"{file}:{each.line}" for each in (one, two)))
        if one is None or two is None:
            yield Change(kind, name, "added" if one is None else "removed", cells, *places)
        elif cells:
            reworded = any(each.name == "says" for each in cells)
            change = "changed" if kind != "claims" else "reworded" if reworded else "restated"
            yield Change(kind, name, change, cells, *places)


def _words(kind: str, old: Dossier, new: Dossier) -> Iterator[Change]:
    """Yield the changes of a dossier's own units or measures."""
    before, after = getattr(old.vocabulary, kind), getattr(new.vocabulary, kind)
    for name in dict.fromkeys((*before, *after)):
        one, two = (dict(flattened(each[name])) if name in each else {} for each in (before, after))
        if one != two:
            change = "added" if not one else "removed" if not two else "changed"
            places = _places(*(each and f"{kind}.csv" for each in (one, two)))
            yield Change(kind, name, change, differing(one, two), *places)


def _settings(old: Dossier, new: Dossier) -> Iterator[Change]:
    """Yield what ``dossier.yaml`` says otherwise; the day of one dossier is no change of it."""
    one, two = (dict(flattened(each.meta)) for each in (old, new))
    if old.path == new.path:
        one.pop("as_of")
        two.pop("as_of")
    for cell in differing(one, two):
        change = "added" if not cell.old else "removed" if not cell.new else "changed"
        places = _places(*(each and "dossier.yaml" for each in (cell.old, cell.new)))
        yield Change("settings", cell.name, change, (cell,), *places)
