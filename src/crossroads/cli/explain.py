"""``crossroads explain``: what the verdict on one claim rests on, and where a row stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

import crossroads as cr
from crossroads.cli.opening import open_formed, open_store
from crossroads.cli.options import AsJson, DossierName, Draws, NoStore, Seed, WithUnverified

if TYPE_CHECKING:
    from crossroads.claims import Claim
    from crossroads.dossier import Dossier
    from crossroads.store import Store
    from crossroads.study import Study

__all__ = ["explain"]


def explain(
    dossier: DossierName = ".",
    claim: Annotated[
        str | None, typer.Argument(metavar="CLAIM", help="Id of a claim.", show_default=False)
    ] = None,
    row: Annotated[
        str | None,
        typer.Option("--row", metavar="ROW", help="Show a row by its id instead of a claim."),
    ] = None,
    draws: Draws = 1000,
    seed: Seed = 1,
    with_unverified: WithUnverified = False,
    no_store: NoStore = False,
    as_json: AsJson = False,
) -> None:
    """Show what the verdict on a claim rests on, or where a row stands; else list the claims."""
    from crossroads.show.catalogue import claims_sheet, draw_claims, listing_record
    from crossroads.show.explanation import draw_explanation, explanation_record
    from crossroads.show.output import emit, flat
    from crossroads.show.row import draw_row, row_named, row_record

    if claim is not None and row is not None:
        raise cr.UsageError("name a claim or a row, not both")
    store = open_store(no_store)
    opened = open_formed(dossier)
    if row is not None:
        seen = row_named(opened, row)
        study = _study(opened, None, draws, seed, with_unverified, store)
        emit(
            as_json,
            lambda: row_record(study, seen),
            lambda: flat(row_record(study, seen)),
            lambda console: draw_row(console, study, seen),
        )
        return
    if claim is None:
        emit(
            as_json,
            lambda: listing_record("claims", opened, claims_sheet(opened)),
            lambda: claims_sheet(opened),
            lambda console: draw_claims(console, opened),
        )
        return
    name = claim
    wanted = _with_premises(name, cr.claims_of(opened))
    study = _study(opened, wanted, draws, seed, with_unverified, store)
    emit(
        as_json,
        lambda: explanation_record(study, name),
        lambda: flat(explanation_record(study, name)),
        lambda console: draw_explanation(console, study, name),
    )


def _study(
    dossier: Dossier,
    only: list[str] | None,
    draws: int,
    seed: int,
    with_unverified: bool,
    store: Store | None,
) -> Study:
    from crossroads.show.progress import counted

    with counted() as progress:
        return cr.assess(
            dossier,
            draws=draws,
            seed=seed,
            with_unverified=with_unverified,
            only=only,
            progress=progress,
            store=store,
            checked=True,
        )


def _with_premises(name: str, claims: Mapping[str, Claim]) -> list[str]:
    """Return a claim and all that is part of it, at any depth."""
    wanted = [name]
    for above in wanted:
        wanted += [
            each.id for each in claims.values() if each.part_of == above and each.id not in wanted
        ]
    return wanted
