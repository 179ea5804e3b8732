"""The leverage matrix: every template for every ordered pair, on both sides, as pulled by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crossroads as cr
from crossroads.dossier import Dossier
from crossroads.entries import read_yaml
from crossroads.indicators import percentiles
from crossroads.leverage import (
    Cell,
    Leverage,
    Range,
    compute_leverage,
    leverage_bytes,
    leverage_frame,
    leverage_of,
)
from crossroads.leverage.rounds import rounds
from crossroads.levers import applied, check_levers, lever_of, ordered_pairs, templates
from crossroads.schema import package_vocabulary, template_file
from crossroads.testing import check_lever
from crossroads.world import World
from tests.conftest import Folder


@pytest.fixture(scope="module")
def matrix(toy: Dossier) -> Leverage:
    return compute_leverage(cr.build_world(toy, draws=200))


def cell(matrix: Leverage, template: str, holder: str, target: str) -> Cell:
    return matrix.places[template, holder, target]


def test_every_template_stands_for_every_ordered_pair(matrix: Leverage, toy: Dossier) -> None:
    assert list(matrix.places) == [
        (template, holder, target)
        for template in templates()
        for holder in toy.meta.regions
        for target in toy.meta.regions
        if holder != target
    ]


def test_remainders_groups_and_the_world_hold_no_levers(folder: Folder) -> None:
    folder.swap("actors.csv", "DOR,Dorland,state", "DOR,Dorland,region")
    assert {end for pair in ordered_pairs(folder.load()) for end in pair} == {"ALD", "BRU", "CYR"}


def test_transfers_halted_in_figures(toy: Dossier) -> None:
    """120 of 6,000 at the package's leakage of a twentieth: 114, of which Cyrland loses none."""
    found = cell(compute_leverage(cr.build_world(toy, draws=1)), "halt-remittances", "CYR", "ALD")
    assert found.on_target.indicator == "exposed_income"
    assert found.on_target.amount is not None
    assert found.on_target.amount.median == pytest.approx(114e6)
    assert found.on_target.of_gdp is not None
    assert found.on_target.of_gdp.median == pytest.approx(114 / 6000)
    assert found.on_target.of_budget is not None
    assert found.on_target.of_budget.median == pytest.approx(114 / 1500)
    assert found.on_holder.is_zero
    assert found.is_one_sided
    assert found.asymmetry is None
    assert found.by_default


def test_a_ban_costs_both_sides(toy: Dossier) -> None:
    """Fifty of goods pass each way between the twins, whose outputs are equal."""
    found = cell(compute_leverage(cr.build_world(toy, draws=1)), "stop-selling", "ALD", "BRU")
    assert found.on_target.indicator == "exposed_supply"
    assert found.on_holder.indicator == "exposed_income"
    assert found.on_target.amount == found.on_holder.amount
    assert found.on_target.amount is not None
    assert found.on_target.amount.median == pytest.approx(47.5e6)
    assert found.asymmetry == Range(1.0, 1.0, 1.0)
    assert not found.is_one_sided


def test_no_data_is_not_zero(matrix: Leverage) -> None:
    zero, unknown = (cell(matrix, "halt-aid", "CYR", each) for each in ("ALD", "DOR"))
    assert zero.has_data
    assert zero.on_target.is_zero
    assert zero.on_target.inputs == ("flows:aid/-/CYR/ALD/2024",)
    assert not zero.on_target.missing
    assert not unknown.has_data
    assert unknown.on_target.amount is None
    assert unknown.on_target.missing == "flows has no whole year of aid from CYR to DOR"
    assert unknown.on_holder.missing


def test_an_actor_without_output_has_an_amount_and_no_share(matrix: Leverage) -> None:
    found = cell(matrix, "stop-buying", "ALD", "CYR")
    assert found.on_target.amount is not None
    assert found.on_target.of_gdp is None
    assert (
        found.on_target.missing == "facts has no present gdp_current and no budget_revenue of CYR"
    )
    assert found.on_holder.of_gdp is not None
    assert found.asymmetry is None


def test_what_is_known_in_quantities_only_has_no_amount(folder: Folder) -> None:
    flows = [
        line for line in folder.text("flows.csv").splitlines()
        if not line.startswith(("goods,,CYR,ALD,", "goods,grain,CYR,ALD,"))
    ]  # fmt: skip
    folder.write("flows.csv", "\n".join(flows) + "\n")
    world = cr.build_world(folder.load(), draws=3)
    found = cell(compute_leverage(world), "stop-selling", "CYR", "ALD")
    assert found.on_target.amount is None
    assert found.on_target.missing == "flows has it in quantities only, not in money"
    assert [each.item for each in found.on_target.parts] == ["goods:gas"]
    assert found.has_data


