"""What levers expose: the difference between the policy tables of a world and of its base."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crossroads.engines.barriers import Barriers, Policy
from crossroads.engines.exposure.measures import cover, ratio
from crossroads.engines.exposure.plan import Plan, item_of
from crossroads.indicators import Builder
from crossroads.periods import parse_period
from crossroads.world import World, current_rows

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


@dataclass(frozen=True, slots=True)
class _Hit:
    """A present flow that a change of barriers exposes, by which share, and on which rows."""

    place: int
    share: Floats
    inputs: tuple[str, ...]


@dataclass(slots=True)
class _Total:
    amount: Floats
    periods: set[str] = field(default_factory=set)
    inputs: dict[str, None] = field(default_factory=dict)


def add_shocks(build: Builder, world: World, plan: Plan) -> None:
    """Add the exposed amounts of a levered world: by pair, by actor, and against facts."""
    losses = [*_halted(world), *_barred(world, plan.barriers)]
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
        if loss.dimension != "money" or not loss.added.any():
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
        _against_facts(build, world, plan, indicator, actor, total)


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
    rows = flows.rows
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


def _barred(world: World, before: Barriers) -> list[_Loss]:
    """Return what sellers and buyers lose by the barriers that changed."""
    watched = ("barriers", "memberships")
    if all(world[name] is world.base[name] for name in watched):
        return []
    after = Barriers(world)
    same_blocs = world["memberships"] is world.base["memberships"]
    known = world.base["barriers"].places
    added = [after.reach(row) for row in after.in_force if row["row"] not in known]
    flows = world["flows"]
    rows = flows.rows
    hit: dict[tuple[str, str], dict[str | None, _Hit]] = defaultdict(dict)
    for place in map(int, current_rows(flows, world.meta)):
        row = rows[place]
        pair = (row["origin"], row["destination"])
        if row["layer"] != "goods" or world.meta.world in pair:
            continue
        if same_blocs and not any(pair[0] in one and pair[1] in other for one, other in added):
            continue
        old, new = before.between(*pair, row["product"]), after.between(*pair, row["product"])
        share, changed = _exposed(old, new)
        if share.any():
            inputs = [*flows.lineage(row["row"])]
            for each in changed:
                inputs += (after if each in new.rows else before).lineage(each)
            hit[pair][row["product"]] = _Hit(place, share, tuple(dict.fromkeys(inputs)))
    return [
        loss
        for (origin, destination), by_product in hit.items()
        for product in by_product
        for loss in _losses(world, rows, origin, destination, product, by_product, after)
    ]


def _exposed(old: Policy, new: Policy) -> tuple[Floats, list[str]]:
    """Return the share of a flow under the old policy that the new one stops or taxes away.

    Only rows that one of the two lacks take part, so that what stays in force leaves no trace.
    They and the memberships that make them apply are returned as well.
    """
    begun = [row for row in (*new.stops, *new.rates) if row not in old.rows]
    ended = [row for row in (*old.stops, *old.rates) if row not in new.rows]
    passing, rate = new.combined(begun)
    passed, rated = old.combined(ended)
    passing = np.divide(passing, passed, out=np.ones_like(passing), where=passed != 0)
    changed = [each for row in begun for each in (row, *new.memberships[row])]
    changed += [each for row in ended for each in (row, *old.memberships[row])]
    return (1 - passing) + passing * (rate - rated), list(dict.fromkeys(changed))


def _losses(
    world: World,
    rows: Sequence[Mapping[str, Any]],
    origin: str,
    destination: str,
    product: str | None,
    by_product: Mapping[str | None, _Hit],
    barriers: Barriers,
) -> list[_Loss]:
    """Return what both ends of one flow lose.

    To the total a part adds only what its whole does not count; a whole whose figure is older than
    that of a part adds nothing.
    """
    one = by_product[product]
    row = rows[one.place]
    alike = {
        each: hit
        for each, hit in by_product.items()
        if rows[hit.place]["value_dimension"] == row["value_dimension"]
    }
    outdated = {
        above
        for each, hit in alike.items()
        for above in barriers.ancestry(each)[1:]
        if above in alike
        and parse_period(rows[alike[above].place]["period"]).end
        < parse_period(rows[hit.place]["period"]).end
    }
    line = barriers.ancestry(product)[1:] if product else []
    wider = [alike[each] for each in line if each in alike and each not in outdated]
    values = world["flows"].values[one.place]
    counted = wider[0].share if wider else np.zeros_like(one.share)
    added = values * (one.share - counted) * (product not in outdated)
    inputs = dict.fromkeys([*one.inputs, *(each for hit in wider[:1] for each in hit.inputs)])
    return [
        _Loss(
            indicator,
            actor,
            other,
            item_of("goods", product),
            row["period"],
            row["value_dimension"],
            values * one.share,
            added,
            tuple(inputs),
        )
        for indicator, actor, other in (
            ("exposed_income", origin, destination),
            ("exposed_supply", destination, origin),
        )
    ]


def _against_facts(
    build: Builder, world: World, plan: Plan, indicator: str, actor: str, total: _Total
) -> None:
    """Set an actor's exposed total against its present denominators and buffers."""
    facts = world["facts"]
    for fact in plan.denominators.get(actor, ()):
        build.row(
            f"{indicator}_to_fact",
            actor,
            "",
            f"all/{fact.item}",
            _covering({*total.periods, fact.period.text}),
            "share",
            ratio(total.amount, facts.values[fact.place]),
            list(dict.fromkeys([*total.inputs, *facts.lineage(fact.id)])),
        )
    if indicator != "exposed_income":
        return
    for stock in plan.buffers.get(actor, ()):
        build.row(
            "buffer_cover",
            actor,
            "",
            stock.item,
            stock.period.text,
            "y",
            cover(facts.values[stock.place], total.amount),
            list(dict.fromkeys([*total.inputs, *facts.lineage(stock.id)])),
        )
