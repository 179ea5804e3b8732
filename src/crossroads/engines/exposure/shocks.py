"""What levers expose: the difference between the policy tables of a world and of its base."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crossroads.engines.exposure.measures import cover, ratio
from crossroads.engines.exposure.plan import item_of
from crossroads.indicators import Builder
from crossroads.periods import parse_period
from crossroads.world import Table, World, current_rows

__all__ = ["add_shocks"]

Floats = NDArray[np.float64]


@dataclass(slots=True)
class _Loss:
    """An amount that an actor loses with a counterpart, and what it rests on.

    ``added`` is the part not already counted in a wider product of the same pair.
    """

    indicator: str
    actor: str
    counterpart: str
    item: str
    period: str
    dimension: str
    amount: Floats
    added: Floats
    inputs: Sequence[str]


@dataclass(slots=True)
class _Total:
    amount: Floats
    periods: set[str] = field(default_factory=set)
    inputs: dict[str, None] = field(default_factory=dict)


def add_shocks(build: Builder, world: World) -> None:
    """Add the exposed amounts of a levered world: by pair, by actor, and against facts."""
    losses = [*_halted(world), *_barred(world)]
    vocabulary = world.dossier.vocabulary
    totals: dict[tuple[str, str], _Total] = {}
    for loss in losses:
        unit = vocabulary.base_unit(loss.dimension)
        build.row(
            loss.indicator,
            loss.actor,
            loss.counterpart,
            loss.item,
            loss.period,
            unit.name if unit else loss.dimension,
            loss.amount,
            loss.inputs,
        )
        if loss.dimension != "money":
            continue
        total = totals.setdefault((loss.indicator, loss.actor), _Total(np.zeros(world.draws)))
        total.amount = total.amount + loss.added
        total.periods.add(loss.period)
        total.inputs |= dict.fromkeys(loss.inputs)
    for (indicator, actor), total in totals.items():
        period = _covering(total.periods)
        build.row(
            indicator,
            actor,
            "",
            "all",
            period,
            world.meta.currency,
            total.amount,
            list(total.inputs),
        )
        _against_facts(build, world, indicator, actor, total)


def _covering(texts: set[str]) -> str:
    """Return the period that covers several; a mixture shows as FROM/TO."""
    if len(texts) == 1:
        return next(iter(texts))
    periods = sorted((parse_period(text) for text in texts), key=lambda each: each.end)
    first = min(periods, key=lambda each: each.start)
    return f"{first.text.partition('/')[0]}/{periods[-1].text.rpartition('/')[2]}"


def _halted(world: World) -> list[_Loss]:
    """Return what receivers lose in layers whose flows the levers changed."""
    flows, before = world["flows"], world.base["flows"]
    if flows is before:
        return []
    losses = []
    rows = flows.frame.to_dicts()
    for place in np.flatnonzero((flows.values != before.values).any(axis=1)):
        row = rows[place]
        if world.meta.world in (row["origin"], row["destination"]):
            continue
        lost = before.values[place] - flows.values[place]
        losses.append(
            _Loss(
                "exposed_income",
                row["destination"],
                row["origin"],
                item_of(row["layer"], row["product"]),
                row["period"],
                row["value_dimension"],
                lost,
                lost,
                flows.lineage(row["row"]),
            )
        )
    return losses


def _barred(world: World) -> list[_Loss]:
    """Return what sellers and buyers lose by barriers that the levers added."""
    barriers, before = world["barriers"], world.base["barriers"]
    if barriers is before:
        return []
    added = [row for row in barriers.frame.to_dicts() if row["row"] not in before.places]
    parents = dict(world["products"].frame.select("id", "parent").iter_rows())
    flows = world["flows"]
    rows = flows.frame.to_dicts()
    members = _members(world)
    hit: dict[tuple[str, str], dict[str | None, tuple[int, Floats, list[str]]]] = defaultdict(dict)
    for place in current_rows(flows, world.meta):
        row = rows[place]
        pair = (row["origin"], row["destination"])
        if row["layer"] != "goods" or world.meta.world in pair:
            continue
        applying = [
            (barrier, more)
            for barrier in sorted(added, key=lambda each: str(each["row"]))
            if barrier["product"] in _ancestry(row["product"], parents)
            and (more := _between(barrier, pair, members)) is not None
        ]
        if applying:
            inputs = list(flows.lineage(row["row"]))
            for barrier, more in applying:
                inputs += [*barriers.via.get(barrier["row"], ()), *more]
            share = _stopped(barriers, [barrier for barrier, _ in applying])
            hit[pair][row["product"]] = int(place), share, list(dict.fromkeys(inputs))
    losses = []
    for (origin, destination), by_product in hit.items():
        for product, (place, share, inputs) in by_product.items():
            row = rows[place]
            above = next(
                (
                    by_product[each]
                    for each in _ancestry(product, parents)[1:]
                    if each in by_product
                    and rows[by_product[each][0]]["value_dimension"] == row["value_dimension"]
                ),
                None,
            )
            amount = flows.values[place] * share
            counted = amount if above is None else flows.values[place] * (share - above[1])
            used = inputs if above is None else list(dict.fromkeys([*inputs, *above[2]]))
            for indicator, actor, other in (
                ("exposed_income", origin, destination),
                ("exposed_supply", destination, origin),
            ):
                losses.append(
                    _Loss(
                        indicator,
                        actor,
                        other,
                        item_of("goods", product),
                        row["period"],
                        row["value_dimension"],
                        amount,
                        counted,
                        used,
                    )
                )
    return losses


def _ancestry(product: str | None, parents: Mapping[str, str | None]) -> list[str | None]:
    """Return a product, the products it is part of, and None for all goods."""
    line: list[str | None] = []
    while product is not None and product not in line:
        line.append(product)
        product = parents.get(product)
    return [*line, None]


def _members(world: World) -> Mapping[str, Mapping[str, str]]:
    """Return the members of each bloc as of the world's day, each with the row that says so."""
    day = world.meta.as_of
    members: dict[str, dict[str, str]] = defaultdict(dict)
    for row in world["memberships"].frame.iter_rows(named=True):
        start = parse_period(row["start"]).start
        ended = row["end"] and parse_period(row["end"]).end < day
        if row["status"] == "member" and start <= day and not ended:
            members[row["bloc"]][row["state"]] = row["row"]
    return members


