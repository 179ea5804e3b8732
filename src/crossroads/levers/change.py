"""One change of a lever: what it selects, and the figures that say how far it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossroads.errors import LeverError
from crossroads.world import World

__all__ = ["KINDS", "SELECTORS", "Change"]

Floats = NDArray[np.float64]

SELECTORS: Mapping[str, Mapping[str, str]] = {
    "flow": {"layer": "", "product": "products", "origin": "actors", "destination": "actors"},
    "barrier": {"kind": "", "product": "products", "origin": "actors", "destination": "actors"},
    "link": {"id": "links", "controller": "actors", "mode": "", "product": "products"},
    "membership": {"state": "actors", "bloc": "actors"},
    "relation": {"a": "actors", "b": "actors", "kind": ""},
    "fact": {
        "actor": "actors",
        "counterpart": "actors",
        "measure": "",
        "product": "products",
        "period": "",
    },
}
"""What a change of each kind selects by, and the table each cell refers to."""

KINDS = tuple(SELECTORS)


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
