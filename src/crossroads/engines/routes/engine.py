"""The routes engine: who can be supplied by which ways, at what cost, and what hangs on each.

Flows are found as if one planner sought the cheapest ways for everybody, each demand worth its
stated value. Definitions stand in ``indicators.csv``.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crossroads.engines.routes.criticality import Criticality, criticality
from crossroads.engines.routes.network import Floats, Network
from crossroads.engines.routes.plan import (
    Part,
    Values,
    central,
    density_of,
    make_parts,
    values_of,
)
from crossroads.engines.routes.solver import Change, FlowModel, Start
from crossroads.engines.routes.tracing import carried_cost, passed_share
from crossroads.indicators import Builder, Gap, Indicators, IndicatorSpec
from crossroads.levers import Case
from crossroads.world import World

__all__ = ["Chokepoints", "Routes", "Solved", "solved"]


@cache
def _specs(engine: str) -> tuple[IndicatorSpec, ...]:
    path = Path(__file__).parent / f"{engine}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(IndicatorSpec(**row) for row in csv.DictReader(file))


_MUCH = 1e5
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
        supply[sorted(sources)] = _MUCH
        demand[sorted(sinks)] = _MUCH
        self.model = FlowModel(
            Network.single(
                network.sites,
                network.arc_tail[arcs],
                network.arc_head[arcs],
                np.minimum(network.capacity[self.links], _MUCH),
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
        room = np.minimum(capacity[self.links], _MUCH)
        if before is None:
            return self._solve(room)[0]
        was = np.minimum(before[self.links], _MUCH)
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


@dataclass(frozen=True, eq=False)
class Live:
    """A part with its live model at central values."""

    part: Part
    values: Values
    network: Network
    model: FlowModel
    outlets: Mapping[tuple[str, str], Outlet]
    starts: list[Start] = field(default_factory=list)
    """Where the solver starts from in each draw: the solution without levers."""


@dataclass(frozen=True, eq=False)
class Calibrated:
    """What is prepared once on a base world."""

    lives: Sequence[Live]
    gaps: Sequence[Gap]


class Routes:
    """Flows, unmet demand, costs, transit revenue and chokepoints of the infrastructure network."""

    name = "routes"
    version = "1"
    reads = frozenset({"sites", "links", "modes", "demands", "products", "facts"})
    needs: frozenset[str] = frozenset()
    draws = 200
    leaves_out = (
        "Prices do not move: each demand has one stated value, each link one cost a unit.",
        "One planner sends goods the cheapest way; contracts bind only where they are listed.",
        "Stocks, seasons, quality and the time that a change of route takes.",
    )

    @property
    def provides(self) -> tuple[IndicatorSpec, ...]:
        return _specs(self.name)

    def calibrate(self, base: World) -> Calibrated:
        """Return the live models at central values."""
        return _calibrated(base)

    def cases(self, base: World) -> tuple[Case, ...]:
        return ()

    def indicators(self, model: Calibrated, world: World, given: Indicators) -> Indicators:
        """Compute all rows of one case; of a levered world, the parts that levers touched."""
        build = Builder(self.name, world.draws)
        if world.base is world:
            build.gaps(model.gaps)
        for live in model.lives:
            values, before = values_of(world, live.part), None
            if world.base is not world:
                before = values_of(world.base, live.part)
                if _same(values, before):
                    continue
            found = solved(live, values, world)
            _Rows(build, world, live, values, found).add(before)
        return build.build()


class Chokepoints:
    """What hangs on single links and on all that one controls: criticality, worth, power.

    An engine of its own, so that whoever asks for flows need not wait for what-ifs on every link.
    At central values, of the world without levers.
    """

    name = "chokepoints"
    version = "1"
    reads = Routes.reads
    needs: frozenset[str] = frozenset()
    draws = 2

    @property
    def provides(self) -> tuple[IndicatorSpec, ...]:
        return _specs(self.name)

    def calibrate(self, base: World) -> Calibrated:
        """Return the live models at central values."""
        return _calibrated(base)

    def cases(self, base: World) -> tuple[Case, ...]:
        return ()

    def indicators(self, model: Calibrated, world: World, given: Indicators) -> Indicators:
        """Compute all rows of the world without levers; levers change none."""
        build = Builder(self.name, world.draws)
        if world.base is world:
            for live in model.lives:
                cost, owners = live.values.cost[:, 0], _controllers(world, live.part)
                critical = criticality(live.model, live.part, cost, owners)
                _Critical(build, world, live, critical).add()
        return build.build()


def _calibrated(base: World) -> Calibrated:
    parts, gaps = make_parts(base)
    rows = tuple(base["demands"].rows)
    lives = []
    for part in parts:
        values = values_of(base, part, central)
        network = values.network(part, rows, 0)
        lives.append(Live(part, values, network, FlowModel(network), _outlets(base, part, network)))
    return Calibrated(lives, gaps)


def _outlets(base: World, part: Part, network: Network) -> dict[tuple[str, str], Outlet]:
    """Return, by supplier and product, the model of the most that could reach others' demand."""
    names = _Names(base, part)
    wanted = names.by_actor(part.demands)
    outlets = {}
    for (actor, product), group in names.by_actor(part.supplies).items():
        sources = set(names.sites_of(part.supplies, group).tolist())
        sinks = {
            site
            for (other, own), places in wanted.items()
            if own == product and other != actor
            for site in names.sites_of(part.demands, places).tolist()
        } - sources
        if sinks:
            commodity = part.product_place[product]
            outlets[actor, product] = Outlet(network, commodity, sources, sinks)
    return outlets


