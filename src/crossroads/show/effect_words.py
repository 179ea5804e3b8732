"""Effects of levers in words that terminal and report share: amounts, changes, gaps, defaults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

from crossroads.dossier import Dossier
from crossroads.indicators import IndicatorSpec
from crossroads.show.effects import Default, Effect, Effects, Range
from crossroads.show.names import item_words
from crossroads.show.numbers import Scale, scale_for, spread, with_unit
from crossroads.show.text import plain

__all__ = [
    "Line",
    "amount_in",
    "by_unit",
    "default_lines",
    "effect_words",
    "foremost",
    "gap_lines",
    "moved_words",
    "pivot",
    "role_words",
    "scale_of",
]


def scale_of(rows: Sequence[Effect], dossier: Dossier) -> Scale:
    """Return the unit in which the largest of some rows reads well."""
    sizes = [abs(each.value.median) for each in rows if isfinite(each.value.median)]
    return scale_for(max(sizes, default=0.0), rows[0].unit, dossier.vocabulary)


def amount_in(value: Range, scale: Scale, *, signed: bool = False) -> str:
    """Write a range in a unit named elsewhere."""
    if not isfinite(value.median):
        return "no solution"
    ends = [each / scale.factor for each in (value.median, value.low, value.high)]
    return spread(ends, "", signed=signed)


def role_words(effects: Effects, actor: str) -> str:
    """Say whether an actor pulls, is aimed at, or neither."""
    holder = any(lever.holder == actor for lever in effects.case.levers)
    target = any(lever.target == actor for lever in effects.case.levers)
    return (
        " and ".join(word for word, fits in (("holder", holder), ("target", target)) if fits)
        or "other"
    )


def effect_words(effect: Effect, dossier: Dossier) -> str:
    """Say what an effect is an amount of, without whose."""
    words = item_words(effect.item, dossier, effect.counterpart)
    return f"{effect.spec.label}: {words}, {effect.period}"


def by_unit(rows: Sequence[Effect]) -> dict[tuple[IndicatorSpec, str], list[Effect]]:
    """Return rows by indicator and unit, in order."""
    groups: dict[tuple[IndicatorSpec, str], list[Effect]] = {}
    for each in rows:
        groups.setdefault((each.spec, each.unit), []).append(each)
    return groups


@dataclass(frozen=True, slots=True)
class Line:
    """Amounts of one kind side by side: an effect for each party that has one.

    ``periods`` is whether they are of different periods, which their label then leaves out.
    """

    label: str
    cells: Mapping[str, Effect]
    periods: bool

    def words(self, actor: str, scale: Scale) -> str:
        """Write what a party has, nothing where it has none."""
        each = self.cells.get(actor)
        if each is None:
            return ""
        return amount_in(each.value, scale) + (f", {each.period}" if self.periods else "")


def pivot(rows: Sequence[Effect], parties: Sequence[str], dossier: Dossier) -> list[Line]:
    """Lay rows of one indicator out by party."""
    groups: dict[str, list[Effect]] = {}
    for each in rows:
        opposite = len(parties) == 2 and each.counterpart in parties
        label = item_words(each.item, dossier, "" if opposite else each.counterpart)
        groups.setdefault(label, []).append(each)
    lines = []
    for label, group in groups.items():
        periods = {each.period for each in group}
        said = f"{label}, {group[0].period}" if len(periods) == 1 else label
        lines.append(Line(said, {each.actor: each for each in group}, len(periods) > 1))
    return lines


def foremost(rows: Sequence[Effect], most: int) -> list[Effect]:
    """Return the first row of every indicator, then the second, as many as fit; in their order."""
    rank: Counter[IndicatorSpec] = Counter()
    ranked = []
    for place, each in enumerate(rows):
        ranked.append((rank[each.spec], place))
        rank[each.spec] += 1
    return [rows[place] for place in sorted(place for _, place in sorted(ranked)[:most])]


def moved_words(effect: Effect, scale: Scale) -> str:
    """Write a change: of a share in percentage points, of anything else also in per cent."""
    assert effect.before is not None
    assert effect.change is not None
    text = amount_in(effect.change, scale, signed=True)
    if scale.unit == "%":
        return f"{text} points"
    if effect.before.median == 0 or not isfinite(effect.change.median):
        return with_unit(text, scale.unit)
    relative = f"{effect.change.median / abs(effect.before.median):+.0%}"[:-1]
    return f"{with_unit(text, scale.unit)}, {relative} %"


def gap_lines(effects: Effects, dossier: Dossier) -> list[str]:
    """Return what is missing."""
    lines = []
    for gap in effects.gaps:
        who = f"{gap.indicator.replace('_', ' ')} of {dossier.name_of(gap.actor)}"
        what = item_words(gap.item, dossier, gap.counterpart)
        lines.append(plain(f"{who}, {what}: {gap.why}"))
    return lines


def default_lines(effects: Effects, dossier: Dossier) -> list[str]:
    """Return each default with the levers that it stands in for."""
    levers: dict[Default, dict[str, None]] = {}
    for each in effects.defaults:
        same = replace(each, lever="", change=0)
        levers.setdefault(same, {})[each.lever] = None
    lines = []
    for each, names in levers.items():
        scale = scale_for(each.value, each.unit, dossier.vocabulary)
        ends = [each.value if end is None else end for end in (each.low, each.high)]
        amount = spread([end / scale.factor for end in (each.value, *ends)], scale.unit)
        lines.append(plain(f"{each.figure} {amount}, {', '.join(names)}: {each.basis}."))
    return lines
