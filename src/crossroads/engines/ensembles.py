"""Ensembles: draws computed in batches, one after the other or by several workers.

How draws are split follows from the problem and never from the number of workers, and no batch
sees another, so that results are the same bits for any number of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any

from crossroads.engines.contract import Engine
from crossroads.engines.kept import Kept
from crossroads.errors import EngineError, UsageError
from crossroads.indicators import BASELINE, Indicators
from crossroads.store import Store
from crossroads.world import Batch, World, cut

__all__ = ["batches", "compute"]

Progress = Callable[[str], None]

_BYTES = 96 * 2**20
"""How much the arrays of a batch may take."""
_ARRAYS = 8
"""Figures that an engine is taken to hold at once for each row that it reads, where it says not."""
_LOSSES = 3
"""How many times in a row workers may be killed before any has finished a batch."""


def batches(engine: Engine, base: World) -> list[Batch]:
    """Split the draws: ``engine.batch`` at a time, or as many as keep the arrays in bounds.

    The batches are about equal, and none is of a single draw where there are more: numpy adds up a
    single column in another order than several.
    """
    rows = sum(
        table.frame.height * max(1, len(table.figures))
        for name, table in base.tables.items()
        if name in engine.reads
    )
    fits = _BYTES // (8 * _ARRAYS * max(rows, 1))
    size = max(2, int(getattr(engine, "batch", 0)) or fits)
    draws = draws_of(engine, base)
    count = min(-(-draws // size), max(1, draws // 2))
    edges = [draws * number // count for number in range(count + 1)]
    return [Batch(*edges[number : number + 2]) for number in range(count)]


def draws_of(engine: Engine, base: World) -> int:
    """Return how many draws an engine takes: the first ``engine.draws`` of the world's, or all."""
    return min(base.draws, int(getattr(engine, "draws", base.draws)))


@dataclass(frozen=True, eq=False)
class _Task:
    """A batch of an engine: its cases that are not in the store, with their keys."""

    engine: Engine
    batch: Batch
    base: World
    worlds: Mapping[str, World]
    given: Mapping[str, Indicators]
    keys: Mapping[str, str]

    def results(self, tell: Progress | None = None) -> Iterator[tuple[str, Indicators]]:
        """Yield scenario and rows, one case after the other."""
        with _one_thread():
            model: Any = self.engine.calibrate(self.base)
        for scenario, world in self.worlds.items():
            if tell:
                tell(f"{self.engine.name}: {scenario}, {world.horizon}")
            with _one_thread():
                rows = self.engine.indicators(model, world, self.given[scenario])
            yield scenario, rows


def compute(
    engine: Engine,
    worlds: Mapping[str, World],
    given: Mapping[str, Indicators],
    *,
    store: Store | None,
    workers: int,
    tell: Progress,
) -> dict[str, Indicators]:
    """Return an engine's rows of several cases of one base world.

    Cases of which batches differ in their rows (an engine may leave out what is nought in all the
    draws it sees) are computed again in one batch.

    Parameters
    ----------
    worlds
        The world of each case, the baseline among them.
    given
        What the engine is given of others, by case.
    """
    kept = Kept(store, engine)
    split = batches(engine, worlds[BASELINE])
    found = _in_batches(kept, split, worlds, given, workers, tell)
    joined = {
        scenario: Indicators.beside([each[batch] for batch in split])
        for scenario, each in found.items()
    }
    differing = [scenario for scenario, rows in joined.items() if rows is None]
    if differing:
        whole = Batch(0, draws_of(engine, worlds[BASELINE]))
        some = {scenario: worlds[scenario] for scenario in differing}
        again = _in_batches(kept, [whole], some, given, 1, tell)
        joined |= {scenario: each[whole] for scenario, each in again.items()}
    draws = worlds[BASELINE].draws
    return {name: rows.padded(draws) for name, rows in joined.items() if rows is not None}


