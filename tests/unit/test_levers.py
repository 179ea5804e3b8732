"""Levers: each kind of change, its enforcement, strength, order and errors."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import crossroads as cr
from crossroads.errors import LeverError, UsageError
from crossroads.levers import Case, cases_of, lever_named, levers_of
from crossroads.schema import package_vocabulary
from tests.conftest import Folder

SENT = "flows:remittances/-/CYR/ALD/2024"
TOTAL = "flows:remittances/-/WLD/ALD/2024"


@pytest.fixture(scope="module")
def levers(toy):
    return levers_of(toy)


def flow(world, row=SENT):
    return world["flows"].values[world["flows"].places[row]]


def figure(world, lever, name, place=1):
    table = world["levers"]
    return table.values[table.places[f"levers:{lever}/{place}/{name}"]]


def link(world, name, column):
    table = world["links"]
    place = table.places[f"links:{name}"]
    if column == "status":
        return table.frame["status"][place]
    return table.figures[column][place]


def in_force(world, table, **cells):
    """Return the rows of memberships or relations that hold on the dossier's day."""
    day = world.meta.as_of.isoformat()
    frame = world[table].frame.filter(
        (pl.col("start") <= day) & (pl.col("end").is_null() | (pl.col("end") >= day))
    )
    for name, cell in cells.items():
        frame = frame.filter(pl.col(name) == cell)
    return frame.to_dicts()


def lever_from(folder: Folder, change: str):
    """Return a central world and a lever with one change, written in YAML."""
    folder.add("levers.yaml", f"x:\n  holder: CYR\n  says: x\n  changes:\n    - {change}\n")
    dossier = folder.load()
    return cr.build_world(dossier, draws=1), lever_named(dossier, "x")


# --- Flows


def test_a_halt_lets_its_leakage_through(world, levers):
    pulled = world.pull(levers["halt-remittances-ald"])
    leakage = figure(world, "halt-remittances-ald", "leakage")
    assert 0.05 < np.quantile(leakage, 0.1) < np.quantile(leakage, 0.9) < 0.4
    assert_allclose(flow(pulled), flow(world) * leakage)


def test_without_a_written_leakage_the_default_applies(central, levers):
    pulled = central.pull(levers["halt-remittances-bru"])
    row = SENT.replace("ALD", "BRU")
    assert_allclose(flow(pulled, row), 0.05 * 120e6)


def test_a_halt_takes_its_loss_from_the_reported_total(world, levers):
    pulled = world.pull(levers["halt-remittances-ald"])
    lost = flow(world) - flow(pulled)
    assert_allclose(flow(world, TOTAL) - flow(pulled, TOTAL), lost)
    assert (lost > 0).all()
    for row in ("flows:remittances/-/DOR/ALD/2024", TOTAL.replace("ALD", "BRU")):
        assert_array_equal(flow(pulled, row), flow(world, row))


def test_a_total_is_never_below_zero(world, folder):
    folder.swap("flows.csv", "WLD,ALD,160", "WLD,ALD,80")
    dossier = folder.load()
    pulled = cr.build_world(dossier, draws=50).pull(lever_named(dossier, "halt-remittances-ald"))
    assert (flow(pulled, TOTAL) >= 0).all()


def test_only_the_present_year_is_halted(world, levers):
    pulled = world.pull(levers["halt-remittances-ald"])
    for year in ("2022", "2023"):
        row = next(r for r in world["flows"].places if r.startswith(SENT[:-4] + year))
        assert_array_equal(flow(pulled, row), flow(world, row))


def test_what_came_after_the_base_period_is_not_halted(folder):
    folder.add("flows.csv", "remittances,,CYR,ALD,130,,,USD million,2025,,yearbook-2026,,,")
    dossier = folder.load()
    world = cr.build_world(dossier, draws=1)
    pulled = world.pull(lever_named(dossier, "halt-remittances-ald"))
    assert flow(pulled)[0] < flow(world)[0]
    later = SENT.replace("2024", "2025")
    assert flow(pulled, later)[0] == flow(world, later)[0] == 130e6


