"""Expectations on records and on outcomes: a row of a record table, compared field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossroads.claims.claim import Reading
from crossroads.claims.verdict import Verdict, together
from crossroads.periods import parse_date, parse_period
from crossroads.schema import table_specs
from crossroads.world import Table, World

__all__ = ["RecordFound", "judge_outcome", "judge_record", "matching"]

_RANGES = {"number_ordered": ("ordered_low", "ordered_high")}
_ESTIMATES = {
    "number_ordered": "number_is_estimate",
    "number_delivered": "number_is_estimate",
    "year_of_order": "order_year_is_estimate",
}


@dataclass(frozen=True, slots=True)
class RecordFound:
    """What the records say of a reading: the verdict, why, and the rows it rests on."""

    verdict: Verdict
    reason: str
    rows: tuple[str, ...]


def _span(row: Mapping[str, Any], name: str) -> tuple[Any, Any]:
    """Return the lowest and the highest that a row allows for a field; None where it is blank."""
    ends = (row.get(each) for each in _RANGES.get(name, (name, name)))
    low, high = (row.get(name) if end is None else end for end in ends)
    return low, high


def _agrees(said: str, row: Mapping[str, Any], name: str, table: Table) -> str:
    """Compare one cell: ``yes``, ``no``, ``near`` (an estimate one off) or ``unstated``."""
    low, high = _span(row, name)
    if low is None or high is None or low == []:
        return "unstated"
    held = row[name]
    kind = table.spec.columns[name].type
    if kind in ("number", "integer"):
        number = float(said)
        if low <= number <= high:
            return "yes"
        estimated = row.get(_ESTIMATES.get(name, ""), False)
        return "near" if estimated and low - 1 <= number <= high + 1 else "no"
    if kind == "date":
        (first, last), (start, end) = parse_date(said), parse_date(held)
        return "yes" if first <= end and start <= last else "no"
    if kind in ("texts", "refs"):
        wanted = {part.strip().casefold() for part in said.split(";")}
        return "yes" if wanted <= {each.casefold() for each in held} else "no"
    if kind == "bool":
        return "yes" if held == (said == "yes") else "no"
    return "yes" if str(held).casefold() == said.casefold() else "no"


def matching(cells: Mapping[str, str], table: Table) -> list[dict[str, Any]]:
    """Return the rows of a record table that have the given cells."""
    return [
        row
        for row in table.rows
        if all(_agrees(said, row, name, table) == "yes" for name, said in cells.items())
    ]


def _complete(table: str, cells: Mapping[str, str], world: World) -> str:
    """Return why the table is complete for these cells, empty where it is not said to be."""
    for scope in world.meta.complete:
        if scope.table == table and all(
            cells.get(name) == cell for name, cell in scope.where.items()
        ):
            return scope.why
    return ""


def judge_record(reading: Reading, world: World) -> RecordFound:
    """Judge a claim that a record exists and has certain fields."""
    table = world[reading.target]
    rows = matching(reading.match, table)
    wanted = ", ".join(f"{name} {cell}" for name, cell in reading.match.items())
    if not rows:
        why = _complete(reading.target, reading.match, world)
        if not why:
            return RecordFound(
                Verdict.NO_DATA, f"no record of {reading.target} known then has {wanted}", ()
            )
        verdict = Verdict.SUPPORTED if reading.absent else Verdict.CONTRADICTED
        return RecordFound(verdict, f"no record has {wanted}, and the table is complete: {why}", ())
    if reading.absent:
        ids = tuple(row["row"] for row in rows)
        return RecordFound(Verdict.CONTRADICTED, f"a record has {wanted}", ids)
    judged = [_compare(reading, row, table) for row in rows]
    reasons = list(dict.fromkeys(reason for _, reason in judged))
    return RecordFound(
        together([verdict for verdict, _ in judged]),
        "; ".join(reasons),
        tuple(row["row"] for row in rows),
    )


def _compare(reading: Reading, row: Mapping[str, Any], table: Table) -> tuple[Verdict, str]:
    told = {name: _agrees(said, row, name, table) for name, said in reading.expect.items()}
    parts = []
    for name, agrees in told.items():
        said, held = reading.expect[name], _shown(row, name)
        label = name.replace("_", " ")
        parts.append(
            {
                "yes": f"{label} {held} as claimed",
                "no": f"{label} {held}, claimed {said}",
                "near": f"{label} about {held}, claimed {said}",
                "unstated": f"{label} not stated, claimed {said}",
            }[agrees]
        )
    edition = f"{row['edition']}: " if row.get("edition") else ""
    verdict = Verdict.IMPRECISE
    if "no" in told.values():
        verdict = Verdict.CONTRADICTED
    elif all(agrees == "yes" for agrees in told.values()):
        verdict = Verdict.SUPPORTED
    return verdict, edition + ", ".join(parts)


def _shown(row: Mapping[str, Any], name: str) -> str:
    held = row.get(name)
    if held is None:
        low, high = _span(row, name)
        return f"{low:g} to {high:g}" if low is not None and high is not None else "None"
    if isinstance(held, list):
        return "; ".join(held)
    return f"{held:g}" if isinstance(held, float) else str(held)


def judge_outcome(reading: Reading, world: World) -> RecordFound:
    """Judge a forecast that a record will come about within a window."""
    spec = table_specs()[reading.target]
    window = parse_period(reading.window or "")
    table = world[reading.target]
    cells = dict(reading.match) | dict(reading.expect)
    came = [
        row
        for row in matching(cells, table)
        if window.start <= parse_date(row[spec.known])[1] <= window.end
    ]
    wanted = ", ".join(f"{name} {cell}" for name, cell in cells.items())
    rows = tuple(row["row"] for row in came)
    if came:
        verdict = Verdict.CONTRADICTED if reading.absent else Verdict.SUPPORTED
        when = came[0][spec.known]
        return RecordFound(verdict, f"it came about on {when} ({wanted})", rows)
    if world.known <= window.end:
        return RecordFound(Verdict.OPEN, f"the window {window.text} runs to {window.end}", ())
    why = _complete(reading.target, cells, world)
    if not why:
        reason = f"no record has {wanted}, and {spec.file} is not said to be complete for it"
        return RecordFound(Verdict.NO_DATA, reason, ())
    verdict = Verdict.SUPPORTED if reading.absent else Verdict.CONTRADICTED
    reason = f"by {window.end} no record has {wanted}, and the table is complete: {why}"
    return RecordFound(verdict, reason, ())
