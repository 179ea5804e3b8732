"""Dates and periods as dossiers write them: ``2024``, ``2024-Q1``, ``2024-05``, ``2018/2024``."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

__all__ = ["SHORTEST_YEAR", "Period", "parse_date", "parse_period", "years_between"]

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_PART = re.compile(r"(\d{4})-([QH])([1-4])", re.ASCII)
SHORTEST_YEAR = 365
"""Days of the shortest year; what lasts fewer days, but for one, is a part-year."""

_FIRST_YEAR, _LAST_YEAR = 1000, 2999


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days, both ends included."""

    text: str
    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def is_year(self) -> bool:
        """Whether the period is twelve whole months."""
        following = self.end + timedelta(days=1)
        return (
            self.start.day == 1
            and following.day == 1
            and (following.year - self.start.year) * 12 + following.month - self.start.month == 12
        )

    def contains(self, other: Period) -> bool:
        return self.start <= other.start and other.end <= self.end


def _year(digits: str, text: str) -> int:
    year = int(digits)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(f"'{text}' lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return year


@lru_cache(maxsize=65536)
def parse_date(text: str) -> tuple[date, date]:
    """Return the first and last day that a full or partial date allows.

    Raises
    ------
    ValueError
        If ``text`` is not ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, names no day, or one outside
        the years 1000 to 2999.
    """
    match = _DATE.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not YYYY, YYYY-MM or YYYY-MM-DD")
    year = _year(match[1], text)
    month, day = (int(part) if part else None for part in match.groups()[1:])
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is None:
        if not 1 <= month <= 12:
            raise ValueError(f"'{text}' names no month")
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    whole = date(year, month, day)
    return whole, whole


@lru_cache(maxsize=65536)
def parse_period(text: str) -> Period:
    """Parse a year, half-year, quarter, month, day, or ``FROM/TO`` of those.

    Raises
    ------
    ValueError
        If ``text`` is none of these, or ends before it starts.
    """
    if "/" in text:
        first, _, last = text.partition("/")
        if "/" in last:
            raise ValueError(f"'{text}' has more than two ends")
        start, end = parse_period(first).start, parse_period(last).end
        if end < start:
            raise ValueError(f"'{text}' ends before it starts")
        return Period(text, start, end)
    part = _PART.fullmatch(text)
    if part:
        year, kind, number = _year(part[1], text), part[2], int(part[3])
        months = 3 if kind == "Q" else 6
        if number * months > 12:
            raise ValueError(f"'{text}' names no half-year")
        last_month = number * months
        return Period(
            text,
            date(year, last_month - months + 1, 1),
            date(year, last_month, calendar.monthrange(year, last_month)[1]),
        )
    try:
        start, end = parse_date(text)
    except ValueError as error:
        raise ValueError(
            f"{error}, nor a quarter (2024-Q1), a half-year (2024-H1) or FROM/TO"
        ) from None
    return Period(text, start, end)


def years_between(earlier: Period, later: Period) -> float:
    """Return the distance between the ends of two periods in years of 365.25 days."""
    return (later.end - earlier.end).days / 365.25
