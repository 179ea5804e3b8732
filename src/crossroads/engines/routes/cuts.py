"""Maximum flow and minimum cut between sets of sites, by one commodity."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from crossroads.engines.routes.network import Floats, Ints, Network

__all__ = ["Cut", "minimum_cut"]

_STEPS = 2**30
"""The solver counts in whole steps: this many to the most that can leave the sources."""


@dataclass(frozen=True, eq=False)
class Cut:
    """The most that can pass from sources to sinks, and the links that hold it down.

    Attributes
    ----------
    value
        Maximum flow, the sum of the capacities of ``links`` (Ford and Fulkerson 1956); inf where
        some way has no limit.
    links
        ``[link of the cut]``, those nearest the sources; empty where the way is free or there is
        none.
    """

    value: float
    links: Ints


def minimum_cut(
    network: Network,
    sources: Collection[int],
    sinks: Collection[int],
    *,
    commodity: int = 0,
    capacity: Floats | None = None,
) -> Cut:
    """Return the minimum cut between two sets of sites.

    Parameters
    ----------
    network
        Its supplies and demands play no part.
    sources, sinks
        Sites that must not overlap.
    commodity
        Whose arcs may be used; other commodities are taken to leave the links alone.
    capacity
        ``[link]``, instead of the network's own.

    Raises
    ------
    ValueError
        If a site is both source and sink.
    """
    if set(sources) & set(sinks):
        raise ValueError("a site cannot be both source and sink")
    most = network.capacity if capacity is None else capacity
    arcs = np.flatnonzero(network.arc_commodity == commodity)
    room = most[network.arc_link[arcs]]
    arcs, room = arcs[room > 0], room[room > 0]
    tail, head = network.arc_tail[arcs], network.arc_head[arcs]
    start, end = network.sites, network.sites + 1
    gates = [(start, site) for site in sources] + [(site, end) for site in sinks]
    rows = np.concatenate([tail, [a for a, _ in gates]]).astype(np.int64)
    columns = np.concatenate([head, [b for _, b in gates]]).astype(np.int64)
    finite = room[np.isfinite(room)]
    bound = float(finite.sum()) or 1.0
    free = 2 * bound
    amounts = np.concatenate([np.where(np.isfinite(room), room, free), np.full(len(gates), free)])
    whole = np.maximum(np.round(amounts * (_STEPS / free)), 1)
    graph = _summed(network.sites + 2, rows, columns, whole)
    result = maximum_flow(graph, start, end)
    residual = csr_array(graph - result.flow)
    residual.eliminate_zeros()
    reached = np.zeros(network.sites + 2, dtype=bool)
    reached[breadth_first_order(residual, start, return_predecessors=False)] = True
    crossing = reached[tail] & ~reached[head]
    value = float(room[crossing].sum())
    if reached[end] or not all(reached[site] for site in sources) or _cuts(reached, sinks):
        return Cut(np.inf, np.zeros(0, dtype=np.int64))
    links = np.unique(network.arc_link[arcs[crossing]])
    return Cut(value, links) if np.isfinite(value) else Cut(np.inf, links[:0])


def _summed(size: int, rows: Ints, columns: Ints, steps: Floats) -> csr_array:
    """Return a square matrix in which parallel ways are added up."""
    cells, place = np.unique(rows * size + columns, return_inverse=True)
    data = np.minimum(np.bincount(place, weights=steps), _STEPS).astype(np.int32)
    starts = np.searchsorted(cells, np.arange(size + 1) * size).astype(np.int32)
    return csr_array((data, (cells % size).astype(np.int32), starts), shape=(size, size))


def _cuts(reached: np.ndarray, sinks: Collection[int]) -> bool:
    """Whether a sink was reached, which means that its gate holds the flow down."""
    return any(bool(reached[site]) for site in sinks)
