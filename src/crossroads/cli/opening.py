"""Opening a dossier from the command line: found, checked, and refused while it has errors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import crossroads as cr

if TYPE_CHECKING:
    from crossroads.dossier import Dossier
    from crossroads.errors import Finding
    from crossroads.store import Store

__all__ = ["find_dossier", "open_checked", "open_formed", "open_store"]

_SIGNS = ("dossier.yaml", "sources.csv", "actors.csv")


def find_dossier(name: str) -> Path:
    """Return a dossier's folder.

    Raises
    ------
    UsageError
        If there is no such folder, or nothing of a dossier in it.
    """
    try:
        path = cr.locate(name)
    except cr.UsageError as error:
        if (Path() / "dossier.yaml").exists():
            raise cr.UsageError(f"{error}; for the dossier in this folder write .") from None
        raise
    if not any((path / each).exists() for each in _SIGNS):
        where = "the current folder" if name == "." else f"'{name}'"
        raise cr.UsageError(
            f"{where} holds no dossier; name its folder, or one that comes with crossroads "
            f"({', '.join(cr.bundled())}), or begin one with: crossroads new FOLDER"
        )
    return path


def open_checked(name: str, store: Store | None = None) -> tuple[Dossier, list[Finding]]:
    """Return a dossier without errors, checked in every way, and its warnings.

    Raises
    ------
    DossierError
        If the check finds errors; it carries all findings.
    """
    dossier, findings = cr.check_dossier(find_dossier(name), store=store)
    if dossier is None or any(each.severity == "error" for each in findings):
        raise cr.DossierError(findings)
    return dossier, findings


def open_formed(name: str) -> Dossier:
    """Return a dossier whose tables, levers and claims are well formed; engines are not run.

    Raises
    ------
    DossierError
        If they are not; it carries the errors.
    """
    from crossroads.study import refuse_malformed

    dossier = cr.load(find_dossier(name))
    refuse_malformed(dossier)
    return dossier


def open_store(no_store: bool) -> Store | None:
    """Return the user's store, which says on standard error if it cannot be written."""
    from crossroads.show.text import plain
    from crossroads.store import users_store

    def warn(message: str) -> None:
        print(plain(f"crossroads: {message}"), file=sys.stderr)

    return None if no_store else users_store(warn)