def _same(one: Values, other: Values) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in Values.__dataclass_fields__
    )


def _controllers(world: World, part: Part) -> tuple[tuple[str, ...], ...]:
    rows = world["links"].rows
    return tuple(tuple(rows[way.place]["controllers"]) for way in part.ways)


@dataclass(frozen=True, eq=False)
class Solved:
    """Flows of a part in every draw, ``[thing, draw]``."""

    arc: Floats
    supplied: Floats
    unmet: Floats


def solved(live: Live, values: Values, world: World) -> Solved:
    """Solve a part in every draw: without levers from the central basis, else from that solution.

    So a result hangs on its draw and the levers alone, whatever was solved before it.
    """
    rows = tuple(world["demands"].rows)
    if not live.starts:
        base = values_of(world.base, live.part) if world.base is not world else values
        live.starts.extend(
            live.model.solve_instead(base.network(live.part, rows, draw))[1]
            for draw in range(world.draws)
        )
    found = [
        live.model.solve_instead(values.network(live.part, rows, draw), start)[0]
        for draw, start in enumerate(live.starts)
    ]
    return Solved(
        np.array([each.arc for each in found]).T,
        np.array([each.supplied for each in found]).T,
        np.array([each.unmet for each in found]).T,
    )


class _Rows:
    """The rows of one part in one case."""

    def __init__(
        self, build: Builder, world: World, live: Live, values: Values, found: Solved
    ) -> None:
        self.build, self.world, self.live = build, world, live
        self.part, self.network = live.part, live.network
        self.values, self.found = values, found
        self.demands, self.links = world["demands"].rows, world["links"].rows
        self.names = _Names(world, live.part)
        self.inputs = self.names.inputs(world)

    def add(self, before: Values | None) -> None:
        """Add all rows; outlets only where capacities differ from those ``before`` levers."""
        self._links()
        self._ends()
        self._costs()
        self._outlets(before)

    def _add(self, indicator: str, cells: tuple[str, str, str], unit: str, values: Floats) -> None:
        self.build.row(indicator, *cells, self.names.period, unit, values, self.inputs)

    def _links(self) -> None:
        """Add what passes each link by product, and how much of its capacity that takes."""
        part, names = self.part, self.names
        total = np.zeros((len(part.ways), self.world.draws))
        np.add.at(total, part.arc_way, self.found.arc)
        for arc, (way, kind) in enumerate(zip(part.arc_way, part.arc_product, strict=True)):
            flow = self.found.arc[arc]
            if flow.any() or not part.ways[way].back:
                product = part.products[kind]
                cells = (*names.ends(way), f"{names.link(way)}/{product}")
                self._add("link_flow", cells, names.unit, flow * part.scale)
        for way, flow in enumerate(total):
            room = self.values.capacity[way]
            if np.isfinite(room).all() and (room > 0).all():
                cells = (*names.ends(way), names.link(way))
                self._add("link_use", cells, "share", flow / room)

    def _ends(self) -> None:
        """Add what each actor ships and gets, and what it cannot."""
        part, found, values, names = self.part, self.found, self.values, self.names
        for (actor, product), places in names.by_actor(part.supplies).items():
            supplied = found.supplied[places].sum(axis=0)
            limit = values.supply[places].sum(axis=0)
            cells = (actor, "", product)
            self._add("shipped", cells, names.unit, supplied * part.scale)
            self._add("unsold", cells, names.unit, (limit - supplied) * part.scale)
            value = self._value(product)
            if value is not None:
                self._add("sales", cells, names.money, supplied * value * 1e6)
        for (actor, product), places in names.by_actor(part.demands).items():
            wanted = values.demand[places].sum(axis=0)
            unmet = found.unmet[places].sum(axis=0)
            cells = (actor, "", product)
            self._add("delivered", cells, names.unit, (wanted - unmet) * part.scale)
            self._add("unmet_demand", cells, names.unit, unmet * part.scale)
            share = np.divide(unmet, wanted, out=np.zeros_like(unmet), where=wanted > 0)
            self._add("unmet_share", cells, "share", share)

    def _value(self, product: str) -> Floats | None:
        """Return the value of a unit, ``[draw]``: that of the product, else of what wants it."""
        priced = [
            place
            for place, row in enumerate(self.part.demands)
            if self.demands[row]["product"] == product
        ]
        density = density_of(self.world, self.part, product)
        if density is not None or not priced:
            return density
        amounts = self.values.demand[priced]
        whole = amounts.sum(axis=0)
        weighted: Floats = (amounts * self.values.demand_value[priced]).sum(axis=0)
        value: Floats = np.divide(weighted, whole, out=np.zeros_like(whole), where=whole > 0)
        return value

    def _costs(self) -> None:
        """Add what carriage costs those at both ends, who earns it, and whose links it takes."""
        part, found, names = self.part, self.found, self.names
        earned: dict[tuple[str, str], Floats] = defaultdict(lambda: np.zeros(self.world.draws))
        for arc, (way, kind) in enumerate(zip(part.arc_way, part.arc_product, strict=True)):
            paid = found.arc[arc] * self.values.cost[arc] * 1e6
            owners = names.controllers(way)
            for owner in owners:
                earned[owner, part.products[kind]] += paid / len(owners)
        for (owner, product), paid in sorted(earned.items()):
            self._add("transit_revenue", (owner, "", product), names.money, paid)
        for kind, product in enumerate(part.products):
            arcs = np.flatnonzero(part.arc_product == kind)
            flow, cost = found.arc[arcs], self.values.cost[arcs]
            tail, head = self.network.arc_tail[arcs], self.network.arc_head[arcs]
            leaving = names.at_sites(part.supplies, product, found.supplied)
            got = self.values.demand - found.unmet
            arriving = names.at_sites(part.demands, product, got)
            brought = carried_cost(len(part.sites), tail, head, flow, cost, leaving)
            taken = carried_cost(len(part.sites), head, tail, flow, cost, arriving)
            for indicator, places, amounts, unit_cost in (
                ("inbound_transport", part.demands, got, brought),
                ("outbound_transport", part.supplies, found.supplied, taken),
            ):
                for (actor, own), group in names.by_actor(places).items():
                    if own == product:
                        at = names.sites_of(places, group)
                        paid = (amounts[group] * unit_cost[at]).sum(axis=0) * 1e6
                        self._add(indicator, (actor, "", product), names.money, paid)
            self._passages(product, arcs, flow, leaving, got)

    def _passages(
        self, product: str, arcs: NDArray[np.intp], flow: Floats, leaving: Floats, got: Floats
    ) -> None:
        part, names = self.part, self.names
        tail, head = self.network.arc_tail[arcs], self.network.arc_head[arcs]
        owners = [set(names.controllers(way)) for way in part.arc_way[arcs]]
        receivers = {
            actor: group
            for (actor, own), group in names.by_actor(part.demands).items()
            if own == product
        }
        for owner in sorted(set().union(*owners)) if owners else ():
            through = np.array([float(owner in each) for each in owners])
            passed = passed_share(len(part.sites), tail, head, flow, through, leaving)
            for actor, group in receivers.items():
                whole = got[group].sum(axis=0)
                by = (got[group] * passed[names.sites_of(part.demands, group)]).sum(axis=0)
                if actor != owner and by.any():
                    share = np.divide(by, whole, out=np.zeros_like(whole), where=whole > 0)
                    self._add("supply_through", (actor, owner, product), "share", share)

    def _outlets(self, before: Values | None) -> None:
        """Add the most that could leave each supplier, by links open and by idle ones too."""
        part, names, values = self.part, self.names, self.values
        idle = bool((values.standby != values.capacity).any())
        for (actor, product), outlet in self.live.outlets.items():
            cells = (actor, "", product)
            most = outlet.most(values.capacity, None if before is None else before.capacity)
            spare = outlet.most(values.standby) if idle and before is None else None
            for indicator, found in (("deliverable", most), ("deliverable_standby", spare)):
                if found is not None and (found < _MUCH).all():
                    self._add(indicator, cells, names.unit, found * part.scale)


