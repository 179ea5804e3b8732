"""The bundled dossier against the research files its figures were taken from.

Run with ``make against DATA=path``; the files are not part of the project.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import crossroads as cr

pytestmark = pytest.mark.against

NAMES = {"EU27": "EU", "WLD": "WLD"}


def rows_of(*parts: str) -> list[dict[str, str]]:
    """Read a research file; it is an error when it is missing."""
    path = Path(os.environ["CROSSROADS_DATA"], *parts)
    assert path.is_file(), f"{path} is missing"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def dossier() -> cr.Dossier:
    return cr.load("south-caucasus")


def matrix() -> Iterator[tuple[str, str, float, float, float]]:
    """Yield exporter, importer, value, low and high of the usable rows of the trade matrix."""
    for row in rows_of("facts", "trade_matrix.csv"):
        if row["block"] != "core17" or row["status"] == "missing":
            continue
        value = float(row["value_usd_million"])
        low, high = (float(row[end]) if row[end] else value for end in ("low", "high"))
        ends = (NAMES.get(row[end], row[end]) for end in ("exporter", "importer"))
        yield (*ends, value, min(low, value), max(high, value))


def test_goods_of_2023_lie_in_the_bands_of_the_trade_matrix(dossier):
    held = {
        (row["origin"], row["destination"]): row
        for row in dossier.tables["flows"].iter_rows(named=True)
        if row["layer"] == "goods" and row["product"] is None and row["period"] == "2023"
    }
    compared = 0
    for origin, destination, value, low, high in matrix():
        row = held.get((origin, destination))
        if row is None:
            continue
        factor = dossier.vocabulary.units[row["unit"]].factor / 1e6
        bounds = [row["value"] if row[end] is None else row[end] for end in ("low", "high")]
        slack = 0.005 * max(value, 1.0)
        assert low - slack <= bounds[1] * factor, row["row"]
        assert bounds[0] * factor <= high + slack, row["row"]
        compared += 1
    assert compared > 200


def test_military_expenditure_is_that_of_the_register(dossier):
    published = {
        (row["country"], row["year"]): float(row["usd_current_m"])
        for row in rows_of("facts", "military_expenditure.csv")
        if row["usd_current_m"]
    }
    compared = 0
    for row in dossier.tables["facts"].iter_rows(named=True):
        said = published.get((row["actor"], row["period"]))
        if row["measure"] != "military_expenditure" or said is None:
            continue
        factor = dossier.vocabulary.units[row["unit"]].factor / 1e6
        low, high = (row["value"] if row[end] is None else row[end] for end in ("low", "high"))
        assert low * factor * 0.999 <= said <= high * factor * 1.001, row["row"]
        compared += 1
    assert compared >= 30


def test_every_register_row_of_the_article_is_in_the_dossier(dossier):
    held = {
        (row["supplier"], row["recipient"], row["year_of_order"])
        for row in dossier.tables["transfers"].iter_rows(named=True)
    }
    wanted = [
        (row["supplier"], row["recipient"], int(row["year_of_order"]))
        for row in rows_of("facts", "arms_transfers.csv")
        if row["in_article"] == "yes" and row["evidence_level"] == "register"
    ]
    assert wanted
    assert not set(wanted) - held
