"""Explaining a verdict: what drives it, where it breaks even, what to check next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from crossroads.claims.claim import Claim, ClaimedSet
from crossroads.claims.expectation import select, values_of
from crossroads.claims.judge import Judged, Knowledge, ReadingVerdict
from crossroads.claims.verdict import Verdict
from crossroads.engines import Engine, run
from crossroads.errors import LeverError
from crossroads.indicators import Indicators
from crossroads.levers import Case, Lever
from crossroads.world import World

__all__ = [
    "BreakEven",
    "Driver",
    "Explanation",
    "SourceShare",
    "SourceUsed",
    "break_even",
    "carried",
    "drivers",
    "evaluator",
    "explain",
    "sources_of",
]

Floats = NDArray[np.float64]

TOP = 3
"""How many of the strongest drivers are tried for a break-even."""
_PERMUTATIONS = 200
_GRID = 33
_ROUNDS = 3
_ROUNDING = 1e-12
"""Spread, as a share of the figure, below which draws differ by rounding alone."""


@dataclass(frozen=True, slots=True)
class Driver:
    """An input and the squared rank correlation of its draws with the found draws."""

    row: str
    figure: str
    share: float


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The value of an input at which the central result crosses a bound of the claimed set."""

    row: str
    figure: str
    value: float
    unit: str
    now: float


@dataclass(frozen=True, slots=True)
class SourceUsed:
    """A source of a verdict, with its grade and the rows that rest on it.

    Sources with the same ``origin`` count once.
    """

    id: str
    title: str
    reliability: str
    origin: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceShare:
    """Sources of one origin, weakest first, and how much of what is undecided goes with them.

    The share is the sum over the drivers ``rows`` that rest on them, the mean over the undecided
    readings.
    """

    sources: tuple[SourceUsed, ...]
    rows: tuple[str, ...]
    share: float


@dataclass(frozen=True, eq=False)
class Explanation:
    """What a verdict hangs on. Drivers and break-even belong to the reading ``of``.

    ``undecided`` ranks the sources of readings that are imprecise.
    """

    of: ReadingVerdict | None
    drivers: tuple[Driver, ...]
    break_even: BreakEven | None
    sources: tuple[SourceUsed, ...]
    check_next: str
    undecided: tuple[SourceShare, ...] = ()

    @property
    def origins(self) -> int:
        """How many sources there are, those of a common origin counted once."""
        return len({each.origin for each in self.sources})


def explain(
    judged: Judged,
    world: World,
    cases: Mapping[tuple[str, str], Case],
    engines: Sequence[Engine],
    central: Knowledge,
) -> Explanation:
    """Explain the verdict of a claim as known now.

    Parameters
    ----------
    world
        The base world whose draws were judged.
    cases
        Every case by scenario and horizon.
    central
        The same world in one draw, the medians, and its results.
    """
    rows = tuple(dict.fromkeys(row for each in judged.readings for row in each.rows))
    sources = sources_of(rows, world)
    decisive = next((each for each in judged.readings if each.draws is not None), None)
    if decisive is None:
        return Explanation(None, (), None, sources, _check_next(judged, (), sources, ()))
    found = drivers(decisive, world)
    crossing = break_even(judged.claim, decisive, found[:TOP], cases, engines, central)
    imprecise = [each for each in judged.readings if each.verdict is Verdict.IMPRECISE]
    ranked = carried(
        [
            found if each is decisive else drivers(each, world)
            for each in imprecise
            if each.draws is not None
        ],
        sources,
    )
    says = _check_next(judged, found, sources, ranked)
    return Explanation(decisive, found, crossing, sources, says, ranked)


def sources_of(rows: Sequence[str], world: World) -> tuple[SourceUsed, ...]:
    """Return the sources behind rows, each with the rows that rest on it."""
    used: dict[str, list[str]] = {}
    for row in rows:
        for source in _cells(row, world).get("source") or ():
            used.setdefault(source, []).append(row)
    known = world.dossier.sources
    return tuple(
        SourceUsed(
            each,
            known[each]["title"],
            known[each]["reliability"],
            known[each]["origin"] or each,
            tuple(on),
        )
        for each, on in sorted(used.items())
        if each in known
    )


def _cells(row: str, world: World) -> Mapping[str, list[str] | None]:
    table = world[row.partition(":")[0]]
    place = table.places.get(row)
    return {} if place is None else table.frame.row(place, named=True)


def _ranks(values: Floats) -> Floats:
    """Return centred ranks of norm 1 along the last axis; equal values share their mean rank."""
    ordered = np.sort(values, axis=-1)
    rows = zip(np.atleast_2d(ordered), np.atleast_2d(values), strict=True)
    sides = [[held.searchsorted(row, side) for side in ("left", "right")] for held, row in rows]
    ranks = np.array(sides).sum(axis=1).reshape(values.shape) / 2
    ranks -= ranks.mean(axis=-1, keepdims=True)
    norm = np.sqrt(np.square(ranks).sum(axis=-1, keepdims=True))
    unit: Floats = ranks / np.where(norm == 0, 1, norm)
    return unit


