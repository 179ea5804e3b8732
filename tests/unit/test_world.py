"""The world: vintages, horizons, currencies, perturbed and restricted bases, sharing."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import crossroads as cr
from crossroads.errors import UsageError
from crossroads.world import build_world, current_rows, known_from

BUDGET = "facts:ALD/-/budget_revenue/-/2024"
RATE = "facts:LEA/-/exchange_rate/-/2024"
SERVICES = "flows:services/-/CYR/ALD/2024"


def value(world, row, table="facts"):
    """Return a row's draws."""
    return world[table].values[world[table].places[row]]


# --- What was known when


def test_of_the_vintages_of_a_figure_the_latest_known_stands(world):
    spring, now = world.as_known(date(2025, 4, 30)), world
    for known, vintage, florins in ((spring, "2025-02-28", 2400e6), (now, "2026-03-31", 3000e6)):
        rows = [row for row in known["facts"].frame["row"] if row.startswith(BUDGET)]
        assert rows == [f"{BUDGET}@{vintage}"]
        assert known["facts"].spans["value"][rows[0]][0] == florins


@pytest.mark.parametrize(
    ("day", "known"), [(date(2025, 2, 27), 0), (date(2025, 2, 28), 1), (date(2026, 3, 30), 1)]
)
def test_a_vintage_is_known_from_its_day_on(world, day, known):
    rows = world.as_known(day)["facts"].frame["row"]
    assert sum(row.startswith(BUDGET) for row in rows) == known


@pytest.mark.parametrize(
    ("table", "row", "day"),
    [
        ("facts", "facts:ALD/-/gdp_current/-/2024", date(2025, 2, 28)),  # of its source
        ("flows", "flows:remittances/-/CYR/ALD/2024", date(2025, 3, 31)),  # of the latest source
        ("facts", "facts:ALD/-/strategic_reserves/-/2024-12-31@2025-01-31", date(2025, 1, 31)),
        ("transfers", "transfers:CYR/ALD/Lance/2023/2026 edition", date(2026, 4, 10)),
        ("memberships", "memberships:DOR/LEA/member/2010-01-01", date(2010, 1, 1)),  # its start
        ("memberships", "memberships:CYR/LEA/applicant/2025-03-01", date(2025, 3, 20)),
        ("relations", "relations:ALD/BRU/truce/2015-01-01", date(2015, 6, 1)),
        ("barriers", "barriers:tariff/fruit/-/CYR/2012", date(2012, 12, 31)),
        ("events", "events:loan", date(2025, 2, 28)),  # its date
        ("events", "events:secret-talks", date(2025, 11, 5)),
        ("sites", "sites:cyr-field", None),
        ("links", "links:gas-ald", None),
    ],
)
def test_from_when_a_row_is_known(world, table, row, day):
    known = world[table]
    assert known.frame["known"].to_list()[known.places[row]] == day
    if day is not None:
        before = world.as_known(date.fromordinal(day.toordinal() - 1))
        assert row not in before[table].places
        assert row in world.as_known(day)[table].places


def test_known_from_takes_the_latest_of_several_sources(toy):
    row = {"known_from": None, "source": ["central-bank", "yearbook-2026"]}
    assert known_from(row, world_spec("facts"), toy) == date(2026, 3, 31)
    assert known_from(row, world_spec("sites"), toy) is None


def world_spec(name):
    return cr.build_world(cr.load("toy"), draws=1)[name].spec


def test_all_draws_but_the_vintage_stay_when_less_is_known(world):
    then = world.as_known(date(2025, 4, 30))
    assert then.draws == world.draws
    row = "facts:ALD/-/gdp_current/-/2024"
    assert_array_equal(value(then, row), value(world, row))


def test_the_dossiers_own_day_is_the_default(toy, world):
    assert world.known == toy.meta.as_of
    same = world.as_known(toy.meta.as_of)
    for name, table in world.tables.items():
        assert same[name].frame.equals(table.frame)


def test_recollection_is_left_out_unless_asked_for(toy, world):
    row = "facts:ALD/-/stocks/grain/2024-12-31"
    assert row not in world["facts"].places
    asked = build_world(toy, draws=1, with_unverified=True)
    assert row in asked["facts"].places
    assert row in asked.as_known(date(2025, 4, 30))["facts"].places


