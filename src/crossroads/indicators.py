"""The tidy indicator table: one row a figure of an engine, its draws, and where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossroads.errors import EngineError

__all__ = [
    "BASELINE",
    "INDEX",
    "Builder",
    "Gap",
    "IndicatorSpec",
    "Indicators",
    "draws_taken",
    "percentiles",
]

Floats = NDArray[np.float64]

BASELINE = "baseline"
"""The scenario without levers."""

INDEX = ("scenario", "horizon", "engine", "indicator", "actor", "counterpart", "item", "period")
"""Columns that together name one row."""

_SCHEMA = dict.fromkeys((*INDEX, "unit"), pl.String) | {"inputs": pl.List(pl.String)}


@dataclass(frozen=True, slots=True)
class IndicatorSpec:
    """What an engine promises of one of its indicators.

    ``unit`` is a unit of the vocabulary, or ``as the row`` where it follows the figure. ``good``
    says which direction is good for the actor: ``up``, ``down`` or empty. ``only`` is ``scenario``
    for indicators that have no rows in the baseline.
    """

    id: str
    unit: str
    label: str
    definition: str
    good: str = ""
    only: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A figure that an engine could not give, for which periods, and which table lacks what."""

    engine: str
    indicator: str
    actor: str
    counterpart: str
    item: str
    missing: str
    table: str
    periods: tuple[str, ...] = ()

    def __str__(self) -> str:
        who = f"{self.actor} with {self.counterpart}" if self.counterpart else self.actor
        return f"{self.indicator} of {who} ({self.item}): {self.why} ({self.table})"

    @property
    def why(self) -> str:
        """What is missing, and for which periods; of many the first and the last."""
        when = ", ".join(self.periods)
        if len(self.periods) > 3:
            when = f"{len(self.periods)} periods, {self.periods[0]} to {self.periods[-1]}"
        return f"{self.missing} for {when}" if when else self.missing


