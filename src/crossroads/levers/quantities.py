"""Changes of quantities: flows of exogenous layers, links, facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from crossroads.levers.change import Change
from crossroads.world import Table, World, current_rows

__all__ = ["change_fact", "change_flow", "change_link"]


def _where(table: Table, selector: Mapping[str, str]) -> list[int]:
    """Return the places of the rows that have the selector's cells."""
    fits = pl.lit(True)
    for column, cell in selector.items():
        fits &= pl.col(column).cast(pl.String).eq_missing(cell)
    return table.frame.with_row_index("place").filter(fits)["place"].to_list()


def change_flow(change: Change, world: World, strength: float) -> World:
    """Scale the present flows of an exogenous layer, and the reported totals they are part of."""
    flows = world["flows"]
    present = set(current_rows(flows, world.meta).tolist())
    places = [place for place in _where(flows, change.selector) if place in present]
    if not places:
        raise change.nothing("flow of a whole year up to the base period")
    factor = 1 - change.coverage(world, strength) * (1 - change.figure(world, "scale", 0.0))
    values = flows.values.copy()
    inputs = change.inputs(world)
    via: dict[str, tuple[str, ...]] = {}
    rows = flows.rows
    touched = set(places)
    for place in places:
        row = rows[place]
        lost = values[place] * (1 - factor)
        values[place] = values[place] - lost
        via[row["row"]] = inputs
        for total in _totals(rows, row, world.meta.world):
            if total not in touched:
                values[total] = np.maximum(values[total] - lost, 0.0)
                more = (*flows.lineage(row["row"]), *inputs)
                via[rows[total]["row"]] = (*via.get(rows[total]["row"], ()), *more)
    return world.with_table(flows.with_figure("value", values, via))


def _totals(rows: list[dict[str, Any]], part: Mapping[str, Any], whole: str) -> list[int]:
    """Return the places of the reported totals that a flow is part of."""
    same = ("layer", "product", "period")
    ends = ((whole, part["destination"]), (part["origin"], whole))
    return [
        place
        for place, row in enumerate(rows)
        if (row["origin"], row["destination"]) in ends
        and all(row[name] == part[name] for name in same)
        and row["value_dimension"] == part["value_dimension"]
    ]


def change_link(change: Change, world: World, strength: float) -> World:
    """Open, close, resize or reprice links, chosen by id, site, or by who controls them.

    A link's own capacity and cost may be unknown: by which factors levers changed them stands in
    the figures ``resized`` and ``repriced``, which only a levered table has.
    """
    links = world["links"]
    selector = dict(change.selector)
    controller, site = selector.pop("controller", None), selector.pop("site", None)
    places = _where(links, selector)
    if site:
        ends = links.frame.select("origin", "destination").rows()
        places = [place for place in places if site in ends[place]]
    if controller:
        owners = links.frame["controllers"].to_list()
        places = [place for place in places if controller in (owners[place] or ())]
    if not places:
        raise change.nothing("link")
    figures = {name: links.figures[name].copy() for name in ("capacity", "cost")}
    figures |= {
        name: links.figures.get(name, np.ones_like(figures["cost"])).copy()
        for name in ("resized", "repriced")
    }
    status = links.frame["status"].to_list()
    coverage = change.coverage(world, strength)
    closed = change.set == "closed"
    scale = change.figure(world, "scale", 0.0 if closed else 1.0)
    resize = np.where(scale < 1, 1 - coverage * (1 - scale), 1 + strength * (scale - 1))
    reprice = 1 + strength * (change.figure(world, "cost", 1.0) - 1)
    for place in places:
        for name, factor in (
            ("capacity", resize),
            ("resized", resize),
            ("cost", reprice),
            ("repriced", reprice),
        ):
            figures[name][place] *= factor
        if closed and not np.any(resize):
            status[place] = "closed"
        elif change.set == "open":
            status[place] = "open"
    inputs = change.inputs(world)
    names = links.frame["row"]
    via = {names[place]: inputs for place in places}
    changed = links.with_figure("capacity", figures["capacity"], via)
    frame = links.frame.with_columns(pl.Series("status", status, dtype=pl.String))
    return world.with_table(replace(changed, frame=frame, figures={**changed.figures, **figures}))


def change_fact(change: Change, world: World, strength: float) -> World:
    """Set or scale a fact; without a period, the present one."""
    facts = world["facts"]
    places = _where(facts, change.selector)
    if "period" not in change.selector:
        present = set(current_rows(facts, world.meta).tolist())
        places = [place for place in places if place in present]
    if not places:
        raise change.nothing("fact")
    values = facts.values.copy()
    scale = 1 + strength * (change.figure(world, "scale", 1.0) - 1)
    for place in places:
        if change.has(world, "value"):
            target = change.figure(world, "value", 0.0)
            values[place] = values[place] + strength * (target - values[place])
        values[place] = values[place] * scale
    inputs = change.inputs(world)
    via = {facts.rows[place]["row"]: inputs for place in places}
    return world.with_table(facts.with_figure("value", values, via))
