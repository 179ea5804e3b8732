"""The world: all that a dossier knows as of a date, sampled into draws.

A world is a value. ``pull`` returns another world that shares every table the levers did not touch
and keeps ``base``, the world before any lever.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossroads.dossier import Dossier
from crossroads.draws import fill_range, quantile, sample, standard_normals
from crossroads.entries import Entry
from crossroads.errors import UsageError, did_you_mean
from crossroads.integrity import exchange_rates
from crossroads.lever_figures import lever_figures
from crossroads.meta import Meta
from crossroads.periods import Period, parse_date, parse_period
from crossroads.schema import FigureSpec, TableSpec, table_specs
from crossroads.tables import row_id

__all__ = ["Batch", "Pull", "Table", "World", "build_world", "current_rows", "cut"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Table:
    """A typed table and the draws of its figures.

    ``frame`` has the schema's columns as reported, and ``row``, ``line``, ``known`` (the day from
    which the row could be known) and, for each figure, ``<figure>_dimension``. ``figures`` holds
    an array ``[row, draw]`` a figure, in the base unit of that dimension. ``via`` names the
    further rows on which a row's figures rest (exchange rates, figures of levers).
    """

    spec: TableSpec
    frame: pl.DataFrame
    figures: Mapping[str, Floats]
    spans: Mapping[str, Mapping[str, tuple[float, float, float, str]]] = field(default_factory=dict)
    via: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.spec.name

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Position of each row id."""
        return {row: place for place, row in enumerate(self.frame["row"])}

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The frame as one dictionary a row."""
        return self.frame.to_dicts()

    def current(self, until: date) -> NDArray[np.intp]:
        """Return the places of the latest whole year of each series that ended by a day."""
        held = self._current.get(until)
        if held is None:
            held = self._current[until] = _latest(self.rows, self.spec.key, until)
        return held

    @cached_property
    def _current(self) -> dict[date, NDArray[np.intp]]:
        return {}

    @property
    def values(self) -> Floats:
        """The draws of the figure ``value``, ``[row, draw]``."""
        return self.figures["value"]

    def lineage(self, row: str) -> tuple[str, ...]:
        """Return the ids of the rows that a row's figures rest on, itself first."""
        return (row, *self.via.get(row, ()))

    def take(self, places: NDArray[np.intp]) -> Table:
        """Return the table of some of its rows."""
        return replace(
            self,
            frame=self.frame[places],
            figures={name: each[places] for name, each in self.figures.items()},
        )

    def with_figure(
        self, figure: str, values: Floats, via: Mapping[str, tuple[str, ...]] | None = None
    ) -> Table:
        """Return the table with other draws of a figure, and what these rest on."""
        merged = dict(self.via)
        for row, more in (via or {}).items():
            merged[row] = tuple(dict.fromkeys((*merged.get(row, ()), *more)))
        return self.sharing(figures={**self.figures, figure: values}, via=merged)

    def sharing(
        self, *, figures: Mapping[str, Floats], via: Mapping[str, tuple[str, ...]] | None = None
    ) -> Table:
        """Return the table with other draws and the very same frame, and what is known of it."""
        table = replace(self, figures=figures, via=self.via if via is None else via)
        for name in ("places", "rows", "_current"):
            if name in self.__dict__:
                table.__dict__[name] = self.__dict__[name]
        return table

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made on use, so that a table travels light between processes."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def with_row(
        self, cells: Mapping[str, Any], figures: Mapping[str, Floats], via: tuple[str, ...] = ()
    ) -> Table:
        """Return the table with one more row at its end."""
        row = tuple(cells.get(name) for name in self.frame.columns)
        added = pl.DataFrame([row], schema=self.frame.schema, orient="row")
        draws = {
            name: np.vstack([each, figures.get(name, np.full(each.shape[1], np.nan))[None]])
            for name, each in self.figures.items()
        }
        table = replace(
            self,
            frame=self.frame.vstack(added),
            figures=draws,
            via={**self.via, str(cells["row"]): via} if via else self.via,
        )
        table.__dict__["places"] = {**self.places, cells["row"]: self.frame.height}
        return table


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of the draws: those from ``start`` up to ``stop``."""

    start: int
    stop: int

    @property
    def draws(self) -> int:
        return self.stop - self.start


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
        if horizon not in self.meta.horizons:
            hint = did_you_mean(horizon, self.meta.horizons)
            raise UsageError(f"there is no horizon '{horizon}'; {hint}")
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
        tables = _in_base_currencies(reported, self.dossier)
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
        tables = _in_base_currencies(reported, self.dossier)
        world = replace(self, tables=tables, reported=reported, horizon=None)
        return world.at(self.horizon) if self.horizon else world

    def with_levers(self, levers: Mapping[str, Entry]) -> World:
        """Return the base world of a dossier that has other levers and is else the same."""
        if self.before is not None:
            raise UsageError("change the levers on offer in the base world")
        figures = lever_figures(levers, self.dossier.vocabulary)
        tables = {**self.dossier.tables, "levers": figures}
        dossier = replace(self.dossier, levers=levers, tables=tables)
        spec = table_specs()["levers"]
        table = _table(dossier, spec, self.known, self.draws, self.seed, self.with_unverified)
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
    reported = {
        name: _table(dossier, spec, day, draws, seed, with_unverified)
        for name, spec in table_specs().items()
    }
    tables = _in_base_currencies(reported, dossier)
    return World(dossier, tables, draws, seed, day, with_unverified, reported)


def current_rows(table: Table, meta: Meta) -> NDArray[np.intp]:
    """Return the places of the rows that stand for the present: of each series the latest whole
    year that ended by the end of the dossier's base period."""
    return table.current(meta.base_period.end)


