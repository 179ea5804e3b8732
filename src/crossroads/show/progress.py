"""Progress on standard error, for those who watch; nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from crossroads.show.output import screen
from crossroads.show.text import plain, shortened

__all__ = ["counted", "waiting"]


@contextmanager
def counted() -> Iterator[Callable[[str, int, int], None] | None]:
    """Show a bar with the time left; yield what to call with step, steps done and steps in all."""
    console = screen(stderr=True)
    if not sys.stderr.isatty() or console.is_dumb_terminal:
        yield None
        return
    columns = (
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[step]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None, step="")

        def told(step: str, done: int, total: int) -> None:
            shown = shortened(plain(step), max(console.width - 50, 10))
            progress.update(task, completed=done, total=total, step=shown)

        yield told


@contextmanager
def waiting(what: str) -> Iterator[Callable[[str], None]]:
    """Show that work goes on; yield what to call with the name of each step."""
    console = screen(stderr=True)
    if not sys.stderr.isatty() or console.is_dumb_terminal:
        yield lambda step: None
        return
    with console.status(what) as status:
        yield lambda step: status.update(shortened(plain(step), max(console.width - 10, 10)))
