"""Locks by which one process knows that another still writes; a killed one lets go of its own."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.platform != "win32":
    import fcntl

__all__ = ["LOCKS", "abandoned", "held", "hold"]

LOCKS = sys.platform != "win32"
"""Whether the platform has such locks; a file system may lack them all the same."""


def hold(file: int) -> None:
    """Lock an open file or folder, waiting for whoever holds it, until it is closed."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock of a file or folder that exists; where there are none, do without."""
    if sys.platform == "win32":
        yield
        return
    file = os.open(path, os.O_RDONLY)
    try:
        hold(file)
        yield
    finally:
        os.close(file)


def abandoned(path: Path) -> bool:
    """Whether no process holds the lock of a file or folder; never, where there are no locks."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            file = os.open(path, os.O_RDONLY)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            finally:
                os.close(file)
    return False
