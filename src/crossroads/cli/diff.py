"""``crossroads diff``: what changed between two dossiers, two studies or two days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import crossroads as cr
from crossroads.cli.opening import open_formed, open_store
from crossroads.cli.options import AsJson, Draws, NoStore, Seed, WithUnverified

if TYPE_CHECKING:
    from crossroads.diff import Difference

__all__ = ["diff"]


def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="A", help="Folder of a dossier or of a study, or a bundled dossier's name."
        ),
    ],
    new: Annotated[
        str | None,
        typer.Argument(metavar="B", help="What to compare it with.", show_default=False),
    ] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DAY", help="Without B: A as known on this day."),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="DAY",
            help="Without B: A as known on this day.",
            show_default="the dossier's own",
        ),
    ] = None,
    draws: Draws = 1000,
    seed: Seed = 1,
    with_unverified: WithUnverified = False,
    no_store: NoStore = False,
    as_json: AsJson = False,
) -> None:
    """Say which figures changed, which verdicts flipped, and through which inputs."""
    from crossroads.show.diff import diff_record, diff_sheet, draw_diff
    from crossroads.show.output import emit

    options = {
        "draws": draws,
        "seed": seed,
        "with_unverified": with_unverified,
        "store": open_store(no_store),
    }
    told = _compared(old, new, first, last, options)
    emit(
        as_json,
        lambda: diff_record(told),
        lambda: diff_sheet(told),
        lambda console: draw_diff(console, told),
    )


def _compared(
    old: str,
    new: str | None,
    first: str | None,
    last: str | None,
    options: Mapping[str, Any],
) -> Difference:
    from crossroads.diff import compare_dossiers, compare_studies, dated, holds_study
    from crossroads.show.progress import counted

    if new is not None and (first is not None or last is not None):
        raise cr.UsageError("--from and --to compare one dossier with itself; leave out B")
    if new is None and first is None:
        raise cr.UsageError("name what to compare with: B, or two days with --from and --to")
    studies = [each is not None and holds_study(Path(each)) for each in (old, new)]
    if new is not None and all(studies):
        return compare_studies(Path(old), Path(new))
    if any(studies):
        held = old if studies[0] else str(new)
        raise cr.UsageError(f"'{held}' is a study; compare it with another study")
    before = open_formed(old)
    if new is not None:
        after = open_formed(new)
        if before.path.resolve() == after.path.resolve():
            raise cr.UsageError(f"'{old}' and '{new}' are one dossier; compare days with --from")
    else:
        after = before if last is None else dated(before, _day(last))
        before = dated(before, _day(str(first)))
    with counted() as progress:
        return compare_dossiers(before, after, progress=progress, **options)


def _day(text: str) -> date:
    """Read a day.

    Raises
    ------
    UsageError
        If it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise cr.UsageError(f"'{text}' is not a day; write it as 2025-04-30") from None
