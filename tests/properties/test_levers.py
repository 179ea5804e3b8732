"""Laws of levers: independent ones commute, and nothing pulled changes nothing."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import crossroads as cr
from crossroads.indicators import INDEX, Indicators
from crossroads.levers import Case, Lever, cases_of, levers_of

TOY = cr.load("toy")
LEVERS = levers_of(TOY)
WORLD = cr.build_world(TOY, draws=8, seed=5)
CENTRAL = cr.build_world(TOY, draws=1)

NAMES = st.sampled_from(sorted(LEVERS))
STRENGTHS = st.floats(0, 1) | st.sampled_from([0.0, 1.0])


def run(*levers: Lever, world=WORLD) -> Indicators:
    """Return all rows of a case, sorted: those it changes and the baseline's."""
    found, failed = cr.run(world, [Case("case", levers, "short")], cr.ENGINES)
    assert not failed
    rows = found.where(scenario="baseline")
    if levers:
        rows = found.where(scenario="case").completed(rows, "case")
    return rows.take(rows.frame.with_row_index("place").sort(INDEX[2:])["place"].to_numpy())


def touched(lever: Lever) -> set[tuple[str, str]]:
    """Return the cells, as table and row, that a lever changes; of a barrier, the barrier."""
    world = CENTRAL.pull(lever)
    cells = set()
    for name, table in world.tables.items():
        before = CENTRAL[name]
        if table is before:
            continue
        for row, place in table.places.items():
            held = before.places.get(row)
            same = held is not None and table.frame.row(place) == before.frame.row(held)
            if not same or not all(
                np.array_equal(table.figures[figure][place], each[held], equal_nan=True)
                for figure, each in before.figures.items()
            ):
                cells.add((name, row))
    return cells


CELLS = {name: touched(lever) for name, lever in LEVERS.items()}
FEW = settings(max_examples=15)

INDEPENDENT = [
    pair for pair in combinations(sorted(LEVERS), 2) if not CELLS[pair[0]] & CELLS[pair[1]]
]


def assert_same(one: Indicators, two: Indicators) -> None:
    assert one.frame.select(INDEX[2:]).equals(two.frame.select(INDEX[2:]))
    assert_allclose(one.values, two.values, rtol=1e-12)
    for left, right in zip(one.frame["inputs"], two.frame["inputs"], strict=True):
        assert set(left) == set(right)


def test_there_are_independent_levers_of_every_kind():
    kinds = {LEVERS[name].changes[0].kind for pair in INDEPENDENT for name in pair}
    assert kinds == {"flow", "barrier", "link", "membership", "relation", "fact"}
    assert len(INDEPENDENT) > 200
    assert ("ald-leaves-league", "cyr-joins-league") in INDEPENDENT
    assert ("close-all-of-pipeco", "close-gas-ald") not in INDEPENDENT


@given(st.sampled_from(INDEPENDENT), STRENGTHS, STRENGTHS)
@FEW
def test_independent_levers_commute(pair, first, second):
    one, two = LEVERS[pair[0]].at(first), LEVERS[pair[1]].at(second)
    assert_same(run(one, two), run(two, one))


@given(st.lists(NAMES, min_size=1, max_size=3, unique=True))
@FEW
def test_levers_at_strength_zero_change_no_row(names):
    case = Case("case", tuple(LEVERS[name].at(0) for name in names), "short")
    found, _ = cr.run(WORLD, [case], cr.ENGINES)
    assert len(found.where(scenario="case")) == 0


@given(st.lists(NAMES, min_size=1, max_size=3, unique=True))
@FEW
def test_levers_at_strength_zero_give_exactly_the_baseline(names):
    found = run(*(LEVERS[name].at(0) for name in names))
    baseline = run()
    assert found.frame.select(INDEX[2:]).equals(baseline.frame.select(INDEX[2:]))
    assert found.values.tobytes() == baseline.values.tobytes()
    change = found.against(baseline)
    assert_array_equal(change.values, 0.0)


@given(NAMES)
def test_only_what_a_lever_touches_changes(name):
    """Rows that rest on nothing the lever changed are bit for bit those of the baseline."""
    changed = {row for _, row in CELLS[name]}
    baseline = run()
    before = {cells[2:]: values for cells, values in zip(
        baseline.frame.select(INDEX).iter_rows(), baseline.values, strict=True
    )}  # fmt: skip
    found = run(LEVERS[name])
    for row, values in zip(found.frame.iter_rows(named=True), found.values, strict=True):
        cells = tuple(row[each] for each in INDEX[2:])
        if cells in before and not changed & set(row["inputs"]):
            assert_array_equal(values, before[cells])


@given(NAMES, STRENGTHS)
@FEW
def test_a_lever_gives_the_same_bits_each_time(name, strength):
    one, two = (run(LEVERS[name].at(strength)) for _ in range(2))
    assert one.values.tobytes() == two.values.tobytes()


@given(st.sampled_from(sorted(TOY.scenarios)))
def test_a_scenario_is_its_levers_in_order(name):
    (case,) = (c for c in cases_of(TOY, [name]) if c.levers and c.horizon == "short")
    step = WORLD.at("short")
    for lever in TOY.scenarios[name]["levers"]:
        step = LEVERS[lever](step)
    whole = case.world(WORLD)
    for table in step.tables:
        for figure, values in step[table].figures.items():
            assert_array_equal(values, whole[table].figures[figure])


@pytest.mark.parametrize("indicator", ["exposed_income", "exposed_supply"])
@given(
    st.sampled_from(["halt-remittances-ald", "ban-fruit-ald", "cap-grain-ald", "league-tariff"]),
    st.floats(0.01, 1),
    st.floats(0.01, 1),
)
@FEW
def test_more_strength_exposes_no_less(indicator, name, one, two):
    low, high = sorted((one, two))
    less, more = (run(LEVERS[name].at(each)).where(indicator=indicator) for each in (low, high))
    assert (less.values <= more.values * (1 + 1e-9) + 1e-6).all()
