"""The chokepoints engine: what hangs on a link, and on all that one actor controls."""

from __future__ import annotations

import numpy as np

from crossroads.engines.routes.criticality import Criticality, criticality
from crossroads.engines.routes.engine import Routes
from crossroads.engines.routes.live import Calibrated, Live, calibrated, specs
from crossroads.engines.routes.names import Names
from crossroads.engines.routes.plan import Part
from crossroads.indicators import Builder, Indicators, IndicatorSpec
from crossroads.levers import Case
from crossroads.world import World

__all__ = ["Chokepoints"]


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
        return specs(self.name)

    def calibrate(self, base: World) -> Calibrated:
        """Return the live models at central values."""
        return calibrated(base)

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


def _controllers(world: World, part: Part) -> tuple[tuple[str, ...], ...]:
    rows = world["links"].rows
    return tuple(tuple(rows[way.place]["controllers"]) for way in part.ways)


class _Critical:
    """What hangs on each link and each controller, at central values."""

    def __init__(self, build: Builder, world: World, live: Live, critical: Criticality) -> None:
        self.build, self.draws, self.live, self.critical = build, world.draws, live, critical
        self.names = Names(world, live.part)
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
