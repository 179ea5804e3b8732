"""Flows as routes: which way how much goes, from where it is supplied to where it is wanted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crossroads.engines.routes.network import Floats, Network
from crossroads.engines.routes.solver import Flows

__all__ = ["Path", "paths"]


@dataclass(frozen=True, slots=True)
class Path:
    """One way of one commodity: the sites passed, the arcs taken, the amount."""

    commodity: int
    sites: tuple[int, ...]
    arcs: tuple[int, ...]
    amount: float


def paths(network: Network, flows: Flows, *, least: float = 1e-9) -> list[Path]:
    """Return flows as paths, widest first; their sum is the flow on every arc.

    Flow decomposition (Ahuja, Magnanti and Orlin 1993, theorem 3.5): from a supply, along the arc
    with most flow left, until a demand is reached; at most one path an arc and demand. Circles,
    which cost nothing and bring nothing, are dropped.

    Parameters
    ----------
    least
        Amounts up to this share of the largest flow count as nothing.
    """
    left = flows.arc.copy()
    nothing = least * max(float(left.max(initial=0.0)), 1.0)
    tail, head = network.arc_tail, network.arc_head
    found: list[Path] = []
    delivered = network.demand_amount - flows.unmet
    for commodity in np.unique(network.supply_commodity):
        own = network.arc_commodity == commodity
        leaving = {int(site): np.flatnonzero(own & (tail == site)) for site in np.unique(tail[own])}
        wanted = _by_site(
            network, delivered, network.demand_site, network.demand_commodity, commodity
        )
        given = _by_site(
            network, flows.supplied, network.supply_site, network.supply_commodity, commodity
        )
        for site in np.flatnonzero(given > nothing):
            while given[site] > nothing:
                path = _follow(int(site), leaving, left, head, wanted, nothing)
                if path is None:
                    break
                sites, arcs = path
                end = sites[-1]
                amount = min(
                    float(given[site]), float(wanted[end]), *(float(left[arc]) for arc in arcs)
                )
                given[site] -= amount
                wanted[end] -= amount
                for arc in arcs:
                    left[arc] -= amount
                found.append(Path(int(commodity), tuple(sites), tuple(arcs), amount))
    return sorted(found, key=lambda path: (-path.amount, path.arcs))


def _by_site(
    network: Network, amounts: Floats, site: np.ndarray, kinds: np.ndarray, commodity: int
) -> Floats:
    own = kinds == commodity
    total = np.bincount(site[own], weights=amounts[own], minlength=network.sites)
    return total.astype(np.float64)


def _follow(
    start: int,
    leaving: dict[int, np.ndarray],
    left: Floats,
    head: np.ndarray,
    wanted: Floats,
    nothing: float,
) -> tuple[list[int], list[int]] | None:
    """Walk along the widest arcs until something wanted is reached; None where flow runs out."""
    sites: list[int] = [start]
    arcs: list[int] = []
    while wanted[sites[-1]] <= nothing:
        ways = leaving.get(sites[-1], np.zeros(0, dtype=np.int64))
        ways = ways[left[ways] > nothing]
        if not len(ways):
            return None
        arc = int(ways[np.argmax(left[ways])])
        site = int(head[arc])
        if site in sites:
            back = sites.index(site)
            circle = [*arcs[back:], arc]
            amount = min(float(left[each]) for each in circle)
            for each in circle:
                left[each] -= amount
            del sites[back + 1 :], arcs[back:]
            continue
        sites.append(site)
        arcs.append(arc)
    return sites, arcs
