"""Claims as they are read, and judged: every kind of verdict, then and now."""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np
import pytest

import crossroads as cr
from crossroads.claims import Knowledge, Verdict, judge, number
from crossroads.claims.claim import claim_named, claims_of
from crossroads.dossier import Dossier
from crossroads.engines import ENGINES
from crossroads.errors import UsageError
from crossroads.indicators import Indicators
from crossroads.levers import cases_of
from crossroads.study import Study
from crossroads.world import World
from tests.conftest import Folder

V = Verdict

EXPECTED = {
    # claim: (now, then), worked out from the tables by hand
    "ald-must-yield": (V.CONTRADICTED, V.CONTRADICTED),
    "ald-budget-lives-off-transfers": (V.CONTRADICTED, V.SUPPORTED),
    "transfers-come-from-cyr": (V.SUPPORTED, V.SUPPORTED),
    "transfers-grow": (V.SUPPORTED, V.SUPPORTED),
    "ald-has-no-buffer": (V.CONTRADICTED, V.CONTRADICTED),
    "no-other-way-for-gas": (V.NO_DATA, V.NO_DATA),
    "bru-exports-to-cyr": (V.SUPPORTED, V.SUPPORTED),
    "no-aid-from-cyr": (V.SUPPORTED, V.SUPPORTED),
    "ald-market-is-cyr": (V.SUPPORTED, V.SUPPORTED),
    "bru-shrinks": (V.SUPPORTED, V.SUPPORTED),
    "ald-account-in-surplus": (V.IMPRECISE, V.IMPRECISE),
    "hill-people-in-ald": (V.IMPRECISE, V.IMPRECISE),
    "grain-share-of-bru": (V.CONTRADICTED, V.CONTRADICTED),
    "gas-supply-of-ald": (V.SUPPORTED, V.SUPPORTED),
    "cyr-behind-most-of-it": (V.MIXED, V.MIXED),
    "halt-empties-pockets": (V.SUPPORTED, V.SUPPORTED),
    "halt-weighs-on-product": (V.SUPPORTED, V.SUPPORTED),
    "halt-on-ald-hurts-bru": (V.CONTRADICTED, V.CONTRADICTED),
    "launchers-ordered": (V.MIXED, V.SUPPORTED),
    "radars-delivered": (V.SUPPORTED, V.SUPPORTED),
    "lorries-ordered": (V.IMPRECISE, V.IMPRECISE),
    "no-radars-for-ald": (V.SUPPORTED, V.SUPPORTED),
    "bru-threatened-ald": (V.CONTRADICTED, V.CONTRADICTED),
    "dor-feeds-ald": (V.NO_DATA, V.NO_DATA),
    "dor-was-a-member": (V.SUPPORTED, V.SUPPORTED),
    "ald-friend-of-cyr": (V.SUPPORTED, V.SUPPORTED),
    "secret-talks-held": (V.SUPPORTED, V.NO_DATA),
    "twins-will-talk": (V.SUPPORTED, V.OPEN),
    "cyr-will-join": (V.CONTRADICTED, V.OPEN),
    "truce-will-come": (V.OPEN, V.OPEN),
    "ald-ought-to-yield": (V.UNTESTABLE, V.UNTESTABLE),
    "cyr-means-harm": (V.UNTESTABLE, V.UNTESTABLE),
    "courtiers-say-so": (V.UNTESTABLE, V.UNTESTABLE),
    "shells-fired": (V.UNTESTABLE, V.UNTESTABLE),
}


def test_every_verdict_of_the_toy(study: Study) -> None:
    found = {name: (each.verdict, each.verdict_then) for name, each in study.judged.items()}
    assert found == EXPECTED
    assert {verdict for pair in EXPECTED.values() for verdict in pair} == set(Verdict)


def test_the_tally_counts_verdicts_as_known_now(study: Study) -> None:
    assert study.tally() == Counter(now for now, _ in EXPECTED.values())


def test_a_claim_is_read_whole(toy: Dossier) -> None:
    claim = claim_named(toy, "halt-weighs-on-product")
    (reading,) = claim.readings
    assert (claim.by, claim.kind, claim.document.id) == ("ANALYST", "causal", "essay")
    assert (claim.section, claim.sentence, claim.part_of) == (3, 2, None)
    assert claim.document.date == date(2025, 4, 30)
    assert (reading.engine, reading.indicator) == ("exposure", "flow_to_fact")
    assert (reading.scenario, reading.horizon, reading.change) == (
        "transfers-ald",
        "long",
        "absolute",
    )
    assert reading.claimed is not None
    assert (reading.claimed.low, reading.claimed.high) == (None, pytest.approx(-0.01))


def test_defaults_are_the_baseline_and_the_first_horizon(toy: Dossier) -> None:
    (reading,) = claim_named(toy, "no-aid-from-cyr").readings
    assert (reading.scenario, reading.horizon) == ("baseline", "short")


