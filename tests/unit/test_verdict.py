"""The verdict rules on draws whose answer is plain."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from crossroads.claims import ClaimedSet, Verdict
from crossroads.claims.verdict import Judgement, judge_draws, together
from crossroads.entries import Claimed, Quantity
from crossroads.schema import package_vocabulary

SUPPORTED, CONTRADICTED, IMPRECISE = (
    Verdict.SUPPORTED,
    Verdict.CONTRADICTED,
    Verdict.IMPRECISE,
)


def claimed(wording: str, low: float, high: float | None = None, unit: str = "ratio") -> ClaimedSet:
    """Return what a wording claims of a figure, by the package's table."""
    vocabulary = package_vocabulary()
    ends = Quantity(low, unit), Quantity(low if high is None else high, unit)
    return ClaimedSet.of(Claimed(vocabulary.wordings[wording], *ends, line=1), vocabulary)


def one_to(n: int) -> NDArray[np.float64]:
    return np.arange(1.0, n + 1)


@pytest.mark.parametrize(
    ("wording", "low", "high", "tolerance"),
    [
        ("exactly", 200, 200, 0),
        ("is", 190, 210, 0.05),
        ("about", 180, 220, 0.1),
        ("roughly", 160, 240, 0.2),
        ("nearly", 180, 200, 0),
        ("over", 200, None, 0),
        ("at_least", 200, None, 0),
        ("under", None, 200, 0),
        ("at_most", None, 200, 0),
        ("up_to", None, 200, 0),
    ],
)
def test_wordings(wording: str, low: float | None, high: float | None, tolerance: float) -> None:
    found = claimed(wording, 200)
    assert found.low == (None if low is None else pytest.approx(low))
    assert found.high == (None if high is None else pytest.approx(high))
    assert found.tolerance == pytest.approx(tolerance)
    assert found.anchor == 200


def test_the_table_of_wordings_is_frozen() -> None:
    """A wording more, or another tolerance, is a decision: it changes verdicts everywhere."""
    assert set(package_vocabulary().wordings) == {
        *("exactly", "is", "about", "roughly", "nearly", "over", "at_least", "under"),
        *("at_most", "up_to", "between"),
    }


def test_between_takes_both_ends_and_the_larger_is_the_anchor() -> None:
    found = claimed("between", -20, 30)
    assert (found.low, found.high, found.anchor, found.tolerance) == (-20, 30, 30, 0)
    assert claimed("between", -30, 20).anchor == 30


def test_a_tolerance_on_a_negative_figure_keeps_its_ends_in_order() -> None:
    found = claimed("about", -200)
    assert (found.low, found.high) == (pytest.approx(-220), pytest.approx(-180))


def test_units_are_taken_to_base() -> None:
    found = claimed("over", 7, unit="%")
    assert (found.low, found.unit, found.factor) == (pytest.approx(0.07), "%", 0.01)


@pytest.mark.parametrize(
    ("low", "verdict", "share"),
    [
        (1, SUPPORTED, 1.0),
        (11, SUPPORTED, 0.9),  # 90 of 100 draws: enough
        (12, IMPRECISE, 0.89),
        (95, IMPRECISE, 0.06),  # the 95th percentile is 95.05
        (96, CONTRADICTED, 0.05),
        (101, CONTRADICTED, 0.0),
    ],
)
def test_one_bound(low: float, verdict: Verdict, share: float) -> None:
    found = judge_draws(claimed("at_least", low), one_to(100))
    assert (found.verdict, found.share) == (verdict, pytest.approx(share))


def test_ends_are_included() -> None:
    assert judge_draws(claimed("between", 3, 3), np.full(5, 3.0)).verdict is SUPPORTED
    assert judge_draws(claimed("at_most", 3), np.full(5, 3.0)).share == 1
    assert judge_draws(claimed("at_least", 3), np.full(5, 3.0)).share == 1


def test_c_and_r_that_touch_meet() -> None:
    draws = np.array([0.0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2])
    assert tuple(np.quantile(draws, (0.05, 0.95))) == (1, 1)
    assert judge_draws(claimed("between", 1, 9), draws).verdict is SUPPORTED
    assert judge_draws(claimed("between", 1.01, 9), draws).verdict is CONTRADICTED
    spread = np.linspace(0, 100, 101)
    assert judge_draws(claimed("at_least", 95), spread).verdict is IMPRECISE
    assert judge_draws(claimed("at_least", 95.001), spread).verdict is CONTRADICTED


