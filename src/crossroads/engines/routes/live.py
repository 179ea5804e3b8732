"""Networks of a world with their live models, made once for all cases."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from crossroads.engines.routes.names import Names
from crossroads.engines.routes.network import Network
from crossroads.engines.routes.outlets import Outlet
from crossroads.engines.routes.plan import Part, Values, central, make_parts, values_of
from crossroads.engines.routes.solver import FlowModel, Start
from crossroads.indicators import Gap, IndicatorSpec
from crossroads.world import World

__all__ = ["Calibrated", "Live", "calibrated", "specs"]


@cache
def specs(engine: str) -> tuple[IndicatorSpec, ...]:
    path = Path(__file__).parent / f"{engine}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(IndicatorSpec(**row) for row in csv.DictReader(file))


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


def calibrated(base: World) -> Calibrated:
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
    names = Names(base, part)
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