def test_a_partial_cut_for_part_of_a_year(central, levers):
    pulled = central.pull(levers["halve-investment-ald"])
    row = "flows:investment/-/CYR/ALD/2024"
    assert_allclose(flow(pulled, row), 60e6 * (1 - 0.25 * 0.5))


def test_more_than_a_year_counts_as_the_first_year(central, levers):
    pulled = central.pull(levers["end-aid-bru"])
    assert_array_equal(flow(pulled, "flows:aid/-/DOR/BRU/2024"), 0)


def test_a_flow_may_grow_and_growth_does_not_leak(folder):
    change = "{flow: {layer: remittances, origin: CYR, destination: ALD}, scale: 2}"
    world, lever = lever_from(folder, change)
    pulled = world.pull(lever)
    assert_allclose(flow(pulled), 240e6)
    assert_allclose(flow(pulled, TOTAL), 280e6)


def test_a_change_of_a_flow_rests_on_the_figures_of_its_lever(world, levers):
    flows = world.pull(levers["halt-remittances-ald"])["flows"]
    used = {f"levers:halt-remittances-ald/1/{name}" for name in ("leakage", "duration", "scale")}
    assert set(flows.lineage(SENT)) == {SENT, *used}
    assert set(flows.lineage(TOTAL)) == {TOTAL, SENT, *used}
    assert flows.lineage("flows:aid/-/DOR/ALD/2024") == ("flows:aid/-/DOR/ALD/2024",)


def test_an_uncertain_factor_never_turns_a_flow_around(folder):
    change = (
        "{flow: {layer: remittances, origin: CYR, destination: ALD}, leakage: 0, "
        "scale: {value: 0.1, low: 0.02, high: 0.8, source: [wire]}}"
    )
    folder.add("levers.yaml", f"x:\n  holder: CYR\n  says: x\n  changes:\n    - {change}\n")
    dossier = folder.load()
    pulled = cr.build_world(dossier, draws=500).pull(lever_named(dossier, "x"))
    assert (flow(pulled) >= 0).all()


# --- Barriers


def barrier(world, lever):
    table = world["barriers"]
    place = table.places[f"barriers:{lever}/1"]
    return table.rows[place], table.values[place]


def test_a_ban_stops_what_is_enforced(world, levers):
    cells, value = barrier(world.pull(levers["ban-fruit-ald"]), "ban-fruit-ald")
    leakage = figure(world, "ban-fruit-ald", "leakage")
    assert_allclose(value, 1 - leakage)
    assert (cells["kind"], cells["product"], cells["origin"], cells["destination"]) == (
        "ban", "fruit", "ALD", "CYR",
    )  # fmt: skip
    assert cells["start"] == world.meta.as_of.isoformat()
    assert cells["end"] is None


def test_a_ban_of_half_a_year_stops_half_a_years_goods(central, levers):
    _, value = barrier(central.pull(levers["ban-food-bru"]), "ban-food-bru")
    assert_allclose(value, 0.9 * 0.5)


def test_a_cap_allows_its_share_and_what_leaks(central, levers):
    _, value = barrier(central.pull(levers["cap-grain-ald"]), "cap-grain-ald")
    assert_allclose(value, 1 - 0.95 * 0.6)


@pytest.mark.parametrize(
    ("lever", "kind", "rate"),
    [
        ("tariff-on-dor", "tariff", 0.25),
        ("slow-customs-bru", "iceberg", 0.08),
        ("tax-gas", "export_tax", 0.05),
    ],
)
def test_rates_are_taken_as_they_are(central, levers, lever, kind, rate):
    cells, value = barrier(central.pull(levers[lever]), lever)
    assert cells["kind"] == kind
    assert_allclose(value, rate)


