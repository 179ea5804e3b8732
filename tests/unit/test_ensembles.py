"""Ensembles: the same bits however draws are split and whoever computes them."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import crossroads as cr
from crossroads.dossier import Dossier
from crossroads.engines import Exposure, ensembles
from crossroads.engines.ensembles import batches
from crossroads.errors import EngineError, UsageError
from crossroads.indicators import Builder, Indicators, IndicatorSpec
from crossroads.levers import Case
from crossroads.store import Store
from crossroads.world import Batch, World, cut
from tests.contract.engines import Armington, Worst

DRAWS = 60


@dataclass
class Heavy:
    """Sums of powers of the flows; dies in a worker once, or always, if asked to."""

    name: str = "heavy"
    version: str = "1"
    batch: int = 7
    reads: frozenset[str] = frozenset({"flows"})
    needs: frozenset[str] = frozenset()
    provides: tuple[IndicatorSpec, ...] = (IndicatorSpec("power", "1", "power", "Sum of powers"),)
    dies: Path | None = None
    always: bool = False
    parent: int = 0
    log: Path | None = None

    def calibrate(self, base: World) -> Any:
        return np.sqrt(base["flows"].values)

    def cases(self, base: World) -> tuple[Case, ...]:
        return ()

    def indicators(self, model: Any, world: World, given: Indicators) -> Indicators:
        if self.dies is not None and os.getpid() != self.parent:
            if self.always:
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                self.dies.unlink()
            except FileNotFoundError:
                pass
            else:
                os.kill(os.getpid(), signal.SIGKILL)
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(f"{world.draws} {os.getpid()}\n")
        build = Builder(self.name, world.draws)
        flows = world["flows"]
        values = (model * flows.values).sum(axis=0)
        build.row("power", "ALD", "", "goods", "2024", "1", values, list(flows.places))
        return build.build()


class Batched(Exposure):
    """Exposure in batches of a size of its own, and kept."""

    kept = True

    def __init__(self, batch: int) -> None:
        self.batch = batch


def same(one: Indicators, other: Indicators) -> None:
    assert one.frame.equals(other.frame)
    assert one.gaps == other.gaps
    assert one.values.tobytes() == other.values.tobytes()


def run(dossier: Dossier, engines: list[Any], draws: int = DRAWS, **how: Any) -> Indicators:
    world = cr.build_world(dossier, draws=draws)
    table, failed = cr.run(world, cr.cases_of(dossier), engines, **how)
    assert not failed
    return table


@pytest.fixture(scope="module")
def whole(toy: Dossier) -> Indicators:
    """The toy's exposure in one batch."""
    return run(toy, [Batched(DRAWS)])


# batches


@pytest.mark.parametrize("batch", [1, 2, 7, 25, 59])
def test_any_batches_give_the_same_bits(toy: Dossier, whole: Indicators, batch: int) -> None:
    same(run(toy, [Batched(batch)]), whole)


def test_batches_of_a_large_dossier_give_the_same_bits() -> None:
    dossier = cr.load("south-caucasus")
    same(run(dossier, [Batched(9)], 20), run(dossier, [Batched(20)], 20))


@pytest.mark.parametrize("batch", [2, 5])
def test_engines_that_need_others_get_the_draws_of_their_batch(toy: Dossier, batch: int) -> None:
    def engines(size: int) -> list[Any]:
        made = [Armington(), Worst()]
        for each in made:
            each.batch = size  # type: ignore[attr-defined]
        return made

    same(run(toy, engines(batch), 11), run(toy, engines(11), 11))


@pytest.mark.parametrize(("draws", "batch"), [(1, 1), (2, 1), (7, 2), (60, 7), (61, 60), (200, 0)])
def test_batches_cover_all_draws_and_none_stands_alone(
    toy: Dossier, draws: int, batch: int
) -> None:
    found = batches(Batched(batch), cr.build_world(toy, draws=draws))
    assert [number for each in found for number in range(each.start, each.stop)] == [*range(draws)]
    assert draws == 1 or min(each.draws for each in found) >= 2
    assert batch == 0 or max(each.draws for each in found) <= max(batch, 3)


