"""Sampling a dossier's tables: the rows known on a day, and the draws of their figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from crossroads.dossier import Dossier
from crossroads.draws import fill_range, sample, standard_normals
from crossroads.periods import parse_date
from crossroads.schema import FigureSpec, TableSpec, table_specs
from crossroads.tables import row_id
from crossroads.world.table import Floats, Table

__all__ = ["known_from", "sampled_table", "sampled_tables"]


def sampled_tables(
    dossier: Dossier, day: date, draws: int, seed: int, with_unverified: bool
) -> dict[str, Table]:
    """Return every table as known on a day, its figures drawn, money as reported."""
    return {
        name: sampled_table(dossier, name, day, draws, seed, with_unverified)
        for name in table_specs()
    }


def known_from(row: Mapping[str, Any], spec: TableSpec, dossier: Dossier) -> date | None:
    """Return the day from which a row could be known, None where the table has no such clock."""
    if spec.known == "none":
        return None
    if row.get("known_from"):
        return parse_date(row["known_from"])[1]
    if spec.known != "source":
        return parse_date(row[spec.known])[1]
    published = [
        parse_date(dossier.sources[each]["published"])[1]
        for each in row["source"] or []
        if each in dossier.sources
    ]
    return max(published, default=None)


def sampled_table(
    dossier: Dossier, name: str, day: date, draws: int, seed: int, with_unverified: bool
) -> Table:
    """Return one table as known on a day, its figures drawn, money as reported."""
    spec = table_specs()[name]
    frame = dossier.tables[spec.name]
    rows = frame.to_dicts()
    clock = [known_from(row, spec, dossier) for row in rows]
    keep = [
        (known is None or known <= day)
        and (with_unverified or not dossier.is_unverified(row.get("source")))
        for row, known in zip(rows, clock, strict=True)
    ]
    frame = frame.with_columns(pl.Series("known", clock, dtype=pl.Date)).filter(
        pl.Series(keep, dtype=pl.Boolean)
    )
    if spec.vintage:
        frame = frame.sort("known", nulls_last=False, maintain_order=True).unique(
            list(spec.key), keep="last", maintain_order=True
        )
        frame = frame.sort("line")
    figures: dict[str, Floats] = {}
    spans: dict[str, dict[str, tuple[float, float, float, str]]] = {}
    rows = frame.to_dicts()
    for figure in spec.figures.values():
        figures[figure.name], spans[figure.name], dimensions = _draw(
            rows, spec, figure, dossier, draws, seed
        )
        frame = frame.with_columns(pl.Series(f"{figure.name}_dimension", dimensions, pl.String))
    return Table(spec, frame, figures, spans)


def _draw(
    rows: list[dict[str, Any]],
    spec: TableSpec,
    figure: FigureSpec,
    dossier: Dossier,
    draws: int,
    seed: int,
) -> tuple[Floats, dict[str, tuple[float, float, float, str]], list[str | None]]:
    """Draw one figure of every row, in base units; NaN where a row has no such figure."""
    vocabulary = dossier.vocabulary
    drawn = np.full((len(rows), draws), np.nan)
    dimensions: list[str | None] = [None] * len(rows)
    spans: dict[str, tuple[float, float, float, str]] = {}
    places, keys = [], []
    for place, row in enumerate(rows):
        unit = vocabulary.unit(row[figure.unit] or "")
        if row[figure.value] is None or unit is None:
            continue
        sign = _sign(row, figure, dossier)
        low, high = fill_range(
            row[figure.value] * unit.factor,
            None if row[figure.low] is None else row[figure.low] * unit.factor,
            None if row[figure.high] is None else row[figure.high] * unit.factor,
            _spread(row, spec, dossier),
            sign,
        )
        dimensions[place] = unit.dimension
        spans[row["row"]] = (row[figure.value] * unit.factor, low, high, sign)
        places.append(place)
        keys.append(row.get("tie") or f"{row_id(spec, row, vintage=False)}|{figure.name}")
    if places:
        given = list(spans.values())
        values, lows, highs = (np.array([span[i] for span in given]) for i in range(3))
        drawn[places] = values[:, None]
        wide = np.flatnonzero((lows != values) | (highs != values))
        signs = [given[each][3] for each in wide]
        deviates = standard_normals([keys[each] for each in wide], draws, seed)
        chosen = np.array(places)[wide]
        drawn[chosen] = sample(values[wide], lows[wide], highs[wide], signs, deviates)
    return drawn, spans, dimensions


def _sign(row: Mapping[str, Any], figure: FigureSpec, dossier: Dossier) -> str:
    if figure.sign == "by measure":
        return dossier.vocabulary.measures[row.get("measure") or row["name"]].sign
    if figure.sign == "by figure":
        return str(row["sign"])
    return figure.sign


def _spread(row: Mapping[str, Any], spec: TableSpec, dossier: Dossier) -> float:
    """Return the default spread of a row: that of its most reliable source."""
    if spec.virtual:
        return 0.0
    grades = [
        dossier.sources[each]["reliability"]
        for each in row.get("source") or []
        if each in dossier.sources
    ]
    return dossier.meta.spreads[min(grades)] if grades else 0.0
