"""Arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["AsJson", "DossierName", "Draws", "Seed", "WithUnverified"]

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
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
