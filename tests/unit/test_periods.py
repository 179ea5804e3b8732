"""Dates and periods as dossiers write them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossroads.periods import parse_date, parse_period, years_between

PERIODS = {
    "2024": (date(2024, 1, 1), date(2024, 12, 31)),
    "2024-05": (date(2024, 5, 1), date(2024, 5, 31)),
    "2024-02": (date(2024, 2, 1), date(2024, 2, 29)),
    "2023-02": (date(2023, 2, 1), date(2023, 2, 28)),
    "2024-05-17": (date(2024, 5, 17), date(2024, 5, 17)),
    "2024-Q1": (date(2024, 1, 1), date(2024, 3, 31)),
    "2024-Q2": (date(2024, 4, 1), date(2024, 6, 30)),
    "2024-Q3": (date(2024, 7, 1), date(2024, 9, 30)),
    "2024-Q4": (date(2024, 10, 1), date(2024, 12, 31)),
    "2024-H1": (date(2024, 1, 1), date(2024, 6, 30)),
    "2024-H2": (date(2024, 7, 1), date(2024, 12, 31)),
    "2018/2024": (date(2018, 1, 1), date(2024, 12, 31)),
    "2024-11-03/2025-Q1": (date(2024, 11, 3), date(2025, 3, 31)),
}


@pytest.mark.parametrize(("text", "ends"), PERIODS.items())
def test_a_period_runs_from_its_first_day_to_its_last(text, ends):
    period = parse_period(text)
    assert (period.start, period.end) == ends
    assert period.text == text
    assert period.days == (ends[1] - ends[0]).days + 1


@pytest.mark.parametrize(
    "text",
    [
        *("", "24", "2024-13", "2024-00", "2024-02-30", "2023-02-29", "2024-5", "0000", "٢٠٢٤"),
        *("2024-Q5", "2024-Q0", "2024-H3", "2024 H1", "2024-Q1-01"),
        *("2024/2020", "2024/", "/2024", "2024/2025/2026"),
    ],
)
def test_other_texts_are_no_periods(text):
    with pytest.raises(ValueError):
        parse_period(text)


@pytest.mark.parametrize("text", ["2024-Q1", "2024/2025", "2024-H1", "17.05.2024", "2024-05-1"])
def test_periods_are_no_dates(text):
    with pytest.raises(ValueError, match="is not YYYY"):
        parse_date(text)


def test_a_partial_date_allows_a_first_and_a_last_day():
    assert parse_date("2025") == (date(2025, 1, 1), date(2025, 12, 31))
    assert parse_date("2025-04") == (date(2025, 4, 1), date(2025, 4, 30))
    assert parse_date("2025-04-02") == (date(2025, 4, 2), date(2025, 4, 2))


@pytest.mark.parametrize("text", ["2024", "2024-01/2024-12", "2023-07/2024-06", "2023-Q4/2024-Q3"])
def test_twelve_whole_months_are_a_year(text):
    assert parse_period(text).is_year


@pytest.mark.parametrize(
    "text",
    [
        "2024-H1",
        "2024-Q1",
        "2023/2024",
        "2024-01-02/2025-01-01",
        "2024-01-01/2024-12-30",
        "2024-01-15/2024-12-31",
    ],
)
def test_anything_else_is_no_year(text):
    assert not parse_period(text).is_year


def test_a_year_contains_its_quarters_and_no_other():
    year = parse_period("2024")
    assert year.contains(year)
    assert year.contains(parse_period("2024-Q4"))
    assert not parse_period("2024-Q4").contains(year)
    assert not year.contains(parse_period("2024-12-31/2025-01-01"))


def test_years_between_ends():
    assert years_between(parse_period("2020"), parse_period("2024")) == pytest.approx(4, abs=0.01)
    assert years_between(parse_period("2024"), parse_period("2024")) == 0
    assert years_between(parse_period("2024"), parse_period("2020")) < 0


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)))
def test_a_day_reads_back_as_itself(day):
    assert parse_date(day.isoformat()) == (day, day)
    assert parse_period(day.isoformat()).days == 1


@given(st.integers(1000, 2999), st.sampled_from("QH"))
def test_parts_of_a_year_follow_one_another_and_fill_it(year, kind):
    parts = [parse_period(f"{year:04}-{kind}{n}") for n in range(1, 5 if kind == "Q" else 3)]
    assert sum(part.days for part in parts) == parse_period(f"{year:04}").days
    for earlier, later in pairwise(parts):
        assert earlier.end + timedelta(days=1) == later.start


@pytest.mark.parametrize(
    "text", ["0000", "0001", "0999-12-31", "3000", "9999", "9999-12-31", "9999-Q4"]
)
def test_a_year_that_nobody_means_is_refused(text):
    with pytest.raises(ValueError, match="outside the years 1000 to 2999"):
        parse_period(text)


@pytest.mark.parametrize("text", ["1000", "2999", "2999-12-31", "1000-01-01/2999-H2"])
def test_the_first_and_the_last_year_are_taken(text):
    assert not parse_period(text).is_year or parse_period(text).days == 365
