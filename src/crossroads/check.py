"""Checking a dossier: every layer's findings, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from crossroads.claims import Knowledge, cases_asked, claims_of
from crossroads.claims.check import check_claims
from crossroads.dossier import Dossier, read
from crossroads.engines import ENGINES, Engine, run
from crossroads.errors import Finding
from crossroads.levers import cases_of, check_levers
from crossroads.world import build_world

__all__ = ["check_dossier"]


def check_dossier(
    path: Path, engines: Sequence[Engine] = ENGINES
) -> tuple[Dossier | None, list[Finding]]:
    """Read a dossier and report everything that is wrong with it, in order of file and line.

    Returns
    -------
    The dossier, or None if ``dossier.yaml`` cannot be understood, and the findings.
    """
    dossier, findings = read(path)
    if dossier is not None:
        sound = not any(each.severity == "error" for each in findings)
        central = build_world(dossier, draws=1) if sound else None
        findings = [*findings, *check_levers(dossier, central)]
        known = None
        if central is not None and not any(each.severity == "error" for each in findings):
            asked = cases_asked(claims_of(dossier).values(), cases_of(dossier))
            known = Knowledge(central, *run(central, asked, engines))
        findings += check_claims(dossier, engines, known)
    unique = list(dict.fromkeys(findings))
    return dossier, sorted(unique, key=lambda each: (each.file, each.line, each.code))
