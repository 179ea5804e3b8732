"""``crossroads new``: begin a dossier."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

import crossroads as cr
from crossroads.cli.options import AsJson

__all__ = ["begin_dossier", "new"]

_STARTER = Path(__file__).parent / "starter"


def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to make.")],
    as_json: AsJson = False,
) -> None:
    """Write a small dossier with comments, to change into your own."""
    from crossroads.show.output import emit_json, emit_lines, text_lines

    files = begin_dossier(folder)
    if as_json:
        emit_json({"folder": str(folder), "files": files})
        return
    emit_lines(
        text_lines(
            f"{folder} holds a small dossier of an invented world: {', '.join(files)}",
            f"Begin with {folder / 'README.md'}, then: crossroads assess {folder}",
        )
    )


def begin_dossier(folder: Path) -> list[str]:
    """Write the starter dossier to a folder, whole or not at all, and return its files.

    Raises
    ------
    UsageError
        If the folder exists and is not empty.
    """
    if folder.exists() and not folder.is_dir():
        raise cr.UsageError(f"'{folder}' is a file; name a folder to make")
    if folder.is_dir() and any(folder.iterdir()):
        raise cr.UsageError(f"'{folder}' is not empty; name a folder to make, or an empty one")
    target = folder.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        made.chmod(0o755)
        files = sorted(
            each for each in _STARTER.iterdir() if each.suffix in (".csv", ".md", ".yaml")
        )
        for each in files:
            shutil.copyfile(each, made / each.name)
        if target.exists():
            _move_into(made, target)
        else:
            made.replace(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return [each.name for each in files]


def _move_into(made: Path, target: Path) -> None:
    """Move the files into an empty folder, the one that makes it a dossier last."""
    moved: list[Path] = []
    try:
        for each in sorted(made.iterdir(), key=lambda path: path.name == "dossier.yaml"):
            moved.append(each.replace(target / each.name))
    except BaseException:
        for each in moved:
            each.unlink(missing_ok=True)
        raise
