"""Folders written whole or not at all, whoever is killed and however many write at once.

Beside a folder ``NAME`` there may stand ``.NAME.XXXXXXXX.part``, which its writer holds locked, and
``.NAME.old``, the older folder for the moment between its moving away and the new one's moving in.
Whoever makes, moves or sweeps these holds the lock of the folder above. What a killed writer left
is put right by the next: the older folder goes back where no new one came, the rest is removed.
Where there are no locks, parts are left, and two writers of one folder are not told apart.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from crossroads.locks import abandoned, held

__all__ = ["put_right", "write_whole"]


def write_whole(target: Path, write_into: Callable[[Path], None]) -> None:
    """Write a folder beside its place, and only when it is whole put it there.

    Parameters
    ----------
    target
        The folder's place; an older folder there is replaced.
    write_into
        Called with the folder to write into. If it raises, the older folder stays.
    """
    target = target.resolve()
    above = target.parent
    above.mkdir(parents=True, exist_ok=True)
    part = _part(target)
    with contextlib.ExitStack() as writing:
        with held(above):
            _put_right(target)
            part.mkdir()
            writing.enter_context(held(part))
        try:
            part.chmod(0o755)
            write_into(part)
            with held(above):
                _put_right(target)
                _move_in(part, target)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise


def put_right(target: Path) -> None:
    """Put an older folder back that a killed writer had moved away, and sweep what it left."""
    target = target.resolve()
    if _leftovers(target):
        with contextlib.suppress(OSError), held(target.parent):  # a folder that we may not write
            _put_right(target)


def _part(target: Path) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")


def _old(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _leftovers(target: Path) -> list[Path]:
    """Return what stands beside a folder for it, whoever still writes it."""
    form = re.compile(rf"\.{re.escape(target.name)}\.([0-9a-f]{{8}}\.part|old)")
    if not target.parent.is_dir():
        return []
    return [each for each in target.parent.iterdir() if form.fullmatch(each.name)]


def _put_right(target: Path) -> None:
    old = _old(target)
    if old.is_dir():
        if target.exists():
            _remove(old, target)
        else:
            old.replace(target)
    for each in _leftovers(target):
        if each != old and abandoned(each):
            shutil.rmtree(each, ignore_errors=True)


def _move_in(part: Path, target: Path) -> None:
    """Put a whole folder in its place; a kill in between leaves the older one to be put back."""
    if not target.exists():
        part.replace(target)
        return
    old = _old(target)
    target.replace(old)
    try:
        part.replace(target)
    except BaseException:
        old.replace(target)
        raise
    _remove(old, target)


def _remove(old: Path, target: Path) -> None:
    """Remove an older folder, under a name by which half of it is never put back."""
    gone = _part(target)
    old.replace(gone)
    shutil.rmtree(gone, ignore_errors=True)
