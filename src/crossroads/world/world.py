"""A world: immutable tables with draws, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from crossroads.dossier import Dossier
from crossroads.draws import quantile
from crossroads.entries import Entry
from crossroads.errors import UsageError, named
from crossroads.lever_figures import lever_figures
from crossroads.meta import Meta
from crossroads.world.currency import in_base_currency
from crossroads.world.sampling import sampled_table, sampled_tables
from crossroads.world.table import Floats, Table

__all__ = ["Pull", "World", "build_world"]

Pull = Callable[["World"], "World"]
"""A lever: it maps a world to a world."""


@dataclass(frozen=True, eq=False)
class World:
    """Immutable tables with draws; see the module's description."""

    dossier: Dossier
    tables: Mapping[str, Table]
    draws: int
    seed: int
    known: date
    with_unverified: bool
    reported: Mapping[str, Table]
    horizon: str | None = None
    before: World | None = None

    @property
    def base(self) -> World:
        """The world before any lever; itself, if none was pulled."""
        return self.before or self

    @property
    def meta(self) -> Meta:
        return self.dossier.meta

    def __getitem__(self, table: str) -> Table:
        return self.tables[table]

    def __repr__(self) -> str:
        rows = sum(table.frame.height for table in self.tables.values())
        state = "" if self.before is None else ", levers pulled"
        return (
            f"<World {self.dossier.name}: {rows} rows, {self.draws} draws, "
            f"as known {self.known}{state}>"
        )

    def as_known(self, day: date) -> World:
        """Return the world as it could be known on a day; no lever may have been pulled."""
        if self.before is not None:
            raise UsageError("ask what was known before pulling levers, not after")
        world = build_world(
            self.dossier,
            draws=self.draws,
            seed=self.seed,
            known=day,
            with_unverified=self.with_unverified,
        )
        return world.at(self.horizon) if self.horizon else world

    def at(self, horizon: str) -> World:
        """Return the world at a horizon: parameters of other horizons are left out.

        Raises
        ------
        UsageError
            If the dossier has no such horizon, or a lever was pulled.
        """
        named("horizon", horizon, self.meta.horizons)
        if self.before is not None:
            raise UsageError("choose the horizon before pulling levers, not after")
        parameters = self.reported["parameters"]
        fits = (pl.col("horizon").is_null() | (pl.col("horizon") == horizon)).alias("fits")
        keep = parameters.frame.select(fits)["fits"].to_numpy()
        chosen = parameters if keep.all() else parameters.take(np.flatnonzero(keep))
        return replace(self, tables={**self.tables, "parameters": chosen}, horizon=horizon)

    def pull(self, *levers: Pull) -> World:
        """Return the world after levers, pulled in order."""
        world = self
        for lever in levers:
            world = lever(world)
        return world

    def with_table(self, table: Table) -> World:
        """Return a levered world in which one table is another; ``base`` stays."""
        return replace(self, tables={**self.tables, table.name: table}, before=self.base)

    def perturbed(self, figures: Mapping[tuple[str, str], Floats]) -> World:
        """Return another base world in which some figures have other draws.

        Parameters
        ----------
        figures
            Draws by row id and figure, in base units of the dimension as reported. All must have
            the same number of draws, which becomes that of the world: figures not named keep their
            draws, or, where the number differs, repeat their first draw.
        """
        if self.before is not None:
            raise UsageError("perturb the base world, not one with levers pulled")
        draws = next(iter(figures.values())).shape[-1] if figures else self.draws
        reported: dict[str, Table] = {}
        by_table: dict[str, list[tuple[str, str]]] = {}
        for row, figure in figures:
            by_table.setdefault(row.partition(":")[0], []).append((row, figure))
        for name, table in self.reported.items():
            changed = by_table.get(name, [])
            if not changed and draws == self.draws:
                reported[name] = table
                continue
            arrays = {
                figure: each.copy()
                if draws == self.draws
                else np.repeat(each[:, :1], draws, axis=1)
                for figure, each in table.figures.items()
            }
            for row, figure in changed:
                arrays[figure][table.places[row]] = figures[row, figure]
            reported[name] = table.sharing(figures=arrays)
        tables = in_base_currency(reported, self.dossier)
        world = replace(self, tables=tables, reported=reported, draws=draws, horizon=None)
        return world.at(self.horizon) if self.horizon else world

    def central(self) -> World:
        """Return the base world in one draw, every figure at its median."""
        return self.perturbed(
            {
                (row, figure): np.array([span[0]])
                for table in self.reported.values()
                for figure, spans in table.spans.items()
                for row, span in spans.items()
                if row in table.places
            }
        )

    def restricted(self, rows: Collection[str]) -> World:
        """Return the base world in which tables with figures keep only the rows named."""
        if self.before is not None:
            raise UsageError("restrict the base world, not one with levers pulled")
        wanted = set(rows)
        reported = {
            name: table.take(
                np.flatnonzero([row in wanted for row in table.frame["row"]]).astype(np.intp)
            )
            if table.figures and name != "products"
            else table
            for name, table in self.reported.items()
        }
        tables = in_base_currency(reported, self.dossier)
        world = replace(self, tables=tables, reported=reported, horizon=None)
        return world.at(self.horizon) if self.horizon else world

    def with_levers(self, levers: Mapping[str, Entry]) -> World:
        """Return the base world of a dossier that has other levers and is else the same."""
        if self.before is not None:
            raise UsageError("change the levers on offer in the base world")
        figures = lever_figures(levers, self.dossier.vocabulary)
        tables = {**self.dossier.tables, "levers": figures}
        dossier = replace(self.dossier, levers=levers, tables=tables)
        table = sampled_table(
            dossier, "levers", self.known, self.draws, self.seed, self.with_unverified
        )
        return replace(
            self,
            dossier=dossier,
            tables={**self.tables, "levers": table},
            reported={**self.reported, "levers": table},
        )

    def quantile(self, row: str, figure: str, probability: float) -> float:
        """Return a quantile of the distribution that a row's figure is drawn from."""
        table = self.tables[row.partition(":")[0]]
        return quantile(*table.spans[figure][row], probability)


def build_world(
    dossier: Dossier,
    *,
    draws: int = 1000,
    seed: int = 1,
    known: date | None = None,
    with_unverified: bool = False,
) -> World:
    """Sample a dossier into a world.

    Parameters
    ----------
    draws
        Number of draws; 1 gives the central world, every figure at its median.
    seed
        Seed of all streams.
    known
        Day as of which the world is known; without it, the dossier's own ``as_of``.
    with_unverified
        Whether to keep rows that rest on recollection.
    """
    if draws < 1:
        raise UsageError(f"{draws} draws cannot be taken; ask for 1 or more")
    day = known or dossier.meta.as_of
    reported = sampled_tables(dossier, day, draws, seed, with_unverified)
    tables = in_base_currency(reported, dossier)
    return World(dossier, tables, draws, seed, day, with_unverified, reported)
