"""``crossroads matrix``: what each actor could do to each other, at what cost to itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import typer

import crossroads as cr
from crossroads.cli.opening import open_formed, open_store
from crossroads.cli.options import AsJson, DossierName, Draws, NoStore, Seed, WithUnverified

__all__ = ["matrix"]


def matrix(
    dossier: DossierName = ".",
    holder: Annotated[
        str | None, typer.Option("--holder", metavar="ACTOR", help="Who could do it.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="ACTOR", help="To whom.")
    ] = None,
    template: Annotated[
        str | None, typer.Option("--template", metavar="NAME", help="One kind of lever alone.")
    ] = None,
    by: Annotated[
        Literal["exposure", "asymmetry"],
        typer.Option(
            "--by",
            help="Order: by the target's loss against its output, or against the holder's.",
        ),
    ] = "exposure",
    draws: Draws = 1000,
    seed: Seed = 1,
    with_unverified: WithUnverified = False,
    no_store: NoStore = False,
    whole: Annotated[bool, typer.Option("--all", help="Show every cell of a list.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what each actor could do to each other by the same kinds of lever, and at what cost to
    itself, before anybody adjusts."""
    from crossroads.leverage import leverage_of
    from crossroads.levers import templates
    from crossroads.show.matrix import draw_matrix, matrix_record, matrix_sheet
    from crossroads.show.output import emit
    from crossroads.show.progress import waiting

    opened = open_formed(dossier)
    store = open_store(no_store)
    _refuse_unknown("template", template, templates())
    with waiting("sampling the world") as tell:
        every = leverage_of(
            opened,
            draws=draws,
            seed=seed,
            with_unverified=with_unverified,
            store=store,
            tell=tell,
        )
    for word in (holder, target):
        _refuse_unknown("region", word, every.actors)
    told = every.where(template=template, holder=holder, target=target)
    emit(
        as_json,
        lambda: matrix_record(told, by),
        lambda: matrix_sheet(told),
        lambda console: draw_matrix(console, opened, told, by, whole),
    )


def _refuse_unknown(what: str, word: str | None, known: Iterable[str]) -> None:
    from crossroads.errors import did_you_mean

    if word is not None and word not in known:
        raise cr.UsageError(f"there is no {what} '{word}'; {did_you_mean(word, known)}")
