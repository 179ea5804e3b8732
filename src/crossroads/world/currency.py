"""Money and prices in other currencies, converted through dated exchange rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from crossroads.dossier import Dossier
from crossroads.integrity import exchange_rates
from crossroads.periods import Period, parse_period
from crossroads.schema import in_currency
from crossroads.world.table import Table

__all__ = ["in_base_currency"]


def in_base_currency(reported: Mapping[str, Table], dossier: Dossier) -> dict[str, Table]:
    """Return the tables with money in the base currency; what has no rate is left out."""
    return {
        name: _converted(table, reported["facts"], dossier) if name in ("facts", "flows") else table
        for name, table in reported.items()
    }


def _converted(table: Table, facts: Table, dossier: Dossier) -> Table:
    """Convert figures in other currencies by the exchange rate of the shortest fitting period."""
    dimensions = table.frame["value_dimension"].to_list()
    if not any(in_currency(each or "")[1] for each in dimensions):
        return table
    rates = exchange_rates(facts.frame, dossier.vocabulary)
    values = table.values.copy()
    via: dict[str, tuple[str, ...]] = {}
    missing: list[int] = []
    periods = table.frame["period"].to_list()
    rows = table.frame["row"].to_list()
    for place, dimension in enumerate(dimensions):
        converted, currency = in_currency(dimension or "")
        if not currency:
            continue
        rate = _rate(rates.get(currency, []), parse_period(periods[place]))
        if rate is None:
            missing.append(place)
            continue
        values[place] /= facts.values[facts.places[rate]]
        via[rows[place]] = (rate,)
        dimensions[place] = converted
    frame = table.frame.with_columns(pl.Series("value_dimension", dimensions, pl.String))
    table = replace(table, frame=frame).with_figure("value", values, via)
    if missing:
        keep = np.setdiff1d(np.arange(frame.height), missing)
        return table.take(keep)
    return table


def _rate(rates: list[tuple[Period, str]], period: Period) -> str | None:
    return next((row for each, row in rates if each.contains(period)), None)