def _in_batches(
    kept: Kept,
    split: Sequence[Batch],
    worlds: Mapping[str, World],
    given: Mapping[str, Indicators],
    workers: int,
    tell: Progress,
) -> dict[str, dict[Batch, Indicators]]:
    """Return the rows of each case and batch, from the store or computed and put there."""
    found: dict[str, dict[Batch, Indicators]] = {scenario: {} for scenario in worlds}
    tasks = []
    for batch in split:
        task, held = _task(kept, batch, worlds, given)
        for scenario, rows in held.items():
            found[scenario][batch] = rows
        if task.worlds:
            tasks.append(task)
    for number, scenario, rows in _done(tasks, workers, tell):
        kept.put(tasks[number].keys[scenario], rows)
        found[scenario][tasks[number].batch] = rows
    return found


def _task(
    kept: Kept, batch: Batch, worlds: Mapping[str, World], given: Mapping[str, Indicators]
) -> tuple[_Task, dict[str, Indicators]]:
    """Return what is to be computed of a batch, and what the store holds of it."""
    whole = next(iter(worlds.values())).base
    parts = cut({**worlds, "": whole}, batch, kept.engine.reads)
    base = parts.pop("")
    seen = {name: given[name].batch(batch.start, batch.stop) for name in worlds}
    keys = {name: kept.key(each, seen[name], batch, whole.draws) for name, each in parts.items()}
    kept.forget()
    held = {name: rows for name, key in keys.items() if (rows := kept.get(key)) is not None}
    missing = {name: each for name, each in parts.items() if name not in held}
    return _Task(kept.engine, batch, base, missing, seen, keys), held


def _done(
    tasks: Sequence[_Task], workers: int, tell: Progress
) -> Iterator[tuple[int, str, Indicators]]:
    """Yield number of the task, scenario and rows, as they are computed."""
    if workers > 1 and len(tasks) > 1:
        for finished, (number, results) in enumerate(_by_workers(tasks, workers)):
            tell(f"{tasks[number].engine.name}: {finished + 1} of {len(tasks)} batches")
            for scenario, rows in results:
                yield number, scenario, rows
        return
    for number, task in enumerate(tasks):
        for scenario, rows in task.results(tell):
            yield number, scenario, rows


def _by_workers(
    tasks: Sequence[_Task], workers: int
) -> Iterator[tuple[int, list[tuple[str, Indicators]]]]:
    """Compute tasks by joblib, as the caller's ``joblib.parallel_config`` has it.

    Raises
    ------
    EngineError
        If workers are killed again and again.
    """
    joblib = _joblib()
    left = dict(enumerate(tasks))
    losses = 0
    while left:
        backend, _ = joblib.parallel.get_active_backend()
        as_done = "generator_unordered" if backend.supports_return_generator else "list"
        parallel = joblib.Parallel(n_jobs=workers, return_as=as_done, batch_size=1, max_nbytes=None)
        calls = [joblib.delayed(_worked)(number, task) for number, task in left.items()]
        try:
            for number, results in parallel(calls):
                del left[number]
                losses = 0
                yield number, results
        except BrokenExecutor:
            losses += 1
            if losses == _LOSSES:
                name = next(iter(left.values())).engine.name
                raise EngineError(
                    f"workers computing {name} were killed {losses} times in a row, with "
                    f"{len(left)} batches left; too little memory? take fewer workers"
                ) from None


def _worked(number: int, task: _Task) -> tuple[int, list[tuple[str, Indicators]]]:
    return number, list(task.results())


def _joblib() -> Any:
    try:
        import joblib
    except ImportError:
        raise UsageError(
            "several workers need joblib; install it with: pip install 'crossroads[parallel]'"
        ) from None
    return joblib


def _one_thread() -> AbstractContextManager[Any]:
    """Hold linear algebra to one thread: how it adds up depends on their number."""
    pools = _pools()
    return nullcontext() if pools is None else pools.limit(limits=1)


@cache
def _pools() -> Any:
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return ThreadpoolController()