def _figures(rows: Sequence[str], world: World) -> list[tuple[str, str]]:
    """Return the figures, of rows given by id, that have a range."""
    found = []
    for row in rows:
        table = world.reported[row.partition(":")[0]]
        for figure, spans in table.spans.items():
            span = spans.get(row)
            if span is not None and row in table.places and span[1] < span[2]:
                found.append((row, figure))
    return found


def drivers(verdict: ReadingVerdict, world: World) -> tuple[Driver, ...]:
    """Return the inputs whose draws go with the found draws, strongest first.

    The share is the squared Spearman rank correlation over the row's ``inputs``. Inputs below
    permutation noise (the 95th percentile of the largest share under random pairing) are left
    out.
    """
    assert verdict.draws is not None
    solved = ~np.isnan(verdict.draws)
    found = verdict.draws[solved]
    figures = _figures(verdict.rows, world)
    if not figures or found.size < 10 or np.ptp(found) <= _ROUNDING * np.abs(found).max():
        return ()
    inputs = np.array(
        [
            world.reported[row.partition(":")[0]].figures[figure][
                world.reported[row.partition(":")[0]].places[row]
            ]
            for row, figure in figures
        ]
    )[:, solved]
    ranked, target = _ranks(inputs), _ranks(found)
    shares = np.square(ranked @ target)
    key = blake2b("/".join(verdict.rows).encode(), digest_size=8).digest()
    random = np.random.default_rng(int.from_bytes(key, "little"))
    shuffled = random.permuted(np.repeat(target[:, None], _PERMUTATIONS, axis=1), axis=0)
    noise = float(np.quantile(np.square(ranked @ shuffled).max(axis=0), 0.95))
    kept = [
        Driver(row, figure, float(share))
        for (row, figure), share in zip(figures, shares, strict=True)
        if share > noise
    ]
    return tuple(sorted(kept, key=lambda each: (-each.share, each.row)))


def break_even(
    claim: Claim,
    verdict: ReadingVerdict,
    candidates: Sequence[Driver],
    cases: Mapping[tuple[str, str], Case],
    engines: Sequence[Engine],
    central: Knowledge,
) -> BreakEven | None:
    """Find the value of one input at which the central result crosses the claimed set's bound.

    The engines in the claim's path run on the central world with a grid of values as draws, and
    again on the bracket found, ``_ROUNDS`` times; a chord gives the last digits. None if no
    candidate's value within its 0.1 to 99.9 % range makes it cross.
    """
    claimed = verdict.reading.claimed
    if claimed is None or not candidates:
        return None
    evaluate = evaluator(claim, verdict, cases, engines, central)
    for candidate in candidates:
        low, high = (
            central.world.quantile(candidate.row, candidate.figure, each) for each in (0.001, 0.999)
        )
        now = central.world.quantile(candidate.row, candidate.figure, 0.5)
        at = partial(_with_one, evaluate, (candidate.row, candidate.figure))
        value = _crossing(at, claimed, low, high, now)
        if value is not None:
            unit = _unit(candidate, central.world)
            factor = central.world.dossier.vocabulary.units[unit].factor
            return BreakEven(candidate.row, candidate.figure, value / factor, unit, now / factor)
    return None


def _with_one(
    evaluate: Callable[[Mapping[tuple[str, str], Floats]], Floats],
    figure: tuple[str, str],
    values: Floats,
) -> Floats:
    return evaluate({figure: values})


def _unit(driver: Driver, world: World) -> str:
    table = world.reported[driver.row.partition(":")[0]]
    column = table.spec.figures[driver.figure].unit
    unit: str = table.frame[column][table.places[driver.row]]
    return unit


def evaluator(
    claim: Claim,
    verdict: ReadingVerdict,
    cases: Mapping[tuple[str, str], Case],
    engines: Sequence[Engine],
    central: Knowledge,
) -> Callable[[Mapping[tuple[str, str], Floats]], Floats]:
    """Return the central result as a function of figures, given by row id and name.

    The engines see only the rows that the result rests on, and levers that find something among
    them, where that gives the same central result bit for bit; else the whole world.
    """
    reading = verdict.reading

    def found(table: Indicators) -> Floats:
        selection = select(reading, table, claim.document.date)
        if selection.place is None:
            return np.full(table.values.shape[1], np.nan)
        return values_of(reading, selection, table)

    case, world = cases[reading.scenario, reading.horizon], central.world
    part = world.restricted(verdict.rows)
    acting = replace(case, levers=_acting(case, part))
    if np.array_equal(
        found(run(part, [acting], engines)[0]), found(central.indicators), equal_nan=True
    ):
        case, world = acting, part

    def evaluate(figures: Mapping[tuple[str, str], Floats]) -> Floats:
        return found(run(world.perturbed(figures), [case], engines)[0])

    return evaluate


def _acting(case: Case, world: World) -> tuple[Lever, ...]:
    """Return the levers of a case that find something to act on."""
    acting = []
    world = world.at(case.horizon)
    for lever in case.levers:
        try:
            world = lever(world)
        except LeverError:
            continue
        acting.append(lever)
    return tuple(acting)


