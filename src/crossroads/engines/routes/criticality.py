"""What hangs on a link, and on all that one actor controls: stranded demand and extra cost.

Busy is not critical: a link with much traffic and cheap ways round strands nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crossroads.engines.routes.network import Floats
from crossroads.engines.routes.plan import Part
from crossroads.engines.routes.solver import Change, FlowModel, Flows
from crossroads.engines.routes.sweeps import Marginal, link_marginal

__all__ = ["Criticality", "Loss", "criticality"]

_STEP = 0.01
"""Share of a link's capacity by which it is made smaller and larger to see what it is worth."""


@dataclass(frozen=True, eq=False)
class Loss:
    """What follows when links are shut.

    ``stranded`` is ``[demand]``, demand unmet beyond what was before; ``extra_cost`` the change of
    the cost of transport and supply; ``revenue`` what is no longer paid for carriage on them.
    """

    stranded: Floats
    extra_cost: float
    revenue: float


@dataclass(frozen=True, eq=False)
class Criticality:
    """Losses by link (its place in the links table) and by controller, worth by way."""

    links: Mapping[int, Loss]
    controllers: Mapping[str, Loss]
    worth: Mapping[int, Marginal]


def criticality(
    model: FlowModel, part: Part, cost: Floats, controllers: Sequence[Sequence[str]]
) -> Criticality:
    """Shut every link that carries anything, alone and with all that its controllers hold.

    Parameters
    ----------
    cost
        ``[arc]``, without the tie-break.
    controllers
        Who controls each way.
    """
    network = model.network
    traffic = model.central.on_links(network)
    share = np.array([1 / len(each) for each in controllers])
    paid = np.bincount(network.arc_link, weights=model.central.arc * cost, minlength=network.links)

    def loss(ways: Sequence[int]) -> Loss:
        after = model.solve(Change.closing(ways))
        before = model.central
        extra = _cost(model, after, cost) - _cost(model, before, cost)
        return Loss(after.unmet - before.unmet, extra, float((paid * share)[list(ways)].sum()))

    links: dict[int, Loss] = {}
    for place in dict.fromkeys(way.place for way in part.ways):
        both = [number for number, way in enumerate(part.ways) if way.place == place]
        if traffic[both].any():
            links[place] = loss(both)
    held: dict[str, Loss] = {}
    for owner in sorted({name for each in controllers for name in each}):
        ways = [number for number, each in enumerate(controllers) if owner in each]
        if traffic[ways].any():
            held[owner] = loss(ways)
    worth = {
        int(way): link_marginal(model, int(way), _STEP * float(network.capacity[way]))
        for way in np.flatnonzero(traffic > 0)
        if np.isfinite(network.capacity[way]) and network.capacity[way] > 0
    }
    return Criticality(links, held, worth)


def _cost(model: FlowModel, flows: Flows, cost: Floats) -> float:
    """Return the cost of transport and supply, without the tie-break and what is not had."""
    return float(flows.arc @ cost + flows.supplied @ model.network.supply_cost)