def test_the_largest_products_are_named(matrix: Leverage) -> None:
    found = cell(matrix, "stop-buying", "CYR", "ALD").on_target
    assert [each.item for each in found.parts] == ["goods:food", "goods:fruit"]
    assert found.amount is not None
    assert found.parts[0].amount.median < found.amount.median
    assert "flows:goods/food/ALD/CYR/2024" in found.parts[0].inputs


PAIRS = st.permutations(["ALD", "BRU", "CYR", "DOR"]).map(lambda each: each[:2])


@given(template=st.sampled_from(sorted(templates())), pair=PAIRS)
def test_a_cell_is_what_the_lever_written_by_hand_gives(
    template: str, pair: list[str], matrix: Leverage, toy: Dossier
) -> None:
    """The lever in a dossier's own file, pulled alone, gives the same bits."""
    holder, target = pair
    found = cell(matrix, template, holder, target)
    entry = applied(template, holder, target, toy)
    world = cr.build_world(toy, draws=200).with_levers({entry.id: entry})
    rows, failed = cr.run(world, [cr.Case("it", (lever_of(entry),), "short")], cr.ENGINES)
    if not found.has_data:
        assert failed or len(rows.where(scenario="it")) == 0
        return
    for effect in (found.on_target, found.on_holder):
        for item, indicator, shown in (
            ("all", effect.indicator, effect.amount),
            ("all/gdp_current", f"{effect.indicator}_to_fact", effect.of_gdp),
            ("all/budget_revenue", f"{effect.indicator}_to_fact", effect.of_budget),
        ):
            asked = rows.where(scenario="it", indicator=indicator, actor=effect.actor, item=item)
            if shown is None or shown == Range(0.0, 0.0, 0.0):
                assert len(asked) == 0
                continue
            assert Range(*percentiles(asked.values)[0, :3]) == shown
            assert set(asked.frame["inputs"][0]) <= set(effect.inputs)


def test_a_lever_in_levers_yaml_gives_the_same(folder: Folder, matrix: Leverage) -> None:
    """Written out under the template's id, so that its figures take the same draws."""
    folder.add(
        "levers.yaml",
        "\nstop-buying.CYR.BRU:\n"
        "  holder: CYR\n  target: BRU\n  says: As the template has it\n  changes:\n"
        "    - {barrier: {kind: ban, origin: BRU, destination: CYR}, value: 100%}\n",
    )
    dossier = folder.load()
    case = cr.Case("it", (cr.lever_named(dossier, "stop-buying.CYR.BRU"),), "short")
    rows, _ = cr.run(cr.build_world(dossier, draws=200), [case], cr.ENGINES)
    asked = rows.where(scenario="it", indicator="exposed_income_to_fact", item="all/gdp_current")
    shown = cell(matrix, "stop-buying", "CYR", "BRU").on_target.of_gdp
    assert Range(*percentiles(asked.values)[0, :3]) == shown


def test_the_first_of_the_studys_draws_are_taken(toy: Dossier) -> None:
    world = cr.build_world(toy, draws=700)
    found = compute_leverage(world)
    entry = applied("halt-remittances", "CYR", "ALD", toy)
    offered = world.with_levers({entry.id: entry})
    rows, _ = cr.run(offered, [cr.Case("it", (lever_of(entry),), "short")], cr.ENGINES)
    asked = rows.where(scenario="it", indicator="exposed_income", item="all", actor="ALD")
    shown = cell(found, "halt-remittances", "CYR", "ALD").on_target.amount
    assert found.draws == 200
    assert shown == Range(*percentiles(asked.values[:, :200])[0, :3])
    assert shown != Range(*percentiles(asked.values)[0, :3])


def test_orders(matrix: Leverage) -> None:
    by_exposure = [each.on_target.of_gdp for each in matrix.by_exposure()]
    medians = [each.median for each in by_exposure if each]
    assert medians == sorted(medians, reverse=True)
    assert len(medians) == len(by_exposure) > 10
    order = matrix.by_asymmetry()
    alone = [each.is_one_sided for each in order]
    assert alone == sorted(alone, reverse=True)
    ratios = [each.asymmetry.median for each in order if each.asymmetry]
    assert ratios == sorted(ratios, reverse=True)
    assert {True, False} == set(alone)


