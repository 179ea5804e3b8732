"""The tidy table: building, selecting, differencing, summarising."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from crossroads.errors import EngineError
from crossroads.indicators import BASELINE, INDEX, Builder, Gap, Indicators, percentiles

GOODS = ("ALD", "CYR", "goods", "2024")
AID = ("ALD", "DOR", "aid", "2024")


def built(*values: list[float], cells: tuple[tuple[str, str, str, str], ...] = ()) -> Indicators:
    """Return rows of one indicator, one for each list of draws."""
    draws = np.array(values, dtype=float)
    named = list(cells) or [("ALD", "CYR", f"item-{place}", "2024") for place in range(len(values))]
    build = Builder("toy", draws.shape[1])
    build.rows("amount", named, "USD", draws, [[f"flows:{cell[2]}"] for cell in named])
    return build.build()


def case(scenario: str, table: Indicators, horizon: str = "short") -> Indicators:
    return table.stamped(scenario, horizon)


def test_a_table_has_the_columns_of_the_index_then_unit_and_inputs() -> None:
    table = built([1.0, 2.0])
    assert table.frame.columns == [*INDEX, "unit", "inputs"]
    assert table.frame.schema == pl.Schema(
        dict.fromkeys((*INDEX, "unit"), pl.String) | {"inputs": pl.List(pl.String)}
    )
    assert Indicators.empty(3).frame.schema == table.frame.schema
    assert Indicators.empty(3).values.shape == (0, 3)


def test_two_rows_of_one_name_are_refused() -> None:
    with pytest.raises(EngineError, match=r"toy gives two rows named .*'goods', '2024'"):
        built([1.0], [2.0], cells=(GOODS, GOODS))


@pytest.mark.parametrize(
    ("shape", "inputs"), [((1, 4), 1), ((2, 3), 1), ((1, 3), 2)], ids=["draws", "rows", "inputs"]
)
def test_rows_of_the_wrong_shape_are_refused(shape: tuple[int, int], inputs: int) -> None:
    with pytest.raises(EngineError, match="toy/amount: 1 rows of 3 draws"):
        Builder("toy", 3).rows("amount", [GOODS], "USD", np.zeros(shape), [["x"]] * inputs)


@pytest.mark.parametrize(
    ("periods", "says"),
    [
        ((), "no total"),
        (("2024",), "no total for 2024"),
        (("2022", "2023", "2025-Q1"), "no total for 2022, 2023, 2025-Q1"),
        (("2021", "2022", "2023", "2025-Q1"), "no total for 4 periods, 2021 to 2025-Q1"),
    ],
)
def test_a_gap_says_for_which_periods(periods: tuple[str, ...], says: str) -> None:
    gap = Gap("toy", "amount", "ALD", "CYR", "goods", "no total", "flows", periods)
    assert str(gap) == f"amount of ALD with CYR (goods): {says} (flows)"


def test_gaps_are_kept_once_and_without_rows_too() -> None:
    gap = Gap("toy", "amount", "ALD", "CYR", "goods", "no total", "flows")
    build = Builder("toy", 2)
    build.gaps([gap, gap])
    table = build.build()
    assert set(table.gaps) == {gap}
    assert Indicators.concat([table, table]).gaps == (gap,)
    assert str(gap) == "amount of ALD with CYR (goods): no total (flows)"


def test_where_takes_one_word_or_several() -> None:
    table = built([1.0], [2.0], cells=(GOODS, AID))
    assert table.where(item="aid").values.tolist() == [[2.0]]
    assert len(table.where(item=["aid", "goods"], actor="ALD")) == 2
    assert len(table.where(actor="BRU")) == 0


def test_changed_rows_are_those_with_other_draws_or_names() -> None:
    before = case(BASELINE, built([1.0, 2.0], [3.0, 4.0], [5.0, np.nan]))
    after = case("halt", built([1.0, 2.0], [3.0, 4.5], [5.0, np.nan], [7.0, 8.0]))
    changed = after.changed_from(before)
    assert changed.frame["item"].to_list() == ["item-1", "item-3"]
    assert len(before.changed_from(before)) == 0


def test_completing_gives_back_what_was_left_out() -> None:
    before = case(BASELINE, built([1.0], [3.0]))
    after = case("halt", built([1.0], [2.0]))
    whole = after.changed_from(before).completed(before, "halt")
    assert set(whole.frame["scenario"]) == {"halt"}
    rows = zip(whole.frame["item"], whole.values[:, 0], strict=True)
    assert dict(rows) == {"item-0": 1.0, "item-1": 2.0}


def test_a_part_has_a_case_s_own_rows_then_the_baseline_s() -> None:
    before = case(BASELINE, built([1.0], [3.0]))
    after = case("halt", built([1.0], [2.0])).changed_from(before)
    table = Indicators.concat([before, after])
    part = table.part("halt", "short", "toy", "amount")
    assert part is not None
    assert dict(zip(part["item"], part["place"], strict=True)) == {"item-1": 2, "item-0": 0}
    assert table.part("halt", "long", "toy", "amount") is None
    assert table.part("other", "short", "toy", "amount") is not None


def test_changes_are_taken_at_one_horizon() -> None:
    before = Indicators.concat(
        [case(BASELINE, built([10.0]), "short"), case(BASELINE, built([20.0]), "long")]
    )
    after = case("halt", built([5.0]), "long")
    assert after.against(before).values.tolist() == [[-15.0]]
    relative = after.against(before, "relative")
    assert relative.values.tolist() == [[-0.75]]
    assert relative.frame["unit"].to_list() == ["share"]
    assert after.against(before).frame["unit"].to_list() == ["USD"]


def test_a_relative_change_is_against_the_size_of_a_negative_figure() -> None:
    before, after = case(BASELINE, built([-10.0])), case("halt", built([-15.0]))
    assert after.against(before, "relative").values.tolist() == [[-0.5]]


def test_no_change_is_zero_even_of_zero() -> None:
    before, after = case(BASELINE, built([0.0, 4.0])), case("halt", built([0.0, 4.0]))
    assert after.against(before, "relative").values.tolist() == [[0.0, 0.0]]


def test_what_the_baseline_lacks() -> None:
    before = case(BASELINE, built([10.0]))
    after = case("halt", built([5.0], [7.0]))
    assert after.against(before).values.tolist() == [[-5.0], [7.0]]
    assert after.against(before, "relative").values.tolist() == [[-0.5]]


def test_percentiles_are_numpy_s() -> None:
    values = np.random.default_rng(3).lognormal(size=(20, 137))
    found = percentiles(values)
    assert np.allclose(found[:, :3].T, np.quantile(values, (0.5, 0.05, 0.95), axis=1), rtol=1e-12)
    assert np.allclose(found[:, 3], values.mean(axis=1), rtol=1e-12)


def test_percentiles_of_one_draw_are_the_draw() -> None:
    assert percentiles(np.array([[4.0]])).tolist() == [[4.0, 4.0, 4.0, 4.0]]


def test_percentiles_leave_failed_draws_out_up_to_a_twentieth() -> None:
    values = np.tile(np.arange(100.0), (2, 1))
    values[0, :5] = values[1, :6] = np.nan
    found = percentiles(values)
    assert found[0].tolist() == pytest.approx([52, 9.7, 94.3, 52])
    assert np.isnan(found[1]).all()


def test_the_summary_has_a_row_each_and_no_draws() -> None:
    summary = built([1.0, 3.0], [5.0, 5.0]).summary()
    assert summary.columns == [*INDEX, "unit", "median", "p05", "p95", "mean"]
    assert summary["median"].to_list() == [2.0, 5.0]
    assert summary["p05"].to_list() == pytest.approx([1.1, 5.0])


def test_tables_are_not_changed_by_what_is_asked_of_them() -> None:
    before, after = case(BASELINE, built([1.0])), case("halt", built([2.0]))
    held = after.values.copy()
    after.against(before)
    after.against(before, "relative")
    after.changed_from(before)
    after.stamped("other", "long")
    assert np.array_equal(after.values, held)
    assert after.frame["scenario"].to_list() == ["halt"]
