"""Computing the leverage matrix: templates applied to pairs, pulled and run like any lever.

Levers of pairs that share no actor are pulled together and told apart by the rows of their figures,
which are among the inputs of all that they expose. Levers of which a row would rest on two are
pulled alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crossroads.engines import run
from crossroads.engines.exposure import Exposed
from crossroads.entries import Entry
from crossroads.indicators import Indicators, percentiles
from crossroads.leverage.cells import NOTHING, Cell, Effect, Leverage, Part, Range
from crossroads.leverage.rounds import rounds
from crossroads.leverage.stakes import Present, Stake
from crossroads.levers import Case, Lever, Template, applied, lever_of, ordered_pairs, templates
from crossroads.world import Batch, World, cut

__all__ = ["DRAWS", "compute_leverage"]

Floats = NDArray[np.float64]

DRAWS = 200
"""Draws taken for the matrix: the first of the study's."""

_PARTS = 3
"""How many products of an effect are kept."""

_GDP, _BUDGET = "gdp_current", "budget_revenue"

_Key = tuple[str, str, str, str, str]
"""Lever, indicator, actor, counterpart and item of a row."""


@dataclass(frozen=True, slots=True)
class _Applied:
    """A template applied to a pair."""

    template: Template
    lever: Lever
    entry: Entry
    stake: Stake


def compute_leverage(world: World, tell: Callable[[str], None] | None = None) -> Leverage:
    """Apply every template to every ordered pair of a world's regions, and compute what it exposes.

    Parameters
    ----------
    world
        A base world.
    tell
        Called with the name of each step before it is taken.
    """
    dossier, present = world.dossier, Present(world)
    pairs = list(ordered_pairs(dossier))
    every = []
    for template in templates().values():
        for holder, target in pairs:
            entry = applied(template.id, holder, target, dossier)
            lever = lever_of(entry)
            every.append(_Applied(template, lever, entry, present.stake(lever)))
    actors = tuple(dict.fromkeys(holder for holder, _ in pairs))
    having = {each.lever.id: each for each in every if each.stake.rows}
    offered = world.with_levers({name: each.entry for name, each in having.items()})
    found = _found(offered, list(having.values()), actors, tell)
    defaults, asymmetries = _defaults(offered), _asymmetries(every, found)
    return Leverage(
        dossier=dossier.name,
        as_of=dossier.meta.as_of.isoformat(),
        currency=dossier.meta.currency,
        draws=min(DRAWS, world.draws),
        seed=world.seed,
        actors=actors,
        templates=tuple(templates().values()),
        cells=tuple(_cell(each, found, defaults, asymmetries) for each in every),
    )


def _defaults(world: World) -> frozenset[str]:
    """Return the levers whose enforcement is, in part or whole, the package's default."""
    rows = world["levers"].frame.select("lever", "origin").iter_rows()
    return frozenset(lever for lever, origin in rows if origin == "default")


# --- running


@dataclass(frozen=True, slots=True)
class _Found:
    """Rows of all levers by lever and what they say; those of a case with several told apart."""

    places: Mapping[_Key, int]
    products: Mapping[tuple[str, str, str, str], Sequence[int]]
    rows: Sequence[Mapping[str, Any]]
    values: Floats
    ranges: Floats

    def range(self, place: int) -> Range:
        return _range(self.ranges[place])


def _found(
    world: World,
    levers: Sequence[_Applied],
    actors: Sequence[str],
    tell: Callable[[str], None] | None,
) -> _Found:
    engine = Exposed()
    batch = Batch(0, min(DRAWS, world.draws))
    some = cut({"": world}, batch, engine.reads | {"levers", "parameters"})[""]
    horizon = next(iter(world.meta.horizons))
    cases = [Case(name, each, horizon) for name, each in _together(levers, actors)]
    rows, mixed = _told_apart(run(some, cases, [engine], tell)[0])
    if mixed:
        alone = [each.lever for each in levers if each.lever.id in mixed]
        cases = [Case(each.id, (each,), horizon) for each in alone]
        more, _ = _told_apart(run(some, cases, [engine], tell)[0])
        rows += more
    return _indexed(rows)


def _together(
    levers: Sequence[_Applied], actors: Sequence[str]
) -> Iterable[tuple[str, tuple[Lever, ...]]]:
    """Yield names and levers of cases: one template, pairs that share no actor, both ways."""
    by_pair: dict[tuple[str, frozenset[str]], list[Lever]] = defaultdict(list)
    for each in levers:
        pair = frozenset((each.lever.holder, each.lever.target or ""))
        by_pair[each.template.id, pair].append(each.lever)
    for template in dict.fromkeys(each.template.id for each in levers):
        for number, pairs in enumerate(rounds(actors), 1):
            pulled = [one for pair in pairs for one in by_pair.get((template, frozenset(pair)), ())]
            if pulled:
                yield f"{template}, round {number}", tuple(pulled)


_Row = tuple[str, Mapping[str, Any], Floats]
"""Lever, cells and draws of a row."""


