"""Comparing two dossiers, or one dossier as known on two days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from crossroads.diff.contents import Change, changes_between
from crossroads.diff.verdicts import VerdictChange, verdict_changes
from crossroads.dossier import Dossier
from crossroads.errors import UsageError
from crossroads.store import Store
from crossroads.study import Study, assess

__all__ = ["Difference", "Side", "compare_dossiers", "dated"]

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared; ``dossier`` is None where only a study's files are."""

    name: str
    as_of: str
    dossier: Dossier | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What is different from ``old`` to ``new``; ``judged`` is how many claims both judge.

    ``files`` are those whose content differs, where only studies are at hand.
    """

    old: Side
    new: Side
    changes: tuple[Change, ...]
    verdicts: tuple[VerdictChange, ...]
    judged: int
    files: tuple[str, ...] = ()

    @property
    def flipped(self) -> tuple[VerdictChange, ...]:
        """The verdicts that are others, as known now."""
        return tuple(each for each in self.verdicts if each.flipped)


def dated(dossier: Dossier, day: date) -> Dossier:
    """Return a dossier whose *now* is another day.

    Its digests say so, since everything that follows from it follows from that day as well.
    """
    digests = {**dossier.digests, "as_of": day.isoformat()}
    return replace(dossier, meta=replace(dossier.meta, as_of=day), digests=digests)


def compare_dossiers(
    old: Dossier,
    new: Dossier,
    *,
    draws: int = 1000,
    seed: int = 1,
    with_unverified: bool = False,
    progress: Progress | None = None,
    store: Store | None = None,
) -> Difference:
    """Compare two dossiers: their files, or, where they are one on two days, what was known.

    Raises
    ------
    UsageError
        If both are one dossier on the same day.
    """
    one = old.path == new.path
    if one and old.meta.as_of == new.meta.as_of:
        raise UsageError("that is one dossier on one day; name another dossier, or another day")
    before, after = (
        assess(
            each,
            draws=draws,
            seed=seed,
            with_unverified=with_unverified,
            progress=progress,
            store=store,
            checked=True,
        )
        for each in (old, new)
    )
    held, holds = (_known(each) if one else each.dossier.tables for each in (before, after))
    return Difference(
        Side(old.name, old.meta.as_of.isoformat(), old),
        Side(new.name, new.meta.as_of.isoformat(), new),
        changes_between(old, new, held, holds, vintages=not one),
        verdict_changes(before, after),
        len(before.judged.keys() & after.judged.keys()),
    )


def _known(study: Study) -> Mapping[str, pl.DataFrame]:
    """Return the tables as known on the study's day."""
    return {name: table.frame for name, table in study.world.reported.items()}
