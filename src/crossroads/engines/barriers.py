"""Barriers in force between a seller and a buyer, with blocs resolved through memberships."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crossroads.periods import parse_date
from crossroads.world import World

__all__ = ["Barriers", "Policy"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Policy:
    """What stands between one pair for one product, by row of the barriers table.

    ``stops`` has the share that each ban or cap lets through, ``rates`` each ad-valorem rate, both
    ``[draw]``; ``memberships`` the rows by which a bloc's barrier applies.
    """

    stops: Mapping[str, Floats]
    rates: Mapping[str, Floats]
    memberships: Mapping[str, tuple[str, ...]]
    draws: int

    @property
    def passing(self) -> Floats:
        """The share of the flow that bans and caps let through, ``[draw]``."""
        return self.combined(self.stops)[0]

    @property
    def rate(self) -> Floats:
        """The sum of the ad-valorem rates, ``[draw]``."""
        return self.combined(self.rates)[1]

    def combined(self, rows: Iterable[str]) -> tuple[Floats, Floats]:
        """Return share let through, and sum of rates, of some of the rows."""
        passing, rate = np.ones(self.draws), np.zeros(self.draws)
        for row in rows:
            passing = passing * self.stops.get(row, 1.0)
            rate = rate + self.rates.get(row, 0.0)
        return passing, rate

    @property
    def rows(self) -> Mapping[str, None]:
        """Every barrier and membership that says so."""
        return dict.fromkeys(
            each for row in (*self.stops, *self.rates) for each in (row, *self.memberships[row])
        )


class _Anybody:
    def __contains__(self, actor: object) -> bool:
        return True


_ANYBODY = _Anybody()


class Barriers:
    """The barriers of a world, in force on its dossier's ``as_of``.

    Bans and caps all apply: ``passing = prod(1 - ban) * prod(cap)``. Of the dossier's own rates the
    most specific of each kind applies (a pair before a bloc before anyone, a product before the
    product it is part of); rates that levers add come on top.
    """

    def __init__(self, world: World) -> None:
        self.world, self.table = world, world["barriers"]
        day = world.meta.as_of
        in_force = [row for row in self.table.rows if _holds(row, day)]
        self.in_force = sorted(in_force, key=lambda each: str(each["row"]))
        self.parents: dict[str, str | None] = dict(
            world["products"].frame.select("id", "parent").iter_rows()
        )
        self.members: dict[str, dict[str, str]] = defaultdict(dict)
        for row in world["memberships"].rows:
            if row["status"] == "member" and _holds(row, day):
                self.members[row["bloc"]][row["state"]] = row["row"]
        self._by_ends: dict[tuple[str | None, str | None], list[int]] = defaultdict(list)
        for place, row in enumerate(self.in_force):
            self._by_ends[row["origin"], row["destination"]].append(place)
        self._known: dict[tuple[str, str, str | None], Policy] = {}

    def ancestry(self, product: str | None) -> list[str | None]:
        """Return a product, the products it is part of, and None for all goods."""
        line: list[str | None] = []
        while product is not None and product not in line:
            line.append(product)
            product = self.parents.get(product)
        return [*line, None]

    def reach(self, row: Mapping[str, Any]) -> tuple[Container[str], Container[str]]:
        """Return the sellers and the buyers between whom a barrier stands."""
        ends = (row["origin"], row["destination"])
        origins, destinations = (
            _ANYBODY if end is None else {end, *self.members.get(end, ())} for end in ends
        )
        return origins, destinations

    def between(self, origin: str, destination: str, product: str | None) -> Policy:
        """Return what stands between a seller and a buyer for a product."""
        pair = (origin, destination, product)
        if pair not in self._known:
            self._known[pair] = self._between(*pair)
        return self._known[pair]

    def _between(self, origin: str, destination: str, product: str | None) -> Policy:
        line = self.ancestry(product)
        stops: dict[str, Floats] = {}
        rates: dict[str, Floats] = {}
        memberships: dict[str, tuple[str, ...]] = {}
        nearest: dict[str, tuple[tuple[int, ...], Mapping[str, Any]]] = {}
        sellers, buyers = self._named_for(origin), self._named_for(destination)
        places = [
            place
            for seller in sellers
            for buyer in buyers
            for place in self._by_ends.get((seller, buyer), ())
        ]
        for place in sorted(places):
            row = self.in_force[place]
            if row["product"] not in line:
                continue
            ends = sellers[row["origin"]], buyers[row["destination"]]
            name = row["row"]
            memberships[name] = tuple(each for end in ends for each in end[1])
            if row["kind"] == "ban":
                stops[name] = 1 - self._value(row)
            elif row["kind"] == "cap":
                stops[name] = np.minimum(self._value(row), 1.0)
            elif name not in self.world.base["barriers"].places:
                rates[name] = self._value(row)
            else:
                distance = (line.index(row["product"]), *(end[0] for end in ends))
                held = nearest.get(row["kind"])
                if held is None or distance < held[0]:
                    nearest[row["kind"]] = distance, row
        rates |= {row["row"]: self._value(row) for _, row in nearest.values()}
        return Policy(stops, rates, memberships, self.world.draws)

    def lineage(self, row: str) -> tuple[str, ...]:
        """Return the dossier's rows behind a barrier or membership; of a lever's, its figures."""
        if row in self.world.base["barriers"].places:
            return (row,)
        if row in self.table.places:
            return self.table.via.get(row, ())
        return (row,) if row in self.world.base["memberships"].places else ()

    def _value(self, row: Mapping[str, Any]) -> Floats:
        values: Floats = self.table.values[self.table.places[row["row"]]]
        return values

    def _named_for(self, actor: str) -> dict[str | None, tuple[int, tuple[str, ...]]]:
        """Return by which names barriers may mean an actor: how far off, by which membership."""
        names: dict[str | None, tuple[int, tuple[str, ...]]] = {None: (2, ())}
        for bloc, states in self.members.items():
            if actor in states:
                names[bloc] = 1, (states[actor],)
        names[actor] = 0, ()
        return names


def _holds(row: Mapping[str, Any], day: date) -> bool:
    end = row["end"]
    return parse_date(row["start"])[0] <= day and (end is None or parse_date(end)[1] >= day)