# --- Horizons


def test_a_horizon_leaves_out_the_parameters_of_others(world):
    rows = {
        horizon: [row["horizon"] for row in world.at(horizon)["parameters"].rows]
        for horizon in ("short", "long")
    }
    assert rows == {"short": ["short", None, None], "long": ["long", None, None]}
    assert world["parameters"].frame.height == 4
    long = world.at("long")["parameters"]
    assert long.values.shape == (3, world.draws)
    assert np.median(long.values[0]) == pytest.approx(5, rel=0.02)


def test_a_horizon_can_be_changed(world):
    assert world.at("short").at("long")["parameters"].rows == world.at("long")["parameters"].rows


def test_a_horizon_stays_when_less_is_known(world):
    then = world.at("long").as_known(date(2025, 4, 30))
    assert then.horizon == "long"
    assert then["parameters"].rows == world.at("long")["parameters"].rows


def test_there_is_no_other_horizon(world):
    with pytest.raises(UsageError, match="did you mean 'short'"):
        world.at("shor")


# --- Currencies


def test_money_converts_by_the_rate_of_its_period_draw_by_draw(toy, world):
    rate = value(world, RATE)
    budget = world["facts"].spans["value"][f"{BUDGET}@2026-03-31"]
    assert np.median(value(world, f"{BUDGET}@2026-03-31")) == pytest.approx(1500e6, rel=0.01)
    assert np.median(value(world, SERVICES, "flows")) == pytest.approx(40e6, rel=0.01)
    reported = world.reported["flows"]
    florins = reported.values[reported.places[SERVICES]]
    assert_array_equal(value(world, SERVICES, "flows"), florins / rate)
    assert budget[0] == 3000e6
    dimension = dict(
        zip(world["flows"].frame["row"], world["flows"].frame["value_dimension"], strict=True)
    )
    assert dimension[SERVICES] == "money"


def test_a_converted_figure_rests_on_its_rate(world):
    assert world["flows"].lineage(SERVICES) == (SERVICES, RATE)
    assert world["facts"].lineage(f"{BUDGET}@2026-03-31") == (f"{BUDGET}@2026-03-31", RATE)
    dollars = "flows:aid/-/DOR/ALD/2024"
    assert world["flows"].lineage(dollars) == (dollars,)


def test_rows_stay_as_reported(world):
    row = next(row for row in world["flows"].rows if row["row"] == SERVICES)
    assert (row["value"], row["unit"]) == (80, "FLO million")


def test_the_rate_of_the_shortest_fitting_period_wins(folder):
    folder.add("facts.csv", "LEA,,exchange_rate,,3,,,FLO per USD,2024/2025,,wire,,,")
    folder.add("facts.csv", "LEA,,exchange_rate,,4,,,FLO per USD,2025-Q1,,wire,,,")
    for period in ("2025-Q1", "2025", "2025-02"):
        folder.add("flows.csv", f"services,,CYR,ALD,120,,,FLO million,{period},,wire,,,")
    world = build_world(folder.load(), draws=1)
    found = {
        period: value(world, f"flows:services/-/CYR/ALD/{period}", "flows")[0]
        for period in ("2024", "2025-Q1", "2025", "2025-02")
    }
    assert found == {"2024": 40e6, "2025-Q1": 30e6, "2025": 40e6, "2025-02": 30e6}


def test_a_price_in_another_currency_converts_too(folder):
    folder.add("units.csv", "FLO/t,price per mass in FLO,1,,florins per tonne")
    folder.add("units.csv", "FLO/kg,price per mass in FLO,1000,,florins per kilogram")
    folder.add("measures.csv", "gate_price,price per mass,rate,positive,,price,Price at the gate")
    folder.add("facts.csv", "ALD,,gate_price,grain,0.5,,,FLO/kg,2024,,wire,,,")
    row = "facts:ALD/-/gate_price/grain/2024"
    world = build_world(folder.load(), draws=1)
    place = world["facts"].places[row]
    assert value(world, row)[0] == 250
    assert world["facts"].frame["value_dimension"][place] == "price per mass"
    assert world["facts"].lineage(row) == (row, RATE)


