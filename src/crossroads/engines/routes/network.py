"""A transport network as arrays, and the linear programme of its cheapest flows.

Multi-commodity minimum-cost flow (Ahuja, Magnanti and Orlin 1993, chapter 17) with unmet demand at
a stated value, so that every network has a solution:

    minimise    sum c x + sum p y + sum v u + sum w s
    subject to  inflow - outflow + y + u = demand      at each (site, commodity)
                sum of x on a link <= its capacity     where several flows share it
                x + s >= contracted volume             for each contract
                0 <= x <= capacity, 0 <= y <= supply, 0 <= u <= demand, s >= 0

with x the flow on an arc, y what is supplied, u demand left unmet, s the shortfall of a contract.
An arc is one commodity's use of a link in one direction.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Figures", "Network", "Programme", "programme"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def _floats(size: int = 0) -> Floats:
    return np.zeros(size)


def _ints() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Network:
    """Sites ``0..sites-1`` joined by links, on which commodities move along arcs.

    All amounts are in one unit per commodity and period, costs in money per that unit. Where
    several arcs use one link, its capacity is shared by all of them, in one unit.

    Parameters
    ----------
    sites
        How many sites there are.
    tail, head, capacity
        ``[link]``: where a link starts and ends, and the most it carries (inf: no limit).
    arc_link, arc_commodity, arc_cost, arc_back
        ``[arc]``: the link an arc uses, the commodity it carries, its cost a unit, and whether it
        runs from head to tail.
    supply_site, supply_commodity, supply_limit, supply_cost
        ``[supply]``: where how much of what can be supplied, at what cost a unit.
    demand_site, demand_commodity, demand_amount, demand_value
        ``[demand]``: where how much of what is wanted, and the value of a unit that is not had.
    contract_arc, contract_minimum, contract_value
        ``[contract]``: the arc on which at least that much is to flow, and what a missing unit
        costs.

    Raises
    ------
    ValueError
        If arrays of one kind differ in length, an index is out of range, or an amount is negative
        or not a number.
    """

    sites: int
    tail: Ints
    head: Ints
    capacity: Floats
    arc_link: Ints
    arc_commodity: Ints
    arc_cost: Floats
    arc_back: NDArray[np.bool_]
    supply_site: Ints
    supply_commodity: Ints
    supply_limit: Floats
    supply_cost: Floats
    demand_site: Ints
    demand_commodity: Ints
    demand_amount: Floats
    demand_value: Floats
    contract_arc: Ints = field(default_factory=_ints)
    contract_minimum: Floats = field(default_factory=_floats)
    contract_value: Floats = field(default_factory=_floats)

    def __post_init__(self) -> None:
        for kind, names in _KINDS.items():
            lengths = {len(getattr(self, name)) for name in names}
            if len(lengths) > 1:
                raise ValueError(f"arrays of {kind} differ in length: {', '.join(names)}")
        for name, bound in (
            ("tail", self.sites),
            ("head", self.sites),
            ("supply_site", self.sites),
            ("demand_site", self.sites),
            ("arc_link", len(self.tail)),
            ("contract_arc", len(self.arc_link)),
        ):
            index = getattr(self, name)
            if len(index) and not (index.min() >= 0 and index.max() < bound):
                raise ValueError(f"{name} points outside 0..{bound - 1}")
        for name in _AMOUNTS:
            amounts = getattr(self, name)
            if len(amounts) and not amounts.min() >= 0:
                raise ValueError(f"{name} holds a negative amount, or none")

    @classmethod
    def single(
        cls,
        sites: int,
        tail: ArrayLike,
        head: ArrayLike,
        capacity: ArrayLike,
        cost: ArrayLike,
        supply: ArrayLike,
        demand: ArrayLike,
        value: float,
    ) -> Network:
        """Return a network of one commodity on directed links.

        ``supply`` and ``demand`` are ``[site]``, supplied free of charge; ``value`` is that of a
        unit of unmet demand anywhere.
        """
        ends = np.asarray(tail, dtype=np.int64)
        links = len(ends)
        given, wanted = np.asarray(supply, dtype=float), np.asarray(demand, dtype=float)
        at, to = np.flatnonzero(given), np.flatnonzero(wanted)
        return cls(
            sites=sites,
            tail=ends,
            head=np.asarray(head, dtype=np.int64),
            capacity=np.asarray(capacity, dtype=float),
            arc_link=np.arange(links),
            arc_commodity=np.zeros(links, dtype=np.int64),
            arc_cost=np.asarray(cost, dtype=float),
            arc_back=np.zeros(links, dtype=bool),
            supply_site=at,
            supply_commodity=np.zeros(len(at), dtype=np.int64),
            supply_limit=given[at],
            supply_cost=np.zeros(len(at)),
            demand_site=to,
            demand_commodity=np.zeros(len(to), dtype=np.int64),
            demand_amount=wanted[to],
            demand_value=np.full(len(to), float(value)),
        )

    @property
    def links(self) -> int:
        return len(self.tail)

    @property
    def arcs(self) -> int:
        return len(self.arc_link)

    @property
    def arc_tail(self) -> Ints:
        """Site at which each arc starts, ``[arc]``."""
        return np.where(self.arc_back, self.head[self.arc_link], self.tail[self.arc_link])

    @property
    def arc_head(self) -> Ints:
        """Site at which each arc ends, ``[arc]``."""
        return np.where(self.arc_back, self.tail[self.arc_link], self.head[self.arc_link])


_KINDS = {
    "links": ("tail", "head", "capacity"),
    "arcs": ("arc_link", "arc_commodity", "arc_cost", "arc_back"),
    "supplies": ("supply_site", "supply_commodity", "supply_limit", "supply_cost"),
    "demands": ("demand_site", "demand_commodity", "demand_amount", "demand_value"),
    "contracts": ("contract_arc", "contract_minimum", "contract_value"),
}
_AMOUNTS = (
    "capacity",
    "arc_cost",
    "supply_limit",
    "supply_cost",
    "demand_amount",
    "demand_value",
    "contract_minimum",
    "contract_value",
)


@dataclass(frozen=True, eq=False)
class Figures:
    """Costs and bounds of a linear programme: all in it that is not form. Columns start at 0."""

    cost: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats


@dataclass(frozen=True, eq=False)
class Programme:
    """The linear programme of a network, column-wise.

    Columns are arcs, supplies, unmet demands, shortfalls, in this order (``blocks`` has where each
    begins). Rows are balances, shared capacities (``link_row``, -1 where a link has none and its
    capacity bounds its only arc), contracts.
    """

    figures: Figures
    starts: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Floats
    blocks: tuple[int, int, int, int]
    link_row: Ints
    demand_row: Ints
    contract_row: Ints
    only_arc: Ints
    """The single arc of a link that has just one, else -1, ``[link]``."""

    def with_figures_of(self, network: Network) -> Figures:
        """Return the figures of a network of the same form."""
        shared = self.link_row >= 0
        alone = ~shared[network.arc_link]
        balances = len(self.figures.row_lower) - int(shared.sum()) - len(self.contract_row)
        return _figures(network, alone, shared, self.demand_row, balances)


def _figures(
    network: Network,
    alone: NDArray[np.bool_],
    shared: NDArray[np.bool_],
    demanded: Ints,
    balances: int,
) -> Figures:
    wanted = np.bincount(demanded, weights=network.demand_amount, minlength=balances)
    free = np.full(len(network.contract_arc), np.inf)
    return Figures(
        cost=np.concatenate(
            [network.arc_cost, network.supply_cost, network.demand_value, network.contract_value]
        ),
        upper=np.concatenate(
            [
                np.where(alone, network.capacity[network.arc_link], np.inf),
                network.supply_limit,
                network.demand_amount,
                free,
            ]
        ),
        row_lower=np.concatenate(
            [wanted, np.full(int(shared.sum()), -np.inf), network.contract_minimum]
        ),
        row_upper=np.concatenate([wanted, network.capacity[shared], free]),
    )


def programme(network: Network) -> Programme:
    """Return the linear programme of a network."""
    arcs, supplies = network.arcs, len(network.supply_site)
    demands, contracts = len(network.demand_site), len(network.contract_arc)
    many = int(
        max(
            (
                each.max(initial=-1)
                for each in (
                    network.arc_commodity,
                    network.supply_commodity,
                    network.demand_commodity,
                )
            ),
        )
        + 1
    )
    places = np.concatenate(
        [
            network.arc_tail * many + network.arc_commodity,
            network.arc_head * many + network.arc_commodity,
            network.supply_site * many + network.supply_commodity,
            network.demand_site * many + network.demand_commodity,
        ]
    )
    used = np.zeros(network.sites * many, dtype=bool)
    used[places] = True
    row_of = np.cumsum(used) - 1
    balances = int(used.sum())
    rows = row_of[places]
    leaves, enters = rows[:arcs], rows[arcs : 2 * arcs]
    supplied = rows[2 * arcs : 2 * arcs + supplies]
    demanded = rows[2 * arcs + supplies :]

    uses = np.bincount(network.arc_link, minlength=network.links)
    shared = uses > 1
    link_row = np.where(shared, balances + np.cumsum(shared) - 1, -1)
    contract_row = balances + int(shared.sum()) + np.arange(contracts)
    only_arc = np.full(network.links, -1, dtype=np.int64)
    alone = ~shared[network.arc_link]
    only_arc[network.arc_link[alone]] = np.flatnonzero(alone)

    loops = leaves == enters
    own = np.arange(arcs)
    on_shared = np.flatnonzero(~alone)
    first = arcs + supplies + demands
    row = np.concatenate(
        [
            leaves[~loops],
            enters[~loops],
            link_row[network.arc_link[on_shared]],
            contract_row,
            supplied,
            demanded,
            contract_row,
        ]
    )
    column = np.concatenate(
        [
            own[~loops],
            own[~loops],
            on_shared,
            network.contract_arc,
            arcs + np.arange(supplies),
            arcs + supplies + np.arange(demands),
            first + np.arange(contracts),
        ]
    )
    value = np.ones(len(row))
    value[: int((~loops).sum())] = -1.0
    order = np.argsort(column, kind="stable")
    columns = first + contracts
    starts = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=columns))])

    return Programme(
        figures=_figures(network, alone, shared, demanded, balances),
        starts=starts.astype(np.int32),
        index=row[order].astype(np.int32),
        value=value[order],
        blocks=(0, arcs, arcs + supplies, first),
        link_row=link_row,
        demand_row=demanded,
        contract_row=contract_row,
        only_arc=only_arc,
    )