def _told_apart(found: Indicators) -> tuple[list[_Row], set[str]]:
    """Return the rows with the lever each rests on, and the levers of rows that rest on several."""
    rows: list[_Row] = []
    mixed: set[str] = set()
    for cells, values in zip(found.frame.iter_rows(named=True), found.values, strict=True):
        owners = {
            row[len("levers:") :].partition("/")[0]
            for row in cells["inputs"]
            if row.startswith("levers:")
        }
        if len(owners) == 1:
            rows.append((owners.pop(), cells, values))
        else:
            mixed |= owners
    return [each for each in rows if each[0] not in mixed], mixed


def _indexed(rows: Sequence[_Row]) -> _Found:
    places: dict[_Key, int] = {}
    products: dict[tuple[str, str, str, str], list[int]] = defaultdict(list)
    for place, (lever, cells, _) in enumerate(rows):
        key = (lever, *(cells[each] for each in ("indicator", "actor", "counterpart", "item")))
        places[key] = place
        if ":" in key[-1]:
            products[key[:-1]].append(place)
    values = np.array([each for _, _, each in rows]) if rows else np.empty((0, 1))
    return _Found(
        places, products, [cells for _, cells, _ in rows], values, percentiles(values)[:, :3]
    )


# --- cells


def _cell(
    each: _Applied,
    found: _Found,
    defaults: frozenset[str],
    asymmetries: Mapping[str, Range],
) -> Cell:
    lever = each.lever
    target = lever.target or ""
    sides = (target, lever.holder), (lever.holder, target)
    on_target, on_holder = (_effect(each, actor, other, found) for actor, other in sides)
    return Cell(
        template=each.template.id,
        layer=each.template.layer,
        holder=lever.holder,
        target=target,
        lever=lever.id,
        says=lever.says,
        on_target=on_target,
        on_holder=on_holder,
        asymmetry=asymmetries.get(lever.id),
        by_default=lever.id in defaults,
    )


def _effect(each: _Applied, actor: str, other: str, found: _Found) -> Effect:
    lever, stake = each.lever.id, each.stake
    indicator = stake.loses.get(actor, "")
    if not stake.rows:
        return Effect(actor, indicator, "", None, None, None, (), (), stake.missing)
    if not indicator:
        return Effect(actor, "", "", NOTHING, NOTHING, NOTHING, (), (), "")
    parts = _parts(found.products.get((lever, indicator, actor, other), ()), found)
    place = found.places.get((lever, indicator, actor, "", "all"))
    if place is None:
        inputs = tuple(str(row["row"]) for row in stake.rows)
        if stake.in_money:
            return Effect(actor, indicator, "", NOTHING, NOTHING, NOTHING, parts, inputs, "")
        missing = "flows has it in quantities only, not in money"
        return Effect(actor, indicator, "", None, None, None, parts, inputs, missing)
    row = found.rows[place]
    shares = {name: _share(lever, indicator, actor, name, found) for name in (_GDP, _BUDGET)}
    lacking = [name for name, share in shares.items() if share is None]
    used = [row, *(found.rows[at] for at in shares.values() if at is not None)]
    inputs = tuple(dict.fromkeys(one for cells in used for one in _inputs(cells)))
    gdp, budget = (None if at is None else found.range(at) for at in shares.values())
    missing = f"facts has no present {' and no '.join(lacking)} of {actor}" if lacking else ""
    amount = found.range(place)
    return Effect(actor, indicator, str(row["period"]), amount, gdp, budget, parts, inputs, missing)


def _share(lever: str, indicator: str, actor: str, fact: str, found: _Found) -> int | None:
    return found.places.get((lever, f"{indicator}_to_fact", actor, "", f"all/{fact}"))


def _inputs(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(row["inputs"])


def _parts(places: Sequence[int], found: _Found) -> tuple[Part, ...]:
    """Return the largest products: those in money first, others only where they have no amount."""
    parts = [
        Part(
            str(found.rows[place]["item"]),
            str(found.rows[place]["period"]),
            str(found.rows[place]["unit"]),
            found.range(place),
            _inputs(found.rows[place]),
        )
        for place in places
    ]
    return tuple(sorted(parts, key=lambda part: (part.unit, -part.amount.median))[:_PARTS])


def _asymmetries(every: Sequence[_Applied], found: _Found) -> dict[str, Range]:
    """Return, by lever, the target's exposed share of output over the holder's, draw by draw."""
    names, over, under = [], [], []
    for each in every:
        loses = each.stake.loses
        target, holder = (
            _share(each.lever.id, loses.get(actor, ""), actor, _GDP, found)
            for actor in (each.lever.target or "", each.lever.holder)
        )
        if target is not None and holder is not None and found.values[holder].all():
            names.append(each.lever.id)
            over.append(target)
            under.append(holder)
    if not names:
        return {}
    ranges = percentiles(found.values[over] / found.values[under])
    return {name: _range(ranges[place]) for place, name in enumerate(names)}


def _range(ends: Floats) -> Range:
    return Range(*(float(each) for each in ends[:3]))