def test_batches_follow_the_problem(toy: Dossier, monkeypatch: pytest.MonkeyPatch) -> None:
    world = cr.build_world(toy, draws=1000)
    assert len(batches(Exposure(), world)) == 1
    monkeypatch.setattr(ensembles, "_BYTES", ensembles._BYTES // 1000)
    assert len(batches(Exposure(), world)) > 1


def test_a_batch_is_views_and_shares_what_the_worlds_share(world: World, toy: Dossier) -> None:
    lever = cr.lever_named(toy, "halt-remittances-ald")
    base = world.at("short")
    levered = base.pull(lever)
    names = {"flows", "barriers", "facts"}
    part = cut({"": base, "levered": levered}, Batch(3, 50), names)
    assert set(part["levered"].tables) == names
    assert part["levered"].base is part[""]
    assert part["levered"]["barriers"] is part[""]["barriers"]
    assert part["levered"]["flows"] is not part[""]["flows"]
    for one, other in ((part[""], base), (part["levered"], levered)):
        assert one.draws == 47
        values = one["flows"].values
        assert np.shares_memory(values, other["flows"].values)
        assert np.array_equal(values, other["flows"].values[:, 3:50], equal_nan=True)
        assert one["flows"].frame is other["flows"].frame
        assert one["flows"].rows is other["flows"].rows


def test_an_engine_is_given_only_the_tables_it_reads(toy: Dossier) -> None:
    with pytest.raises(KeyError, match="flows"):
        run(toy, [Heavy(reads=frozenset({"facts"}))])


# the store


def test_batches_are_found_again(toy: Dossier, tmp_path: Path, whole: Indicators) -> None:
    log = tmp_path / "log"
    kept = Store(tmp_path / "store")
    first = run(toy, [Heavy(log=log)], store=kept)
    lines = log.read_text().splitlines()
    assert len(lines) > 9
    same(run(toy, [Heavy(log=log)], store=kept), first)
    assert log.read_text().splitlines() == lines
    next(kept.place.iterdir()).unlink()
    same(run(toy, [Heavy(log=log)], store=kept), first)
    again = len(log.read_text().splitlines()) - len(lines)
    assert 0 < again < len(lines) / 2  # cases that share their tables share an entry


def test_a_lever_beside_the_engine_is_not_taken_for_the_baseline(
    toy: Dossier, tmp_path: Path, whole: Indicators
) -> None:
    kept = Store(tmp_path)
    for _ in range(2):
        same(run(toy, [Batched(25)], store=kept), whole)


@pytest.mark.parametrize("what", ["version", "draws", "seed", "horizon", "flows", "batch"])
def test_results_of_something_else_are_not_found(toy: Dossier, tmp_path: Path, what: str) -> None:
    log, kept = tmp_path / "log", Store(tmp_path / "store")
    world = cr.build_world(toy, draws=20)
    case = Case("baseline", (), "short")
    cr.run(world, [case], [Heavy(log=log)], store=kept)
    before = log.read_text()
    cr.run(world, [case], [Heavy(log=log)], store=kept)
    assert log.read_text() == before
    engine = Heavy(log=log)
    if what == "version":
        engine.version = "2"
    elif what == "batch":
        engine.batch = 5
    elif what == "horizon":
        case = Case("baseline", (), [*toy.meta.horizons][1])
    elif what == "flows":
        row = world["flows"].frame["row"][0]
        world = world.perturbed({(row, "value"): world["flows"].values[0] * 2})
    else:
        world = cr.build_world(toy, **({"draws": 20, "seed": 1} | {what: 21}))
    table = cr.run(world, [case], [engine], store=kept)[0]
    assert log.read_text() != before
    same(table, cr.run(world, [case], [engine])[0])


def test_what_is_not_worth_it_is_not_kept(toy: Dossier, tmp_path: Path) -> None:
    run(toy, [Exposure()], store=Store(tmp_path / "store"))
    assert not (tmp_path / "store").exists()


# workers


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_any_number_of_workers_gives_the_same_bits(
    toy: Dossier, whole: Indicators, tmp_path: Path, workers: int
) -> None:
    log = tmp_path / "log"
    same(run(toy, [Batched(25)], workers=workers), whole)
    same(run(toy, [Heavy(log=log)], workers=workers), run(toy, [Heavy()]))
    pids = {line.split()[1] for line in log.read_text().splitlines()}
    assert (str(os.getpid()) in pids) == (workers == 1)


def test_workers_and_batches_leave_verdicts_alone(toy: Dossier) -> None:
    only = [*toy.claims][:4]
    study = cr.assess(toy, draws=20, engines=[Batched(7)], workers=2, only=only)
    plain = cr.assess(toy, draws=20, engines=[Batched(20)], only=only)
    assert study.verdicts() == plain.verdicts()


def test_a_killed_worker_costs_its_batch(toy: Dossier, tmp_path: Path) -> None:
    trap, log = tmp_path / "trap", tmp_path / "log"
    trap.touch()
    engine = Heavy(dies=trap, parent=os.getpid(), log=log)
    found = run(toy, [engine], workers=2, store=Store(tmp_path / "store"))
    assert not trap.exists()
    same(found, run(toy, [Heavy()]))


def test_workers_killed_again_and_again_are_given_up(toy: Dossier, tmp_path: Path) -> None:
    engine = Heavy(dies=tmp_path, always=True, parent=os.getpid())
    with pytest.raises(EngineError, match="killed 3 times in a row"):
        run(toy, [engine], workers=2)


def test_several_workers_need_joblib(toy: Dossier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(UsageError, match=r"crossroads\[parallel\]"):
        run(toy, [Heavy()], workers=2)
    with pytest.raises(UsageError, match="0 workers"):
        run(toy, [Heavy()], workers=0)


def test_linear_algebra_has_one_thread(toy: Dossier) -> None:
    threadpoolctl = pytest.importorskip("threadpoolctl")
    seen: list[int] = []

    class Looking(Heavy):
        def indicators(self, model: Any, world: World, given: Indicators) -> Indicators:
            seen.extend(
                each["num_threads"]
                for each in threadpoolctl.threadpool_info()
                if each["user_api"] == "blas"
            )
            return super().indicators(model, world, given)

    run(toy, [Looking()])
    assert set(seen) == {1}


def test_batches_run_on_the_callers_threads(toy: Dossier) -> None:
    joblib = pytest.importorskip("joblib")
    with joblib.parallel_config(backend="threading"):
        same(run(toy, [Heavy()], workers=2), run(toy, [Heavy()]))


def test_batches_run_on_dask(toy: Dossier) -> None:
    distributed = pytest.importorskip("distributed")
    joblib = pytest.importorskip("joblib")
    with (
        distributed.Client(processes=False, n_workers=2, dashboard_address=None),
        joblib.parallel_config(backend="dask"),
    ):
        same(run(toy, [Heavy()], workers=2), run(toy, [Heavy()]))
