"""What is different: verdicts that flipped and through what, and everything that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crossroads.claims import Found, Verdict, number
from crossroads.diff import CellChange, Change, Difference, Input, Side, Through, VerdictChange
from crossroads.show.names import row_words
from crossroads.show.numbers import spread, with_unit
from crossroads.show.output import Sheet
from crossroads.show.text import plain, shortened, tally
from crossroads.show.verdicts import marked

__all__ = ["diff_record", "diff_sheet", "draw_diff"]

_MOST = 12
"""Changes of one kind that a screen shows."""
_LONG = 70
"""Characters of a cell that a screen shows."""
_FIGURES = ("value", "low", "high", "unit", "source")


def draw_diff(console: Console, told: Difference) -> None:
    """Print a difference."""
    console.print(Text(f"{_side(told.old)} → {_side(told.new)}", style="bold"))
    console.print(_summary(told))
    for title, chosen in (
        ("Verdicts that flipped", told.flipped),
        ("Found otherwise, same verdict", [each for each in told.verdicts if not each.flipped]),
    ):
        if chosen:
            console.print()
            console.print(title, style="bold")
        for each in chosen:
            _verdict(console, each, told)
    for kind in dict.fromkeys(each.kind for each in told.changes):
        _changes(console, kind, [each for each in told.changes if each.kind == kind], told)
    if told.files:
        console.print()
        console.print(plain(f"Files that differ: {', '.join(told.files)}"))


def _side(side: Side) -> str:
    return plain(f"{side.name}, as of {side.as_of}")


def _summary(told: Difference) -> str:
    """Say in a line how much is different."""
    counts: dict[str, int] = {}
    for each in told.changes:
        counts[each.change] = counts.get(each.change, 0) + 1
    parts = [f"{tally(count, 'entry', 'entries')} {change}" for change, count in counts.items()]
    changed = ", ".join(parts) if parts else "no entry changed"
    return f"{changed}; {len(told.flipped)} of {tally(told.judged, 'verdict')} flipped"


def _arrow(old: str, new: str) -> Text:
    """Return a verdict before and after, or the one if it stayed."""
    if old == new:
        return marked(Verdict(new))
    return Text.assemble(marked(Verdict(old)), " → ", marked(Verdict(new)))


def _verdict(console: Console, each: VerdictChange, told: Difference) -> None:
    line = Text.assemble((f"{plain(each.claim)}  ", "bold"), _arrow(each.old, each.new))
    if each.old_then != each.new_then:
        line.append("; then ", style="dim").append_text(_arrow(each.old_then, each.new_then))
    console.print(Padding(line, (0, 0, 0, 2)))
    found = _found_words(each.old_found, each.new_found)
    if each.flipped:
        console.print(Padding(plain(each.says), (0, 0, 0, 4)))
    if found:
        console.print(Padding(Text(f"found {found}", style="dim"), (0, 0, 0, 4)))
    for through in each.through:
        _through(console, through, told, alone=len(each.through) == 1)


def _found_words(old: Found | None, new: Found | None) -> str:
    ends = [
        "nothing" if each is None else spread((each.median, each.p05, each.p95), each.unit)
        for each in (old, new)
    ]
    return "" if old is None and new is None else " → ".join(ends)


def _through(console: Console, through: Through, told: Difference, *, alone: bool) -> None:
    """Print which inputs of a reading differ, and what each does alone."""
    of = "" if alone else f", reading '{plain(through.reading)}'"
    if through.inputs:
        console.print(Padding(f"through{of}:", (0, 0, 0, 4)))
    table = Table.grid(padding=(0, 2, 0, 0))
    for each in through.inputs[:_MOST]:
        table.add_row(
            Text("flips" if each.crosses else "", style="bold"),
            Text(_about_input(each, told)),
            Text(_input_words(each, through)),
        )
    if through.inputs:
        console.print(Padding(table, (0, 0, 0, 6)))
    if len(through.inputs) > _MOST:
        more = f"and {tally(len(through.inputs) - _MOST, 'more input')}"
        console.print(Padding(more, (0, 0, 0, 6)), style="dim")
    if through.crosses is not None and through.central is not None and len(through.inputs) > 1:
        ends = " → ".join(
            "no result" if end is None else number(end)
            for end in (through.central, through.together)
        )
        said = "into or out of" if through.crosses else "not across the bound of"
        text = f"together {with_unit(ends, through.unit)}: {said} what is claimed"
        console.print(Padding(text, (0, 0, 0, 6)), style="dim")
    for note in through.notes:
        console.print(Padding(plain(f"{note}{of}"), (0, 0, 0, 6)), style="dim")


def _about_input(each: Input, told: Difference) -> str:
    name, _, key = each.row.partition(":")
    for side in (told.new, told.old):
        if side.dossier is not None:
            frame = side.dossier.tables[name]
            held = frame.filter(frame["row"] == each.row)
            if held.height:
                cells = held.row(0, named=True)
                said = row_words(name, cells, side.dossier)
                period = cells.get("period") or ""
                return plain(f"{said}, {period}".rstrip(", "))
    return plain(f"{name}: {key}")


def _input_words(each: Input, through: Through) -> str:
    """Say what an input was and is, and where it alone takes the central result."""
    if each.old is None or each.new is None:
        return each.change
    said = with_unit(f"{number(each.old)} → {number(each.new)}", each.unit)
    if each.old == each.new:
        said = f"{with_unit(number(each.old), each.unit)}, another range"
    if each.result is None or through.central is None:
        return said
    moved = with_unit(f"{number(through.central)} → {number(each.result)}", through.unit)
    return f"{said}; alone {moved}"


def _changes(console: Console, kind: str, changes: Sequence[Change], told: Difference) -> None:
    console.print()
    counts = dict.fromkeys(dict.fromkeys(each.change for each in changes), 0)
    for each in changes:
        counts[each.change] += 1
    said = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    console.print(Text.assemble((f"{kind}: ", "bold"), said))
    for each in changes[:_MOST]:
        place = each.new_place or each.old_place
        lead = (f"{place}  " if place else "", "cyan")
        line = Text.assemble(lead, f"{each.change}  {_about(each, told)}")
        console.print(Padding(line, (0, 0, 0, 2)))
        for cell in _cells(each):
            console.print(Padding(Text(_cell_words(cell), style="dim"), (0, 0, 0, 6)))
    if len(changes) > _MOST:
        more = f"and {len(changes) - _MOST:,} more; --json or a pipe has them all"
        console.print(Padding(more, (0, 0, 0, 2)), style="dim")


def _cells(each: Change) -> list[CellChange]:
    """Return the cells to show: all that changed, of a row added or removed its figures."""
    if each.change not in ("added", "removed"):
        return list(each.cells)
    if each.row is None:
        return [cell for cell in each.cells if cell.name == "says"]
    return [cell for cell in each.cells if cell.name in _FIGURES]


def _cell_words(cell: CellChange) -> str:
    old, new = (shortened(plain(each), _LONG) for each in (cell.old, cell.new))
    if not cell.old or not cell.new:
        return f"{plain(cell.name)} {old or new}" + ("" if cell.new else " (gone)")
    return f"{plain(cell.name)} {old} → {new}"


def _about(each: Change, told: Difference) -> str:
    side = told.old if each.change == "removed" else told.new
    if each.row is None or side.dossier is None:
        return plain(each.id)
    period = each.row.get("period") or ""
    return plain(f"{row_words(each.kind, each.row, side.dossier)}, {period}".rstrip(", "))


_COLUMNS = (
    *("what", "id", "change", "part", "old", "new", "unit"),
    *("alone_old", "alone_new", "alone_unit", "flips", "old_place", "new_place"),
)


def diff_sheet(told: Difference) -> Sheet:
    """Return one row a verdict, an input of one that flipped, and a cell that changed."""
    rows = [*_verdict_rows(told), *_change_rows(told)]
    rows += [("file", name, "changed", *(None,) * 10) for name in told.files]
    return Sheet(_COLUMNS, rows)


def _verdict_rows(told: Difference) -> Iterator[tuple[object, ...]]:
    for each in told.verdicts:
        change = "flipped" if each.flipped else "same"
        rest = (None,) * 6
        yield ("verdict", each.claim, change, "now", each.old, each.new, None, *rest)
        if each.old_then != each.new_then:
            yield ("verdict", each.claim, change, "then", each.old_then, each.new_then, None, *rest)
        if each.old_found or each.new_found:
            old, new = (found and found.median for found in (each.old_found, each.new_found))
            unit = (each.new_found or each.old_found or _NOTHING).unit
            yield ("verdict", each.claim, change, "found", old, new, unit, *rest)
        for through in each.through:
            for one in through.inputs:
                yield (
                    *("input", each.claim, one.change, f"{one.row} {one.figure}".rstrip()),
                    *(one.old, one.new, one.unit, through.central, one.result),
                    *(through.unit, one.crosses, None, None),
                )


_NOTHING = Found(0.0, 0.0, 0.0, "", 1.0)


def _change_rows(told: Difference) -> Iterator[tuple[object, ...]]:
    for each in told.changes:
        for cell in each.cells:
            yield (
                *(each.kind, each.id, each.change, cell.name, cell.old, cell.new),
                *(None,) * 5,
                *(each.old_place, each.new_place),
            )


def diff_record(told: Difference) -> dict[str, Any]:
    """Return a difference for ``--json``."""
    return {
        "old": {"name": told.old.name, "as_of": told.old.as_of},
        "new": {"name": told.new.name, "as_of": told.new.as_of},
        "judged": told.judged,
        "flipped": [each.claim for each in told.flipped],
        "verdicts": [_verdict_record(each) for each in told.verdicts],
        "changes": [_change_record(each) for each in told.changes],
        "files": list(told.files),
    }


def _verdict_record(each: VerdictChange) -> dict[str, Any]:
    return {
        "id": each.claim,
        "says": each.says,
        "flipped": each.flipped,
        "old": each.old,
        "new": each.new,
        "old_then": each.old_then,
        "new_then": each.new_then,
        "old_found": _found_record(each.old_found),
        "new_found": _found_record(each.new_found),
        "through": [asdict(through) for through in each.through],
    }


def _found_record(found: Found | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"median": found.median, "p05": found.p05, "p95": found.p95, "unit": found.unit}


def _change_record(each: Change) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "id": each.id,
        "before": each.before,
        "change": each.change,
        "old_place": each.old_place,
        "new_place": each.new_place,
        "cells": [asdict(cell) for cell in each.cells],
    }
