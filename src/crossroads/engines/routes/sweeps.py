"""What one link more or less is worth: marginal values, and the loss of each link in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from crossroads.engines.routes.network import Floats, Ints
from crossroads.engines.routes.solver import Change, FlowModel

__all__ = ["Losses", "Marginal", "demand_marginal", "link_marginal", "lose_each_link"]


@dataclass(frozen=True, slots=True)
class Marginal:
    """What the last unit is worth (``left``), and what one more would be (``right``).

    Both are money a unit, by solving again; where they differ, the dual of the linear programme
    may be any value between them and says neither.
    """

    left: float
    right: float


def link_marginal(model: FlowModel, link: int, step: float) -> Marginal:
    """Return what a unit of a link's capacity saves: by taking ``step`` away, by adding it.

    Raises
    ------
    ValueError
        If the step is not positive, or the link has no limit or less capacity than the step.
    """
    capacity = float(model.network.capacity[link])
    if not 0 < step <= capacity < np.inf:
        raise ValueError(f"a step of {step:g} does not fit a capacity of {capacity:g}")
    at = np.array([link])
    return _marginal(
        lambda amount: -model.objective(Change(links=at, capacity=np.array([amount]))),
        capacity,
        step,
    )


def demand_marginal(model: FlowModel, demand: int, step: float) -> Marginal:
    """Return what a unit of demand costs: by taking ``step`` away, by adding it.

    Raises
    ------
    ValueError
        If the step is not positive, or more than is demanded.
    """
    amount = float(model.network.demand_amount[demand])
    if not 0 < step <= amount:
        raise ValueError(f"a step of {step:g} does not fit a demand of {amount:g}")
    at = np.array([demand])
    return _marginal(
        lambda amount: model.objective(Change(demands=at, amount=np.array([amount]))), amount, step
    )


def _marginal(cost: Callable[[float], float], at: float, step: float) -> Marginal:
    less, here, more = cost(at - step), cost(at), cost(at + step)
    return Marginal((here - less) / step, (more - here) / step)


@dataclass(frozen=True, eq=False)
class Losses:
    """What the loss of each link with flow does, one at a time.

    Attributes
    ----------
    links
        ``[lost link]``: those with flow; to lose another changes nothing.
    traffic
        ``[lost link]``: flow on it before.
    stranded
        ``[lost link, demand]``: demand left unmet beyond what was before.
    extra_cost
        ``[lost link]``: change of the cost of transport and supply, without the value of what is
        stranded.
    """

    links: Ints
    traffic: Floats
    stranded: Floats
    extra_cost: Floats


def lose_each_link(
    model: FlowModel,
    only: Ints | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Losses:
    """Close every link that carries anything, or those named, one at a time.

    Busy is not critical: a link with much traffic and cheap ways round has small losses.
    """
    network, central = model.network, model.central
    traffic = central.on_links(network)
    links = np.flatnonzero(traffic > 0) if only is None else only
    stranded = np.zeros((len(links), len(network.demand_site)))
    extra = np.zeros(len(links))
    before = central.objective - _penalty(model, central.unmet, central.shortfall)
    for place, link in enumerate(links):
        after = model.walk(Change.closing([int(link)]))
        stranded[place] = after.unmet - central.unmet
        extra[place] = after.objective - _penalty(model, after.unmet, after.shortfall) - before
        if progress:
            progress(place + 1, len(links))
    return Losses(links, traffic[links], stranded, extra)


def _penalty(model: FlowModel, unmet: Floats, shortfall: Floats) -> float:
    network = model.network
    return float(unmet @ network.demand_value + shortfall @ network.contract_value)
