"""``crossroads explain``: what the verdict on one claim rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

import crossroads as cr
from crossroads.cli.opening import open_formed
from crossroads.cli.options import AsJson, DossierName, Draws, Seed, WithUnverified

if TYPE_CHECKING:
    from crossroads.claims import Claim

__all__ = ["explain"]


def explain(
    dossier: DossierName = ".",
    claim: Annotated[
        str | None, typer.Argument(metavar="CLAIM", help="Id of a claim.", show_default=False)
    ] = None,
    draws: Draws = 1000,
    seed: Seed = 1,
    with_unverified: WithUnverified = False,
    as_json: AsJson = False,
) -> None:
    """Show what the verdict on a claim rests on; without one, list the claims."""
    from crossroads.show.catalogue import claims_sheet, draw_claims, listing_record
    from crossroads.show.explanation import draw_explanation, explanation_record
    from crossroads.show.output import emit, flat
    from crossroads.show.progress import counted

    opened = open_formed(dossier)
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
    with counted() as progress:
        study = cr.assess(
            opened,
            draws=draws,
            seed=seed,
            with_unverified=with_unverified,
            only=wanted,
            progress=progress,
        )
    emit(
        as_json,
        lambda: explanation_record(study, name),
        lambda: flat(explanation_record(study, name)),
        lambda console: draw_explanation(console, study, name),
    )


def _with_premises(name: str, claims: Mapping[str, Claim]) -> list[str]:
    """Return a claim and all that is part of it, at any depth."""
    wanted = [name]
    for above in wanted:
        wanted += [
            each.id for each in claims.values() if each.part_of == above and each.id not in wanted
        ]
    return wanted
