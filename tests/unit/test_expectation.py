"""Which row a reading means."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from crossroads.claims import Reading
from crossroads.claims.expectation import end_of, select, values_of
from crossroads.indicators import INDEX, Gap, Indicators

LONG_AGO, TODAY = date(2000, 1, 1), date(2026, 6, 30)


def table(*rows: tuple[str, ...], gaps: tuple[Gap, ...] = ()) -> Indicators:
    """Return rows of (scenario, actor, counterpart, item, period); row k has the draws k, 2k."""
    cells = [
        (scenario, "short", "exposure", "inflow", *rest, "USD", [f"flows:{place}"])
        for place, (scenario, *rest) in enumerate(rows, 1)
    ]
    schema = dict.fromkeys((*INDEX, "unit"), pl.String) | {"inputs": pl.List(pl.String)}
    frame = pl.DataFrame(cells, schema=schema, orient="row")
    values = np.array([[place, 2.0 * place] for place in range(1, len(rows) + 1)])
    return Indicators(frame, values.reshape(-1, 2), gaps)


def reading(
    scenario: str = "baseline",
    change: str | None = None,
    period: str | None = None,
    target: str = "exposure/inflow",
    **cells: str,
) -> Reading:
    return Reading(
        "one", "indicator", target, None, cells, scenario, "short", change, period,
        {}, {}, False, None, "", 1,
    )  # fmt: skip


YEARS = table(
    ("baseline", "ALD", "CYR", "goods", "2022"),
    ("baseline", "ALD", "CYR", "goods", "2023"),
    ("baseline", "ALD", "CYR", "goods", "2024"),
    ("baseline", "ALD", "CYR", "goods", "2025-Q1"),
)
GOODS = {"actor": "ALD", "counterpart": "CYR", "item": "goods"}


@pytest.mark.parametrize(
    ("written", "period", "place"),
    [
        (date(2025, 3, 31), None, 2),  # the quarter has ended, and is no whole year
        (date(2024, 12, 31), None, 2),
        (date(2024, 12, 30), None, 1),
        (LONG_AGO, "2023", 1),
        (LONG_AGO, "2023-01-01/2023-12-31", 1),  # the same days in other words
        (TODAY, "2025-Q1", 3),
    ],
)
def test_the_period_given_or_the_latest_that_had_ended(
    written: date, period: str | None, place: int
) -> None:
    found = select(reading(period=period, **GOODS), YEARS, written)
    assert (found.place, found.missing, found.candidates) == (place, "", ())
    assert found.inputs == (f"flows:{place + 1}",)


def test_part_years_count_where_there_is_no_whole_one() -> None:
    parts = table(
        ("baseline", "ALD", "CYR", "goods", "2024-Q4"),
        ("baseline", "ALD", "CYR", "goods", "2025-Q1"),
    )
    assert select(reading(**GOODS), parts, date(2025, 3, 31)).place == 1
    assert select(reading(**GOODS), parts, date(2025, 3, 30)).place == 0


def test_a_stock_on_a_day_stands_beside_years() -> None:
    both = table(
        ("baseline", "ALD", "", "stocks", "2023"), ("baseline", "ALD", "", "stocks", "2024-12-31")
    )
    assert select(reading(actor="ALD"), both, TODAY).place == 1


def test_periods_of_other_lengths_that_end_together_are_several() -> None:
    both = table(
        ("baseline", "ALD", "CYR", "goods", "2024"),
        ("baseline", "ALD", "CYR", "goods", "2022/2024"),
    )
    assert len(select(reading(**GOODS), both, TODAY).candidates) == 2
    assert select(reading(period="2022/2024", **GOODS), both, TODAY).place == 1


def test_a_mixture_ends_with_its_numerator() -> None:
    assert end_of("2024-12-31 over 2025") == date(2024, 12, 31)
    mixed = table(("baseline", "ALD", "CYR", "goods", "2024-12-31 over 2025"))
    assert select(reading(**GOODS), mixed, date(2024, 12, 31)).place == 0
    assert select(reading(**GOODS), mixed, date(2024, 12, 30)).place is None


def test_a_cell_left_out_means_the_empty_one_if_there_is_one() -> None:
    both = table(
        ("baseline", "ALD", "CYR", "goods", "2024"),
        ("baseline", "ALD", "", "goods", "2024"),
    )
    assert select(reading(actor="ALD", item="goods"), both, TODAY).place == 1


def test_a_cell_left_out_means_any_if_there_is_no_empty_one() -> None:
    both = table(
        ("baseline", "ALD", "CYR", "goods", "2024"),
        ("baseline", "ALD", "DOR", "goods", "2024"),
    )
    found = select(reading(actor="ALD", item="goods"), both, TODAY)
    assert found.place is None
    assert found.candidates == ("inflow/ALD/CYR/goods/2024", "inflow/ALD/DOR/goods/2024")
    assert select(reading(actor="ALD", counterpart="DOR"), both, TODAY).place == 1


def test_a_scenario_s_own_row_comes_first_then_the_baseline_s() -> None:
    rows = table(
        ("baseline", "ALD", "CYR", "goods", "2024"),
        ("baseline", "BRU", "CYR", "goods", "2024"),
        ("halt", "ALD", "CYR", "goods", "2024"),
    )
    own = select(reading("halt", actor="ALD"), rows, TODAY)
    kept = select(reading("halt", actor="BRU"), rows, TODAY)
    assert (own.place, own.cells["scenario"]) == (2, "halt")
    assert (kept.place, kept.cells["scenario"]) == (1, "baseline")


def test_changes_against_the_baseline() -> None:
    rows = table(
        ("baseline", "ALD", "CYR", "goods", "2024"),
        ("baseline", "BRU", "CYR", "goods", "2024"),
        ("halt", "ALD", "CYR", "goods", "2024"),
    )
    for change, draws in (("absolute", [2, 4]), ("relative", [2, 2]), (None, [3, 6])):
        one = reading("halt", change, actor="ALD")
        assert values_of(one, select(one, rows, TODAY), rows).tolist() == draws
    for change in ("absolute", "relative"):
        untouched = reading("halt", change, actor="BRU")
        assert values_of(untouched, select(untouched, rows, TODAY), rows).tolist() == [0, 0]


def test_a_relative_change_of_zero_is_none() -> None:
    rows = table(
        ("baseline", "ALD", "CYR", "goods", "2024"), ("halt", "ALD", "CYR", "goods", "2024")
    )
    rows.values[0] = 0, 1
    one = reading("halt", "relative", actor="ALD")
    found = values_of(one, select(one, rows, TODAY), rows)
    assert np.isnan(found[0])
    assert found[1] == 3


def test_an_absolute_change_of_what_the_baseline_lacks_is_the_whole() -> None:
    rows = table(
        ("baseline", "BRU", "CYR", "goods", "2024"), ("halt", "ALD", "CYR", "goods", "2024")
    )
    absolute, relative = (reading("halt", each, actor="ALD") for each in ("absolute", "relative"))
    assert values_of(absolute, select(absolute, rows, TODAY), rows).tolist() == [2, 4]
    assert np.isnan(values_of(relative, select(relative, rows, TODAY), rows)).all()


@pytest.mark.parametrize(
    ("one", "missing"),
    [
        (reading(period="2019", **GOODS), "there is no figure for 2019, only for 2022, 2023"),
        (reading(actor="DOR"), "no row of exposure/inflow has actor DOR"),
        (reading("halt", actor="DOR"), "no row of exposure/inflow under halt has actor DOR"),
        (reading(target="arms/delivered"), "there is no engine 'arms'"),
    ],
)
def test_what_is_missing_is_named(one: Reading, missing: str) -> None:
    found = select(one, YEARS, TODAY)
    assert found.place is None
    assert found.missing.startswith(missing)


def test_before_any_period_ended_there_is_no_figure() -> None:
    found = select(reading(**GOODS), YEARS, LONG_AGO)
    assert found.missing == "there is no figure for a period that ended by 2000-01-01"


def test_an_engine_s_own_gap_comes_first() -> None:
    gap = Gap("exposure", "inflow", "DOR", "", "goods", "no total for 2024", "flows")
    with_gap = table(("baseline", "ALD", "CYR", "goods", "2024"), gaps=(gap,))
    found = select(reading(actor="DOR", item="goods"), with_gap, TODAY)
    assert found.missing == "inflow of DOR (goods): no total for 2024 (flows)"
    other = select(reading(actor="CYR", item="goods"), with_gap, TODAY)
    assert other.missing == "no row of exposure/inflow has actor CYR, item goods"


def test_a_gap_of_another_period_is_not_the_reason() -> None:
    gap = Gap("exposure", "inflow", "DOR", "", "goods", "no total", "flows", ("2022", "2024"))
    with_gap = table(("baseline", "ALD", "CYR", "goods", "2024"), gaps=(gap,))
    found = select(reading(actor="DOR", item="goods", period="2022"), with_gap, TODAY)
    assert found.missing == "inflow of DOR (goods): no total for 2022, 2024 (flows)"
    found = select(reading(actor="DOR", item="goods", period="2023"), with_gap, TODAY)
    assert found.missing == "no row of exposure/inflow has actor DOR, item goods"