def test_an_uncertain_ban_never_stops_more_than_all(folder):
    change = (
        "{barrier: {kind: ban, product: fruit, origin: ALD, destination: CYR}, leakage: 0, "
        "value: {value: 95, low: 60, high: 100, unit: '%', source: [wire]}}"
    )
    folder.add("levers.yaml", f"x:\n  holder: CYR\n  says: x\n  changes:\n    - {change}\n")
    dossier = folder.load()
    world = cr.build_world(dossier, draws=500)
    _, value = barrier(world.pull(lever_named(dossier, "x")), "x")
    assert (value >= 0).all()
    assert (value <= 1).all()


def test_a_barrier_added_rests_on_the_figures_of_its_lever(world, levers):
    table = world.pull(levers["slow-customs-bru"])["barriers"]
    row = "barriers:slow-customs-bru/1"
    assert table.lineage(row) == (row, "levers:slow-customs-bru/1/value")


def test_the_barriers_of_the_dossier_stay(world, levers):
    table = world.pull(levers["ban-fruit-ald"])["barriers"]
    height = world["barriers"].frame.height
    assert_array_equal(table.values[:height], world["barriers"].values)
    assert table.frame.height == height + 1


# --- Links


def test_a_link_closed_without_leakage_carries_nothing(world, levers):
    pulled = world.pull(levers["close-gas-ald"])
    assert_array_equal(link(pulled, "gas-ald", "capacity"), 0)
    assert link(pulled, "gas-ald", "status") == "closed"
    assert link(pulled, "gas-bru", "status") == "open"
    assert_array_equal(link(pulled, "gas-ald", "cost"), link(world, "gas-ald", "cost"))


def test_every_link_of_a_controller_closes_but_for_what_leaks(central, levers):
    pulled = central.pull(levers["close-all-of-pipeco"])
    for name in ("gas-ald", "gas-bru"):
        assert_allclose(link(pulled, name, "capacity"), 0.7e9 * 0.06)
    assert_array_equal(link(pulled, "sea-ald", "capacity"), link(central, "sea-ald", "capacity"))


def test_a_link_is_resized_and_repriced(central, levers):
    narrow = central.pull(levers["throttle-sea-bru"])
    assert_allclose(link(narrow, "sea-bru", "capacity"), 1.5e6)
    assert_allclose(link(narrow, "sea-bru", "cost"), 22.5)
    wide = central.pull(levers["widen-sea-ald"])
    assert_allclose(link(wide, "sea-ald", "capacity"), 4.5e6)
    assert_allclose(link(wide, "sea-ald", "cost"), 15)


def test_a_link_is_opened(world, levers):
    pulled = world.pull(levers["open-rail"])
    assert link(pulled, "rail-twins", "status") == "open"
    assert link(pulled, "road-twins", "status") == "planned"
    assert np.isnan(link(pulled, "rail-twins", "capacity")).all()


def test_a_link_of_unknown_capacity_closes(folder):
    folder.swap("links.csv", "1050,ALD;BRU,closed", "1050,ALD;BRU,open")
    world, lever = lever_from(folder, "{link: {id: rail-twins}, set: closed}")
    pulled = world.pull(lever)
    assert np.isnan(link(pulled, "rail-twins", "capacity")).all()
    leaks = link(pulled, "rail-twins", "resized")
    assert (leaks < 1).all()
    assert_array_equal(link(pulled, "gas-ald", "resized"), 1)


# --- Memberships and relations


def test_leaving_ends_the_membership(world, levers):
    pulled = world.pull(levers["ald-leaves-league"])
    assert in_force(world, "memberships", state="ALD")
    assert not in_force(pulled, "memberships", state="ALD")
    assert in_force(pulled, "memberships", state="BRU")
    assert pulled["memberships"].frame.height == world["memberships"].frame.height


@pytest.mark.parametrize(
    ("lever", "state", "status"),
    [("cyr-joins-league", "CYR", "member"), ("suspend-bru", "BRU", "suspended")],
)
def test_a_new_standing_takes_the_place_of_the_old(world, levers, lever, state, status):
    rows = in_force(world.pull(levers[lever]), "memberships", state=state)
    assert [row["status"] for row in rows] == [status]
    assert rows[0]["row"] == f"memberships:{lever}/1"


