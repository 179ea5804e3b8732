"""What a dossier offers: its levers and scenarios, its claims."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crossroads.claims import claims_of
from crossroads.dossier import Dossier
from crossroads.levers import levers_of
from crossroads.show.output import Sheet
from crossroads.show.text import plain

__all__ = [
    "claims_sheet",
    "draw_claims",
    "draw_levers",
    "levers_sheet",
    "listing_record",
]


def _table(*names: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in names:
        table.add_column(name)
    return table


def draw_levers(console: Console, dossier: Dossier) -> None:
    """Print a dossier's levers and scenarios."""
    table = _table("lever", "who on whom", "what is done")
    for lever in levers_of(dossier).values():
        target = f" on {dossier.name_of(lever.target)}" if lever.target else ""
        who = plain(f"{dossier.name_of(lever.holder)}{target}")
        table.add_row(Text(lever.id, style="bold"), Text(who), Text(plain(lever.says)))
    console.print(table)
    console.print()
    table = _table("scenario", "what it stands for", "levers")
    for name, entry in dossier.scenarios.items():
        levers = plain(", ".join(entry["levers"]))
        table.add_row(Text(name, style="bold"), Text(plain(entry["says"])), Text(levers))
    console.print(table)
    console.print()
    console.print("What they do: crossroads pull DOSSIER LEVER...", style="dim")
    console.print("          or: crossroads pull DOSSIER --scenario NAME", style="dim")


def levers_sheet(dossier: Dossier) -> Sheet:
    """Return one row a lever or scenario."""
    rows: list[tuple[object, ...]] = [
        ("lever", lever.id, lever.holder, lever.target, lever.says, None)
        for lever in levers_of(dossier).values()
    ]
    rows += [
        ("scenario", name, None, None, entry["says"], ";".join(entry["levers"]))
        for name, entry in dossier.scenarios.items()
    ]
    return Sheet(("kind", "id", "holder", "target", "says", "levers"), rows)


def draw_claims(console: Console, dossier: Dossier) -> None:
    """Print a dossier's claims."""
    table = _table("claim", "kind", "who", "says")
    for claim in claims_of(dossier).values():
        table.add_row(
            Text(claim.id, style="bold"),
            Text(claim.kind),
            Text(plain(dossier.name_of(claim.by))),
            Text(plain(claim.says)),
        )
    console.print(table)
    console.print()
    console.print("One in full: crossroads explain DOSSIER CLAIM", style="dim")


def claims_sheet(dossier: Dossier) -> Sheet:
    """Return one row a claim."""
    columns = ("id", "kind", "by", "document", "section", "sentence", "part_of", "says")
    rows = [
        (
            claim.id,
            claim.kind,
            claim.by,
            claim.document.id,
            claim.section,
            claim.sentence,
            claim.part_of,
            claim.says,
        )
        for claim in claims_of(dossier).values()
    ]
    return Sheet(columns, rows)


def listing_record(name: str, dossier: Dossier, sheet: Sheet) -> dict[str, Any]:
    """Return a list for ``--json``."""
    rows = [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows]
    return {"dossier": dossier.name, name: rows}
