"""Ranges to draws: percentiles, bounds, and one stream for each figure."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import ndtr

from crossroads.draws import Z95, fill_range, quantile, sample, standard_normals
from crossroads.world import build_world
from tests.conftest import Folder

DRAWS = 4000
DEVIATES = standard_normals(["a figure"], DRAWS, 1)


def draw(value, low, high, sign):
    ends = (np.array([each], dtype=float) for each in (value, low, high))
    return sample(*ends, [sign], DEVIATES)[0]


RANGES = [
    (100, 80, 130, "positive"),
    (100, 99, 500, "positive"),
    (1e-9, 1e-12, 1e9, "positive"),
    (100, 0, 130, "positive"),
    (5, 5, 5, "positive"),
    (5, 5, 9, "positive"),
    (0, 0, 10, "positive"),
    (-20, -120, 60, "signed"),
    (-1.5, -2.5, -0.5, "signed"),
    (0, -1, 3, "signed"),
    (0.2, 0.05, 0.4, "share"),
    (0.98, 0.5, 0.999, "share"),
    (0.5, 0, 0.9, "share"),
    (0.5, 0.2, 1, "share"),
    (1, 0.9, 1, "share"),
    (0, 0, 0.2, "share"),
]


@pytest.mark.parametrize(("value", "low", "high", "sign"), RANGES)
def test_draws_pass_through_the_three_percentiles(value, low, high, sign):
    found = np.quantile(draw(value, low, high, sign), (0.05, 0.5, 0.95))
    if low == high:
        assert_array_equal(found, value)
        return
    if sign == "positive" and low > 0:
        assert_allclose(np.log(found), np.log((low, value, high)), atol=0.02 * np.log(high / low))
    else:
        assert_allclose(found, (low, value, high), atol=0.02 * (high - low))


@pytest.mark.parametrize(("value", "low", "high", "sign"), RANGES)
def test_quantiles_are_those_of_the_distribution(value, low, high, sign):
    ends = [quantile(value, low, high, sign, each) for each in (0.05, 0.5, 0.95)]
    assert_allclose(ends, (low, value, high), rtol=1e-9, atol=1e-9 * max(abs(low), abs(high)))
    drawn = np.sort(draw(value, low, high, sign))
    for probability in (0.2, 0.7):
        expected = quantile(value, low, high, sign, probability)
        assert_allclose(np.quantile(drawn, probability), expected, atol=0.02 * (high - low))


def test_shapes_are_those_of_the_literature():
    deviates = np.array([[-2.0, -1.0, 1.0, 2.0]])

    def at(value, low, high, sign):
        ends = (np.array([each], dtype=float) for each in (value, low, high))
        return sample(*ends, [sign], deviates)[0]

    below, above = np.log(100 / 80) / Z95, np.log(130 / 100) / Z95
    lognormal = 100 * np.exp([-2 * below, -below, above, 2 * above])
    assert_allclose(at(100, 80, 130, "positive"), lognormal)
    normal = [-20 - 200 / Z95, -20 - 100 / Z95, -20 + 80 / Z95, -20 + 160 / Z95]
    assert_allclose(at(-20, -120, 60, "signed"), normal)
    odds = 0.25 * np.exp(np.array([-2.0, -1.0]) * (np.log(0.25) - np.log(0.05 / 0.95)) / Z95)
    assert_allclose(at(0.2, 0.05, 0.4, "share")[:2], odds / (1 + odds))


def test_one_draw_is_the_value_itself_bit_for_bit():
    values = np.array([0.1, 1 / 3, 0.97, 0.0, 0.7])
    deviates = standard_normals("abcde", 1, 7)
    assert_array_equal(deviates, np.zeros((5, 1)))
    for sign in ("positive", "signed", "share"):
        drawn = sample(values, values * 0.5, (values + 1) / 2, [sign] * 5, deviates)
        assert_array_equal(drawn[:, 0], values)


@pytest.mark.parametrize("sign", ["positive", "signed", "share"])
def test_a_side_without_width_is_the_value_bit_for_bit(sign):
    assert_array_equal(draw(0.3, 0.3, 0.3, sign), 0.3)
    drawn = draw(0.3, 0.3, 0.6, sign)
    assert (drawn >= 0.3).all()
    assert np.mean(drawn == 0.3) == 0.5


@pytest.mark.parametrize("sign", ["positive", "signed", "share"])
def test_zero_without_a_range_is_exactly_zero(sign):
    assert fill_range(0, None, None, 0.4, sign) == (0, 0)
    assert_array_equal(draw(0, 0, 0, sign), np.zeros(DRAWS))


@pytest.mark.parametrize(("value", "low", "high", "sign"), RANGES)
def test_draws_respect_their_bounds(value, low, high, sign):
    drawn = draw(value, low, high, sign)
    assert np.isfinite(drawn).all()
    if sign != "signed":
        assert (drawn >= 0).all()
    if sign == "share":
        assert (drawn <= 1).all()
    if sign == "positive" and low > 0:
        assert (drawn > 0).all()


def test_a_default_range_is_a_factor_a_share_of_the_size_or_a_factor_on_the_odds():
    assert fill_range(100, None, None, 0.25, "positive") == (80, 125)
    assert fill_range(-100, None, None, 0.25, "signed") == (-125, -75)
    low, high = fill_range(0.5, None, None, 1.0, "share")
    assert_allclose((low, high), (1 / 3, 2 / 3))
    assert fill_range(1.0, None, None, 0.4, "share") == (1, 1)


def test_a_written_end_stays():
    assert fill_range(100, 90, None, 0.25, "positive") == (90, 125)
    assert fill_range(100, None, 101, 0.25, "positive") == (80, 101)
    assert fill_range(0, None, 5, 0.25, "positive") == (0, 5)
    assert fill_range(100, 90, 101, 0.25, "positive") == (90, 101)


def test_deviates_are_stratified():
    strata = np.floor(ndtr(standard_normals(["a", "b"], 100, 3)) * 100).astype(int)
    assert_array_equal(np.sort(strata, axis=1), np.tile(np.arange(100), (2, 1)))


def test_streams_do_not_hang_together():
    deviates = standard_normals([f"key {n}" for n in range(40)], 1000, 1)
    correlations = np.corrcoef(deviates)[np.triu_indices(40, 1)]
    assert np.abs(correlations).max() < 0.15


def test_streams_are_frozen():
    """Draws stay the same from one version to the next, or studies change under their readers."""
    assert_allclose(
        standard_normals(["facts:ALD/-/gdp_current/-/2024|value"], 4, 1)[0],
        FROZEN,
        rtol=1e-12,
    )


FROZEN = (-2.2101225565967724, 0.23488217117462384, -0.5778057820072854, 1.808034262373144)


KEYS = st.lists(st.text(max_size=8), min_size=1, max_size=6, unique=True)


@given(KEYS, st.integers(0, 2**32), st.data())
def test_other_keys_do_not_change_a_stream(keys, seed, data):
    shuffled = data.draw(st.permutations(keys))
    kept = shuffled[: data.draw(st.integers(1, len(keys)))]
    whole = dict(zip(keys, standard_normals(keys, 16, seed), strict=True))
    for key, stream in zip(kept, standard_normals(kept, 16, seed), strict=True):
        assert_array_equal(stream, whole[key])


@given(st.text(max_size=8), st.integers(0, 2**32), st.integers(0, 2**32))
def test_seeds_and_keys_make_streams(key, one, other):
    first, second = (standard_normals([key], 32, seed) for seed in (one, other))
    assert (one == other) == np.array_equal(first, second)
    assert not np.array_equal(first, standard_normals([key + "x"], 32, one))


SIZES = st.floats(1e-6, 1e6)
WIDTHS = st.just(1.0) | st.floats(1.001, 1e3)


@given(SIZES, WIDTHS, WIDTHS, st.sampled_from(["positive", "signed"]))
def test_any_range_is_met(value, below, above, sign):
    low, high = value / below, value * above
    drawn = draw(value, low, high, sign)
    assert np.isfinite(drawn).all()
    assert np.mean(drawn < low) <= 0.055
    assert np.mean(drawn > high) <= 0.055
    assert below == 1 or np.mean(drawn < low) >= 0.045
    assert above == 1 or np.mean(drawn > high) >= 0.045
    assert_allclose(np.median(drawn), value, rtol=0.02 * max(below, above))


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_shares_stay_shares(one, two, three):
    low, value, high = sorted((one, two, three))
    drawn = draw(value, low, high, "share")
    assert ((drawn >= 0) & (drawn <= 1)).all()


@given(st.floats(-1e6, 1e6), st.floats(0, 2), st.sampled_from(["positive", "signed", "share"]))
def test_a_default_range_holds_its_value(value, spread, sign):
    value = abs(value) if sign == "positive" else abs(value) / 1e6 if sign == "share" else value
    low, high = fill_range(value, None, None, spread, sign)
    assert low <= value <= high
    assert sign != "share" or 0 <= low <= high <= 1


# --- In a world: rows added, removed and reordered


def draws_by_row(folder: Folder, seed: int = 1):
    world = build_world(folder.load(), draws=20, seed=seed)
    return {
        (row, figure): values[place].tobytes()
        for table in world.tables.values()
        for figure, values in table.figures.items()
        for row, place in table.places.items()
    }


def test_other_rows_do_not_change_a_rows_draws(make_folder):
    before = draws_by_row(make_folder("before"))
    reordered = make_folder("reordered")
    for file in ("facts.csv", "flows.csv", "barriers.csv", "links.csv", "sources.csv"):
        header, *rows = reordered.text(file).splitlines()
        reordered.write(file, "\n".join([header, *reversed(rows)]) + "\n")
    assert draws_by_row(reordered) == before
    added = make_folder("added")
    added.add("facts.csv", "CYR,,gdp_current,,9000,8000,9900,USD million,2024,,wire,,,")
    added.add("flows.csv", "aid,,CYR,DOR,9,8,10,USD million,2024,,wire,,,")
    after = draws_by_row(added)
    assert len(after) == len(before) + 2
    assert {key: after[key] for key in before} == before
    removed = make_folder("removed")
    text = removed.text("facts.csv")
    removed.write("facts.csv", "\n".join(x for x in text.splitlines() if "gdp_growth" not in x))
    after = draws_by_row(removed)
    assert len(after) == len(before) - 2
    assert {key: before[key] for key in after} == after


def test_a_name_in_the_first_column_is_part_of_the_key(folder):
    """Two rows with the same figures have draws of their own."""
    draws = draws_by_row(folder)
    twins = [draws[f"facts:{twin}/-/gdp_current/-/2024", "value"] for twin in ("ALD", "BRU")]
    assert twins[0] != twins[1]


def test_seeds_differ(folder):
    one, two = draws_by_row(folder, 1), draws_by_row(folder, 2)
    assert one.keys() == two.keys()
    same = {key for key in one if one[key] == two[key]}
    assert ("flows:aid/-/CYR/ALD/2024", "value") in same
    assert len(same) < len(one) / 2


def test_rows_of_one_tie_share_a_draw(world):
    flows = world["flows"]
    rows = flows.frame.filter(pl.col("tie") == "cyr-transfers")["row"].to_list()
    assert len(rows) == 6
    steps = [flows.values[flows.places[row]] / flows.spans["value"][row][0] for row in rows]
    for each in steps[1:]:
        assert_allclose(each, steps[0], rtol=1e-12)
    free = flows.places["flows:remittances/-/DOR/ALD/2024"]
    assert not np.allclose(flows.values[free] / 30e6, steps[0])


def test_vintages_of_a_figure_share_a_draw(toy, world):
    row = "facts:ALD/-/budget_revenue/-/2024"
    then = world.as_known(toy.meta.documents["essay"].date)["facts"]
    now = world["facts"]
    old = then.values[then.places[f"{row}@2025-02-28"]]
    new = now.values[now.places[f"{row}@2026-03-31"]]
    assert_allclose(new / old, 3000 / 2400)