def test_a_membership_that_ends_this_year_is_still_in_force(folder):
    """A partial date lasts to the last day it allows."""
    folder.swap("memberships.csv", "ALD,LEA,member,2010-01-01,,", "ALD,LEA,member,2010-01-01,2026,")
    dossier = folder.load()
    world = cr.build_world(dossier, draws=1)
    pulled = world.pull(lever_named(dossier, "ald-leaves-league"))
    row = next(row for row in pulled["memberships"].rows if row["state"] == "ALD")
    assert date.fromisoformat(row["end"]) < dossier.meta.as_of


def test_relations_end_in_either_order_and_begin(world, levers):
    pulled = world.pull(levers["open-border"])
    assert in_force(world, "relations", kind="closed border")
    assert not in_force(pulled, "relations", kind="closed border")
    (truce,) = in_force(pulled, "relations", kind="truce")
    assert (truce["a"], truce["b"], truce["sign"], truce["strength"]) == ("ALD", "BRU", "+", 1)
    assert len(in_force(pulled, "relations", kind="stance")) == 4


# --- Facts


def test_a_fact_is_set(world, levers):
    pulled = world.pull(levers["spend-reserves-ald"])
    row = next(r for r in world["facts"].places if r.startswith("facts:ALD/-/strategic_reserves"))
    value = pulled["facts"].values[pulled["facts"].places[row]]
    assert_allclose(value, figure(world, "spend-reserves-ald", "value"))
    assert pulled["facts"].lineage(row) == (row, "levers:spend-reserves-ald/1/value")


def test_a_fact_is_scaled(world, levers):
    pulled = world.pull(levers["lift-budget-bru"])
    row = "facts:BRU/-/budget_revenue/-/2024@2026-03-31"
    place = world["facts"].places[row]
    assert_allclose(pulled["facts"].values[place], 1.1 * world["facts"].values[place])
    others = np.delete(np.arange(world["facts"].frame.height), place)
    assert_array_equal(pulled["facts"].values[others], world["facts"].values[others])


@pytest.mark.parametrize("value", ["1000 FLO million", "5 t", "3%"])
def test_a_fact_is_set_in_its_own_dimension_and_the_base_currency(folder, value):
    """A figure of a lever has no period, so there is no rate to convert it by."""
    change = f"{{fact: {{actor: ALD, measure: budget_revenue}}, value: {value}}}"
    folder.add("levers.yaml", f"x:\n  holder: ALD\n  says: x\n  changes:\n    - {change}\n")
    line = folder.line("levers.yaml", value)
    found = [(each.code, each.line) for each in folder.checked()]
    assert found == [("wrong-dimension", line)]


# --- Strength


def all_levers():
    return list(levers_of(cr.load("toy")))


@pytest.mark.parametrize("name", all_levers())
def test_strength_zero_changes_nothing(world, levers, name):
    assert world.pull(levers[name].at(0)) is world


@pytest.mark.parametrize("name", all_levers())
def test_strength_one_is_the_lever_as_written(world, levers, name):
    once, again = world.pull(levers[name]), world.pull(levers[name].at(1))
    changed = [each for each in world.tables if once[each] is not world[each]]
    assert changed
    for each in changed:
        assert once[each].frame.equals(again[each].frame)
        for column, values in once[each].figures.items():
            assert_array_equal(values, again[each].figures[column])