def test_one_draw_is_judged_as_a_point() -> None:
    assert judge_draws(claimed("about", 100), np.array([109.0])).verdict is SUPPORTED
    assert judge_draws(claimed("about", 100), np.array([111.0])).verdict is CONTRADICTED


def widened(to: ClaimedSet, tolerance: float) -> ClaimedSet:
    """Return the set at another tolerance around the figure said."""
    by = (tolerance - to.tolerance) * to.anchor
    return ClaimedSet(
        to.wording,
        None if to.low is None else to.low - by,
        None if to.high is None else to.high + by,
        to.anchor,
        tolerance,
        to.unit,
        to.factor,
    )


def assert_flips(to: ClaimedSet, draws: NDArray[np.float64]) -> Judgement:
    """The verdict holds up to the tolerance named, and beyond it is the one named."""
    judged = judge_draws(to, draws)
    flip = judged.flips_at
    assert flip is not None
    assert flip.verdict is not judged.verdict
    way = math.copysign(1e-7, flip.tolerance - to.tolerance)
    assert judge_draws(widened(to, flip.tolerance - way), draws).verdict is judged.verdict
    assert judge_draws(widened(to, flip.tolerance + way), draws).verdict is flip.verdict
    return judged


def test_a_supported_claim_flips_where_a_tenth_of_the_draws_falls_out() -> None:
    judged = assert_flips(claimed("at_least", 5), one_to(100))
    assert judged.flips_at is not None
    assert judged.flips_at.tolerance == pytest.approx((5 - 11) / 5)
    assert judged.flips_at.verdict is IMPRECISE


def test_a_contradicted_claim_flips_where_c_meets_r() -> None:
    judged = assert_flips(claimed("about", 200), one_to(100))
    assert judged.flips_at is not None
    assert judged.flips_at.tolerance == pytest.approx((200 - 95.05) / 200)
    assert judged.flips_at.verdict is IMPRECISE


def test_an_imprecise_claim_flips_to_the_nearer_side() -> None:
    nearer = assert_flips(claimed("at_least", 20), one_to(100)).flips_at
    further = assert_flips(claimed("at_least", 90), one_to(100)).flips_at
    assert nearer is not None
    assert further is not None
    assert (nearer.verdict, further.verdict) == (SUPPORTED, CONTRADICTED)
    assert nearer.tolerance == pytest.approx((20 - 11) / 20)
    assert further.tolerance == pytest.approx((90 - 95.05) / 90)


def test_a_claim_about_a_certain_figure_flips_from_one_side_to_the_other() -> None:
    certain = np.full(50, 100.0)
    assert_flips(claimed("about", 95), certain)
    assert_flips(claimed("about", 80), certain)
    assert_flips(claimed("over", 90), certain)
    assert_flips(claimed("under", 90), certain)


def test_no_set_is_narrowed_past_the_figure_said() -> None:
    """From 40 to 200, about 50: no tolerance at all would contradict it."""
    judged = assert_flips(claimed("about", 50), np.linspace(40, 200, 400))
    assert judged.verdict is IMPRECISE
    assert judged.flips_at is not None
    assert judged.flips_at.verdict is SUPPORTED


def test_a_claim_of_zero_has_no_tolerance() -> None:
    assert judge_draws(claimed("at_least", 0), one_to(9)).flips_at is None


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        ([], Verdict.NO_DATA),
        ([Verdict.NO_DATA], Verdict.NO_DATA),
        ([SUPPORTED], SUPPORTED),
        ([SUPPORTED, SUPPORTED], SUPPORTED),
        ([SUPPORTED, Verdict.NO_DATA], SUPPORTED),
        ([SUPPORTED, IMPRECISE], Verdict.MIXED),
        ([SUPPORTED, CONTRADICTED, Verdict.NO_DATA], Verdict.MIXED),
        ([Verdict.OPEN, CONTRADICTED], Verdict.MIXED),
    ],
)
def test_readings_together(verdicts: list[Verdict], whole: Verdict) -> None:
    assert together(verdicts) is whole