@pytest.mark.parametrize("count", [2, 3, 4, 5, 16])
def test_rounds_pair_everybody_once(count: int) -> None:
    actors = [f"A{number}" for number in range(count)]
    made = rounds(actors)
    for pairs in made:
        ends = [each for pair in pairs for each in pair]
        assert len(ends) == len(set(ends))
    met = [frozenset(pair) for pairs in made for pair in pairs]
    assert len(met) == len(set(met))
    assert set(met) == {frozenset(pair) for pair in combinations(actors, 2)}


# --- kept and written


def test_it_is_found_in_the_store_as_it_was(toy: Dossier, tmp_path: Path) -> None:
    store = cr.Store(tmp_path / "store")
    first = leverage_of(toy, draws=20, store=store)

    def never() -> World:
        raise AssertionError("computed again")

    assert leverage_of(toy, draws=20, store=store, sample=never) == first
    with pytest.raises(AssertionError, match="computed again"):
        leverage_of(toy, draws=21, store=store, sample=never)


def test_a_study_has_it_and_writes_it(toy: Dossier, tmp_path: Path) -> None:
    store = cr.Store(tmp_path / "store")
    one = cr.assess(toy, draws=20, store=store)
    two = cr.assess(toy, draws=20, store=store)
    assert one.leverage == two.leverage == compute_leverage(one.world)
    for study, name in ((one, "one"), (two, "two")):
        study.write(tmp_path / name)
    for file, data in leverage_bytes(one.leverage).items():
        assert (tmp_path / "one" / file).read_bytes() == data
        assert (tmp_path / "two" / file).read_bytes() == data


def test_the_files_agree(matrix: Leverage) -> None:
    frame, record = leverage_frame(matrix), json.loads(leverage_bytes(matrix)["leverage.json"])
    assert frame.height == 2 * len(matrix.cells) == 2 * len(record["cells"])
    sides = frame.partition_by("side", as_dict=True)
    for place, told in enumerate(record["cells"]):
        for side in ("target", "holder"):
            row = sides[side,].row(place, named=True)
            effect = told[f"on_{side}"]
            assert (row["actor"], row["inputs"]) == (effect["actor"], effect["inputs"])
            for name in ("amount", "of_gdp", "of_budget"):
                if effect[name] is None:
                    assert row[f"{name}_median"] is None
                else:
                    assert effect[name]["p95"] == pytest.approx(row[f"{name}_p95"], rel=1e-5)
    assert frame.schema["inputs"] == pl.List(pl.String)


def test_names_go_where_the_template_says(make_folder: Callable[[str], Folder]) -> None:
    folder = make_folder("odd").swap("actors.csv", "CYR,Cyrland,", "CYR,<target> or so,")
    says = applied("stop-buying", "CYR", "ALD", folder.load())["says"]
    assert says == "<target> or so bans imports of goods from Aldland"


def test_templates_are_levers_without_fault(toy: Dossier) -> None:
    pairs = list(ordered_pairs(toy))
    entries = [applied(each, *pair, toy) for each in templates() for pair in pairs]
    dossier = replace(toy, levers={each.id: each for each in entries}, scenarios={})
    assert check_levers(dossier, None) == []
    assert len(dossier.levers) == len(templates()) * len(pairs)


def test_a_fault_in_a_template_is_a_finding(tmp_path: Path) -> None:
    broken = tmp_path / "templates.yaml"
    broken.write_text("halt:\n  layer: songs\n  says: <holder> sings\n", encoding="utf-8")
    entries, found = read_yaml(broken, template_file(), package_vocabulary())
    assert set(entries) == {"halt"}
    assert {(each.code, each.line) for each in found} == {("bad-choice", 2), ("missing-field", 1)}


@pytest.mark.parametrize("template", list(templates()))
def test_a_templates_lever_keeps_the_contract(template: str, toy: Dossier, central: World) -> None:
    entry = applied(template, "CYR", "ALD", toy)
    check_lever(lever_of(entry), central.with_levers({entry.id: entry}))


def test_rows_that_rest_on_two_levers_are_computed_again_alone(
    toy: Dossier, matrix: Leverage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pull every lever of a template at once, so that totals of an actor mix: cells stay."""

    def all_at_once(actors: list[str]) -> list[list[tuple[str, str]]]:
        return [list(combinations(actors, 2))]

    monkeypatch.setattr("crossroads.leverage.compute.rounds", all_at_once)
    again = compute_leverage(cr.build_world(toy, draws=200))
    assert again == matrix
