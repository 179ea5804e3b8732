"""``crossroads check``: every problem of a dossier, and what to do about it."""

from __future__ import annotations

from typing import Annotated

import typer

from crossroads.cli.opening import find_dossier
from crossroads.cli.options import AsJson, DossierName

__all__ = ["check"]


Strict = Annotated[
    str,
    typer.Option(
        "--strict",
        metavar="CODES",
        help="Codes, between commas, whose warnings count as errors; all for every code.",
        show_default="none",
    ),
]


def check(dossier: DossierName = ".", as_json: AsJson = False, strict: Strict = "") -> None:
    """Report everything that is wrong with a dossier."""
    from crossroads.check import examine
    from crossroads.show.findings import finding_lines, findings_record, held_by
    from crossroads.show.output import emit_json, emit_lines
    from crossroads.show.progress import waiting

    path = find_dossier(dossier)
    codes = {code.strip() for code in strict.split(",") if code.strip()}
    with waiting("checking the dossier"):
        examined = examine(path, strict=codes)
    opened, findings = examined.dossier, examined.findings
    held = held_by(opened, examined.used) if opened else None
    if as_json:
        emit_json(findings_record(opened.name if opened else path.resolve().name, findings, held))
    else:
        emit_lines(finding_lines(findings, held))
    if any(each.severity == "error" for each in findings):
        raise typer.Exit(1)
