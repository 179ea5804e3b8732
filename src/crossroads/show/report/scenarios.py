"""Scenarios in the report: what each exposes, of who pulls beside whom it is aimed at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

from crossroads.claims import number
from crossroads.dossier import Dossier
from crossroads.indicators import BASELINE
from crossroads.levers import cases_of
from crossroads.show.effect_words import (
    amount_in,
    by_unit,
    default_lines,
    effect_words,
    foremost,
    gap_lines,
    moved_words,
    pivot,
    role_words,
    scale_of,
)
from crossroads.show.effects import Effect, Effects, effects_of, moved_by
from crossroads.show.interval import axis_over
from crossroads.show.names import item_words
from crossroads.show.numbers import Scale, scale_for, with_unit
from crossroads.show.pull import merged
from crossroads.show.report.anchors import Anchors, Refs, scenario_anchor
from crossroads.show.report.bars import Span, span_of
from crossroads.show.report.matrix import share_words
from crossroads.study import Study

__all__ = [
    "Amount",
    "Group",
    "Part",
    "ScenarioSeen",
    "Stake",
    "effects_by_scenario",
    "rows_behind",
    "scenarios_of",
]

_MOST, _GAPS = 6, 8
_ROLES = {
    "holder": "pulls",
    "target": "aimed at",
    "holder and target": "pulls and aimed at",
    "other": "",
}


@dataclass(frozen=True, slots=True)
class Amount:
    """A range in words and on the axis of its group."""

    words: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Group:
    """Amounts of one indicator by party, on one axis from zero to ``most``."""

    label: str
    unit: str
    most: str
    lines: Sequence[tuple[str, Sequence[Amount | None]]]
    left: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A row of the baseline that moved."""

    actor: str
    about: str
    before: str
    change: str


@dataclass(frozen=True, slots=True)
class Part:
    """What a scenario does at some horizons."""

    horizons: str
    parties: Sequence[tuple[str, str]]
    groups: Sequence[Group]
    others: Sequence[tuple[str, str, str]]
    others_left: int
    changed: Sequence[Moved]
    changed_left: int


@dataclass(frozen=True, slots=True)
class Stake:
    """What a scenario exposes of one party: amounts, as shares of what ``of`` says it has a year.

    ``most`` is the largest of them.
    """

    actor: str
    role: str
    of: str
    amounts: Sequence[tuple[str, str]]
    most: float


@dataclass(frozen=True)
class ScenarioSeen:
    """A scenario, its levers, what it does, and what that rests on or lacks."""

    id: str
    says: str
    levers: Sequence[tuple[str, str, str, str]]
    parts: Sequence[Part]
    stakes: Sequence[Stake]
    defaults: Sequence[str]
    gaps: Sequence[str]
    gaps_left: int
    unread: Sequence[str]
    failed: Sequence[str]
    rows: Sequence[Refs]

    @cached_property
    def anchor(self) -> str:
        """The place of the scenario in the report."""
        return scenario_anchor(self.id)

    @property
    def is_computed(self) -> bool:
        """Whether an engine gives it any effect."""
        return any(each.groups or each.others or each.changed for each in self.parts)


def effects_by_scenario(study: Study) -> dict[str, list[Effects]]:
    """Return what every scenario of the dossier does, horizons with the same figures as one."""
    baselines = {
        horizon: study.indicators.where(scenario=BASELINE, horizon=horizon)
        for horizon in study.dossier.meta.horizons
    }
    effects: dict[str, list[Effects]] = {name: [] for name in study.dossier.scenarios}
    moved: dict[str, tuple[str, ...]] = {}
    for case in cases_of(study.dossier):
        if case.is_baseline or (case.scenario, case.horizon) in study.failed:
            continue
        if case.scenario not in moved:
            moved[case.scenario] = moved_by(case, study.world)
        found = effects_of(
            case,
            study.indicators,
            study.world,
            study.engines,
            baselines[case.horizon],
            moved[case.scenario],
        )
        effects[case.scenario].append(found)
    return {name: merged(told) for name, told in effects.items()}


def rows_behind(effects: Mapping[str, Sequence[Effects]]) -> Iterator[str]:
    """Yield the rows that the effects rest on which the report shows."""
    for told in effects.values():
        for each in told:
            for effect in _shown(each):
                yield from effect.inputs


def scenarios_of(
    study: Study, effects: Mapping[str, Sequence[Effects]], anchors: Anchors
) -> list[ScenarioSeen]:
    """Return every scenario of the dossier with its effects at each horizon."""
    return [_scenario(name, told, study, anchors) for name, told in effects.items()]


