"""Checking a dossier: every layer's findings, all at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crossroads.claims import Knowledge, cases_asked, claims_of
from crossroads.claims.check import check_claims
from crossroads.dossier import Dossier, read
from crossroads.engines import ENGINES, Engine, run
from crossroads.errors import Finding, UsageError, did_you_mean
from crossroads.levers import cases_of, check_levers
from crossroads.packing import pack, unpack
from crossroads.schema import finding_codes, table_specs
from crossroads.store import Store, digest, made_by
from crossroads.tables import bounded, finding
from crossroads.world import build_world, known_from

__all__ = ["Examined", "check_dossier", "examine"]


def check_dossier(
    path: str | Path,
    engines: Sequence[Engine] = ENGINES,
    *,
    store: Store | None = None,
    strict: Collection[str] = frozenset(),
) -> tuple[Dossier | None, list[Finding]]:
    """Read a dossier and report everything that is wrong with it, in order of file and line.

    Parameters
    ----------
    store
        Where it is kept what pulling the levers and looking up the claims found.
    strict
        Codes of findings whose warnings are to count as errors; ``all`` stands for every code.

    Returns
    -------
    The dossier, or None if ``dossier.yaml`` cannot be understood, and the findings.

    Raises
    ------
    UsageError
        If ``strict`` names a code that does not exist.
    """
    examined = examine(path, engines, store=store, strict=strict)
    return examined.dossier, examined.findings


def examine(
    path: str | Path,
    engines: Sequence[Engine] = ENGINES,
    *,
    store: Store | None = None,
    strict: Collection[str] = frozenset(),
) -> Examined:
    """Check a dossier as ``check_dossier`` does, and tell what its verdicts rest on."""
    for code in sorted(set(strict) - {"all"} - set(finding_codes())):
        hint = did_you_mean(code, finding_codes())
        raise UsageError(f"there is no finding with the code '{code}'; {hint}")
    dossier, findings = read(Path(path))
    used: tuple[str, ...] = ()
    if dossier is not None:
        by = [[each.name, each.version, type(each).__module__] for each in engines]
        sound = not any(each.severity == "error" for each in findings)
        key = digest("check", made_by(), dict(dossier.digests), repr(dossier.meta), by, sound)
        held = store.get(key) if store else None
        if held is None:
            further = _further(dossier, engines, sound)
            if store:
                store.put(key, pack(further))
        else:
            further = unpack(_Found, held)
        findings, used = [*findings, *further.findings], further.used
    unique = [_raised(each, strict) for each in dict.fromkeys(findings)]
    ordered = sorted(unique, key=lambda each: (each.file, each.line, each.code))
    return Examined(dossier, bounded(ordered), frozenset(used))


@dataclass(frozen=True, slots=True)
class Examined:
    """A dossier, what is wrong with it, and the ids of the rows that its verdicts rest on."""

    dossier: Dossier | None
    findings: list[Finding]
    used: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Found:
    findings: tuple[Finding, ...]
    used: tuple[str, ...]


def _further(dossier: Dossier, engines: Sequence[Engine], sound: bool) -> _Found:
    """Return what only shows when levers are pulled, engines run and claims looked up."""
    central = build_world(dossier, draws=1) if sound else None
    found = [*_not_yet_known(dossier), *check_levers(dossier, central)]
    known = None
    if central is not None and not any(each.severity == "error" for each in found):
        asked = cases_asked(claims_of(dossier).values(), cases_of(dossier))
        known = Knowledge(central, *run(central, asked, engines))
    more, used = check_claims(dossier, engines, known)
    return _Found((*found, *more), tuple(sorted(used)))


def _not_yet_known(dossier: Dossier) -> Iterator[Finding]:
    """Find rows that no world has, since they could be known only after the dossier's day."""
    day = dossier.meta.as_of
    for name, spec in table_specs().items():
        if spec.known == "none" or spec.virtual:
            continue
        for row in dossier.tables[name].to_dicts():
            known = known_from(row, spec, dossier)
            if known is not None and known > day:
                message = f"{row['row']} could be known only from {known}, after as_of {day}"
                yield finding("not-yet-known", spec.file, row["line"], message)


def _raised(finding: Finding, strict: Collection[str]) -> Finding:
    """Return a finding as an error where its code is to be taken strictly."""
    taken = finding.code in strict or "all" in strict
    return replace(finding, severity="error") if taken else finding
