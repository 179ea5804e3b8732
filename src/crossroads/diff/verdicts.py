"""Verdicts of two studies side by side, and through which inputs those that flipped did so.

An input that both sides have is swapped alone into the central world of the old side: where the
central result then enters or leaves what is claimed, that input alone can flip the verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crossroads.claims import (
    Claim,
    ClaimedSet,
    Found,
    Judged,
    Knowledge,
    ReadingVerdict,
    cases_asked,
    evaluator,
)
from crossroads.diff.contents import cells_of, differing, flattened, series_of
from crossroads.dossier import Dossier
from crossroads.engines import ENGINES, Engine, run
from crossroads.levers import cases_of
from crossroads.schema import table_specs
from crossroads.study import Study
from crossroads.world import World, build_world

__all__ = ["Input", "Through", "VerdictChange", "verdict_changes"]


@dataclass(frozen=True, slots=True)
class Input:
    """A row behind a reading that differs between the sides.

    ``old`` and ``new`` are the figure in ``unit``, that of the old row. ``result`` is the central
    result, in the unit claimed, with this input alone as on the new side, ``crosses`` whether it
    then enters or leaves what is claimed; both are None where the input cannot be swapped.
    """

    row: str
    before: str
    change: str
    figure: str = ""
    old: float | None = None
    new: float | None = None
    unit: str = ""
    result: float | None = None
    crosses: bool | None = None


@dataclass(frozen=True, slots=True)
class Through:
    """The inputs of one reading that differ, those first that move the central result most.

    ``central`` is the central result of the old side, ``together`` the one with every input
    swapped that can be.
    """

    reading: str
    unit: str
    central: float | None
    together: float | None
    crosses: bool | None
    inputs: tuple[Input, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A claim that both sides judge, and not alike."""

    claim: str
    says: str
    old: str
    new: str
    old_then: str
    new_then: str
    old_found: Found | None
    new_found: Found | None
    through: tuple[Through, ...] = ()

    @property
    def flipped(self) -> bool:
        """Whether the verdict as known now is another."""
        return self.old != self.new


def verdict_changes(
    old: Study, new: Study, engines: Sequence[Engine] = ENGINES
) -> tuple[VerdictChange, ...]:
    """Return the claims of both studies whose verdict, then or now, or finding differs."""
    told = {
        name: _compared(old, new, name)
        for name in old.judged
        if name in new.judged and _told(old, name) != _told(new, name)
    }
    flipped = [old.judged[name].claim for name, each in told.items() if each.flipped]
    if not flipped:
        return tuple(told.values())
    central = _central(old, flipped, engines)
    return tuple(
        each
        if not each.flipped
        else _with_through(each, _through(old, new, each.claim, central, engines))
        for each in told.values()
    )


def _told(study: Study, name: str) -> tuple[Any, ...]:
    judged, found = study.judged[name], _lead(study, name)
    ends = () if found is None else (found.median, found.p05, found.p95)
    return judged.verdict, judged.verdict_then, tuple(f"{each:.6g}" for each in ends)


def _lead(study: Study, name: str) -> Found | None:
    of = study.explanations[name].of
    return None if of is None else of.found


def _compared(old: Study, new: Study, name: str) -> VerdictChange:
    one, two = old.judged[name], new.judged[name]
    return VerdictChange(
        name,
        two.claim.says,
        str(one.verdict),
        str(two.verdict),
        str(one.verdict_then),
        str(two.verdict_then),
        _lead(old, name),
        _lead(new, name),
    )


def _with_through(change: VerdictChange, through: tuple[Through, ...]) -> VerdictChange:
    values = {name: getattr(change, name) for name in VerdictChange.__slots__}
    return VerdictChange(**values | {"through": through})


def _central(study: Study, claims: Sequence[Claim], engines: Sequence[Engine]) -> Knowledge:
    world = build_world(
        study.dossier, draws=1, seed=study.seed, with_unverified=study.world.with_unverified
    )
    return Knowledge(world, *run(world, cases_asked(claims, cases_of(study.dossier)), engines))


def _through(
    old: Study, new: Study, name: str, central: Knowledge, engines: Sequence[Engine]
) -> tuple[Through, ...]:
    """Return, reading by reading, what a flipped verdict flipped through."""
    one, two = old.judged[name], new.judged[name]
    after = {each.reading.name: each for each in two.readings}
    return tuple(
        _reading(one, each, after[each.reading.name], (old, new), central, engines)
        for each in one.readings
        if each.reading.name in after
    )


