"""``crossroads pull``: pull levers and see what they do to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

import crossroads as cr
from crossroads.cli.opening import open_formed, open_store
from crossroads.cli.options import AsJson, DossierName, Draws, NoStore, Seed, WithUnverified

if TYPE_CHECKING:
    from crossroads.dossier import Dossier
    from crossroads.levers import Case
    from crossroads.show.effects import Effects
    from crossroads.store import Store

__all__ = ["pull"]


def pull(
    dossier: DossierName = ".",
    levers: Annotated[
        list[str] | None,
        typer.Argument(metavar="LEVER", help="Levers to pull, in order.", show_default=False),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option("--scenario", metavar="NAME", help="Pull a scenario's levers first."),
    ] = None,
    strength: Annotated[
        float, typer.Option("--strength", min=0, max=1, help="How far they are pulled.")
    ] = 1.0,
    horizon: Annotated[
        str | None,
        typer.Option(
            "--horizon",
            metavar="NAME",
            help="A horizon of the dossier.",
            show_default="all of them",
        ),
    ] = None,
    draws: Draws = 1000,
    seed: Seed = 1,
    with_unverified: WithUnverified = False,
    no_store: NoStore = False,
    whole: Annotated[bool, typer.Option("--all", help="Show every row that changes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Pull levers and show what they do; without any, list what there is to pull."""
    from crossroads.show.catalogue import draw_levers, levers_sheet, listing_record
    from crossroads.show.output import emit
    from crossroads.show.pull import draw_effects, effects_record, effects_sheet, merged

    opened = open_formed(dossier)
    if not levers and scenario is None:
        emit(
            as_json,
            lambda: listing_record("levers", opened, levers_sheet(opened)),
            lambda: levers_sheet(opened),
            lambda console: draw_levers(console, opened),
        )
        return
    cases = _cases(opened, levers or [], scenario, strength, horizon)
    store = open_store(no_store)
    told = merged(_run(opened, cases, draws, seed, with_unverified, store))
    emit(
        as_json,
        lambda: effects_record(opened, told, draws, seed),
        lambda: effects_sheet(told),
        lambda console: draw_effects(console, opened, told, draws, whole),
    )


def _cases(
    dossier: Dossier,
    names: list[str],
    scenario: str | None,
    strength: float,
    horizon: str | None,
) -> list[Case]:
    """Return the levers asked for as a case at each horizon asked for."""
    from crossroads.errors import named

    listed: list[str] = []
    if scenario is not None:
        listed = named("scenario", scenario, dossier.scenarios)["levers"]
    if horizon is not None:
        named("horizon", horizon, dossier.meta.horizons)
    pulled = tuple(cr.lever_named(dossier, name).at(strength) for name in [*listed, *names])
    name = scenario if scenario is not None and not names else "+".join([*listed, *names])
    horizons = [horizon] if horizon is not None else list(dossier.meta.horizons)
    return [cr.Case(name, pulled, each) for each in horizons]


def _run(
    dossier: Dossier,
    cases: list[Case],
    draws: int,
    seed: int,
    with_unverified: bool,
    store: Store | None,
) -> list[Effects]:
    """Run the engines on the cases.

    Raises
    ------
    LeverError
        If a lever finds nothing to act on.
    """
    from crossroads.show.effects import effects_of
    from crossroads.show.progress import waiting

    with waiting("sampling the world") as tell:
        world = cr.build_world(dossier, draws=draws, seed=seed, with_unverified=with_unverified)
        table, failed = cr.run(world, cases, cr.ENGINES, tell, store=store)
    for why in failed.values():
        raise cr.LeverError(why)
    return [effects_of(case, table, world, cr.ENGINES) for case in cases]
