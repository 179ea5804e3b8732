"""The rows behind a result: what they say, as reported, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from crossroads.schema import FigureSpec
from crossroads.show.names import row_words
from crossroads.show.numbers import spread, with_unit
from crossroads.world import Table, World

__all__ = ["RowSeen", "rows_seen"]


@dataclass(frozen=True, slots=True)
class RowSeen:
    """A row of the dossier: its id, what it is about, its figures, its sources, its place.

    ``range_from`` is ``row`` where its figures have a range of their own, ``grade`` where that of
    their sources stands in, empty where there is no figure or an exact one. ``replaced`` rows
    were known once and have given way to a later vintage.
    """

    row: str
    about: str
    figure: str
    period: str
    range_from: str
    replaced: bool
    sources: tuple[str, ...]
    file: str
    line: int


def rows_seen(rows: Iterable[str], world: World) -> list[RowSeen]:
    """Return rows by their ids, as reported."""
    by_table: dict[str, list[str]] = {}
    for row in rows:
        by_table.setdefault(row.partition(":")[0], []).append(row)
    seen: list[RowSeen] = []
    for name, wanted in by_table.items():
        found = world.dossier.tables[name].filter(pl.col("row").is_in(wanted))
        held = {each["row"]: each for each in found.iter_rows(named=True)}
        seen += [
            _seen(row, held[row], world.reported[name], world) for row in wanted if row in held
        ]
    return seen


def _seen(row: str, cells: Mapping[str, Any], table: Table, world: World) -> RowSeen:
    figures = [_figure(spec, row, cells, table, world) for spec in table.spec.figures.values()]
    origins = {origin for text, origin in figures if text}
    return RowSeen(
        row=row,
        about=row_words(table.name, cells, world.dossier),
        figure=", ".join(text for text, _ in figures if text),
        period=cells.get("period") or "",
        range_from=next((each for each in ("grade", "row") if each in origins), ""),
        replaced=row not in table.places,
        sources=tuple(cells.get("source") or ()),
        file=table.spec.file,
        line=cells["line"],
    )


def _figure(
    spec: FigureSpec, row: str, cells: Mapping[str, Any], table: Table, world: World
) -> tuple[str, str]:
    """Return a figure in the unit as reported, and where its range comes from."""
    value, unit = cells[spec.value], cells[spec.unit]
    if value is None or unit is None:
        return "", ""
    label = "" if len(table.spec.figures) == 1 else f"{spec.name} "
    factor = world.dossier.vocabulary.units[unit].factor
    span = table.spans[spec.name].get(row)
    ends = [cells[spec.low], cells[spec.high]]
    if span is not None:
        ends = [end / factor for end in span[1:3]]
    low, high = (value if end is None else end for end in ends)
    if low == high:
        return f"{label}{with_unit(f'{value:,.6g}', unit)}", ""
    given = cells[spec.low] is not None and cells[spec.high] is not None
    return f"{label}{spread((value, low, high), unit)}", "row" if given else "grade"
