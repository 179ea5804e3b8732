"""What a verdict hangs on: drivers, break-even, sources, what to check next."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

import crossroads as cr
from crossroads.claims import Verdict
from crossroads.claims.claim import claim_named
from crossroads.claims.expectation import select, values_of
from crossroads.claims.explain import Driver, SourceUsed, carried, drivers, sources_of
from crossroads.claims.judge import ReadingVerdict
from crossroads.cli import app
from crossroads.dossier import Dossier
from crossroads.engines import ENGINES
from crossroads.show.explanation import draw_explanation, explanation_record
from crossroads.show.row import draw_row, row_named
from crossroads.study import Study
from crossroads.world import World
from tests.conftest import Folder

PEOPLE = "facts:ALD/-/population/-/2024-07-01"
HILL = "facts:ALD/HILLFOLK/population/-/2024-07-01"
REVENUE = "facts:ALD/-/budget_revenue/-/2024@2026-03-31"
TRANSFERS = "flows:remittances/-/CYR/ALD/2024"
RATE = "facts:LEA/-/exchange_rate/-/2024"


def test_the_wide_input_drives(study: Study) -> None:
    """300 thousand hill people (200 to 450) among 2 million of grade A: the first all but alone."""
    found = study.explanations["hill-people-in-ald"].drivers
    assert (found[0].row, found[0].figure) == (HILL, "value")
    assert found[0].share > 0.95


def test_drivers_come_strongest_first_and_from_the_inputs_alone(study: Study) -> None:
    for name, explanation in study.explanations.items():
        shares = [each.share for each in explanation.drivers]
        assert shares == sorted(shares, reverse=True), name
        assert all(0 < share <= 1 + 1e-12 for share in shares), name
        if explanation.drivers:
            assert explanation.of is not None
            assert {each.row for each in explanation.drivers} <= set(explanation.of.rows), name
    found = study.explanations["ald-budget-lives-off-transfers"].drivers
    assert [each.row for each in found] == [TRANSFERS, REVENUE, RATE]


def test_a_lever_s_own_figures_can_drive(study: Study) -> None:
    found = study.explanations["halt-empties-pockets"].drivers
    assert found[0].row == "levers:halt-remittances-ald/1/leakage"
    assert found[0].share > 0.99


def test_noise_drives_nothing(study: Study, world: World) -> None:
    """Draws that have nothing to do with the inputs have no drivers, nearly always."""
    of = study.explanations["ald-budget-lives-off-transfers"].of
    assert of is not None
    random = np.random.default_rng(7)
    told = []
    for _ in range(100):
        unrelated = type(of)(
            of.reading, of.verdict, "", rows=of.rows, draws=random.normal(size=200)
        )
        told.append(len(drivers(unrelated, world)) > 0)
    assert np.mean(told) < 0.15


def test_an_input_that_has_no_part_in_it_is_seldom_a_driver(toy: Dossier) -> None:
    """A wide figure of another state beside the true inputs, over many seeds."""
    dummy = "facts:BRU/-/gdp_growth/-/2024"
    known = cr.build_world(toy, draws=1)
    (low, high) = (known.quantile(dummy, "value", each) for each in (0.05, 0.95))
    assert low < high
    reading = claim_named(toy, "hill-people-in-ald").readings[0]
    told = []
    for seed in range(120):
        world = cr.build_world(toy, draws=100, seed=seed)
        table = world.reported["facts"]
        people, whole = (table.values[table.places[row]] for row in (HILL, PEOPLE))
        verdict = ReadingVerdict(
            reading, Verdict.IMPRECISE, "", rows=(HILL, PEOPLE, dummy), draws=people / whole
        )
        found = [each.row for each in drivers(verdict, world)]
        assert found[0] == HILL
        told.append(dummy in found)
    assert np.mean(told) <= 0.08


@pytest.mark.parametrize("name", ["no-aid-from-cyr", "halt-on-ald-hurts-bru"])
def test_a_certain_figure_has_no_drivers(study: Study, name: str) -> None:
    explanation = study.explanations[name]
    assert explanation.of is not None
    assert explanation.drivers == ()
    assert explanation.break_even is None


def test_rounding_is_not_a_driver(study: Study) -> None:
    """The years of a series tied to one draw: their ratio varies by rounding alone."""
    explanation = study.explanations["transfers-grow"]
    assert explanation.of is not None
    assert explanation.of.draws is not None
    assert np.ptp(explanation.of.draws) < 1e-12
    assert explanation.drivers == ()


def test_break_even_by_hand(study: Study) -> None:
    """Roughly 15 % of 2 million is 12 to 18 %: 240 or 360 thousand, as near as can be."""
    found = study.explanations["hill-people-in-ald"].break_even
    assert found is not None
    assert (found.row, found.figure, found.unit) == (HILL, "value", "thousand persons")
    assert found.now == pytest.approx(300)
    assert found.value in (pytest.approx(240, rel=1e-9), pytest.approx(360, rel=1e-9))


def test_at_break_even_the_central_result_stands_on_a_bound(
    study: Study, toy: Dossier, central: World
) -> None:
    tried = 0
    for name, explanation in study.explanations.items():
        value, of = explanation.break_even, explanation.of
        if value is None:
            continue
        assert of is not None
        assert of.reading.claimed is not None
        tried += 1
        factor = toy.vocabulary.units[value.unit].factor
        given = {(value.row, value.figure): np.array([value.value * factor])}
        cases = [
            case
            for case in cr.cases_of(toy)
            if (case.scenario, case.horizon) == (of.reading.scenario, of.reading.horizon)
        ]
        table, _ = cr.run(central.perturbed(given), cases, ENGINES)
        claim = claim_named(toy, name)
        selection = select(of.reading, table, claim.document.date)
        found = values_of(of.reading, selection, table)[0]
        bounds = [
            each for each in (of.reading.claimed.low, of.reading.claimed.high) if each is not None
        ]
        assert min(abs(found - each) for each in bounds) <= 1e-6 * max(map(abs, bounds)), name
        low, high = (central.quantile(value.row, value.figure, each) for each in (0.001, 0.999))
        assert low <= value.value * factor <= high, name
    assert tried >= 5


def test_break_even_of_the_south_caucasus_by_the_whole_world() -> None:
    """The value set in the whole world, not in the part that explaining looks at."""
    dossier = cr.load("south-caucasus")
    names = ["exports-mostly-fruit-vegetables", "russian-firms", "russian-capital"]
    study = cr.assess(dossier, draws=100, only=names)
    central = cr.build_world(dossier, draws=1)
    tried = 0
    for name in names:
        value, of = study.explanations[name].break_even, study.explanations[name].of
        if value is None:
            continue
        assert of is not None
        assert of.reading.claimed is not None
        tried += 1
        factor = dossier.vocabulary.units[value.unit].factor
        given = {(value.row, value.figure): np.array([value.value * factor])}
        wanted = (of.reading.scenario, of.reading.horizon)
        cases = [case for case in cr.cases_of(dossier) if (case.scenario, case.horizon) == wanted]
        table, _ = cr.run(central.perturbed(given), cases, ENGINES)
        selection = select(of.reading, table, claim_named(dossier, name).document.date)
        found = values_of(of.reading, selection, table)[0]
        ends = (of.reading.claimed.low, of.reading.claimed.high)
        bounds = [each for each in ends if each is not None]
        assert min(abs(found - each) for each in bounds) <= 1e-6 * max(map(abs, bounds)), name
    assert tried == len(names)


def test_no_break_even_outside_an_input_s_range(study: Study) -> None:
    """Transfers of 5 % spread cannot carry 8 % of the budget to 9 %."""
    assert study.explanations["ald-budget-lives-off-transfers"].drivers
    assert study.explanations["ald-budget-lives-off-transfers"].break_even is None


def test_records_are_explained_by_their_sources(study: Study) -> None:
    explanation = study.explanations["launchers-ordered"]
    assert explanation.of is None
    assert [(each.id, each.reliability) for each in explanation.sources] == [
        ("register-2025", "B"),
        ("register-2026", "B"),
    ]


def test_sources_carry_the_rows_that_rest_on_them(world: World) -> None:
    found = sources_of([HILL, TRANSFERS, "levers:halt-remittances-ald/1/leakage"], world)
    assert {each.id: each.rows for each in found} == {
        "bazaar": (HILL,),
        "leak": (HILL,),
        "central-bank": (TRANSFERS,),
        "wire-transfers": (TRANSFERS,),
        "wire": ("levers:halt-remittances-ald/1/leakage",),
    }


def test_sources_cover_every_input_that_has_one(study: Study) -> None:
    for name, explanation in study.explanations.items():
        rows = {row for each in study.judged[name].readings for row in each.rows}
        covered = {row for each in explanation.sources for row in each.rows}
        assert covered <= rows, name
        assert {row for row in rows if not row.startswith("levers:")} <= covered, name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "hill-people-in-ald",
            "check source leak (F), or source bazaar (E): "
            f"100% of what is undecided goes with {HILL}",
        ),
        (
            "transfers-come-from-cyr",
            "check source wire-transfers (C), the weakest behind what drives it: "
            f"49% of the spread goes with {TRANSFERS}",
        ),
        ("no-aid-from-cyr", "check source wire (C)"),
        ("no-other-way-for-gas", "find what is missing: waits for the routes engine"),
        ("truce-will-come", ""),
        ("shells-fired", ""),
    ],
)
def test_what_to_check_next(study: Study, name: str, says: str) -> None:
    assert study.explanations[name].check_next == says


def test_only_judged_claims_have_a_decisive_reading(study: Study) -> None:
    for name, judged in study.judged.items():
        decisive = study.explanations[name].of
        if judged.verdict in (Verdict.UNTESTABLE, Verdict.NO_DATA, Verdict.OPEN):
            assert decisive is None, name
        elif decisive is not None:
            assert decisive in judged.readings, name


def test_more_draws_find_the_same_drivers(folder: Folder, study: Study) -> None:
    finer = cr.assess(folder.load(), draws=1000, seed=5, only=["halt-weighs-on-product"])
    coarse = study.explanations["halt-weighs-on-product"].drivers
    fine = finer.explanations["halt-weighs-on-product"].drivers
    assert coarse[0].row == fine[0].row
    assert abs(coarse[0].share - fine[0].share) < 0.1


def a_source(name: str, grade: str, origin: str, *rows: str) -> SourceUsed:
    return SourceUsed(name, "", grade, origin, rows)


def test_sources_are_ranked_by_what_they_carry() -> None:
    """By hand: rows a 0.5, b 0.3, c 0.1; the first two rest on one origin, b also on another."""
    found = [Driver("a", "value", 0.5), Driver("b", "value", 0.3), Driver("c", "value", 0.1)]
    sources = [
        a_source("first", "B", "bank", "a"),
        a_source("second", "D", "bank", "b", "idle"),
        a_source("third", "A", "third", "b", "c"),
        a_source("fourth", "F", "fourth", "idle"),
    ]
    ranked = carried([found], sources)
    assert [[one.id for one in each.sources] for each in ranked] == [["second", "first"], ["third"]]
    assert [each.share for each in ranked] == pytest.approx([0.8, 0.4])
    assert [each.rows for each in ranked] == [("a", "b"), ("b", "c")]


def test_a_row_counts_once_in_its_origin() -> None:
    found = [Driver("a", "value", 0.6)]
    sources = [a_source("one", "C", "same", "a"), a_source("two", "C", "same", "a")]
    (only,) = carried([found], sources)
    assert only.share == pytest.approx(0.6)


def test_several_undecided_readings_are_averaged() -> None:
    found = [[Driver("a", "value", 0.8)], [Driver("a", "value", 0.2), Driver("b", "value", 0.7)]]
    ranked = carried(found, [a_source("one", "A", "one", "a"), a_source("two", "B", "two", "b")])
    assert [(each.sources[0].id, each.share) for each in ranked] == [
        ("one", pytest.approx(0.5)),
        ("two", pytest.approx(0.35)),
    ]


def test_only_what_is_undecided_ranks_sources(study: Study) -> None:
    for name, explanation in study.explanations.items():
        undecided = [
            each
            for each in study.judged[name].readings
            if each.verdict is Verdict.IMPRECISE and each.draws is not None
        ]
        assert bool(explanation.undecided) <= bool(undecided), name
        rows = {row for each in undecided for row in each.rows}
        assert {row for each in explanation.undecided for row in each.rows} <= rows, name


def test_every_number_of_an_explanation_leads_to_file_and_line(study: Study) -> None:
    for name, explanation in study.explanations.items():
        record = explanation_record(study, name)
        places = {each["row"]: (each["file"], each["line"]) for each in record["rows"]}
        told = [*record["readings"], *record["readings_then"]]
        wanted = {row for each in told for row in each["inputs"]}
        wanted |= {each["row"] for each in record["drivers"]}
        wanted |= {row for each in explanation.undecided for row in each.rows}
        if record["break_even"]:
            wanted.add(record["break_even"]["row"])
        assert wanted <= places.keys(), name
        assert all(file and line > 0 for file, line in places.values()), name


def test_a_place_is_where_the_row_stands(study: Study, toy: Dossier) -> None:
    for each in explanation_record(study, "hill-people-in-ald")["rows"]:
        lines = (toy.path / each["file"]).read_text(encoding="utf-8").splitlines()
        assert ",".join(each["row"].partition(":")[2].split("/")[:1]) in lines[each["line"] - 1]


def test_the_period_of_then_stands_beside_its_bar() -> None:
    """Of another period than now's it says which; of the same it does not."""
    name = "transfers-share-of-budget"
    other = cr.assess(cr.load("south-caucasus"), draws=20, only=[name])
    judged = other.judged[name]
    periods = [
        (now.cells["period"], then.cells["period"])
        for now, then in zip(judged.readings, judged.readings_then, strict=True)
    ]
    assert ("2024", "2023") in periods
    bars = [line for line in screen_of(other, name).splitlines() if line.startswith("  then ")]
    told = [re.search(r", (\d{4}); ", line) for line in bars]
    assert [each and each[1] for each in told] == [
        then if then != now else None for now, then in periods
    ]


