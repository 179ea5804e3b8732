"""The contract holds for our engines and levers and for two small ones; breaking it is noticed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

import crossroads as cr
from crossroads.dossier import Dossier
from crossroads.engines import ENGINES
from crossroads.engines.routes import Chokepoints, Routes
from crossroads.engines.run import in_order
from crossroads.errors import EngineError
from crossroads.indicators import BASELINE, Indicators
from crossroads.levers import Case
from crossroads.testing import check_engine, check_lever
from crossroads.world import World
from tests.contract.engines import Armington, Worst


@pytest.fixture(scope="module")
def small(toy: Dossier) -> World:
    return cr.build_world(toy, draws=20, seed=3)


@pytest.fixture(scope="module")
def few(toy: Dossier) -> list[Case]:
    wanted = ("squeeze-ald", "league-turns", "twins-open")
    return [case for case in cr.cases_of(toy, wanted) if case.horizon == "short"]


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_engines_of_the_package(engine, small, few):
    check_engine(engine, small, cases=few)


@pytest.mark.parametrize("engine", [Routes(), Chokepoints()], ids=lambda engine: engine.name)
def test_engines_of_the_network(engine, toy, small):
    pipes = cr.Case("pipes", (cr.lever_named(toy, "close-all-of-pipeco"),), "short")
    narrow = cr.Case("narrow", (cr.lever_named(toy, "throttle-sea-bru"),), "short")
    check_engine(engine, small, cases=[cr.Case(BASELINE, (), "short"), pipes, narrow])


def test_armington(small, few):
    check_engine(Armington(), small, cases=few)


def test_an_engine_that_asks_for_cases(small, few):
    check_engine(Worst(), small, others=[Armington()], cases=few[:2], perturbed=8)


def test_armington_against_the_closed_form(toy, small):
    """A tariff t on a share s: P = (1 - s + s (1 + t)**(1 - sigma))**(1 / (1 - sigma))."""
    case = Case("one", (cr.lever_named(toy, "tariff-on-dor"),), "long")
    table, _ = cr.run(small, [case], [Armington()])
    found = table.where(scenario="one", actor="ALD").values[0]
    world = small.at("long")
    flows = world["flows"]
    imports = {
        row["origin"]: flows.values[place]
        for place, row in enumerate(flows.rows)
        if row["destination"] == "ALD"
        and row["layer"] == "goods"
        and row["product"] is None
        and row["period"] == "2024"
    }
    share = imports["DOR"] / sum(imports.values())
    sigma = world["parameters"].values[world["parameters"].places["parameters:sigma/-/grain/long"]]
    common = 0.05  # the League's tariff, in force before
    assert world["barriers"].rows[0]["kind"] == "tariff"
    drawn = world["barriers"].values[0]
    assert drawn.mean() == pytest.approx(common, rel=0.05)
    cost = (1 + drawn + 0.25) / (1 + drawn)
    index = (1 - share + share * cost ** (1 - sigma)) ** (1 / (1 - sigma))
    np.testing.assert_allclose(found, 1 / index - 1, rtol=1e-12)


def test_joining_a_bloc_changes_tariffs_by_itself(toy, small):
    """A new member levies the League's tariff, and sells free of it, without a lever on tariffs."""
    join = Case("join", (cr.lever_named(toy, "cyr-joins-league"),), "short")
    table, _ = cr.run(small, [join], [Armington()])
    assert (table.where(scenario="join", actor="CYR").values < 0).all()
    assert (table.where(scenario="join", actor="ALD").values > 0).all()
    assert not len(table.where(scenario="join", actor="DOR"))


def test_what_an_asking_engine_is_given(small, few):
    worst = Worst()
    table, _ = cr.run(small, few[:2], [worst, Armington()])
    asked = {case.scenario for case in worst.cases(small.at("short"))}
    assert worst.seen[0] == {BASELINE} | asked
    assert worst.seen[1] == {BASELINE, "squeeze-ald"} | asked
    assert set(table.frame["scenario"]) <= {BASELINE, "squeeze-ald", "league-turns"}
    alone = Case("x", (cr.lever_named(small.dossier, "tariff-on-dor"),), "short")
    direct = cr.run(small, [alone], [Armington()])[0].where(scenario="x", actor="ALD").values
    least = table.where(engine="worst", scenario=BASELINE, actor="ALD").values
    assert (least <= direct).all()


def test_engines_stand_after_those_they_need():
    assert [each.name for each in in_order([Worst(), Armington()])] == ["armington", "worst"]
    with pytest.raises(EngineError, match="needs armington"):
        in_order([Worst()])
    one = replace(Armington(), needs=frozenset({"worst/worst_lever"}))
    with pytest.raises(EngineError, match="need each other"):
        in_order([one, Worst()])


def test_every_lever_of_the_toy(toy, small):
    for lever in cr.levers_of(toy).values():
        check_lever(lever, small)


@dataclass
class _Broken(Armington):
    how: str = ""

    def indicators(self, model, world: World, given: Indicators) -> Indicators:
        if self.how == "mutates":
            world["flows"].values[0] *= 1.0000001
        rows = super().indicators(model, world, given)
        if self.how == "forgets inputs":
            inputs = rows.frame["inputs"].list.head(1)
            return replace(rows, frame=rows.frame.with_columns(inputs))
        if self.how == "drifts":
            return replace(rows, values=rows.values + np.random.default_rng().random())
        if self.how == "undeclared":
            return replace(rows, frame=rows.frame.with_columns(indicator=_lit("other")))
        if self.how == "unknown unit":
            return replace(rows, frame=rows.frame.with_columns(unit=_lit("furlongs")))
        if self.how == "infinite":
            return replace(
                rows, values=rows.values / 0.0 if rows.values.any() else rows.values + np.inf
            )
        if self.how == "never idle" and world.base is not world:
            return replace(rows, values=rows.values + 1e-9)
        return rows


def _lit(word: str):
    import polars as pl

    return pl.lit(word)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("mutates", "mutates the world"),
        ("forgets inputs", "does not list it among its inputs"),
        ("drifts", "other bits on the second run"),
        ("undeclared", "not declared"),
        ("unknown unit", "unknown unit"),
        ("infinite", "infinite"),
        ("never idle", "changes without a lever"),
    ],
)
def test_a_broken_engine_is_noticed(how, said, toy, few):
    world = cr.build_world(toy, draws=12, seed=5)
    with pytest.raises(AssertionError, match=said), np.errstate(all="ignore"):
        check_engine(_Broken(how=how), world, cases=[few[0], few[2]], perturbed=200)


def test_two_rows_of_one_name_are_refused(small):
    from crossroads.indicators import Builder

    build = Builder("twice", small.draws)
    for _ in range(2):
        build.row("a", "ALD", "", "goods", "2024", "share", np.zeros(small.draws), ["facts:x"])
    with pytest.raises(EngineError, match="two rows named"):
        build.build()
