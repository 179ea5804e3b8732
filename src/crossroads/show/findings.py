"""Findings of a check, one a line, and how well founded the dossier is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl
from rich.text import Text

from crossroads.dossier import Dossier
from crossroads.errors import Finding
from crossroads.schema import table_specs
from crossroads.show.text import plain, tally

__all__ = ["Held", "finding_lines", "findings_record", "held_by"]

_STYLES = {"error": "bold red", "warning": "yellow"}


@dataclass(frozen=True, slots=True)
class Held:
    """What a dossier holds: rows, claims, and figures with a range of their own; also of those
    figures that verdicts rest on."""

    rows: int
    claims: int
    figures: int
    ranged: int
    used: int
    used_ranged: int


def held_by(dossier: Dossier, used: Collection[str]) -> Held:
    """Count what a dossier holds; ``used`` are the rows that its verdicts rest on."""
    rows = figures = ranged = used_figures = used_ranged = 0
    for name, spec in table_specs().items():
        if spec.virtual:
            continue
        frame = dossier.tables[name]
        rows += frame.height
        for figure in spec.figures.values():
            given = frame.filter(pl.col(figure.value).is_not_null())
            has = given.drop_nulls([figure.low, figure.high])
            figures, ranged = figures + given.height, ranged + has.height
            used_figures += given.filter(pl.col("row").is_in(list(used))).height
            used_ranged += has.filter(pl.col("row").is_in(list(used))).height
    return Held(rows, len(dossier.claims), figures, ranged, used_figures, used_ranged)


def _count(findings: Sequence[Finding], severity: str) -> int:
    return sum(each.severity == severity for each in findings)


def finding_lines(findings: Sequence[Finding], held: Held | None) -> list[Text]:
    """Return every finding as ``severity file:line: what is wrong; what to do``, then counts."""
    lines = [
        Text(f"{each.severity:<8}", style=_STYLES.get(each.severity, "")) + Text(plain(each))
        for each in findings
    ]
    return [*lines, Text(_last_line(findings, held))]


def _last_line(findings: Sequence[Finding], held: Held | None) -> str:
    said = (
        f"{tally(_count(findings, 'error'), 'error')}, "
        f"{tally(_count(findings, 'warning'), 'warning')}"
    )
    if held is None:
        return said
    said += f" in {tally(held.rows, 'row')} and {tally(held.claims, 'claim')}"
    if not held.figures:
        return said
    said += f"; {_share(held.ranged, held.figures)} of {tally(held.figures, 'figure')}"
    if held.used:
        said += f", {_share(held.used_ranged, held.used)} of the {held.used} that verdicts rest on,"
    return f"{said} have a range of their own"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}"[:-1] + " %"


def findings_record(name: str, findings: Sequence[Finding], held: Held | None) -> dict[str, Any]:
    """Return a check for ``--json``."""
    return {
        "dossier": name,
        "errors": _count(findings, "error"),
        "warnings": _count(findings, "warning"),
        **({} if held is None else asdict(held)),
        "findings": [asdict(each) for each in findings],
    }