@dataclass(frozen=True, eq=False)
class Indicators:
    """Rows of the tidy table.

    ``frame`` has the columns of ``INDEX``, ``unit`` and ``inputs`` (the ids of the dossier rows a
    value rests on); empty cells are empty strings. ``values`` is ``[row, draw]``; a draw that
    failed, or that a solver did not take, is NaN. A row that a scenario leaves out equals the
    baseline's of the same name and horizon.
    """

    frame: pl.DataFrame
    values: Floats
    gaps: tuple[Gap, ...] = ()

    def __len__(self) -> int:
        return self.frame.height

    def __repr__(self) -> str:
        return (
            f"<Indicators: {len(self)} rows, {self.values.shape[1]} draws, {len(self.gaps)} gaps>"
        )

    def _repr_html_(self) -> str:
        html: str = self.summary()._repr_html_()
        return html

    @staticmethod
    def empty(draws: int) -> Indicators:
        return Indicators(pl.DataFrame(schema=_SCHEMA), np.empty((0, draws)))

    @staticmethod
    def concat(parts: Sequence[Indicators]) -> Indicators:
        """Stack tables that have the same number of draws."""
        return Indicators(
            pl.concat([part.frame for part in parts]),
            np.vstack([part.values for part in parts]),
            tuple(dict.fromkeys(gap for part in parts for gap in part.gaps)),
        )

    @staticmethod
    def beside(parts: Sequence[Indicators]) -> Indicators | None:
        """Join batches of draws; None where they do not have the same rows."""
        first = parts[0]
        alike = all(part.frame.equals(first.frame) and part.gaps == first.gaps for part in parts)
        values = [part.values for part in parts]
        return replace(first, values=np.hstack(values)) if alike else None

    def padded(self, draws: int) -> Indicators:
        """Return the rows with draws added that were not taken."""
        missing = draws - self.values.shape[1]
        if not missing:
            return self
        nothing = np.full((len(self), missing), np.nan)
        return replace(self, values=np.hstack([self.values, nothing]))

    def batch(self, start: int, stop: int) -> Indicators:
        """Return the rows in some of their draws."""
        return replace(self, values=self.values[:, start:stop])

    @cached_property
    def places(self) -> Mapping[tuple[str, ...], int]:
        """Position of each row by its index cells."""
        return {cells: place for place, cells in enumerate(self.frame.select(INDEX).iter_rows())}

    @cached_property
    def names(self) -> Mapping[tuple[str, ...], int]:
        """Position of each row of a single case by its index cells without those of the case."""
        return {cells[2:]: place for cells, place in self.places.items()}

    @cached_property
    def parts(self) -> Mapping[tuple[str, ...], pl.DataFrame]:
        """The frame, with ``place``, by scenario, horizon, engine and indicator."""
        frame = self.frame.with_row_index("place")
        parts: dict[tuple[str, ...], pl.DataFrame] = frame.partition_by(*INDEX[:4], as_dict=True)
        return parts

    def part(self, scenario: str, horizon: str, engine: str, indicator: str) -> pl.DataFrame | None:
        """Return the rows of one indicator in one case, with ``place``: its own, then the
        baseline's where it has none of that name."""
        own = self.parts.get((scenario, horizon, engine, indicator))
        if scenario == BASELINE:
            return own
        rest = self.parts.get((BASELINE, horizon, engine, indicator))
        if own is None or rest is None:
            return rest if own is None else own
        return pl.concat([own, rest.join(own, on=INDEX[4:], how="anti")])

    def changed_from(self, baseline: Indicators) -> Indicators:
        """Return the rows that the baseline lacks, or has with other draws."""
        if baseline is self:
            return self.take(np.empty(0, dtype=np.intp))
        before = np.array([baseline.names.get(cells[2:], -1) for cells in self.places], np.intp)
        known = np.flatnonzero(before >= 0)
        same = np.zeros(len(self), dtype=bool)
        mine, theirs = self.values[known], baseline.values[before[known]]
        same[known] = ((mine == theirs) | (np.isnan(mine) & np.isnan(theirs))).all(axis=1)
        return self.take(np.flatnonzero(~same))

    def completed(self, baseline: Indicators, scenario: str) -> Indicators:
        """Return the rows of a scenario with those added that it leaves out, as its own."""
        mine = {cells[1:] for cells in self.places}
        missing = [place for cells, place in baseline.places.items() if cells[1:] not in mine]
        rest = baseline.take(np.array(missing, dtype=np.intp))
        frame = rest.frame.with_columns(pl.lit(scenario).alias("scenario"))
        return Indicators.concat([self, replace(rest, frame=frame)])

    def stamped(self, scenario: str, horizon: str) -> Indicators:
        """Return the rows as those of a case."""
        frame = self.frame.with_columns(
            pl.lit(scenario).alias("scenario"), pl.lit(horizon).alias("horizon")
        )
        return replace(self, frame=frame)

    def where(self, **cells: str | Iterable[str]) -> Indicators:
        """Return the rows whose cells are as given; a list stands for any of its words."""
        fits = pl.lit(True)
        for name, cell in cells.items():
            fits &= pl.col(name).is_in([cell] if isinstance(cell, str) else list(cell))
        places = self.frame.with_row_index("place").filter(fits)["place"].to_numpy()
        return self.take(places)

    def take(self, places: NDArray[np.intp]) -> Indicators:
        """Return some of the rows."""
        return replace(self, frame=self.frame[places], values=self.values[places])

    def against(self, baseline: Indicators, change: str = "absolute") -> Indicators:
        """Return the change of each row against the baseline's row of the same name and horizon.

        Rows that the baseline lacks are compared with zero where the change is absolute, and left
        out where it is relative.
        """
        held = {(horizon, *rest): place for (_, horizon, *rest), place in baseline.places.items()}
        found = [held.get((horizon, *rest), -1) for (_, horizon, *rest) in self.places]
        before = np.array(found, dtype=np.intp)
        has = before >= 0
        old = np.zeros_like(self.values)
        old[has] = baseline.values[before[has]]
        if change == "absolute":
            return replace(self, values=self.values - old)
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.where(self.values == old, 0.0, (self.values - old) / np.abs(old))
        frame = self.frame.with_columns(pl.lit("share").alias("unit"))
        changed = replace(self, frame=frame, values=relative)
        return changed.take(np.flatnonzero(has))

    def summary(self) -> pl.DataFrame:
        """Return the frame with median, 5th and 95th percentile, and mean over solved draws."""
        table = percentiles(self.values)
        columns = [pl.Series(name, table[:, place]) for place, name in enumerate(_STATISTICS)]
        return self.frame.drop("inputs").with_columns(columns)


_STATISTICS = ("median", "p05", "p95", "mean")