def test_an_unknown_claim_is_a_usage_error(toy: Dossier) -> None:
    with pytest.raises(UsageError, match="did you mean 'transfers-grow'"):
        claim_named(toy, "transfer-grows")
    with pytest.raises(UsageError, match="did you mean 'transfers-grow'"):
        cr.assess(toy, draws=1, only=["transfer-grows"])


def test_claims_stand_in_the_dossier_s_order(toy: Dossier, study: Study) -> None:
    assert list(claims_of(toy)) == list(toy.claims) == list(study.judged)


def test_only_the_claims_asked_for_are_judged(toy: Dossier, study: Study) -> None:
    few = cr.assess(toy, draws=200, seed=1, only=["hill-people-in-ald", "launchers-ordered"])
    assert list(few.judged) == ["hill-people-in-ald", "launchers-ordered"]
    for name, judged in few.judged.items():
        assert judged.reason == study.judged[name].reason


def test_the_unit_of_the_finding_is_the_claim_s(study: Study) -> None:
    (reading,) = study.judged["halt-weighs-on-product"].readings
    assert reading.found is not None
    assert reading.found.unit == "percentage points"
    assert reading.found.median == pytest.approx(-1.6, rel=0.02)
    assert reading.reason.startswith("found -1.6")


def test_then_rests_on_what_was_known_then(study: Study) -> None:
    """The budget of 2024 was 2,400 million florins when the essay was written, 3,000 since."""
    judged = study.judged["ald-budget-lives-off-transfers"]
    now, then = judged.readings[0], judged.readings_then[0]
    assert "facts:ALD/-/budget_revenue/-/2024@2026-03-31" in now.rows
    assert "facts:ALD/-/budget_revenue/-/2024@2025-02-28" in then.rows
    assert now.found is not None
    assert then.found is not None
    assert then.found.median / now.found.median == pytest.approx(3000 / 2400, rel=0.01)


def test_reasons_name_what_decides(study: Study) -> None:
    told = {name: each.reason for name, each in study.judged.items()}
    assert told["no-aid-from-cyr"] == "found 0 USD in 2024; all draws as claimed"
    assert told["cyr-behind-most-of-it"] == "goods: contradicted; transfers: supported"
    assert told["no-other-way-for-gas"] == "waits for the routes engine"
    assert told["shells-fired"] == "no public figure"
    assert told["ald-market-is-cyr"].startswith("latest quarter: found ")
    assert all(told.values())


def knowledge(world: World, table: Indicators | None = None) -> Knowledge:
    run = cr.run(world, cases_of(world.dossier), ENGINES)
    return Knowledge(world, run[0] if table is None else table, run[1])


def with_failed_draws(world: World, failed: int) -> Knowledge:
    """Return what is known when ``failed`` draws of every row have no solution."""
    known = knowledge(world)
    values = known.indicators.values.copy()
    values[:, :failed] = np.nan
    return knowledge(world, Indicators(known.indicators.frame, values))


def test_few_failed_draws_leave_a_verdict_many_do_not(toy: Dossier, world: World) -> None:
    claim = claim_named(toy, "hill-people-in-ald")
    few, many = with_failed_draws(world, 10), with_failed_draws(world, 11)
    assert judge(claim, few, few).verdict is V.IMPRECISE
    lost = judge(claim, many, many)
    assert (lost.verdict, lost.reason) == (V.NO_DATA, "6% of draws have no solution")


def test_shares_are_over_solved_draws(toy: Dossier, world: World) -> None:
    known = with_failed_draws(world, 10)
    share = judge(claim_named(toy, "no-aid-from-cyr"), known, known).readings[0].share
    assert share == 1


def test_a_case_that_cannot_be_run_is_no_data(folder: Folder) -> None:
    """As known in spring 2025 the flow that the lever halts had not been published."""
    folder.swap(
        "flows.csv",
        "remittances,,CYR,ALD,120,,,USD million,2024,,",
        "remittances,,CYR,ALD,120,,,USD million,2024,2025-06-01,",
    )
    for year in ("2022,2023-03-15", "2023,2024-03-15"):
        folder.swap(
            "flows.csv",
            f"ALD,{'90' if year[3] == '2' else '105'},,,USD million,{year}",
            f"ALD,{'90' if year[3] == '2' else '105'},,,USD million,{year[:4]},2025-06-01",
        )
    study = cr.assess(folder.load(), draws=50, only=["halt-empties-pockets"])
    judged = study.judged["halt-empties-pockets"]
    assert judged.verdict is V.SUPPORTED
    assert judged.verdict_then is V.NO_DATA
    assert judged.reason_then.startswith("lever 'halt-remittances-ald', change 1: there is no flow")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0, "0"),
        (12.34567, "12.3"),
        (-0.00123456, "-0.00123"),
        (999.6, "1,000"),
        (1234.5, "1,230"),
        (19_949_999, "19,900,000"),
        (-1.5e-7, "-1.5e-07"),
    ],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text
