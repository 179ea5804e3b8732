"""The most that could leave a supplier: maximum flows for many capacities."""

from __future__ import annotations

import numpy as np

from crossroads.engines.routes.network import Floats, Network
from crossroads.engines.routes.solver import Change, FlowModel

__all__ = ["MUCH", "Outlet"]


MUCH = 1e5
"""More than any network carries, in units of flow; what reaches it has no limit."""


class Outlet:
    """The maximum flow of one product between sets of sites, for many capacities.

    One live model, as for the cheapest flows: many times faster for small networks than a search
    for cuts that is set up anew for each draw.
    """

    def __init__(
        self, network: Network, commodity: int, sources: set[int], sinks: set[int]
    ) -> None:
        arcs = np.flatnonzero(network.arc_commodity == commodity)
        self.links = network.arc_link[arcs]
        supply, demand = np.zeros(network.sites), np.zeros(network.sites)
        supply[sorted(sources)] = MUCH
        demand[sorted(sinks)] = MUCH
        self.model = FlowModel(
            Network.single(
                network.sites,
                network.arc_tail[arcs],
                network.arc_head[arcs],
                np.minimum(network.capacity[self.links], MUCH),
                np.zeros(len(arcs)),
                supply,
                demand,
                1.0,
            )
        )
        self.wanted = float(demand.sum())
        self.held: tuple[bytes, Floats, Floats] | None = None

    def most(self, capacity: Floats, before: Floats | None = None) -> Floats:
        """Return the maximum flow for capacities ``[link, draw]``, ``[draw]``.

        With capacities ``before`` levers, draws in which no link got wider, and none got narrower
        than what the flow before takes of it, keep their maximum.
        """
        room = np.minimum(capacity[self.links], MUCH)
        if before is None:
            return self._solve(room)[0]
        was = np.minimum(before[self.links], MUCH)
        key = was.tobytes()
        if self.held is None or self.held[0] != key:
            self.held = key, *self._solve(was)
        _, most, taken = self.held
        kept = ((room <= was) & (taken <= room)).all(axis=0)
        found: Floats = most.copy()
        if not kept.all():
            found[~kept] = self._solve(room[:, ~kept])[0]
        return found

    def _solve(self, room: Floats) -> tuple[Floats, Floats]:
        """Return the maximum, and what it takes of each link."""
        links = np.arange(len(self.links))
        flows = [self.model.solve(Change(links, room[:, draw])) for draw in range(room.shape[1])]
        most = self.wanted - np.array([each.unmet.sum() for each in flows])
        return most, np.array([each.arc for each in flows]).T