def _between(
    barrier: Mapping[str, Any], pair: tuple[str, str], members: Mapping[str, Mapping[str, str]]
) -> list[str] | None:
    """Return the membership rows by which a barrier stands between a pair; None if it does not."""
    used = []
    for end, actor in zip(("origin", "destination"), pair, strict=True):
        named = barrier[end]
        if named is None or named == actor:
            continue
        if actor not in members.get(named, {}):
            return None
        used.append(members[named][actor])
    return used


def _stopped(barriers: Table, applying: Sequence[Mapping[str, Any]]) -> Floats:
    """Return the share of a flow that barriers together expose.

    Bans and caps stop ``1 - prod(1 - s_i)``; what still passes pays the sum of the added rates.
    """
    passing = np.ones(barriers.values.shape[1])
    rates = np.zeros(barriers.values.shape[1])
    for barrier in applying:
        value = barriers.values[barriers.places[barrier["row"]]]
        if barrier["kind"] == "ban":
            passing = passing * (1 - value)
        elif barrier["kind"] == "cap":
            passing = passing * np.minimum(value, 1.0)
        else:
            rates = rates + value
    return (1 - passing) + passing * rates


def _against_facts(build: Builder, world: World, indicator: str, actor: str, total: _Total) -> None:
    """Set an actor's exposed total against its present denominators and buffers."""
    facts = world["facts"]
    measures = world.dossier.vocabulary.measures
    rows = facts.frame.to_dicts()
    present = set(current_rows(facts, world.meta).tolist())
    buffers: dict[str, int] = {}
    until = world.meta.base_period.end + timedelta(days=1)
    for place, row in enumerate(rows):
        if row["actor"] != actor or row["counterpart"] or row["product"]:
            continue
        role = measures[row["measure"]].role
        if role == "denominator" and place in present:
            build.row(
                f"{indicator}_to_fact",
                actor,
                "",
                f"all/{row['measure']}",
                _covering({*total.periods, row["period"]}),
                "share",
                ratio(total.amount, facts.values[place]),
                list(dict.fromkeys([*total.inputs, *facts.lineage(row["row"])])),
            )
        elif role == "buffer" and parse_period(row["period"]).end <= until:
            held = buffers.get(row["measure"])
            if (
                held is None
                or parse_period(rows[held]["period"]).end < parse_period(row["period"]).end
            ):
                buffers[row["measure"]] = place
    if indicator != "exposed_income":
        return
    for measure, place in buffers.items():
        row = rows[place]
        build.row(
            "buffer_cover",
            actor,
            "",
            measure,
            row["period"],
            "y",
            cover(facts.values[place], total.amount),
            list(dict.fromkeys([*total.inputs, *facts.lineage(row["row"])])),
        )