def _latest(rows: list[dict[str, Any]], key: tuple[str, ...], until: date) -> NDArray[np.intp]:
    series = [name for name in key if name != "period"]
    latest: dict[tuple[Any, ...], tuple[date, int]] = {}
    for place, row in enumerate(rows):
        period = parse_period(row["period"])
        if not period.is_year or period.end > until:
            continue
        named = tuple(row[name] for name in series)
        held = latest.get(named)
        if held is None or period.end > held[0]:
            latest[named] = (period.end, place)
    return np.array(sorted(place for _, place in latest.values()), dtype=np.intp)


def _in_base_currencies(reported: Mapping[str, Table], dossier: Dossier) -> dict[str, Table]:
    return {
        name: _in_base_currency(table, reported["facts"], dossier)
        if name in ("facts", "flows")
        else table
        for name, table in reported.items()
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


def _table(
    dossier: Dossier, spec: TableSpec, day: date, draws: int, seed: int, with_unverified: bool
) -> Table:
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


def _in_base_currency(table: Table, facts: Table, dossier: Dossier) -> Table:
    """Convert figures in other currencies by the exchange rate of the shortest fitting period."""
    dimensions = table.frame["value_dimension"].to_list()
    if not any((each or "").startswith("money in ") for each in dimensions):
        return table
    rates = exchange_rates(facts.frame, dossier.vocabulary)
    values = table.values.copy()
    via: dict[str, tuple[str, ...]] = {}
    missing: list[int] = []
    periods = table.frame["period"].to_list()
    rows = table.frame["row"].to_list()
    for place, dimension in enumerate(dimensions):
        currency = (dimension or "").partition("money in ")[2]
        if not currency:
            continue
        rate = _rate(rates.get(currency, []), parse_period(periods[place]))
        if rate is None:
            missing.append(place)
            continue
        values[place] /= facts.values[facts.places[rate]]
        via[rows[place]] = (rate,)
        dimensions[place] = "money"
    frame = table.frame.with_columns(pl.Series("value_dimension", dimensions, pl.String))
    converted = replace(table, frame=frame).with_figure("value", values, via)
    if missing:
        keep = np.setdiff1d(np.arange(frame.height), missing)
        return converted.take(keep)
    return converted


def _rate(rates: list[tuple[Period, str]], period: Period) -> str | None:
    return next((row for each, row in rates if each.contains(period)), None)
