"""Expectations on an indicator: which row a reading means, and what was found there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossroads.claims.claim import Reading
from crossroads.indicators import BASELINE, INDEX, Indicators
from crossroads.periods import SHORTEST_YEAR, Period, parse_period

__all__ = ["Selection", "end_of", "select", "values_of"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Selection:
    """The row that a reading means, or the rows it could mean, or why there is none."""

    place: int | None
    cells: Mapping[str, str]
    unit: str
    inputs: tuple[str, ...]
    candidates: tuple[str, ...]
    missing: str


def end_of(period: str) -> date:
    """Return the last day of a row's period; of a mixture ``A over B``, of its numerator."""
    return _period(period).end


def _period(text: str) -> Period:
    return parse_period(text.partition(" over ")[0])


def select(reading: Reading, table: Indicators, written: date) -> Selection:
    """Find the one row that a reading means.

    A cell that the reading leaves out stands for an empty one, else for any. Without a period it
    means the latest that ended by ``written``, of whole years where there are any.
    """
    rows = table.part(reading.scenario, reading.horizon, reading.engine, reading.indicator)
    if rows is not None and reading.cells:
        rows = rows.filter(*(pl.col(name) == cell for name, cell in reading.cells.items()))
    if rows is None or not rows.height:
        return _none(_why_none(reading, table))
    for name in ("actor", "counterpart", "item"):
        if name not in reading.cells and (rows[name] == "").any():
            rows = rows.filter(pl.col(name) == "")
    if reading.period:
        wanted = parse_period(reading.period)
        chosen = [
            row
            for row in rows.iter_rows(named=True)
            if (_period(row["period"]).start, _period(row["period"]).end)
            == (wanted.start, wanted.end)
        ]
        if not chosen:
            known = ", ".join(sorted(set(rows["period"])))
            return _none(f"there is no figure for {reading.period}, only for {known}")
    else:
        past = [row for row in rows.iter_rows(named=True) if end_of(row["period"]) <= written]
        if not past:
            return _none(f"there is no figure for a period that ended by {written}")
        past = _whole_years(past)
        latest = max(end_of(row["period"]) for row in past)
        chosen = [row for row in past if end_of(row["period"]) == latest]
    if len(chosen) > 1:
        return Selection(None, {}, "", (), tuple(_named(row) for row in chosen), "")
    row = chosen[0]
    cells = {name: row[name] for name in INDEX}
    return Selection(row["place"], cells, row["unit"], tuple(row["inputs"]), (), "")


def _whole_years(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out part-years where there are whole years: an amount over less is no like amount."""
    days = [_period(row["period"]).days for row in rows]
    if max(days) < SHORTEST_YEAR:
        return rows
    return [
        row
        for row, length in zip(rows, days, strict=True)
        if length == 1 or length >= SHORTEST_YEAR
    ]


def _named(row: Mapping[str, str]) -> str:
    return "/".join(row[name] or "-" for name in INDEX[3:])


def _none(missing: str) -> Selection:
    return Selection(None, {}, "", (), (), missing)


def _why_none(reading: Reading, table: Indicators) -> str:
    """Say what is missing: the engine's own gap where there is one."""
    for gap in table.gaps:
        same = gap.engine == reading.engine and gap.indicator == reading.indicator
        same &= reading.period is None or not gap.periods or reading.period in gap.periods
        if same and all(getattr(gap, name) in ("", cell) for name, cell in reading.cells.items()):
            return str(gap)
    if reading.engine not in {engine for _, _, engine, _ in table.parts}:
        return f"there is no engine '{reading.engine}'"
    cells = ", ".join(f"{name} {cell}" for name, cell in reading.cells.items())
    where = "" if reading.scenario == BASELINE else f" under {reading.scenario}"
    return f"no row of {reading.target}{where} has {cells or 'any cells'}"


def values_of(reading: Reading, selection: Selection, table: Indicators) -> Floats:
    """Return the draws to judge: the row's, or their change against the baseline.

    NaN where there is none, as in a relative change of what was 0.
    """
    assert selection.place is not None
    rows = table.take(np.array([selection.place]))
    if reading.change:
        part = table.parts.get((BASELINE, reading.horizon, reading.engine, reading.indicator))
        places = np.empty(0, dtype=np.intp) if part is None else part["place"].to_numpy()
        rows = rows.against(table.take(places), reading.change)
    if not len(rows):
        return np.full(table.values.shape[1], np.nan)
    return np.where(np.isfinite(rows.values[0]), rows.values[0], np.nan)
