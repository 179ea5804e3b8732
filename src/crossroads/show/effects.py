"""What levers do: rows under a case against the baseline, told apart by whom they concern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from crossroads.engines import Engine
from crossroads.indicators import BASELINE, Gap, Indicators, IndicatorSpec, percentiles
from crossroads.levers import Case
from crossroads.world import World

Specs = Mapping[tuple[str, str], IndicatorSpec]

__all__ = [
    "Default",
    "Effect",
    "Effects",
    "Range",
    "effects_of",
    "moved_by",
    "parties_of",
    "same_effects",
]


@dataclass(frozen=True, slots=True)
class Range:
    """Median and 90 % range, in base units."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Effect:
    """A row under the case.

    ``before`` and ``change`` are None where the indicator has no rows in the baseline; ``inputs``
    are the ids of the dossier rows that it rests on.
    """

    engine: str
    spec: IndicatorSpec
    actor: str
    counterpart: str
    item: str
    period: str
    unit: str
    value: Range
    before: Range | None = None
    change: Range | None = None
    inputs: tuple[str, ...] = field(default=(), compare=False)

    @property
    def weight(self) -> float:
        """Size by which rows of one indicator are put in order: of the change, else of the level.

        A change counts against the level before.
        """
        if self.before is None or self.change is None:
            return abs(self.value.median) if np.isfinite(self.value.median) else 0.0
        if not np.isfinite(self.change.median):
            return 0.0
        if self.before.median == 0:
            return np.inf if self.change.median else 0.0
        return abs(self.change.median / self.before.median)


@dataclass(frozen=True, slots=True)
class Default:
    """A figure of enforcement that the package supplied."""

    lever: str
    change: int
    figure: str
    value: float
    low: float | None
    high: float | None
    unit: str
    basis: str


@dataclass(frozen=True, slots=True)
class Effects:
    """What a case does.

    ``direct`` are the rows that exist under levers only, ``changed`` those of the baseline that
    moved: by indicator, the parties' first, then by size. ``unread`` are tables that the levers
    changed and no engine reads.
    """

    case: Case
    horizons: tuple[str, ...]
    parties: tuple[str, ...]
    direct: tuple[Effect, ...]
    changed: tuple[Effect, ...]
    defaults: tuple[Default, ...]
    gaps: tuple[Gap, ...]
    unread: tuple[str, ...]


def parties_of(case: Case) -> tuple[str, ...]:
    """Return holders, then targets, of a case's levers, each once."""
    holders = [lever.holder for lever in case.levers]
    targets = [lever.target for lever in case.levers if lever.target]
    return tuple(dict.fromkeys([*holders, *targets]))


def effects_of(
    case: Case,
    table: Indicators,
    base: World,
    engines: Sequence[Engine],
    baseline: Indicators | None = None,
    moved: Sequence[str] | None = None,
) -> Effects:
    """Compare the rows of a case with the baseline's.

    Parameters
    ----------
    table
        The rows of the case and of the baseline at its horizon.
    base
        The world before the levers.
    baseline
        The rows of the baseline at the case's horizon, where they are at hand.
    moved
        The tables that the levers change, where they are known.
    """
    specs = {(engine.name, spec.id): spec for engine in engines for spec in engine.provides}
    parties = parties_of(case)
    after = table.where(scenario=case.scenario, horizon=case.horizon)
    if baseline is None:
        baseline = table.where(scenario=BASELINE, horizon=case.horizon)
    near = [baseline.names[each] for each in after.names if each in baseline.names]
    before = baseline.take(np.array(near, dtype=np.intp))
    direct, changed = _split(after, before, specs, parties)
    read = frozenset[str]().union(*(engine.reads for engine in engines))
    if moved is None:
        moved = moved_by(case, base)
    touched = {effect.item.partition("/")[0] for effect in direct}
    return Effects(
        case=case,
        horizons=(case.horizon,),
        parties=parties,
        direct=direct,
        changed=changed,
        defaults=_defaults(case, base),
        gaps=tuple(
            gap
            for gap in table.gaps
            if gap.actor in parties and gap.item.partition("/")[0] in touched
        ),
        unread=tuple(name for name in moved if name not in read),
    )


def moved_by(case: Case, base: World) -> tuple[str, ...]:
    """Return the tables that the levers of a case change."""
    levered = case.world(base)
    return tuple(name for name, each in levered.tables.items() if each is not levered.base[name])


def _split(
    after: Indicators, before: Indicators, specs: Specs, parties: Sequence[str]
) -> tuple[tuple[Effect, ...], tuple[Effect, ...]]:
    """Return the rows that the baseline never has, and those of it that moved, each in order."""
    rows = after.frame.to_dicts()
    named = [specs[row["engine"], row["indicator"]] for row in rows]
    moved = after.against(before).values
    touched = np.asarray((moved != 0).any(axis=1))
    tables = [percentiles(each)[:, :3] for each in (after.values, after.values - moved, moved)]

    def effect(place: int) -> Effect:
        row = rows[place]
        ranges = [Range(*each[place].tolist()) for each in tables]
        compared = named[place].only != "scenario"
        return Effect(
            engine=row["engine"],
            spec=named[place],
            actor=row["actor"],
            counterpart=row["counterpart"],
            item=row["item"],
            period=row["period"],
            unit=row["unit"],
            value=ranges[0],
            before=ranges[1] if compared else None,
            change=ranges[2] if compared else None,
            inputs=tuple(row["inputs"]),
        )

    order = {spec: place for place, spec in enumerate(specs.values())}

    def rank(each: Effect) -> tuple[int, bool, bool, float]:
        total = each.item.partition("/")[0] == "all"
        return order[each.spec], each.actor not in parties, not total, -each.weight

    effects = [effect(place) for place in range(len(rows)) if touched[place]]
    direct = [each for each in effects if each.spec.only == "scenario"]
    changed = [each for each in effects if each.spec.only != "scenario"]
    return tuple(sorted(direct, key=rank)), tuple(sorted(changed, key=rank))


def _defaults(case: Case, base: World) -> tuple[Default, ...]:
    """Return the figures of enforcement of the case's levers that the package supplied."""
    names = {lever.id for lever in case.levers}
    return tuple(
        Default(
            row["lever"],
            row["change"],
            row["figure"],
            row["value"],
            row["low"],
            row["high"],
            row["unit"],
            row["note"] or "",
        )
        for row in base["levers"].frame.iter_rows(named=True)
        if row["lever"] in names and row["origin"] == "default"
    )


def same_effects(first: Effects, second: Effects) -> bool:
    """Whether two horizons give the same figures."""
    return first.direct == second.direct and first.changed == second.changed
