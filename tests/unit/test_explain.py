"""What a verdict hangs on: drivers, break-even, sources, what to check next."""

from __future__ import annotations

import numpy as np
import pytest

import crossroads as cr
from crossroads.claims import Verdict
from crossroads.claims.claim import claim_named
from crossroads.claims.expectation import select, values_of
from crossroads.claims.explain import drivers, sources_of
from crossroads.dossier import Dossier
from crossroads.engines import ENGINES
from crossroads.study import Study
from crossroads.world import World
from tests.conftest import Folder

HILL = "facts:ALD/HILLFOLK/population/-/2024-07-01"
REVENUE = "facts:ALD/-/budget_revenue/-/2024@2026-03-31"
TRANSFERS = "flows:remittances/-/CYR/ALD/2024"
RATE = "facts:LEA/-/exchange_rate/-/2024"


def test_the_wide_input_drives(study: Study) -> None:
    """300 thousand hill people (200 to 450) among 2 million of grade A: the first all but alone."""
    found = study.explanations["hill-people-in-ald"].drivers
    assert (found[0].row, found[0].figure) == (HILL, "value")
    assert found[0].share > 0.95


def test_drivers_come_strongest_first_and_from_the_inputs_alone(study: Study) -> None:
    for name, explanation in study.explanations.items():
        shares = [each.share for each in explanation.drivers]
        assert shares == sorted(shares, reverse=True), name
        assert all(0 < share <= 1 + 1e-12 for share in shares), name
        if explanation.drivers:
            assert explanation.of is not None
            assert {each.row for each in explanation.drivers} <= set(explanation.of.rows), name
    found = study.explanations["ald-budget-lives-off-transfers"].drivers
    assert [each.row for each in found] == [TRANSFERS, REVENUE, RATE]


def test_a_lever_s_own_figures_can_drive(study: Study) -> None:
    found = study.explanations["halt-empties-pockets"].drivers
    assert found[0].row == "levers:halt-remittances-ald/1/leakage"
    assert found[0].share > 0.99


def test_noise_drives_nothing(study: Study, world: World) -> None:
    """Draws that have nothing to do with the inputs have no drivers, nearly always."""
    of = study.explanations["ald-budget-lives-off-transfers"].of
    assert of is not None
    random = np.random.default_rng(7)
    told = []
    for _ in range(100):
        unrelated = type(of)(
            of.reading, of.verdict, "", rows=of.rows, draws=random.normal(size=200)
        )
        told.append(len(drivers(unrelated, world)) > 0)
    assert np.mean(told) < 0.15


@pytest.mark.parametrize("name", ["no-aid-from-cyr", "halt-on-ald-hurts-bru"])
def test_a_certain_figure_has_no_drivers(study: Study, name: str) -> None:
    explanation = study.explanations[name]
    assert explanation.of is not None
    assert explanation.drivers == ()
    assert explanation.break_even is None


def test_rounding_is_not_a_driver(study: Study) -> None:
    """The years of a series tied to one draw: their ratio varies by rounding alone."""
    explanation = study.explanations["transfers-grow"]
    assert explanation.of is not None
    assert explanation.of.draws is not None
    assert np.ptp(explanation.of.draws) < 1e-12
    assert explanation.drivers == ()


def test_break_even_by_hand(study: Study) -> None:
    """Roughly 15 % of 2 million is 12 to 18 %: 240 or 360 thousand, as near as can be."""
    found = study.explanations["hill-people-in-ald"].break_even
    assert found is not None
    assert (found.row, found.figure, found.unit) == (HILL, "value", "thousand persons")
    assert found.now == pytest.approx(300)
    assert found.value in (pytest.approx(240, rel=1e-9), pytest.approx(360, rel=1e-9))


def test_at_break_even_the_central_result_stands_on_a_bound(
    study: Study, toy: Dossier, central: World
) -> None:
    tried = 0
    for name, explanation in study.explanations.items():
        value, of = explanation.break_even, explanation.of
        if value is None:
            continue
        assert of is not None
        assert of.reading.claimed is not None
        tried += 1
        factor = toy.vocabulary.units[value.unit].factor
        given = {(value.row, value.figure): np.array([value.value * factor])}
        cases = [
            case
            for case in cr.cases_of(toy)
            if (case.scenario, case.horizon) == (of.reading.scenario, of.reading.horizon)
        ]
        table, _ = cr.run(central.perturbed(given), cases, ENGINES)
        claim = claim_named(toy, name)
        selection = select(of.reading, table, claim.document.date)
        found = values_of(of.reading, selection, table)[0]
        bounds = [
            each for each in (of.reading.claimed.low, of.reading.claimed.high) if each is not None
        ]
        assert min(abs(found - each) for each in bounds) <= 1e-6 * max(map(abs, bounds)), name
        low, high = (central.quantile(value.row, value.figure, each) for each in (0.001, 0.999))
        assert low <= value.value * factor <= high, name
    assert tried >= 5


def test_no_break_even_outside_an_input_s_range(study: Study) -> None:
    """Transfers of 5 % spread cannot carry 8 % of the budget to 9 %."""
    assert study.explanations["ald-budget-lives-off-transfers"].drivers
    assert study.explanations["ald-budget-lives-off-transfers"].break_even is None


def test_records_are_explained_by_their_sources(study: Study) -> None:
    explanation = study.explanations["launchers-ordered"]
    assert explanation.of is None
    assert [(each.id, each.reliability) for each in explanation.sources] == [
        ("register-2025", "B"),
        ("register-2026", "B"),
    ]


def test_sources_carry_the_rows_that_rest_on_them(world: World) -> None:
    found = sources_of([HILL, TRANSFERS, "levers:halt-remittances-ald/1/leakage"], world)
    assert {each.id: each.rows for each in found} == {
        "bazaar": (HILL,),
        "leak": (HILL,),
        "central-bank": (TRANSFERS,),
        "wire-transfers": (TRANSFERS,),
        "wire": ("levers:halt-remittances-ald/1/leakage",),
    }


def test_sources_cover_every_input_that_has_one(study: Study) -> None:
    for name, explanation in study.explanations.items():
        rows = {row for each in study.judged[name].readings for row in each.rows}
        covered = {row for each in explanation.sources for row in each.rows}
        assert covered <= rows, name
        assert {row for row in rows if not row.startswith("levers:")} <= covered, name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("hill-people-in-ald", f"check {HILL}, source leak (F): 100% of the spread goes with it"),
        ("no-aid-from-cyr", "check source wire (C)"),
        ("no-other-way-for-gas", "find what is missing: waits for the routes engine"),
        ("truce-will-come", ""),
        ("shells-fired", ""),
    ],
)
def test_what_to_check_next(study: Study, name: str, says: str) -> None:
    assert study.explanations[name].check_next == says


def test_only_judged_claims_have_a_decisive_reading(study: Study) -> None:
    for name, judged in study.judged.items():
        decisive = study.explanations[name].of
        if judged.verdict in (Verdict.UNTESTABLE, Verdict.NO_DATA, Verdict.OPEN):
            assert decisive is None, name
        elif decisive is not None:
            assert decisive in judged.readings, name


def test_more_draws_find_the_same_drivers(folder: Folder, study: Study) -> None:
    finer = cr.assess(folder.load(), draws=1000, seed=5, only=["halt-weighs-on-product"])
    coarse = study.explanations["halt-weighs-on-product"].drivers
    fine = finer.explanations["halt-weighs-on-product"].drivers
    assert coarse[0].row == fine[0].row
    assert abs(coarse[0].share - fine[0].share) < 0.1