@pytest.mark.parametrize("name", all_levers())
def test_a_figure_moves_one_way_as_strength_grows(world, levers, name):
    steps = [world.pull(levers[name].at(strength)) for strength in (0.25, 0.5, 0.75, 1.0)]
    for table in ("flows", "facts", "links", "barriers"):
        for column in world[table].figures:
            stack = np.stack([step[table].figures[column] for step in steps])
            ways = np.diff(stack, axis=0)
            ways = np.where(np.isnan(ways), 0.0, ways)
            same = ((ways <= 1e-9).all(axis=0)) | ((ways >= -1e-9).all(axis=0))
            assert same.all()
            base = world[table].figures[column]
            first, last = stack[0][: len(base)], stack[-1][: len(base)]
            assert (np.nan_to_num(np.abs(first - base) - np.abs(last - base)) <= 1e-6).all()


def test_half_strength_is_half_the_change(world, levers):
    full, half = (world.pull(levers["halt-remittances-ald"].at(each)) for each in (1, 0.5))
    assert_allclose(flow(world) - flow(half), (flow(world) - flow(full)) / 2)
    _, rate = barrier(world.pull(levers["tariff-on-dor"].at(0.5)), "tariff-on-dor")
    assert_allclose(rate, 0.125)
    wide = world.pull(levers["widen-sea-ald"].at(0.5))
    assert_allclose(link(wide, "sea-ald", "capacity"), 1.25 * link(world, "sea-ald", "capacity"))


@pytest.mark.parametrize("name", ["ald-leaves-league", "cyr-joins-league", "open-border"])
def test_a_switch_happens_at_any_strength(world, levers, name):
    little, full = (world.pull(levers[name].at(each)) for each in (0.01, 1))
    for table in ("memberships", "relations"):
        assert little[table].frame.equals(full[table].frame)


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_strength_runs_from_nothing_to_all(levers, strength):
    with pytest.raises(UsageError, match="outside 0 to 1"):
        levers["ban-fruit-ald"].at(strength)


# --- Order and errors


def test_changes_of_one_row_apply_in_order(folder):
    folder.add(
        "levers.yaml",
        """\
x:
  holder: ALD
  says: x
  changes:
    - {fact: {actor: ALD, measure: gdp_current}, value: 100 USD}
    - {fact: {actor: ALD, measure: gdp_current}, scale: 2}
y:
  holder: ALD
  says: y
  changes:
    - {fact: {actor: ALD, measure: gdp_current}, scale: 2}
    - {fact: {actor: ALD, measure: gdp_current}, value: 100 USD}
""",
    )
    dossier = folder.load()
    world = cr.build_world(dossier, draws=1)
    place = world["facts"].places["facts:ALD/-/gdp_current/-/2024"]
    x, y = (lever_named(dossier, name) for name in "xy")
    assert world.pull(x)["facts"].values[place, 0] == 200
    assert world.pull(y)["facts"].values[place, 0] == 100
    assert world.pull(x, y)["facts"].values[place, 0] == 100
    assert world.pull(y, x)["facts"].values[place, 0] == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("{flow: {layer: aid, origin: ALD, destination: BRU}, scale: 0}", "there is no flow"),
        ("{link: {mode: canal}, set: closed}", "there is no link with mode canal"),
        ("{link: {controller: ANALYST}, set: closed}", "there is no link"),
        ("{membership: {state: DOR, bloc: LEA}, set: left}", "membership in force"),
        ("{relation: {a: ALD, b: BRU, kind: truce}, set: ended}", "relation in force"),
        ("{fact: {actor: CYR, measure: gdp_current}, scale: 2}", "there is no fact"),
        ("{fact: {actor: ALD, measure: strategic_reserves}, scale: 2}", "there is no fact"),
    ],
)
def test_a_change_that_touches_nothing_is_an_error(folder, change, said):
    if "DOR" in change:  # its standing as a former member would do
        folder.swap("memberships.csv", "DOR,LEA,former,2019-07-01,,,treaties,\n", "")
    world, lever = lever_from(folder, change)
    with pytest.raises(LeverError, match=said) as caught:
        world.pull(lever)
    assert "lever 'x', change 1" in str(caught.value)


def test_what_is_not_known_yet_cannot_be_pulled(world, levers):
    then = world.as_known(date(2022, 12, 31))
    with pytest.raises(LeverError):
        then.pull(levers["halt-remittances-ald"])


