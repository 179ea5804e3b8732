"""The contract of engines and levers, held by perturbing what they may not depend on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from crossroads.engines import Engine, run
from crossroads.indicators import BASELINE, Indicators
from crossroads.levers import Case, Lever, cases_of
from crossroads.world import World

__all__ = ["check_engine", "check_lever", "figures_of"]

Floats = NDArray[np.float64]


def check_engine(
    engine: Engine,
    world: World,
    *,
    others: Sequence[Engine] = (),
    cases: Sequence[Case] | None = None,
    perturbed: int = 40,
) -> None:
    """Hold an engine to its contract on a base world and the dossier's cases.

    The world is not mutated; the same seed gives the same bits; a lever that changes nothing
    changes no row; outputs are those declared, in known units, finite or NaN; inputs are rows of
    the dossier and complete: perturbing a row that a result does not list changes none of its
    bits; the central world works.

    Parameters
    ----------
    others
        Engines that it needs.
    cases
        Cases to run; all of the dossier's without it.
    perturbed
        How many figures to perturb, one at a time, picked by a hash of their row ids.

    Raises
    ------
    AssertionError
        If the engine breaks the contract; the message says where.
    """
    every = cases_of(world.dossier) if cases is None else tuple(cases)
    engines = [*others, engine]
    before = _fingerprint(world)
    table, _ = run(world, every, engines)
    rows = table.where(engine=engine.name)
    assert len(rows), f"{engine.name} gives no row"
    assert _fingerprint(world) == before, f"{engine.name} mutates the world"
    _check_declared(engine, rows, world)
    again = run(world, every, engines)[0].where(engine=engine.name)
    _assert_same(rows, again, f"{engine.name} gives other bits on the second run")
    _check_nothing_pulled(engine, others, world, every[0].horizon)
    _check_inputs(engine, engines, every, world, rows, perturbed)
    central = world.perturbed(
        {place: values[:1] for place, values in figures_of(world).items()} or {}
    )
    middle = run(central, every, engines)[0].where(engine=engine.name)
    assert middle.values.shape[1] == 1, f"{engine.name} does not follow the number of draws"


def check_lever(lever: Lever, world: World) -> None:
    """Hold a lever to its contract: a world in, another out, nothing mutated, the rest shared.

    Raises
    ------
    AssertionError
        If the lever breaks the contract.
    """
    before = _fingerprint(world)
    once, twice = world.pull(lever), world.pull(lever)
    assert _fingerprint(world) == before, f"{lever.id} mutates the world"
    assert once.base is world.base, f"{lever.id} loses the base world"
    assert world.pull(lever.at(0)) is world, f"{lever.id} acts at strength 0"
    changed = [name for name, table in once.tables.items() if table is not world[name]]
    assert changed, f"{lever.id} changes nothing"
    assert _fingerprint(once) == _fingerprint(twice), f"{lever.id} differs from pull to pull"
    for name in set(world.tables) - set(changed):
        assert once[name] is world[name], f"{lever.id} copies the table {name}"


def figures_of(world: World) -> dict[tuple[str, str], Floats]:
    """Return the draws of every figure of a base world by row id and figure, as reported."""
    return {
        (row, figure): table.figures[figure][table.places[row]]
        for table in world.reported.values()
        for figure, spans in table.spans.items()
        for row in spans
        if row in table.places
    }


def _fingerprint(world: World) -> str:
    digest = blake2b(digest_size=16)
    for name, table in sorted(world.tables.items()):
        digest.update(name.encode())
        digest.update(table.frame.write_json().encode())
        digest.update(repr(sorted(table.via.items())).encode())
        for figure, values in sorted(table.figures.items()):
            digest.update(figure.encode() + np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _check_declared(engine: Engine, rows: Indicators, world: World) -> None:
    declared = {spec.id: spec for spec in engine.provides}
    units = world.dossier.vocabulary.units
    known = {row for table in world.tables.values() for row in table.places}
    assert not np.isinf(rows.values).any(), f"{engine.name} gives infinite figures"
    for cells in rows.frame.iter_rows(named=True):
        name = f"{engine.name}/{cells['indicator']}"
        spec = declared.get(cells["indicator"])
        assert spec is not None, f"{name} is not declared in provides"
        assert cells["unit"] in units, f"{name} has the unknown unit '{cells['unit']}'"
        fits = spec.unit in ("as the row", cells["unit"])
        assert fits, f"{name} has unit {cells['unit']}, declared {spec.unit}"
        assert cells["inputs"], f"{name} of {cells['actor']} rests on no row"
        strange = set(cells["inputs"]) - known
        assert not strange, f"{name} rests on rows that do not exist: {sorted(strange)[:3]}"


def _check_nothing_pulled(
    engine: Engine, others: Sequence[Engine], world: World, horizon: str
) -> None:
    """A lever that changes nothing must give exactly zero."""
    at = world.at(horizon)
    idle = replace(at, before=at)
    given, _ = run(world, [Case(BASELINE, (), horizon)], [*others, engine])
    needed = given.where(engine=[each.name for each in others]) if others else given.take(_NONE)
    model = engine.calibrate(at)
    base = engine.indicators(model, at, needed)
    changed = engine.indicators(model, idle, needed).changed_from(base)
    named = changed.frame["indicator"].unique().to_list()
    assert not len(changed), f"{engine.name} changes without a lever: {named}"


_NONE: NDArray[np.intp] = np.empty(0, dtype=np.intp)


def _check_inputs(
    engine: Engine,
    engines: Sequence[Engine],
    cases: Sequence[Case],
    world: World,
    rows: Indicators,
    perturbed: int,
) -> None:
    figures = figures_of(world)
    picked = sorted(figures, key=lambda each: blake2b("|".join(each).encode()).digest())
    listed = [set(inputs) for inputs in rows.frame["inputs"].to_list()]
    index = list(rows.places)
    for row, figure in picked[:perturbed]:
        shaken = figures[row, figure] * 1.03125
        table, _ = run(world.perturbed({(row, figure): shaken}), cases, engines)
        after = table.where(engine=engine.name)
        wrong = [
            cells
            for cells, inputs, values in zip(index, listed, rows.values, strict=True)
            if row not in inputs and not _kept(cells, values, after)
        ]
        assert not wrong, f"{row} moves {wrong[0]}, which does not list it among its inputs"


def _kept(cells: tuple[str, ...], values: Floats, after: Indicators) -> bool:
    place = after.places.get(cells)
    return place is not None and np.array_equal(after.values[place], values, equal_nan=True)


def _assert_same(one: Indicators, other: Indicators, message: str) -> None:
    assert one.frame.equals(other.frame), message
    assert np.array_equal(one.values, other.values, equal_nan=True), message
