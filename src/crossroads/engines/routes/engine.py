"""The routes engine: who can be supplied by which ways, at what cost, and what hangs on each.

Flows are found as if one planner sought the cheapest ways for everybody, each demand worth its
stated value. Definitions stand in ``indicators.csv``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossroads.engines.routes.live import Calibrated, Live, calibrated, specs
from crossroads.engines.routes.names import Names
from crossroads.engines.routes.network import Floats
from crossroads.engines.routes.outlets import MUCH
from crossroads.engines.routes.plan import Values, density_of, values_of
from crossroads.engines.routes.tracing import carried_cost, passed_share
from crossroads.indicators import Builder, Indicators, IndicatorSpec
from crossroads.levers import Case
from crossroads.world import World

__all__ = ["Routes", "Solved", "solved"]


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
        return specs(self.name)

    def calibrate(self, base: World) -> Calibrated:
        """Return the live models at central values."""
        return calibrated(base)

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


def _same(one: Values, other: Values) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in Values.__dataclass_fields__
    )


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
        self.names = Names(world, live.part)
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
                if found is not None and (found < MUCH).all():
                    self._add(indicator, cells, names.unit, found * part.scale)