class _Names:
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


class _Critical:
    """What hangs on each link and each controller, at central values."""

    def __init__(self, build: Builder, world: World, live: Live, critical: Criticality) -> None:
        self.build, self.draws, self.live, self.critical = build, world.draws, live, critical
        self.names = _Names(world, live.part)
        self.inputs = self.names.inputs(world)
        vocabulary = world.dossier.vocabulary
        unit = vocabulary.base_unit(f"price per {live.part.dimension}")
        assert unit is not None
        self.price = unit.name

    def add(self) -> None:
        part, names, critical = self.live.part, self.names, self.critical
        receivers = names.by_actor(part.demands)
        for link, loss in critical.links.items():
            way = next(n for n, each in enumerate(part.ways) if each.place == link)
            cells = (*names.ends(way), names.link(way))
            stranded = float(loss.stranded.sum()) * part.scale
            self._add("stranded_if_lost", cells, names.unit, stranded)
            self._add("cost_if_lost", cells, names.money, loss.extra_cost * 1e6)
        for way, worth in critical.worth.items():
            cells = (*names.ends(way), names.link(way))
            for indicator, value in (
                ("worth_of_last_unit", worth.left),
                ("worth_of_next_unit", worth.right),
            ):
                self._add(indicator, cells, self.price, value * 1e6 / part.scale)
        for owner, loss in critical.controllers.items():
            for (actor, product), group in receivers.items():
                stranded = float(loss.stranded[group].sum()) * part.scale
                if actor != owner and stranded:
                    self._add("chokepoint_stranded", (owner, actor, product), names.unit, stranded)
            cells = (owner, "", part.dimension)
            self._add("chokepoint_revenue", cells, names.money, loss.revenue * 1e6)

    def _add(self, indicator: str, cells: tuple[str, str, str], unit: str, value: float) -> None:
        values = np.full(self.draws, value)
        self.build.row(indicator, *cells, self.names.period, unit, values, self.inputs)