def test_money_without_a_known_rate_is_left_out(world):
    before = world.as_known(date(2025, 2, 27))
    assert SERVICES not in before["flows"].places
    assert SERVICES not in before["flows"].frame["row"]


# --- Values


def test_one_draw_is_the_central_world(central):
    for table in central.tables.values():
        for figure, values in table.figures.items():
            assert values.shape == (table.frame.height, 1)
            for row, (middle, *_) in table.spans[figure].items():
                if row in table.places and not table.via.get(row):
                    assert values[table.places[row], 0] == middle


def test_figures_are_in_base_units(central):
    assert value(central, "flows:goods/-/ALD/CYR/2024", "flows")[0] == 400e6
    assert value(central, "flows:goods/gas/CYR/ALD/2024", "flows")[0] == 500e6
    assert value(central, "facts:ALD/-/gdp_growth/-/2024")[0] == -0.015
    assert central["links"].figures["cost"][0, 0] == 20e-3
    assert np.isnan(
        central["links"].figures["capacity"][central["links"].places["links:rail-twins"]]
    )


def test_ranges_come_from_the_row_or_its_best_source(world):
    spans = world["facts"].spans["value"]
    assert spans["facts:ALD/-/gdp_current/-/2024"][1:3] == (5800e6, 6250e6)
    assert_allclose(spans["facts:ALD/-/harbour_calls/-/2024"][1:3], (340 / 1.5, 340 * 1.5))
    flows = world["flows"].spans["value"]["flows:remittances/-/CYR/ALD/2024"]
    assert_allclose(flows[1:3], (120e6 / 1.05, 120e6 * 1.05))  # B, though C says so as well


def test_written_lever_figures_without_a_range_are_exact(world):
    levers = world["levers"]
    assert_array_equal(levers.values[levers.places["levers:tariff-on-dor/1/value"]], 0.25)
    assert levers.values[levers.places["levers:halt-remittances-ald/1/leakage"]].std() > 0.05


def test_a_quantile_of_a_figure(world):
    row = "facts:ALD/-/gdp_current/-/2024"
    assert world.quantile(row, "value", 0.05) == pytest.approx(5800e6)
    assert world.quantile(row, "value", 0.5) == pytest.approx(6000e6)


def test_no_draws_are_no_world(toy):
    with pytest.raises(UsageError, match="0 draws"):
        build_world(toy, draws=0)


def test_same_seed_same_bits(toy, world):
    again = build_world(toy, draws=200, seed=1)
    for name, table in world.tables.items():
        for figure, values in table.figures.items():
            assert values.tobytes() == again[name].figures[figure].tobytes()


def test_present_rows_are_the_latest_whole_year_of_each_series(world):
    flows = world["flows"]
    frame = flows.take(current_rows(flows, world.meta)).frame
    sent = frame.filter((pl.col("layer") == "remittances") & (pl.col("origin") == "CYR"))
    assert sent["period"].to_list() == ["2024", "2024"]
    assert "2025-Q1" not in frame["period"]


# --- Perturbed and restricted


def test_perturbing_changes_the_named_figures_alone(world):
    row = "flows:aid/-/DOR/ALD/2024"
    other = world.perturbed({(row, "value"): np.full(200, 7.0)})
    assert_array_equal(value(other, row, "flows"), 7.0)
    assert other.base is other
    for name, table in world.tables.items():
        if name != "flows":
            assert all(
                np.array_equal(values, other[name].figures[figure], equal_nan=True)
                for figure, values in table.figures.items()
            )
    kept = [place for each, place in world["flows"].places.items() if each != row]
    assert_array_equal(other["flows"].values[kept], world["flows"].values[kept])
    assert not np.array_equal(value(world, row, "flows"), value(other, row, "flows"))


def test_perturbing_a_rate_moves_what_it_converts(world):
    other = world.perturbed({(RATE, "value"): np.full(200, 4.0)})
    reported = world.reported["flows"]
    florins = reported.values[reported.places[SERVICES]]
    assert_array_equal(value(other, SERVICES, "flows"), florins / 4)