def test_a_barrier_is_pulled_once(world, levers):
    with pytest.raises(LeverError, match="pulled twice"):
        world.pull(levers["ban-fruit-ald"], levers["ban-fruit-ald"])


def test_levers_by_name(toy):
    assert lever_named(toy, "open-rail").holder == "ALD"
    with pytest.raises(UsageError, match="did you mean 'open-rail'"):
        lever_named(toy, "open-rails")


def test_every_scenario_runs_at_every_horizon(toy):
    cases = cases_of(toy)
    assert {(case.scenario, case.horizon) for case in cases} == {
        (scenario, horizon)
        for scenario in ("baseline", *toy.scenarios)
        for horizon in ("short", "long")
    }
    assert [case.scenario for case in cases if case.is_baseline] == ["baseline", "baseline"]
    some = cases_of(toy, ["squeeze-ald"])
    assert {case.scenario for case in some} == {"baseline", "squeeze-ald"}
    (case,) = (each for each in some if each.levers and each.horizon == "long")
    assert [lever.id for lever in case.levers] == [
        "halt-remittances-ald", "ban-fruit-ald", "cap-grain-ald",
    ]  # fmt: skip


def test_a_case_is_its_levers_on_the_world_at_its_horizon(world, levers):
    case = Case("x", (levers["halt-remittances-ald"],), "long")
    pulled = case.world(world)
    assert pulled.horizon == "long"
    assert_array_equal(flow(pulled), flow(world.pull(levers["halt-remittances-ald"])))


def test_barred_goods_of_a_leaver_pay_no_tariff_of_the_bloc(toy, central, levers):
    """Whoever leaves the League no longer levies its tariff; whoever joins does."""
    pulls = {
        "as it is": ("league-tariff",),
        "leaves": ("ald-leaves-league", "league-tariff"),
        "suspended": ("suspend-bru", "league-tariff"),
        "joins": ("cyr-joins-league", "league-tariff"),
    }
    cases = [Case(n, tuple(levers[e] for e in each), "short") for n, each in pulls.items()]
    found, failed = cr.run(central, cases, cr.ENGINES)
    assert not failed
    rows = found.where(
        indicator="exposed_supply", counterpart="DOR", item="goods", scenario=list(pulls)
    )
    lost: dict[str, dict[str, float]] = {}
    for row, value in zip(rows.frame.iter_rows(named=True), rows.values[:, 0], strict=True):
        if value > 0:
            lost.setdefault(row["scenario"], {})[row["actor"]] = value
    assert lost["as it is"] == pytest.approx({"ALD": 30e6, "BRU": 30e6})
    assert lost["leaves"] == pytest.approx({"BRU": 30e6})
    assert lost["suspended"] == pytest.approx({"ALD": 30e6})
    assert set(lost["joins"]) == {"ALD", "BRU", "CYR"}


def test_the_defaults_name_resolved_cases_and_sources_that_exist():
    """In the order of the page that tells the cases."""
    page = (cr.locate("south-caucasus") / "resolved-cases.md").read_text(encoding="utf-8")
    told = {row.split("|")[1].strip(): row for row in page.splitlines() if row.startswith("| RC")}
    known = set(cr.load("south-caucasus").sources)
    for default in package_vocabulary().enforcement:
        assert set(default.cases) <= set(told), default
        for source in default.sources:
            assert source in known
            assert any(source in told[case] for case in default.cases), source
    for row in told.values():
        cited = [each.strip() for each in row.split("|")[5].split(";")]
        assert set(cited) <= known, row


def test_every_lever_left_to_the_defaults_says_so():
    dossier = cr.load("south-caucasus")
    rows = dossier.tables["levers"].filter(pl.col("origin") == "default")
    left = set(rows["lever"])
    assert len(left) > 20
    said = {name: dossier.levers[name].get("note", "").lower() for name in left}
    assert [name for name, note in said.items() if "resolved case" not in note] == []