def _reading(
    judged: Judged,
    before: ReadingVerdict,
    after: ReadingVerdict,
    studies: tuple[Study, Study],
    central: Knowledge,
    engines: Sequence[Engine],
) -> Through:
    inputs = _differing(before.rows, after.rows, studies[0].dossier, studies[1].dossier)
    notes = _notes(before, after, studies[0].dossier, studies[1].dossier)
    if not inputs and not notes and before.reason != after.reason:
        notes = (f"it was: {before.reason}; it is: {after.reason}",)
    claimed = before.reading.claimed
    swaps = _swaps(inputs, central.world, studies[1].world)
    if claimed is None or before.draws is None:
        return Through(before.reading.name, "", None, None, None, tuple(inputs), notes)
    cases = {(case.scenario, case.horizon): case for case in cases_of(studies[0].dossier)}
    evaluate = evaluator(judged.claim, before, cases, engines, central)
    columns = len(swaps) + 2
    values: dict[tuple[str, str], Any] = {}
    for place, (_, row, figure, was, now) in enumerate(swaps, 1):
        values[row, figure] = np.full(columns, was)
        values[row, figure][[place, -1]] = now
    if not swaps:
        return Through(before.reading.name, claimed.unit, None, None, None, tuple(inputs), notes)
    found = evaluate(values)
    start, together = float(found[0]), float(found[-1])
    moved = [
        _moved(each, figure, was, now, float(result), start, claimed, central.world)
        for (each, _, figure, was, now), result in zip(swaps, found[1:-1], strict=True)
    ]
    swapped = {each.row for each in moved}
    moved.sort(key=lambda each: (-abs((each.result or 0) * claimed.factor - start), each.row))
    rest = [each for each in inputs if each.row not in swapped]
    return Through(
        before.reading.name,
        claimed.unit,
        _finite(start / claimed.factor),
        _finite(together / claimed.factor),
        _inside(start, claimed) != _inside(together, claimed),
        (*moved, *rest),
        notes,
    )


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _inside(value: float, claimed: ClaimedSet) -> bool:
    low = -np.inf if claimed.low is None else claimed.low
    high = np.inf if claimed.high is None else claimed.high
    return bool(low <= value <= high)


def _moved(
    each: Input,
    figure: str,
    was: float,
    now: float,
    result: float,
    start: float,
    claimed: ClaimedSet,
    world: World,
) -> Input:
    """Return an input with what swapping it does."""
    table = world.reported[each.row.partition(":")[0]]
    unit = table.frame[table.spec.figures[figure].unit][table.places[each.before or each.row]]
    factor = world.dossier.vocabulary.units[unit].factor
    return Input(
        each.row,
        each.before,
        each.change,
        figure,
        was / factor,
        now / factor,
        unit,
        _finite(result / claimed.factor),
        _inside(start, claimed) != _inside(result, claimed),
    )


def _differing(
    old_rows: Sequence[str], new_rows: Sequence[str], old: Dossier, new: Dossier
) -> list[Input]:
    """Return the rows behind a reading that one side lacks, or has otherwise."""
    before, after = _by_series(old_rows, old), _by_series(new_rows, new)
    found = []
    for series in dict.fromkeys((*before, *after)):
        if series not in after or series not in before:
            row = (before.get(series) or after[series])["row"]
            found.append(Input(row, "", "removed" if series in before else "added"))
            continue
        one, two = before[series], after[series]
        spec = table_specs()[series.partition(":")[0]]
        changed = differing(cells_of(one, spec), cells_of(two, spec))
        if any(each.name != "note" for each in changed):
            was = one["row"] if one["row"] != two["row"] else ""
            found.append(Input(two["row"], was, "changed"))
    return found


def _by_series(rows: Sequence[str], dossier: Dossier) -> dict[str, dict[str, Any]]:
    """Return the cells of rows by their ids without vintage."""
    wanted: dict[str, list[str]] = {}
    for row in rows:
        wanted.setdefault(row.partition(":")[0], []).append(row)
    found: dict[str, dict[str, Any]] = {}
    for name, ids in wanted.items():
        frame = dossier.tables[name]
        for cells in frame.filter(frame["row"].is_in(ids)).iter_rows(named=True):
            found[series_of(cells, table_specs()[name])] = cells
    return found


def _swaps(
    inputs: Sequence[Input], old: World, new: World
) -> list[tuple[Input, str, str, float, float]]:
    """Return the figures that differ and exist on both sides: row and figure of the old world,
    and the central value of each side in base units."""
    found = []
    for each in inputs:
        name = each.row.partition(":")[0]
        before, after = old.reported[name], new.reported[name]
        row = each.before or each.row
        if row not in before.places or each.row not in after.places:
            continue
        for figure in before.spec.figures:
            column = f"{figure}_dimension"
            held = before.spans[figure].get(row), after.spans[figure].get(each.row)
            same = (
                before.frame[column][before.places[row]]
                == (after.frame[column][after.places[each.row]])
            )
            if held[0] is None or held[1] is None or not same or held[0] == held[1]:
                continue
            found.append((each, row, figure, held[0][0], held[1][0]))
    return found


def _notes(
    before: ReadingVerdict, after: ReadingVerdict, old: Dossier, new: Dossier
) -> tuple[str, ...]:
    """Say what differs besides rows: what is claimed, which row is meant, what levers do."""
    notes = []
    if before.reading.claimed != after.reading.claimed:
        notes.append("what is claimed differs")
    for name in ("target", "cells", "scenario", "horizon", "change", "match", "expect", "absent"):
        if getattr(before.reading, name) != getattr(after.reading, name):
            notes.append(f"the reading differs: {name}")
    meant = [each.cells.get("period", "") for each in (before, after)]
    if meant[0] != meant[1] and all(meant):
        notes.append(f"the period meant was {meant[0]} and is {meant[1]}")
    scenario = before.reading.scenario
    notes += _acts(scenario, old, new)
    return tuple(notes)


def _acts(scenario: str, old: Dossier, new: Dossier) -> list[str]:
    """Say how a scenario and its levers differ."""

    def told(entries: Mapping[str, Any], name: str) -> dict[str, str]:
        return dict(flattened(entries[name])) if name in entries else {}

    if scenario not in old.scenarios or scenario not in new.scenarios:
        return []
    notes = []
    levers = [each.scenarios[scenario]["levers"] for each in (old, new)]
    if levers[0] != levers[1]:
        notes.append(f"the levers of {scenario} differ")
    notes += [
        f"the lever {name} differs"
        for name in levers[0]
        if name in levers[1] and told(old.levers, name) != told(new.levers, name)
    ]
    return notes
