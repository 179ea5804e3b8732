"""One row of a dossier: its cells, its place, its sources, and the verdicts that rest on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crossroads.claims import Judged
from crossroads.dossier import Dossier
from crossroads.errors import UsageError, did_you_mean
from crossroads.schema import table_specs
from crossroads.show.names import row_words
from crossroads.show.text import plain, tally
from crossroads.show.verdicts import marked
from crossroads.study import Study

__all__ = ["Row", "draw_row", "row_named", "row_record"]

_SOURCE = ("id", "title", "publisher", "published", "reliability", "origin", "url")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its id, what it is about, its cells as typed, and its place."""

    id: str
    about: str
    cells: Mapping[str, Any]
    file: str
    line: int
    sources: tuple[Mapping[str, Any], ...]


def row_named(dossier: Dossier, name: str) -> Row:
    """Return a row by its id.

    Raises
    ------
    UsageError
        If the dossier has no such row.
    """
    table = name.partition(":")[0]
    specs = table_specs()
    if table not in specs:
        hint = did_you_mean(table, specs)
        raise UsageError(f"'{name}' is no id of a row, which begins with its table; {hint}")
    frame = dossier.tables[table]
    held = frame.filter(frame["row"] == name)
    if not held.height:
        hint = did_you_mean(name, frame["row"].to_list())
        raise UsageError(f"there is no row '{name}'; {hint}")
    row = held.row(0, named=True)
    cells = {each: row[each] for each in specs[table].columns if row[each] not in (None, [])}
    behind = [dossier.sources[each] for each in row.get("source") or [] if each in dossier.sources]
    sources = tuple({name: each.get(name) for name in _SOURCE if each.get(name)} for each in behind)
    about = row_words(table, row, dossier)
    return Row(name, about, cells, specs[table].file, row["line"], sources)


def _resting(row: Row, study: Study) -> Iterator[tuple[Judged, list[str]]]:
    """Yield the claims whose verdicts rest on a row, and whether the one now, then or both."""
    for judged in study.judged.values():
        told = (("now", judged.readings), ("then", judged.readings_then))
        when = [word for word, each in told if any(row.id in one.rows for one in each)]
        if when:
            yield judged, when


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def draw_row(console: Console, study: Study, row: Row) -> None:
    """Print a row."""
    console.print(Text(plain(row.id), style="bold"))
    console.print(plain(row.about))
    console.print(Text(f"{row.file}:{row.line}", style="cyan"))
    console.print()
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in row.cells.items():
        table.add_row(Text(name, style="dim"), Text(plain(_text(value))))
    console.print(Padding(table, (0, 0, 0, 2)))
    if row.sources:
        console.print()
        console.print(tally(len(row.sources), "source"), style="bold")
    for each in row.sources:
        said = "; ".join(f"{each[name]}" for name in _SOURCE[1:] if name in each)
        console.print(Padding(Text(plain(f"{each['id']}: {said}")), (0, 0, 0, 2)))
    resting = list(_resting(row, study))
    console.print()
    console.print(tally(len(resting), "claim rests on it", "claims rest on it"), style="bold")
    table = Table.grid(padding=(0, 2, 0, 0))
    for judged, when in resting:
        verdict = judged.verdict if "now" in when else judged.verdict_then
        table.add_row(marked(verdict), Text(", ".join(when)), Text(plain(judged.claim.id)))
    console.print(Padding(table, (0, 0, 0, 2)))


def row_record(study: Study, row: Row) -> dict[str, Any]:
    """Return a row for ``--json``."""
    return {
        "study": study.verdicts()["study"],
        "row": row.id,
        "about": row.about,
        "file": row.file,
        "line": row.line,
        "cells": dict(row.cells),
        "sources": [dict(each) for each in row.sources],
        "claims": [
            {
                "id": judged.claim.id,
                "verdict": str(judged.verdict),
                "verdict_then": str(judged.verdict_then),
                "rests": when,
            }
            for judged, when in _resting(row, study)
        ],
    }
