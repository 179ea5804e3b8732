"""The exposure engine: accounting of who depends on whom, and what a lever would expose.

Nothing behavioural: beside a model's answer its figures are the upper bound. Definitions stand in
``indicators.csv``, formulas in ``measures.py``.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crossroads.engines.exposure.measures import asymmetry, growth, herfindahl, ratio, volatility
from crossroads.engines.exposure.plan import Cells, Plan, make_plan
from crossroads.engines.exposure.shocks import add_shocks
from crossroads.indicators import Builder, Indicators, IndicatorSpec
from crossroads.levers import Case
from crossroads.world import Table, World

__all__ = ["Exposed", "Exposure"]

Floats = NDArray[np.float64]


@cache
def _specs() -> tuple[IndicatorSpec, ...]:
    with (Path(__file__).parent / "indicators.csv").open(encoding="utf-8", newline="") as file:
        return tuple(IndicatorSpec(**row) for row in csv.DictReader(file))


class Exposure:
    """Dependence, ratios, concentration, asymmetry, growth; and exposed amounts under levers."""

    name = "exposure"
    version = "1"
    reads = frozenset({"flows", "facts", "barriers", "memberships", "products"})
    needs: frozenset[str] = frozenset()
    kept = False
    leaves_out = (
        "Nobody adjusts: no other buyer, seller, supplier or route is found, and no price moves.",
        "Losses do not spread: what a sector buys from others, wages, credit, the exchange rate "
        "and confidence stay as they were.",
        "Stocks and reserves count only as buffers, not as something that is drawn on.",
        "Effects on people and regions within an actor are not told apart.",
        "Answers by the other side count only where a scenario names them.",
    )

    @property
    def provides(self) -> tuple[IndicatorSpec, ...]:
        return _specs()

    def calibrate(self, base: World) -> Plan:
        """Return which figures combine into which measures."""
        return make_plan(base)

    def cases(self, base: World) -> tuple[Case, ...]:
        return ()

    def indicators(self, model: Plan, world: World, given: Indicators) -> Indicators:
        """Compute all measures of one case."""
        build = Builder(self.name, world.draws)
        touched = _touched(model, world)
        if touched is None or touched:
            _measures(build, model, _Stack(model, world["flows"], world["facts"]), touched)
        if touched is None:
            build.gaps(model.gaps)
        else:
            add_shocks(build, world, model)
        return build.build()


class Exposed(Exposure):
    """Of the exposure engine's rows those alone that exist under levers only: exposed amounts.

    Many times faster where many levers are compared; its rows are those of ``Exposure``.
    """

    @property
    def provides(self) -> tuple[IndicatorSpec, ...]:
        return tuple(each for each in _specs() if each.only == "scenario")

    def indicators(self, model: Plan, world: World, given: Indicators) -> Indicators:
        """Compute the exposed amounts of one case."""
        build = Builder(self.name, world.draws)
        if world.base is not world:
            add_shocks(build, world, model)
        return build.build()


def _touched(plan: Plan, world: World) -> set[int] | None:
    """Return the places in the stack that levers changed; None in a world without levers."""
    if world.base is world:
        return None
    touched: set[int] = set()
    for name, offset in (("flows", 0), ("facts", len(plan.flows))):
        table, before = world[name], world.base[name]
        if table is not before:
            changed = np.flatnonzero((table.values != before.values).any(axis=1))
            touched |= {offset + int(place) for place in changed}
    for number, parts in enumerate(plan.sums):
        if any(place in touched for place, _ in parts):
            touched.add(plan.size + number)
    return touched


def _measures(build: Builder, plan: Plan, stack: _Stack, touched: set[int] | None) -> None:
    """Add every measure, or those that rest on a touched place."""

    def due(*places: int) -> bool:
        return touched is None or not touched.isdisjoint(places)

    for indicator, every in plan.levels.items():
        levels = [each for each in every if due(each[1])]
        places = [place for _, place, _ in levels]
        cells = [each for each, _, _ in levels]
        units = [unit for _, _, unit in levels]
        stack.add(build, indicator, cells, units, stack.values[places], [[p] for p in places])
    for indicator, pairs in plan.ratios.items():
        ratios = [each for each in pairs if due(each.over, each.under)]
        over, under = [each.over for each in ratios], [each.under for each in ratios]
        measure = growth if indicator.endswith("_growth") else ratio_under
        values = measure(stack.values[under], stack.values[over])
        cells = [each.cells for each in ratios]
        used = [[a, b] for a, b in zip(over, under, strict=True)]
        stack.add(build, indicator, cells, "share", values, used)
    for cells_, *places in plan.asymmetries:
        if due(*places):
            values = asymmetry(*(stack.values[place] for place in places))
            stack.add(build, "asymmetry", [cells_], "share", values[None], [places])
    for indicator, concentrations in plan.concentrations.items():
        for cells_, members in concentrations:
            if due(*members):
                values = herfindahl(stack.values[list(members)])
                stack.add(build, indicator, [cells_], "share", values[None], [list(members)])
    for indicator, runs in plan.series.items():
        for run in runs:
            if due(*run.places):
                amounts = stack.values[list(run.places)]
                steady = indicator.endswith("_volatility")
                values = volatility(amounts) if steady else amounts.mean(axis=0)
                used = [list(run.places)]
                stack.add(build, indicator, [run.cells], run.unit, values[None], used)


def ratio_under(under: Floats, over: Floats) -> Floats:
    """Return the ratio with its arguments in the order of ``growth``."""
    return ratio(over, under)


class _Stack:
    """All amounts of a case in one array, and the rows of the dossier each rests on."""

    def __init__(self, plan: Plan, flows: Table, facts: Table) -> None:
        amounts = np.vstack([flows.values, facts.values])
        values = np.vstack([amounts, np.zeros((len(plan.sums), amounts.shape[1]))])
        for number, parts in enumerate(plan.sums):
            for place, sign in parts:
                values[plan.size + number] += sign * values[place]
        self.values: Floats = values
        lineages = [flows.lineage(row.id) for row in plan.flows]
        lineages += [facts.lineage(row.id) for row in plan.facts]
        for parts in plan.sums:
            rows = (row for place, _ in parts for row in lineages[place])
            lineages.append(tuple(dict.fromkeys(rows)))
        self.lineages = lineages

    def add(
        self,
        build: Builder,
        indicator: str,
        cells: list[Cells],
        unit: str | list[str],
        values: Floats,
        used: list[list[int]],
    ) -> None:
        inputs = [
            list(dict.fromkeys(row for place in places for row in self.lineages[place]))
            for places in used
        ]
        build.rows(indicator, cells, unit, values, inputs)
