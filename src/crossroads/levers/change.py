"""One change of a lever: what it selects, and the figures that say how far it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossroads.errors import LeverError
from crossroads.world import World

__all__ = ["EXOGENOUS", "KINDS", "Change", "Kind"]

Floats = NDArray[np.float64]

EXOGENOUS = ("remittances", "investment", "aid")
"""Layers that levers may scale; goods are cut by a barrier."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of change: what it selects by, with the table each cell refers to; which of these
    cells it needs; and the states it can be set to."""

    selects: Mapping[str, str]
    needs: frozenset[str] = frozenset()
    sets: tuple[str, ...] = ()


_ENDS = {"product": "products", "origin": "actors", "destination": "actors"}

KINDS: Mapping[str, Kind] = {
    "flow": Kind({"layer": ""} | _ENDS, frozenset({"layer"})),
    "barrier": Kind({"kind": ""} | _ENDS, frozenset({"kind"})),
    "link": Kind(
        {
            "id": "links",
            "site": "sites",
            "controller": "actors",
            "mode": "",
            "product": "products",
        },
        sets=("open", "closed"),
    ),
    "membership": Kind(
        {"state": "actors", "bloc": "actors"},
        frozenset({"state", "bloc"}),
        (
            *("member", "candidate", "applicant", "associate", "partner", "observer"),
            *("participant", "suspended", "left"),
        ),
    ),
    "relation": Kind(
        {"a": "actors", "b": "actors", "kind": ""}, frozenset({"a", "b"}), ("begun", "ended")
    ),
    "fact": Kind(
        {
            "actor": "actors",
            "counterpart": "actors",
            "measure": "",
            "product": "products",
            "period": "",
        },
        frozenset({"actor", "measure"}),
    ),
}
"""Every kind of change by its name."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one kind to the rows that ``selector`` picks."""

    lever: str
    place: int
    kind: str
    selector: Mapping[str, str]
    set: str | None
    sign: str | None
    weight: float | None
    line: int

    def row(self, figure: str) -> str:
        """Return the id of the row that holds one of the change's figures."""
        return f"levers:{self.lever}/{self.place}/{figure}"

    def has(self, world: World, figure: str) -> bool:
        return self.row(figure) in world["levers"].places

    def figure(self, world: World, figure: str, otherwise: float) -> Floats:
        """Return the draws of a figure, ``[draw]``; ``otherwise`` where it is not written."""
        table = world["levers"]
        place = table.places.get(self.row(figure))
        return np.full(world.draws, otherwise) if place is None else table.values[place]

    def inputs(self, world: World) -> tuple[str, ...]:
        """Return the ids of the rows of all figures of this change."""
        names = ("leakage", "duration", "value", "scale", "cost")
        return tuple(self.row(name) for name in names if self.has(world, name))

    def coverage(self, world: World, strength: float) -> Floats:
        """Return the share of a year's amount that is stopped, ``[draw]``.

        Strength, times what does not leak, times the part of the first year it is kept up.
        """
        leakage = self.figure(world, "leakage", 0.0)
        years = self.figure(world, "duration", 1.0)
        return strength * (1 - leakage) * np.minimum(years, 1.0)

    def nothing(self, what: str) -> LeverError:
        """Return the error for a change that finds nothing to act on."""
        selected = ", ".join(f"{name} {each}" for name, each in self.selector.items())
        return LeverError(
            f"lever '{self.lever}', change {self.place}: there is no {what} with {selected}"
        )