def screen_of(study: Study, name: str) -> str:
    console = Console(width=160, markup=False, highlight=False)
    with console.capture() as capture:
        draw_explanation(console, study, name)
    return capture.get()


class TestRow:
    """From the id of a row one command leads to file and line."""

    def record(self, *words: str) -> dict[str, Any]:
        result = CliRunner().invoke(app, ["explain", "toy", *words, "--draws", "20", "--json"])
        assert result.exit_code == 0, result.output
        record: dict[str, Any] = json.loads(result.stdout)
        return record

    def test_it_leads_to_file_line_sources_and_verdicts(self, toy: Dossier) -> None:
        record = self.record("--row", HILL)
        lines = (toy.path / record["file"]).read_text(encoding="utf-8").splitlines()
        assert lines[record["line"] - 1].startswith("ALD,HILLFOLK,population,")
        assert record["cells"]["value"] == 300
        assert [each["id"] for each in record["sources"]] == ["bazaar", "leak"]
        assert "hill-people-in-ald" in [each["id"] for each in record["claims"]]

    def test_a_figure_of_a_lever_leads_to_its_yaml(self, toy: Dossier) -> None:
        record = self.record("--row", "levers:halt-remittances-ald/1/leakage")
        lines = (toy.path / record["file"]).read_text(encoding="utf-8").splitlines()
        assert "leakage" in lines[record["line"] - 1]

    def test_a_row_nothing_rests_on(self, toy: Dossier) -> None:
        row = toy.tables["actors"]["row"][0]
        assert self.record("--row", row)["claims"] == []

    @pytest.mark.parametrize(
        "words",
        [
            ("--row", "facts:ALD/HILLFOLK/populaton/-/2024-07-01"),
            ("--row", "nothing"),
            ("hill-people-in-ald", "--row", HILL),
        ],
    )
    def test_unknown_rows_are_usage_errors(self, words: tuple[str, ...]) -> None:
        result = CliRunner().invoke(app, ["explain", "toy", *words])
        assert result.exit_code == 2

    def test_a_screen_shows_it(self, study: Study, toy: Dossier) -> None:
        console = Console(width=100, markup=False, highlight=False)
        with console.capture() as capture:
            draw_row(console, study, row_named(toy, HILL))
        text = capture.get()
        for said in ("facts.csv:10", "300", "bazaar", "hill-people-in-ald", "1 claim rests on it"):
            assert said in text