def _scenario(name: str, told: Sequence[Effects], study: Study, anchors: Anchors) -> ScenarioSeen:
    dossier = study.dossier
    failed = [f"{at}: {why}" for (each, at), why in study.failed.items() if each == name]
    first = told[0] if told else None
    gaps = gap_lines(first, dossier) if first else []
    parts = [_part(each, dossier, len(told) > 1) for each in told]
    return ScenarioSeen(
        id=name,
        says=dossier.scenarios[name]["says"],
        levers=[
            (
                each,
                dossier.name_of(dossier.levers[each]["holder"]),
                dossier.name_of(dossier.levers[each].get("target")),
                dossier.levers[each]["says"],
            )
            for each in dossier.scenarios[name]["levers"]
        ],
        parts=parts,
        stakes=_stakes(first, study) if first else (),
        defaults=default_lines(first, dossier) if first else (),
        gaps=gaps[:_GAPS],
        gaps_left=max(len(gaps) - _GAPS, 0),
        unread=first.unread if first else (),
        failed=failed,
        rows=anchors.refs(dict.fromkeys(rows_behind({name: told}))),
    )


def _shown(effects: Effects) -> list[Effect]:
    """Return the effects that the report shows."""
    direct = [each for each in effects.direct if each.actor in effects.parties]
    others = [each for each in effects.direct if each.actor not in effects.parties]
    most = [each for group in by_unit(direct).values() for each in group[: 2 * _MOST]]
    return [*most, *others[:_MOST], *foremost(effects.changed, _MOST)]


def _stakes(effects: Effects, study: Study) -> list[Stake]:
    """Return what is exposed of each party, all together, against the common yardstick.

    That is the first denominator of the vocabulary by which any of it is measured.
    """
    dossier = study.dossier
    labels = {spec.id: spec.label for engine in study.engines for spec in engine.provides}
    for name, measure in dossier.vocabulary.measures.items():
        item = f"all/{name}"
        told = [each for each in effects.direct if each.item == item]
        if measure.role != "denominator" or not told:
            continue
        stakes = []
        for actor in effects.parties:
            mine = [each for each in told if each.actor == actor and isfinite(each.value.median)]
            shares = [(each.spec.id.removesuffix("_to_fact"), each.value.median) for each in mine]
            if shares:
                stakes.append(
                    Stake(
                        actor=dossier.name_of(actor),
                        role=_ROLES[role_words(effects, actor)],
                        of=item_words(item, dossier),
                        amounts=[(labels.get(of, of), share_words(each)) for of, each in shares],
                        most=max(abs(each) for _, each in shares),
                    )
                )
        return stakes
    return []


def _part(effects: Effects, dossier: Dossier, several: bool) -> Part:
    direct = [each for each in effects.direct if each.actor in effects.parties]
    others = [each for each in effects.direct if each.actor not in effects.parties]
    changed = foremost(effects.changed, _MOST)
    return Part(
        horizons=", ".join(effects.horizons) if several else "",
        parties=[
            (dossier.name_of(each), _ROLES[role_words(effects, each)]) for each in effects.parties
        ],
        groups=[_group(group, effects.parties, dossier) for group in by_unit(direct).values()],
        others=[_other(each, dossier) for each in others[:_MOST]],
        others_left=max(len(others) - _MOST, 0),
        changed=[_moved(each, dossier) for each in changed],
        changed_left=len(effects.changed) - len(changed),
    )


def _group(rows: Sequence[Effect], parties: Sequence[str], dossier: Dossier) -> Group:
    scale = scale_of(rows, dossier)
    lines = pivot(rows, parties, dossier)
    shown = lines[:_MOST]
    ends = [
        end / scale.factor
        for line in shown
        for each in line.cells.values()
        for end in (each.value.low, each.value.high)
        if isfinite(end)
    ]
    axis = axis_over([0.0, *ends], 100)

    def amount(effect: Effect | None, words: str) -> Amount | None:
        if effect is None:
            return None
        if not isfinite(effect.value.median):
            return Amount(words, None)
        ends = (effect.value.low, effect.value.median, effect.value.high)
        return Amount(words, span_of(axis, *(each / scale.factor for each in ends)))

    told = [
        (line.label, [amount(line.cells.get(each), line.words(each, scale)) for each in parties])
        for line in shown
    ]
    unit = "" if scale.unit == "ratio" else scale.unit
    return Group(rows[0].spec.label, unit, number(axis.high), told, len(lines) - len(shown))


def _other(effect: Effect, dossier: Dossier) -> tuple[str, str, str]:
    scale = scale_of([effect], dossier)
    amount = with_unit(amount_in(effect.value, scale), scale.unit)
    return dossier.name_of(effect.actor), effect_words(effect, dossier), amount


def _moved(effect: Effect, dossier: Dossier) -> Moved:
    assert effect.before is not None
    scale: Scale = scale_for(effect.before.median, effect.unit, dossier.vocabulary)
    before = with_unit(amount_in(effect.before, scale), scale.unit)
    about = effect_words(effect, dossier)
    return Moved(dossier.name_of(effect.actor), about, before, moved_words(effect, scale))
