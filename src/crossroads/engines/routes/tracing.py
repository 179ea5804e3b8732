"""Whose goods pass where: costs and ways of flows traced by proportional sharing.

At every site, what leaves is taken to be mixed of what comes in, in proportion (Bialek 1996,
"Tracing the flow of electricity", IEE Proceedings 143(4)). Arrays have draws last.
"""

from __future__ import annotations

import numpy as np

from crossroads.engines.routes.network import Floats, Ints

__all__ = ["carried_cost", "passed_share"]


def carried_cost(
    sites: int, tail: Ints, head: Ints, flow: Floats, cost: Floats, entering: Floats
) -> Floats:
    """Return what it has cost to bring a unit to each site, ``[site, draw]``.

    Parameters
    ----------
    tail, head
        ``[arc]``.
    flow, cost
        Flow on each arc and cost of a unit, ``[arc, draw]``.
    entering
        What enters the network at each site, ``[site, draw]``.

    Returns
    -------
    Money a unit; 0 at sites that nothing reaches. To trace the other way, from where goods end to
    where they start, exchange tail and head, and give what leaves.
    """
    return _mixed(sites, tail, head, flow, cost, entering)


def passed_share(
    sites: int, tail: Ints, head: Ints, flow: Floats, through: Floats, entering: Floats
) -> Floats:
    """Return which share of what reaches each site has passed certain arcs, ``[site, draw]``.

    Parameters
    ----------
    through
        ``[arc]``: 1 for the arcs in question, else 0; what passed one counts as passed for good.
    """
    kept = (1.0 - through)[:, None] * np.ones_like(flow)
    gained = through[:, None] * np.ones_like(flow)
    return _mixed(sites, tail, head, flow, gained, entering, kept)


def _mixed(
    sites: int,
    tail: Ints,
    head: Ints,
    flow: Floats,
    gained: Floats,
    entering: Floats,
    kept: Floats | None = None,
) -> Floats:
    """Solve ``x[s] = sum over arcs into s of share (kept x[tail] + gained)``.

    ``share`` is the flow on an arc over all that reaches the site it leads to.
    """
    used = flow.any(axis=1)
    named, ends = np.unique(np.stack([tail[used], head[used]]), return_inverse=True)
    if len(named) < sites:
        found = np.zeros((sites, flow.shape[1]))
        starts, stops = ends.reshape(2, -1)
        found[named] = _mixed(
            len(named),
            starts,
            stops,
            flow[used],
            gained[used],
            entering[named],
            None if kept is None else kept[used],
        )
        return found
    draws = flow.shape[1]
    reaching = entering.copy()
    np.add.at(reaching, head, flow)
    whole = np.where(reaching > 0, reaching, 1.0)
    share = flow / whole[head]
    matrix = np.zeros((draws, sites, sites))
    right = np.zeros((sites, draws))
    np.add.at(right, head, share * gained)
    passing = share if kept is None else share * kept
    for arc, (start, end) in enumerate(zip(tail, head, strict=True)):
        matrix[:, end, start] += passing[arc]
    solved = np.linalg.solve(np.eye(sites) - matrix, right.T[:, :, None])
    return np.asarray(solved[:, :, 0].T, dtype=np.float64)