def test_perturbing_may_change_the_number_of_draws(central):
    row = "flows:aid/-/DOR/ALD/2024"
    other = central.perturbed({(row, "value"): np.array([1.0, 2.0, 3.0])})
    assert other.draws == 3
    assert_array_equal(value(other, row, "flows"), [1, 2, 3])
    for table in other.tables.values():
        for figure, values in table.figures.items():
            assert values.shape[1] == 3
            assert figure in table.figures
    gdp = "facts:ALD/-/gdp_current/-/2024"
    assert_array_equal(value(other, gdp), np.repeat(value(central, gdp), 3))


def test_perturbing_keeps_the_horizon(world):
    other = world.at("long").perturbed({(RATE, "value"): np.full(200, 4.0)})
    assert other.horizon == "long"
    assert [row["horizon"] for row in other["parameters"].rows] == ["long", None, None]


def test_restricting_keeps_the_named_rows(world):
    kept = {SERVICES, RATE}
    other = world.at("short").restricted(kept)
    assert other["flows"].frame["row"].to_list() == [SERVICES]
    assert other["facts"].frame["row"].to_list() == [RATE]
    assert other["parameters"].frame.height == 0
    assert other["memberships"] is world["memberships"]
    assert other["products"] is world["products"]
    assert other.horizon == "short"
    assert_array_equal(value(other, SERVICES, "flows"), value(world, SERVICES, "flows"))


def test_restricting_without_the_rate_loses_what_it_converts(world):
    assert world.restricted({SERVICES})["flows"].frame.height == 0


# --- Sharing


def test_base_is_self_before_any_lever(world):
    assert world.base is world
    assert world.pull() is world
    assert world.at("short").base.horizon == "short"


def test_a_pull_shares_every_table_it_does_not_touch(world):
    levers = cr.levers_of(world.dossier)
    base = world.at("short")
    for name, touched in (
        ("halt-remittances-ald", {"flows"}),
        ("ban-fruit-ald", {"barriers"}),
        ("close-gas-ald", {"links"}),
        ("ald-leaves-league", {"memberships"}),
        ("open-border", {"relations"}),
        ("spend-reserves-ald", {"facts"}),
    ):
        pulled = base.pull(levers[name])
        assert {each for each in base.tables if pulled[each] is not base[each]} == touched
        assert pulled.base is base
        assert pulled.pull(levers["tariff-on-dor"]).base is base


def test_a_pull_leaves_the_world_before_it_as_it_was(world):
    levers = cr.levers_of(world.dossier)
    before = {
        name: (table.frame.clone(), {figure: each.copy() for figure, each in table.figures.items()})
        for name, table in world.tables.items()
    }
    world.pull(*levers.values())
    for name, (frame, figures) in before.items():
        assert world[name].frame.equals(frame)
        assert all(
            np.array_equal(world[name].figures[figure], each, equal_nan=True)
            for figure, each in figures.items()
        )


def test_one_column_of_figures_changes_and_the_other_is_shared(world):
    table = world["links"]
    other = table.with_figure("cost", table.figures["cost"] * 2)
    assert other.figures["capacity"] is table.figures["capacity"]


def test_what_has_to_come_before_levers(world):
    pulled = world.pull(cr.levers_of(world.dossier)["ban-fruit-ald"])
    for ask in (
        lambda: pulled.as_known(date(2025, 1, 1)),
        lambda: pulled.at("short"),
        lambda: pulled.perturbed({}),
    ):
        with pytest.raises(UsageError):
            ask()


def test_restricting_comes_before_levers_too(world):
    pulled = world.pull(cr.levers_of(world.dossier)["ban-fruit-ald"])
    with pytest.raises(UsageError):
        pulled.restricted({SERVICES})


def test_the_central_world_is_the_world_of_one_draw(toy, world):
    middle, built = world.central(), cr.build_world(toy, draws=1)
    assert middle.draws == 1
    for name, table in built.tables.items():
        for figure, values in table.figures.items():
            assert_array_equal(middle[name].figures[figure], values)
