"""Running engines over the cases of a world, in the order their needs ask for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from crossroads.engines.contract import Engine
from crossroads.engines.ensembles import compute
from crossroads.errors import EngineError, LeverError, UsageError
from crossroads.indicators import BASELINE, Indicators
from crossroads.levers import Case
from crossroads.store import Store
from crossroads.world import World

__all__ = ["in_order", "run"]

Progress = Callable[[str], None]


def in_order(engines: Sequence[Engine]) -> list[Engine]:
    """Return the engines so that each stands after those it needs; who asks for cases comes last.

    Raises
    ------
    EngineError
        If an engine needs one that is not there, or two need each other.
    """
    by_name = {engine.name: engine for engine in engines}
    graph: dict[str, set[str]] = {}
    for engine in engines:
        needed = {need.partition("/")[0] for need in engine.needs}
        missing = needed - set(by_name)
        if missing:
            raise EngineError(f"engine {engine.name} needs {', '.join(sorted(missing))}")
        graph[engine.name] = needed
    try:
        return [by_name[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise EngineError(f"engines need each other: {' > '.join(error.args[1])}") from None


def run(
    world: World,
    cases: Sequence[Case],
    engines: Sequence[Engine],
    progress: Progress | None = None,
    *,
    store: Store | None = None,
    workers: int = 1,
) -> tuple[Indicators, Mapping[tuple[str, str], str]]:
    """Run every engine on every case.

    Parameters
    ----------
    world
        A base world.
    cases
        The cases wanted; the baseline of each of their horizons is run as well.
    progress
        Called with the name of each step before it is taken.
    store
        Where results are kept, and found again.
    workers
        How many batches of draws are computed at a time; more than one by joblib.

    Returns
    -------
    The rows of all cases, and by scenario and horizon why a case could not be run (a lever that
    finds nothing to act on in this world).

    Raises
    ------
    UsageError
        If several workers are asked for without joblib.
    """
    if workers < 1:
        raise UsageError(f"{workers} workers compute nothing; ask for 1 or more")
    tell = progress or (lambda step: None)
    parts: list[Indicators] = []
    failed: dict[tuple[str, str], str] = {}
    timeless: dict[tuple[str, str], Indicators] = {}
    idle: dict[str, str] = {}
    for horizon in dict.fromkeys(case.horizon for case in cases):
        base = world.at(horizon)
        wanted = [Case(BASELINE, (), horizon)]
        wanted += [case for case in cases if case.horizon == horizon and not case.is_baseline]
        if not _is_known(wanted, engines, timeless, idle):
            means = _Means(tell, store, workers)
            results, reasons = _run_horizon(base, wanted, in_order(engines), means, timeless)
            idle |= reasons
        else:
            results = [
                timeless[engine.name, case.scenario].stamped(case.scenario, horizon)
                for engine in in_order(engines)
                for case in wanted
                if case.scenario not in idle
            ]
        parts += results
        failed |= {
            (case.scenario, horizon): idle[case.scenario]
            for case in wanted
            if case.scenario in idle
        }
    return (Indicators.concat(parts) if parts else Indicators.empty(world.draws)), failed


def _depends(engine: Engine) -> bool:
    """Whether what an engine gives may depend on the horizon."""
    return "parameters" in engine.reads or bool(engine.needs)


def _is_known(
    wanted: Sequence[Case],
    engines: Sequence[Engine],
    timeless: Mapping[tuple[str, str], Indicators],
    idle: Mapping[str, str],
) -> bool:
    """Whether an earlier horizon gave all that is wanted: no lever has to be pulled again."""
    return not any(_depends(engine) for engine in engines) and all(
        case.scenario in idle or (engine.name, case.scenario) in timeless
        for engine in engines
        for case in wanted
    )


@dataclass(frozen=True, slots=True)
class _Means:
    """How engines are run, which makes no difference to what they find."""

    tell: Progress
    store: Store | None
    workers: int


def _run_horizon(
    base: World,
    wanted: Sequence[Case],
    engines: Sequence[Engine],
    means: _Means,
    timeless: dict[tuple[str, str], Indicators],
) -> tuple[list[Indicators], dict[str, str]]:
    """Run the engines on the cases wanted and on those that engines ask for.

    Only parameters depend on the horizon, so what an engine gives that reads none of them, and
    needs no other engine, is kept in ``timeless`` and not computed again.
    """
    asked = {engine.name: [*_asked(engine, base)] for engine in engines}
    names = {case.scenario for case in wanted}
    extra = {case.scenario: case for each in asked.values() for case in each}
    worlds: dict[str, World] = {}
    failed: dict[str, str] = {}
    for case in (*wanted, *(case for name, case in extra.items() if name not in names)):
        try:
            worlds[case.scenario] = base.pull(*case.levers)
        except LeverError as error:
            failed[case.scenario] = str(error)
    results: dict[tuple[str, str], Indicators] = {}
    for engine in engines:
        asks = {case.scenario for case in asked[engine.name]}
        due = {name: world for name, world in worlds.items() if not asks or name in names}
        if _depends(engine) or not all((engine.name, scenario) in timeless for scenario in due):
            given = {
                name: _given(engine, {name, BASELINE, *asks}, results, base.draws) for name in due
            }
            found = compute(
                engine,
                due,
                given,
                store=means.store,
                workers=means.workers,
                tell=means.tell,
            )
            for scenario, rows in found.items():
                changed = rows if scenario == BASELINE else rows.changed_from(found[BASELINE])
                timeless[engine.name, scenario] = changed
        for scenario in due:
            rows = timeless[engine.name, scenario]
            results[engine.name, scenario] = rows.stamped(scenario, base.horizon or "")
    return [rows for (_, scenario), rows in results.items() if scenario in names], failed


def _asked(engine: Engine, base: World) -> Sequence[Case]:
    return [case for case in engine.cases(base) if case.horizon == base.horizon]


def _given(
    engine: Engine,
    scenarios: Collection[str],
    results: Mapping[tuple[str, str], Indicators],
    draws: int,
) -> Indicators:
    """Return the rows an engine needs, whole, of the cases it may see."""
    engines = {need.partition("/")[0] for need in engine.needs}
    wanted = {need.partition("/")[2] for need in engine.needs}
    parts = []
    for (name, scenario), table in results.items():
        if name in engines and scenario in scenarios:
            whole = (
                table
                if scenario == BASELINE
                else table.completed(results[name, BASELINE], scenario)
            )
            parts.append(whole.where(indicator=wanted))
    return Indicators.concat(parts) if parts else Indicators.empty(draws)
