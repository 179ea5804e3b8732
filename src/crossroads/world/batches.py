"""Worlds in some of their draws and some of their tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from crossroads.world.table import Table
from crossroads.world.world import World

__all__ = ["Batch", "cut"]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of the draws: those from ``start`` up to ``stop``."""

    start: int
    stop: int

    @property
    def draws(self) -> int:
        return self.stop - self.start


def cut(worlds: Mapping[str, World], batch: Batch, names: Collection[str]) -> dict[str, World]:
    """Return worlds of one base in some of their draws and some of their tables.

    Figures are views. What the worlds share they go on sharing: tables no lever touched, and the
    base.
    """
    made: dict[int, Table] = {}

    def table(whole: Table) -> Table:
        if id(whole) not in made:
            _ = whole.places, whole.rows  # once for all batches
            figures = {
                name: each[:, batch.start : batch.stop] for name, each in whole.figures.items()
            }
            made[id(whole)] = whole.sharing(figures=figures)
        return made[id(whole)]

    def some(tables: Mapping[str, Table], world: World) -> Mapping[str, Table]:
        asked = {name: each for name, each in tables.items() if name in names}
        if batch.draws == world.draws:
            return asked
        return {name: table(each) for name, each in asked.items()}

    bases: dict[int, World] = {}

    def one(world: World) -> World:
        before = world.before
        if before is None and id(world) in bases:
            return bases[id(world)]
        part = replace(
            world,
            tables=some(world.tables, world),
            reported=some(world.reported, world),
            draws=batch.draws,
            before=None if before is None else one(before),
        )
        return bases.setdefault(id(world), part) if before is None else part

    return {name: one(world) for name, world in worlds.items()}
