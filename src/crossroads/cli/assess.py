"""``crossroads assess``: run a study and say which claims hold."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import crossroads as cr
from crossroads.cli.opening import open_checked, open_store
from crossroads.cli.options import (
    AsJson,
    DossierName,
    Draws,
    NoStore,
    Seed,
    WithUnverified,
    Workers,
)

__all__ = ["assess"]


def assess(
    dossier: DossierName = ".",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder for the results.",
            show_default="results/DOSSIER",
        ),
    ] = None,
    draws: Draws = 1000,
    seed: Seed = 1,
    with_unverified: WithUnverified = False,
    workers: Workers = 1,
    no_store: NoStore = False,
    as_json: AsJson = False,
) -> None:
    """Judge every claim of a dossier, as known now and as known when it was made."""
    from crossroads.results import check_target
    from crossroads.show.output import emit
    from crossroads.show.progress import counted, waiting
    from crossroads.show.report import kept_report
    from crossroads.show.study import draw_study, study_record, study_sheet, summary_line
    from crossroads.show.text import tally

    store = open_store(no_store)
    with waiting("checking the dossier"):
        opened, warnings = open_checked(dossier, store)
    target = check_target(out or Path("results") / opened.name)
    with counted() as progress:
        study = cr.assess(
            opened,
            draws=draws,
            seed=seed,
            with_unverified=with_unverified,
            progress=progress,
            store=store,
            workers=workers,
            checked=True,
        )
    with waiting("writing the report"):
        report = kept_report(study, store)
    place = str(study.write(target, {"report.html": report}))
    emit(
        as_json,
        lambda: study_record(study, place),
        lambda: study_sheet(study),
        lambda console: draw_study(console, study, dossier, place),
    )
    if not as_json and not sys.stdout.isatty():
        print(summary_line(study, place), file=sys.stderr)
    if warnings:
        said = f"{tally(len(warnings), 'warning')} by crossroads check"
        print(said, file=sys.stderr)
