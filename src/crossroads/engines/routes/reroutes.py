"""Reroutes by name: which ways goods take before and after levers, at central values."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from crossroads.engines.routes.paths import paths
from crossroads.engines.routes.plan import make_parts, values_of
from crossroads.engines.routes.solver import FlowModel
from crossroads.world import World

__all__ = ["Route", "reroutes"]

_LEAST = 0.005
"""Changes below this share of what moves of a product are not named."""


@dataclass(frozen=True, slots=True)
class Route:
    """A way of a product: the ids of the sites passed, and the amount a year before and after."""

    product: str
    sites: tuple[str, ...]
    before: float
    after: float
    unit: str


def reroutes(world: World) -> list[Route]:
    """Return the ways that levers emptied, filled or thinned, by the size of the change.

    Parameters
    ----------
    world
        A world of one draw, the medians, with levers pulled.

    Returns
    -------
    Amounts in base units a year. Empty where levers touch no network.
    """
    found: list[Route] = []
    parts, _ = make_parts(world.base)
    for part in parts:
        rows = tuple(world["demands"].rows)
        network = values_of(world.base, part).network(part, rows, 0)
        changed = values_of(world, part).network(part, rows, 0)
        model = FlowModel(network)
        amounts: dict[tuple[int, tuple[int, ...]], list[float]] = defaultdict(lambda: [0.0, 0.0])
        after, _ = model.solve_instead(changed)
        for place, flows in enumerate((model.central, after)):
            for path in paths(network, flows):
                amounts[path.commodity, path.sites][place] += path.amount
        moved: dict[int, float] = defaultdict(float)
        for (kind, _), (before, _) in amounts.items():
            moved[kind] += before
        unit = world.dossier.vocabulary.base_unit(f"{part.dimension} throughput")
        found += [
            Route(
                part.products[kind],
                tuple(part.sites[site] for site in sites),
                before * part.scale,
                after * part.scale,
                unit.name if unit else "",
            )
            for (kind, sites), (before, after) in amounts.items()
            if abs(after - before) > _LEAST * max(moved[kind], 1e-9)
        ]
    return sorted(found, key=lambda each: (-abs(each.after - each.before), each.sites))
