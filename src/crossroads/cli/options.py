"""Arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["AsJson", "DossierName", "Draws", "NoStore", "Seed", "WithUnverified", "Workers"]

DossierName = Annotated[
    str,
    typer.Argument(
        metavar="DOSSIER",
        help="Folder of a dossier, or the name of one that comes with crossroads.",
        show_default="the current folder",
    ),
]
Draws = Annotated[int, typer.Option("--draws", min=1, help="Draws of every figure.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of all draws.")]
WithUnverified = Annotated[
    bool, typer.Option("--with-unverified", help="Take in rows that rest on recollection.")
]
NoStore = Annotated[
    bool, typer.Option("--no-store", help="Compute anew, and keep nothing for the next run.")
]
Workers = Annotated[
    int, typer.Option("--workers", min=1, help="Batches of draws computed at a time.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