def percentiles(values: Floats) -> Floats:
    """Return median, 5th and 95th percentile and mean of each row, ``[row, 4]``, over solved draws.

    A row of which more than 5 % of the draws taken failed has no figure: NaN throughout.
    """
    out = np.full((len(values), 4), np.nan)
    taken = draws_taken(values)
    for draws in np.unique(taken[taken > 0]):
        rows = np.flatnonzero(taken == draws)
        found = values[rows, :draws]
        failed = np.isnan(found).sum(axis=1)
        out[rows[failed == 0]] = _statistics(found[failed == 0])
        for place in np.flatnonzero((failed > 0) & (failed <= 0.05 * draws)):
            solved = found[place][~np.isnan(found[place])]
            out[rows[place]] = _statistics(solved[None])[0]
    return out


def draws_taken(values: Floats) -> NDArray[np.intp]:
    """Return how many draws were taken of each row, ``[row]``.

    A solver takes the first so many; those after the last that it solved do not count as failed.
    """
    solved = ~np.isnan(values)
    last = values.shape[1] - np.argmax(solved[:, ::-1], axis=1)
    return np.where(solved.any(axis=1), last, 0)


def _statistics(values: Floats) -> Floats:
    out = np.empty((len(values), 4))
    ordered = np.sort(values, axis=1)
    for column, probability in enumerate((0.5, 0.05, 0.95)):
        spot = probability * (values.shape[1] - 1)
        low = int(spot)
        high = min(low + 1, values.shape[1] - 1)
        out[:, column] = ordered[:, low] + (ordered[:, high] - ordered[:, low]) * (spot - low)
    out[:, 3] = ordered.mean(axis=1)
    return out


class Builder:
    """Gathers the rows of one engine for one case."""

    def __init__(self, engine: str, draws: int) -> None:
        self.engine, self.draws = engine, draws
        self._cells: list[tuple[str, ...]] = []
        self._inputs: list[Sequence[str]] = []
        self._values: list[Floats] = []
        self._gaps: list[Gap] = []

    def rows(
        self,
        indicator: str,
        cells: Sequence[tuple[str, str, str, str]],
        unit: str | Sequence[str],
        values: Floats,
        inputs: Sequence[Sequence[str]],
    ) -> None:
        """Add rows: cells are (actor, counterpart, item, period), values ``[row, draw]``."""
        if not cells:
            return
        if values.shape != (len(cells), self.draws) or len(inputs) != len(cells):
            raise EngineError(
                f"{self.engine}/{indicator}: {len(cells)} rows of {self.draws} draws with values "
                f"of shape {values.shape} and {len(inputs)} lists of inputs"
            )
        units = [unit] * len(cells) if isinstance(unit, str) else unit
        self._cells += [
            ("", "", self.engine, indicator, *each, one)
            for each, one in zip(cells, units, strict=True)
        ]
        self._inputs += inputs
        self._values.append(values)

    def row(
        self,
        indicator: str,
        actor: str,
        counterpart: str,
        item: str,
        period: str,
        unit: str,
        values: Floats,
        inputs: Sequence[str],
    ) -> None:
        """Add one row with values ``[draw]``."""
        self.rows(indicator, [(actor, counterpart, item, period)], unit, values[None], [inputs])

    def gaps(self, gaps: Iterable[Gap]) -> None:
        """Report figures that cannot be given."""
        self._gaps += gaps

    def build(self) -> Indicators:
        """Return the table.

        Raises
        ------
        EngineError
            If two rows have the same name.
        """
        if not self._cells:
            return replace(Indicators.empty(self.draws), gaps=tuple(dict.fromkeys(self._gaps)))
        columns = dict(zip((*INDEX, "unit"), zip(*self._cells, strict=True), strict=True))
        frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
        frame = frame.with_columns(_lists(self._inputs).alias("inputs"))
        table = Indicators(frame, np.vstack(self._values), tuple(dict.fromkeys(self._gaps)))
        if len(table.places) != len(table):
            names = table.frame.select(INDEX)
            twice = names.filter(names.is_duplicated()).row(0)
            raise EngineError(f"{self.engine} gives two rows named {twice}")
        return table


def _lists(lists: Sequence[Sequence[str]]) -> pl.Series:
    """Return lists of words as a column; many times faster than building it list by list."""
    lengths = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
    if not lengths.all():
        return pl.Series([list(each) for each in lists], dtype=pl.List(pl.String))
    flat = pl.Series([word for each in lists for word in each], dtype=pl.String)
    place = pl.Series(np.repeat(np.arange(len(lists)), lengths))
    grouped = pl.DataFrame({"place": place, "word": flat}).group_by("place", maintain_order=True)
    return grouped.agg("word")["word"]
