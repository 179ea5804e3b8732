"""The accounting and the sampling against closed forms, published numbers and scipy."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import crossroads as cr
from crossroads.claims import ClaimedSet, Verdict
from crossroads.claims.verdict import judge_draws
from crossroads.dossier import Dossier
from crossroads.draws import Z95, sample, standard_normals
from crossroads.engines.exposure.measures import (
    asymmetry,
    cover,
    growth,
    herfindahl,
    ratio,
    volatility,
)
from crossroads.world import World

Floats = NDArray[np.float64]


def column(*values: float) -> Floats:
    """Return amounts ``[partner, draw]`` in one draw."""
    return np.array(values, dtype=float)[:, None]


# --- measures


@pytest.mark.parametrize(
    ("shares", "points"),
    [
        # US Department of Justice and Federal Trade Commission, Herfindahl-Hirschman Index:
        # four firms of 30, 30, 20 and 20 per cent have 2,600
        ((30, 30, 20, 20), 2600),
        # ten firms of ten per cent have 1,000; a monopoly 10,000
        ((10,) * 10, 1000),
        ((100,), 10000),
        # the Federal Reserve's example of a market of nine banks has 2,000
        ((29, 24, 19, 10, 10, 4, 2, 1, 1), 2000),
    ],
)
def test_concentration_as_published(shares: tuple[float, ...], points: float) -> None:
    assert herfindahl(column(*shares))[0] * 10_000 == pytest.approx(points)


def test_concentration_does_not_depend_on_the_unit_and_has_its_bounds() -> None:
    amounts = np.random.default_rng(1).lognormal(size=(7, 50))
    found = herfindahl(amounts)
    assert np.allclose(herfindahl(amounts * 1e9), found, rtol=1e-12)
    assert np.all((found > 1 / 7) & (found < 1))
    shares = amounts / amounts.sum(axis=0)
    # H = 1/n + n var(s), an identity
    assert np.allclose(found, 1 / 7 + 7 * shares.var(axis=0), rtol=1e-12)


def test_asymmetry_is_the_difference_of_shares_and_changes_sign_with_the_side() -> None:
    tie, a, b = np.array([10.0]), np.array([20.0]), np.array([100.0])
    assert asymmetry(tie, a, b)[0] == pytest.approx(0.5 - 0.1)
    assert asymmetry(tie, b, a)[0] == pytest.approx(0.1 - 0.5)


def test_growth_is_numpy_s_difference() -> None:
    series = np.random.default_rng(2).lognormal(size=(2, 30))
    expected = np.diff(series, axis=0)[0] / series[0]
    assert np.allclose(growth(series[0], series[1]), expected, rtol=1e-12)


def test_volatility_is_the_standard_deviation_of_log_returns() -> None:
    series = np.random.default_rng(3).lognormal(size=(6, 4))
    for draw, found in enumerate(volatility(series)):
        returns = [float(np.log(b / a)) for a, b in zip(series[:, draw], series[1:, draw])]  # noqa: B905
        assert found == pytest.approx(statistics.stdev(returns))
    steady = 100 * 1.07 ** np.arange(5.0)
    assert volatility(steady[:, None])[0] == pytest.approx(0, abs=1e-12)


def test_volatility_of_a_series_that_stopped_is_unknown() -> None:
    assert np.isnan(volatility(column(3, 0, 2)))[0]


def test_nothing_is_no_share_of_nothing() -> None:
    nothing, some = np.zeros(1), np.ones(1)
    assert np.isnan(ratio(some, nothing))[0]
    assert np.isnan(cover(some, nothing))[0]
    assert np.isnan(herfindahl(column(0, 0)))[0]
    assert cover(np.array([900.0]), np.array([300.0]))[0] == 3


# --- the toy, worked out by hand from its tables


BY_HAND = [
    # imports of Aldland: 600 from Cyrland, 300 from Dorland, 50 from Bruland; exports 400, 200, 50
    ("import_dependence", "ALD", "CYR", "goods", 600 / 950),
    ("export_dependence", "ALD", "CYR", "goods", 400 / 650),
    ("supplier_concentration", "ALD", "", "goods", (600**2 + 300**2 + 50**2) / 950**2),
    ("customer_concentration", "ALD", "", "goods", (400**2 + 200**2 + 50**2) / 650**2),
    ("balance", "ALD", "CYR", "goods", -200e6),
    # all trade: Aldland 1,600, Cyrland 400 + 400 + 800 + 600 + 600 + 900 = 3,700
    ("asymmetry", "ALD", "CYR", "goods", 1000 / 1600 - 1000 / 3700),
    # transfers over the reported total, though the senders listed make up less
    ("import_dependence", "ALD", "CYR", "remittances", 120 / 160),
    # 3,000 million florins at two to the dollar
    ("flow_to_fact", "ALD", "CYR", "remittances/budget_revenue", 120 / 1500),
    ("inflow", "ALD", "CYR", "services", 40e6),
    ("inflow_growth", "ALD", "CYR", "remittances", 120 / 105 - 1),
    ("supply_dependence", "ALD", "CYR", "gas", 500 / 600),
    ("fact_share", "ALD", "HILLFOLK", "population", 0.3 / 2),
]


@pytest.mark.parametrize(("indicator", "actor", "counterpart", "item", "value"), BY_HAND)
def test_the_toy_by_hand(
    central: World, indicator: str, actor: str, counterpart: str, item: str, value: float
) -> None:
    table, _ = cr.run(central, cr.cases_of(central.dossier, []), cr.ENGINES)
    found = table.where(
        indicator=indicator, actor=actor, counterpart=counterpart, item=item, horizon="short"
    )
    recent = found.where(period=["2024", "2024-07-01"])
    assert recent.values[:, 0].tolist() == [pytest.approx(value, rel=1e-12)]


REMITTANCES, FRUIT, GRAIN = 120 * (1 - 0.2), 100 * 0.95, 80 * 0.95 * (1 - 0.4)
LOST = REMITTANCES + FRUIT

UNDER_LEVERS = [
    # squeeze-ald: a halt that a fifth leaks from, a ban and a cap that a twentieth leaks from
    ("squeeze-ald", "exposed_income", "ALD", "CYR", "remittances", REMITTANCES * 1e6),
    ("squeeze-ald", "exposed_income", "ALD", "CYR", "goods:fruit", FRUIT * 1e6),
    ("squeeze-ald", "exposed_supply", "CYR", "ALD", "goods:fruit", FRUIT * 1e6),
    ("squeeze-ald", "exposed_supply", "ALD", "CYR", "goods:grain", GRAIN * 1e6),
    ("squeeze-ald", "exposed_income", "ALD", "", "all", LOST * 1e6),
    ("squeeze-ald", "exposed_income", "CYR", "", "all", GRAIN * 1e6),
    ("squeeze-ald", "exposed_income_to_fact", "ALD", "", "all/gdp_current", LOST / 6000),
    ("squeeze-ald", "buffer_cover", "ALD", "", "strategic_reserves", 900 / LOST),
    # what is left of the transfers, also in the reported total they are part of
    ("squeeze-ald", "inflow", "ALD", "CYR", "remittances", 24e6),
    ("squeeze-ald", "inflow", "ALD", "WLD", "remittances", 64e6),
    ("squeeze-ald", "import_dependence", "ALD", "CYR", "remittances", 24 / 64),
]  # fmt: skip


@pytest.mark.parametrize(
    ("scenario", "indicator", "actor", "counterpart", "item", "value"), UNDER_LEVERS
)
def test_the_toy_under_levers_by_hand(
    toy: Dossier,
    central: World,
    scenario: str,
    indicator: str,
    actor: str,
    counterpart: str,
    item: str,
    value: float,
) -> None:
    table, _ = cr.run(central, cr.cases_of(toy, [scenario]), cr.ENGINES)
    found = table.where(
        scenario=scenario, indicator=indicator, actor=actor, counterpart=counterpart, item=item
    )
    now = [row for row in found.frame["period"].unique() if row.startswith("2024")]
    assert len(now) == 1
    assert found.where(period=now).values[:, 0] == pytest.approx(value, rel=1e-12)


# --- draws


def drawn(value: float, low: float, high: float, sign: str, draws: int = 4000) -> Floats:
    deviates = standard_normals([f"{sign}/{value}/{low}/{high}"], draws, 1)
    return sample(np.array([value]), np.array([low]), np.array([high]), [sign], deviates)[0]


PROBABILITIES = np.array([0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99])


@pytest.mark.parametrize(
    ("value", "low", "high"), [(100, 70, 180), (3, 2.9, 9), (1e-6, 1e-7, 2e-6)]
)
def test_positive_figures_are_two_piece_lognormal(value: float, low: float, high: float) -> None:
    below = stats.lognorm(s=np.log(value / low) / stats.norm.ppf(0.95), scale=value)
    above = stats.lognorm(s=np.log(high / value) / stats.norm.ppf(0.95), scale=value)
    expected = np.where(PROBABILITIES < 0.5, below.ppf(PROBABILITIES), above.ppf(PROBABILITIES))
    found = drawn(value, low, high, "positive")
    assert np.quantile(found, PROBABILITIES) == pytest.approx(expected, rel=0.01)
    exact = sample(
        np.full(7, value),
        np.full(7, low),
        np.full(7, high),
        ["positive"] * 7,
        stats.norm.ppf(PROBABILITIES)[:, None],
    )[:, 0]
    assert exact == pytest.approx(expected, rel=1e-9)
    assert exact[[1, 3, 5]] == pytest.approx([low, value, high], rel=1e-9)


def test_signed_figures_are_two_piece_normal() -> None:
    below, above = stats.norm(-20, 100 / Z95), stats.norm(-20, 80 / Z95)
    expected = np.where(PROBABILITIES < 0.5, below.ppf(PROBABILITIES), above.ppf(PROBABILITIES))
    assert np.quantile(drawn(-20, -120, 60, "signed"), PROBABILITIES) == pytest.approx(
        expected, abs=1.5
    )


def test_shares_are_normal_on_the_logit_scale() -> None:
    found = drawn(0.2, 0.1, 0.4, "share")
    below = stats.norm(np.log(0.25), (np.log(0.25) - np.log(1 / 9)) / Z95)
    above = stats.norm(np.log(0.25), (np.log(2 / 3) - np.log(0.25)) / Z95)
    odds = np.exp(np.where(PROBABILITIES < 0.5, below.ppf(PROBABILITIES), above.ppf(PROBABILITIES)))
    assert np.quantile(found, PROBABILITIES) == pytest.approx(odds / (1 + odds), rel=0.02)


def test_z95_is_scipy_s() -> None:
    assert pytest.approx(stats.norm.ppf(0.95), rel=1e-15) == Z95


# --- verdicts


def between(low: float | None, high: float | None) -> ClaimedSet:
    return ClaimedSet("between", low, high, 100, 0.0, "ratio", 1.0)


@pytest.mark.parametrize(
    ("low", "high"), [(80, 150), (None, 120), (95, None), (40, 60), (150, 400), (300, None)]
)
def test_the_share_in_a_set_is_the_distribution_s(low: float | None, high: float | None) -> None:
    below = stats.lognorm(s=np.log(100 / 70) / Z95, scale=100)
    above = stats.lognorm(s=np.log(180 / 100) / Z95, scale=100)

    def up_to(x: float) -> float:
        return float(below.cdf(x) if x < 100 else above.cdf(x))

    share = (1 if high is None else up_to(high)) - (0 if low is None else up_to(low))
    meets = (low is None or low <= 180) and (high is None or high >= 70)
    expected = (
        Verdict.SUPPORTED if share >= 0.9 else Verdict.IMPRECISE if meets else Verdict.CONTRADICTED
    )
    found = judge_draws(between(low, high), drawn(100, 70, 180, "positive"))
    # a stratified sample is out by no more than one stratum at each end
    assert found.share == pytest.approx(share, abs=2 / 4000)
    assert found.verdict is expected


def test_a_figure_cut_off_at_zero_has_the_tail_at_zero() -> None:
    """10, 0 to 40: below the median a half normal, cut off at 0; a twentieth lies on it."""
    found = drawn(10, 0, 40, "positive")
    low = stats.truncnorm(-Z95, 0, loc=10, scale=10 / Z95)
    assert np.mean(found == 0) == pytest.approx(0.05, abs=1 / 4000)
    inside = found[(found > 0) & (found < 10)]
    assert stats.kstest(inside, low.cdf).statistic < 1e-3
    assert judge_draws(between(0, None), found).share == 1
    assert judge_draws(between(1e-9, None), found).share == pytest.approx(0.95, abs=1 / 4000)


# --- drivers


def test_drivers_are_scipy_s_rank_correlations(toy: Dossier) -> None:
    study = cr.assess(toy, draws=150, seed=3)
    compared = 0
    for name, explanation in study.explanations.items():
        of = explanation.of
        for driver in explanation.drivers:
            assert of is not None
            table = study.world.reported[driver.row.partition(":")[0]]
            inputs = table.figures[driver.figure][table.places[driver.row]]
            rho = stats.spearmanr(inputs, of.draws).statistic
            assert driver.share == pytest.approx(rho**2, rel=1e-9), (name, driver)
            compared += 1
    assert compared > 20


def test_drivers_with_ties_are_scipy_s_too() -> None:
    from crossroads.claims.explain import _ranks

    random = np.random.default_rng(5)
    inputs, found = random.integers(0, 4, (6, 80)).astype(float), random.integers(0, 9, 80) * 1.0
    shares = np.square(_ranks(inputs) @ _ranks(found))
    expected = [stats.spearmanr(each, found).statistic ** 2 for each in inputs]
    assert shares == pytest.approx(expected, rel=1e-9)
