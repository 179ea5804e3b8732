"""Whose the places of a network are, and how the rows of results are named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from crossroads.engines.routes.network import Floats
from crossroads.engines.routes.plan import Part
from crossroads.world import World

__all__ = ["Names"]


class Names:
    """Whose the places of a part are, and how its rows are named."""

    def __init__(self, world: World, part: Part) -> None:
        self.part = part
        self.rows, self.links = world["demands"].rows, world["links"].rows
        self.sites = {row["id"]: row for row in world["sites"].rows}
        self.period = str(world.meta.base_period)
        vocabulary = world.dossier.vocabulary
        amount = vocabulary.base_unit(f"{part.dimension} throughput")
        money = vocabulary.base_unit("money")
        assert amount is not None
        assert money is not None
        self.unit, self.money = amount.name, money.name

    def inputs(self, world: World) -> tuple[str, ...]:
        """Return all rows that the part's results rest on, with the levers' own figures."""
        links = world["links"]
        more = (row for name in self.part.rows for row in links.via.get(name, ()))
        return tuple(dict.fromkeys((*self.part.rows, *more)))

    def link(self, way: int) -> str:
        each = self.part.ways[way]
        name: str = self.links[each.place]["id"]
        return f"{name} (back)" if each.back else name

    def ends(self, way: int) -> tuple[str, str]:
        each = self.part.ways[way]
        tail, head = self.part.sites[each.tail], self.part.sites[each.head]
        return self.sites[tail]["actor"] or "", self.sites[head]["actor"] or ""

    def controllers(self, way: int) -> tuple[str, ...]:
        return tuple(self.links[self.part.ways[way].place]["controllers"])

    def by_actor(self, places: Sequence[int]) -> dict[tuple[str, str], list[int]]:
        """Group supplies or demands, by their place in the part, by actor and product."""
        groups: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, place in enumerate(places):
            row = self.rows[place]
            groups[self.sites[row["site"]]["actor"] or "", row["product"]].append(number)
        return dict(sorted(groups.items()))

    def sites_of(self, places: Sequence[int], group: Iterable[int]) -> NDArray[np.intp]:
        at = [self.part.site_place[self.rows[places[number]]["site"]] for number in group]
        return np.array(at, dtype=np.intp)

    def at_sites(self, places: Sequence[int], product: str, amounts: Floats) -> Floats:
        """Return amounts of a product by site, ``[site, draw]``."""
        total = np.zeros((len(self.part.sites), amounts.shape[1]))
        own = [
            number for number, place in enumerate(places) if self.rows[place]["product"] == product
        ]
        np.add.at(total, self.sites_of(places, own), amounts[own])
        return total