def _crossing(
    evaluate: Callable[[Floats], Floats], claimed: ClaimedSet, low: float, high: float, now: float
) -> float | None:
    """Return the crossing nearest to ``now``, by refining a bracket on a grid."""
    bounds = [each for each in (claimed.low, claimed.high) if each is not None]
    grid = np.unique(np.append(np.linspace(low, high, _GRID), now))
    found = evaluate(grid)
    best: tuple[float, float, float, float, float, float] | None = None
    for bound in bounds:
        above = found > bound
        usable = np.isfinite(found)
        for place in map(int, np.flatnonzero((above[1:] != above[:-1]) & usable[1:] & usable[:-1])):
            left, right = float(grid[place]), float(grid[place + 1])
            distance = 0.0 if left <= now <= right else min(abs(left - now), abs(right - now))
            if best is None or distance < best[0]:
                best = (distance, bound, left, right, found[place], found[place + 1])
    if best is None:
        return None
    _, bound, left, right, at_left, at_right = best
    for _round in range(_ROUNDS - 1):
        grid = np.linspace(left, right, _GRID)
        found = evaluate(grid)
        above = found > bound
        steps = np.flatnonzero(above[1:] != above[:-1])
        if not steps.size:
            break
        place = int(steps[0])
        left, right = float(grid[place]), float(grid[place + 1])
        at_left, at_right = float(found[place]), float(found[place + 1])
    if at_right == at_left:
        return left
    return left + (right - left) * (bound - at_left) / (at_right - at_left)


def carried(
    undecided: Sequence[Sequence[Driver]], sources: Sequence[SourceUsed]
) -> tuple[SourceShare, ...]:
    """Rank sources by how much of the undecided share they carry, the one that carries most first.

    Parameters
    ----------
    undecided
        The drivers of each reading that is not decided.
    sources
        The sources of the claim; those of a common origin count as one, and no row twice in it.
    """
    origins: dict[str, list[SourceUsed]] = {}
    for each in sources:
        origins.setdefault(each.origin, []).append(each)
    every = [driver for found in undecided for driver in found]
    ranked = []
    for group in origins.values():
        resting = {row for each in group for row in each.rows}
        rows = tuple(dict.fromkeys(each.row for each in every if each.row in resting))
        if rows:
            share = sum(each.share for each in every if each.row in resting) / len(undecided)
            behind = [each for each in group if set(rows) & set(each.rows)]
            behind.sort(key=lambda each: (_rank(each), each.id))
            ranked.append(SourceShare(tuple(behind), rows, share))
    ranked.sort(key=lambda each: (-each.share, _rank(each.sources[0]), each.sources[0].id))
    return tuple(ranked)


def _rank(source: SourceUsed) -> int:
    """Order sources by reliability, the weakest first."""
    return -ord(source.reliability)


def _check_next(
    judged: Judged,
    found: Sequence[Driver],
    sources: Sequence[SourceUsed],
    ranked: Sequence[SourceShare],
) -> str:
    """Name the source that would settle most; of what is settled, the weakest that drives it."""
    if judged.verdict in (Verdict.UNTESTABLE, Verdict.OPEN):
        return ""
    if judged.verdict is Verdict.NO_DATA:
        return f"find what is missing: {judged.reason}"
    if ranked:
        return _most(ranked)
    driven = {each.row: each.share for each in reversed(found)}
    behind = [each for each in sources if driven.keys() & set(each.rows)]
    if behind:
        weakest = min(behind, key=lambda each: (_rank(each), -_carries(each, driven), each.id))
        row = max(driven.keys() & set(weakest.rows), key=lambda each: (driven[each], each))
        return (
            f"check {_named(weakest)}, the weakest behind what drives it: "
            f"{_per_cent(driven[row])} of the spread goes with {row}"
        )
    if found:
        return f"check {found[0].row}: {_per_cent(found[0].share)} of the spread goes with it"
    if sources:
        return f"check {_named(min(sources, key=lambda each: (_rank(each), each.id)))}"
    return ""


def _carries(source: SourceUsed, shares: Mapping[str, float]) -> float:
    return sum(shares.get(row, 0.0) for row in source.rows)


def _most(ranked: Sequence[SourceShare]) -> str:
    """Name the sources that carry most of what is undecided, and the rows that rest on them."""
    top = [each for each in ranked if each.share >= ranked[0].share * (1 - _ROUNDING)]
    named = ", or ".join(" and ".join(map(_named, each.sources)) for each in top)
    rows = dict.fromkeys(row for each in top for row in each.rows)
    return f"check {named}: {_per_cent(top[0].share)} of what is undecided goes with {_few(rows)}"


def _few(rows: Iterable[str]) -> str:
    first, *rest = rows
    if not rest:
        return first
    return f"{first} and {rest[0]}" if len(rest) == 1 else f"{first} and {len(rest)} more rows"


def _named(source: SourceUsed) -> str:
    return f"source {source.id} ({source.reliability})"


def _per_cent(share: float) -> str:
    return f"{min(share, 1.0):.0%}"
