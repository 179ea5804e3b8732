"""Changes of policy: barriers to trade, memberships, relations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from crossroads.errors import LeverError
from crossroads.levers.change import Change
from crossroads.periods import parse_date
from crossroads.world import Table, World

__all__ = ["change_barrier", "change_membership", "change_relation"]


def change_barrier(change: Change, world: World, strength: float) -> World:
    """Add a barrier: a ban or cap at the share enforced, a tax or cost at its rate times strength.

    A ban's value is the share of the flow stopped; a cap's the share of the base flow allowed.
    """
    kind = change.selector["kind"]
    if kind == "ban":
        value = change.figure(world, "value", 1.0) * change.coverage(world, strength)
    elif kind == "cap":
        allowed = change.figure(world, "value", 1.0)
        value = 1 - change.coverage(world, strength) * (1 - allowed)
    else:
        value = strength * change.figure(world, "value", 0.0)
    row = f"barriers:{change.lever}/{change.place}"
    if row in world["barriers"].places:
        raise LeverError(f"lever '{change.lever}' is pulled twice")
    cells = dict(change.selector) | {
        "row": row,
        "unit": "share",
        "start": world.meta.as_of.isoformat(),
        "value_dimension": "share",
        "line": change.line,
    }
    table = world["barriers"].with_row(cells, {"value": value}, change.inputs(world))
    return world.with_table(table)


def _open(table: Table, day: date) -> pl.Series:
    """Tell which rows hold on a day."""
    ends = zip(table.frame["start"], table.frame["end"], strict=True)
    return pl.Series(
        [
            parse_date(start)[0] <= day and (end is None or parse_date(end)[1] >= day)
            for start, end in ends
        ],
        dtype=pl.Boolean,
    )


def _ended(table: Table, which: pl.Series, day: date) -> Table:
    """End rows so that they no longer hold on a day."""
    last = (day - timedelta(days=1)).isoformat()
    end = pl.when(which).then(pl.lit(last)).otherwise(pl.col("end")).alias("end")
    return replace(table, frame=table.frame.with_columns(end))


def _added(table: Table, change: Change, cells: Mapping[str, Any]) -> Table:
    row = f"{table.name}:{change.lever}/{change.place}"
    nothing: dict[str, np.ndarray[Any, np.dtype[np.float64]]] = {}
    return table.with_row({**cells, "row": row, "line": change.line}, nothing)


def change_membership(change: Change, world: World, strength: float) -> World:
    """Join, leave or suspend: the standing that holds ends, the new one begins. A switch."""
    table = world["memberships"]
    day = world.meta.as_of
    state, bloc = change.selector["state"], change.selector["bloc"]
    frame = table.frame
    held = _open(table, day) & (frame["state"] == state) & (frame["bloc"] == bloc)
    if change.set == "left" and not held.any():
        raise change.nothing("membership in force")
    table = _ended(table, held, day)
    if change.set != "left":
        cells = {"state": state, "bloc": bloc, "status": change.set, "start": day.isoformat()}
        table = _added(table, change, cells)
    return world.with_table(table)


def change_relation(change: Change, world: World, strength: float) -> World:
    """Begin or end a relation between two actors, in either order. A switch."""
    table = world["relations"]
    day = world.meta.as_of
    a, b, kind = (change.selector.get(name) for name in ("a", "b", "kind"))
    frame = table.frame
    if change.set == "ended":
        pair = ((frame["a"] == a) & (frame["b"] == b)) | ((frame["a"] == b) & (frame["b"] == a))
        held = _open(table, day) & pair
        if kind:
            held &= frame["kind"] == kind
        if not held.any():
            raise change.nothing("relation in force")
        return world.with_table(_ended(table, held, day))
    cells = {
        "a": a,
        "b": b,
        "kind": kind,
        "sign": change.sign or "0",
        "strength": change.weight,
        "start": day.isoformat(),
    }
    return world.with_table(_added(table, change, cells))
