"""A typed table and the draws of its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossroads.meta import Meta
from crossroads.periods import parse_period
from crossroads.schema import TableSpec

__all__ = ["Floats", "Table", "current_rows"]

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
