"""Effects of levers on the screen: who pulls and whom it is aimed at side by side, others below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crossroads.dossier import Dossier
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
from crossroads.show.effects import Effect, Effects, same_effects
from crossroads.show.numbers import scale_for, with_unit
from crossroads.show.output import Sheet
from crossroads.show.text import plain, tally

__all__ = ["draw_effects", "effects_record", "effects_sheet", "merged"]

_MAIN, _MOST, _GAPS = 12, 8, 5
"""How many rows of a list, of an indicator, and of gaps are shown unless all are asked for."""
_NONE = "-"


def merged(each: Sequence[Effects]) -> list[Effects]:
    """Return the effects at each horizon, horizons with the same figures as one."""
    told: list[Effects] = []
    for effects in each:
        for place, held in enumerate(told):
            if same_effects(held, effects):
                horizons = (*held.horizons, *effects.horizons)
                told[place] = replace(held, horizons=horizons)
                break
        else:
            told.append(effects)
    return told


def draw_effects(
    console: Console, dossier: Dossier, told: Sequence[Effects], draws: int, whole: bool
) -> None:
    """Print what levers do; without ``whole`` long lists are cut to their main rows."""
    _head(console, dossier, told[0])
    for effects in told:
        console.print()
        _horizon(console, dossier, effects)
        if not effects.direct and not effects.changed:
            console.print("Nothing that the engines compute changes.")
        _side_by_side(console, dossier, effects, whole)
        _others(console, dossier, effects, whole)
        _changed(console, dossier, effects, whole)
    _meanings(console, told[0])
    _notes(console, dossier, told[0], draws, whole)


def _head(console: Console, dossier: Dossier, effects: Effects) -> None:
    scenario = dossier.scenarios.get(effects.case.scenario)
    if scenario is not None:
        console.print(Text(scenario.id, style="bold") + Text(f": {plain(scenario['says'])}"))
        console.print()
    table = _grid("", "", "")
    table.show_header = False
    for lever in effects.case.levers:
        target = f" on {dossier.name_of(lever.target)}" if lever.target else ""
        strength = f" (strength {lever.strength:g})" if lever.strength != 1 else ""
        who = plain(f"{dossier.name_of(lever.holder)}{target}")
        table.add_row(Text(lever.id, style="bold"), Text(who), Text(plain(lever.says) + strength))
    console.print(table)


def _horizon(console: Console, dossier: Dossier, effects: Effects) -> None:
    """Name the horizon, where the dossier has several."""
    every = tuple(dossier.meta.horizons)
    if len(every) == 1:
        return
    if set(effects.horizons) == set(every):
        said = f"At every horizon ({', '.join(every)})"
    else:
        said = f"Horizon: {', '.join(effects.horizons)}"
    console.print(plain(said), style="bold")


def _side_by_side(console: Console, dossier: Dossier, effects: Effects, whole: bool) -> None:
    """Print a table with a column for each party, a row for each amount, the largest first."""
    rows = [each for each in effects.direct if each.actor in effects.parties]
    if not rows:
        return
    table = _grid("", *(_party(each, effects, dossier) for each in effects.parties))
    for (spec, _), group in by_unit(rows).items():
        scale = scale_of(group, dossier)
        unit = "" if scale.unit == "ratio" else f" ({scale.unit})"
        table.add_row(Text(spec.label, style="bold") + Text(unit, style="dim"))
        lines = pivot(group, effects.parties, dossier)
        for line in lines if whole else lines[:_MOST]:
            found = (Text(line.words(each, scale) or _NONE) for each in effects.parties)
            table.add_row(Padding(Text(line.label), (0, 0, 0, 2)), *found)
        if len(lines) > _MOST and not whole:
            table.add_row(Text(f"  and {len(lines) - _MOST} more", style="dim"))
    console.print(table)


def _party(actor: str, effects: Effects, dossier: Dossier) -> str:
    parts = {"holder": "pulls", "target": "aimed at", "holder and target": "pulls, aimed at"}
    return plain(f"{dossier.name_of(actor)} ({parts[role_words(effects, actor)]})")


def _others(console: Console, dossier: Dossier, effects: Effects, whole: bool) -> None:
    """Print what happens to those who neither pull nor are aimed at."""
    rows = [each for each in effects.direct if each.actor not in effects.parties]
    if not rows:
        return
    table = _grid("others", "", "")
    for each in rows if whole else rows[:_MAIN]:
        scale = scale_of([each], dossier)
        amount = with_unit(amount_in(each.value, scale), scale.unit)
        table.add_row(*_about(each, dossier), Text(amount))
    console.print()
    console.print(table)
    _more(console, rows, whole)


def _changed(console: Console, dossier: Dossier, effects: Effects, whole: bool) -> None:
    """Print rows of the baseline that moved; in short, the foremost of each indicator."""
    if not effects.changed:
        return
    table = _grid("changed", "", "before", "change")
    for each in effects.changed if whole else foremost(effects.changed, _MAIN):
        assert each.before is not None
        scale = scale_for(each.before.median, each.unit, dossier.vocabulary)
        before = with_unit(amount_in(each.before, scale), scale.unit)
        table.add_row(*_about(each, dossier), Text(before), Text(moved_words(each, scale)))
    console.print()
    console.print(table)
    _more(console, effects.changed, whole)


def _about(effect: Effect, dossier: Dossier) -> tuple[Text, Text]:
    return Text(plain(dossier.name_of(effect.actor))), Text(effect_words(effect, dossier))


def _grid(*names: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in names:
        table.add_column(name)
    return table


def _more(console: Console, rows: Sequence[Effect], whole: bool) -> None:
    left = len(rows) - _MAIN
    if left > 0 and not whole:
        console.print(f"and {left:,} more; --all shows them", style="dim")


def _meanings(console: Console, effects: Effects) -> None:
    """Say what the indicators mean that exist under levers only."""
    specs = dict.fromkeys(each.spec for each in effects.direct)
    if specs:
        console.print()
    for spec in specs:
        console.print(f"{spec.label}: {plain(spec.definition)}.", style="dim")


def _notes(console: Console, dossier: Dossier, effects: Effects, draws: int, whole: bool) -> None:
    """Print what the figures rest on that the dossier does not say, and what is missing."""
    console.print()
    said = f"Medians with 90 % ranges over {tally(draws, 'draw')}."
    if effects.direct:
        said += f" {_NONE} stands where the dossier has nothing of the kind."
    console.print(said, style="dim")
    for table in effects.unread:
        said = f"Not computed: the levers change {table}, which no engine reads yet."
        console.print(said, style="yellow")
    if effects.defaults:
        console.print()
        console.print("The dossier leaves enforcement open here; the package's defaults stand in:")
    for line in default_lines(effects, dossier):
        console.print(Padding(Text(line, style="dim"), (0, 0, 0, 2)))
    gaps = gap_lines(effects, dossier)
    if gaps:
        console.print()
        console.print("Could not be computed:")
    for line in gaps if whole else gaps[:_GAPS]:
        console.print(Padding(Text(line, style="dim"), (0, 0, 0, 2)))
    if len(gaps) > _GAPS and not whole:
        more = f"  and {len(gaps) - _GAPS:,} more; --all shows them"
        console.print(more, style="dim")


def effects_sheet(told: Sequence[Effects]) -> Sheet:
    """Return one row an effect, in base units, none left out."""
    columns = (
        *("scenario", "horizon", "kind", "role", "engine", "indicator", "actor", "counterpart"),
        *("item", "period", "unit", "before", "before_low", "before_high"),
        *("value", "low", "high", "change", "change_low", "change_high"),
    )
    rows = [
        _sheet_row(effects, kind, each, horizon)
        for effects in told
        for horizon in effects.horizons
        for kind, effects_of_kind in (("direct", effects.direct), ("changed", effects.changed))
        for each in effects_of_kind
    ]
    return Sheet(columns, rows)


def _sheet_row(effects: Effects, kind: str, each: Effect, horizon: str) -> tuple[object, ...]:
    ranges = [
        (None, None, None) if one is None else (one.median, one.low, one.high)
        for one in (each.before, each.value, each.change)
    ]
    return (
        effects.case.scenario,
        horizon,
        kind,
        role_words(effects, each.actor),
        each.engine,
        each.spec.id,
        each.actor,
        each.counterpart,
        each.item,
        each.period,
        each.unit,
        *ranges[0],
        *ranges[1],
        *ranges[2],
    )


def effects_record(
    dossier: Dossier, told: Sequence[Effects], draws: int, seed: int
) -> dict[str, Any]:
    """Return effects for ``--json``."""
    first = told[0]
    sheet = effects_sheet(told)
    return {
        "dossier": dossier.name,
        "scenario": first.case.scenario,
        "draws": draws,
        "seed": seed,
        "levers": [
            {
                "id": lever.id,
                "holder": lever.holder,
                "target": lever.target,
                "says": lever.says,
                "strength": lever.strength,
            }
            for lever in first.case.levers
        ],
        "effects": [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows],
        "defaults": [asdict(each) for each in first.defaults],
        "gaps": [asdict(each) for each in first.gaps],
        "not_read": list(first.unread),
    }
