"""What differs between two dossiers, two studies and two days, and through what a verdict flips."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import crossroads as cr
from crossroads.claims import Verdict
from crossroads.cli import app
from crossroads.diff import (
    Change,
    Difference,
    VerdictChange,
    compare_dossiers,
    compare_studies,
    dated,
)
from crossroads.dossier import Dossier
from tests.conftest import Folder

DRAWS = 40
HILL = "facts:ALD/HILLFOLK/population/-/2024-07-01"
REVENUE = "facts:ALD/-/budget_revenue/-/2024"
TRANSFERS = "flows:remittances/-/CYR/ALD/2024"


def crossroads(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), prog_name="crossroads")


def compared(old: Dossier, new: Dossier) -> Difference:
    return compare_dossiers(old, new, draws=DRAWS)


def the_change(told: Difference, name: str) -> Change:
    (change,) = [each for each in told.changes if each.id == name]
    return change


def the_verdict(told: Difference, name: str) -> VerdictChange:
    (verdict,) = [each for each in told.verdicts if each.claim == name]
    return verdict


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A toy dossier with more hill people, other words, a row more and a row less."""
    path = tmp_path_factory.mktemp("edited") / "toy"
    shutil.copytree(cr.locate("toy"), path)
    folder = Folder(path)
    folder.swap(
        "facts.csv",
        "ALD,HILLFOLK,population,,300,200,450,",
        "ALD,HILLFOLK,population,,400,390,410,",
    )
    folder.swap(
        "claims.yaml", "Roughly 15 per cent of the people", "Some 15 per cent of the people"
    )
    text = folder.text("facts.csv")
    line = next(each for each in text.splitlines() if each.startswith("BRU,,gdp_growth"))
    folder.write("facts.csv", text.replace(f"{line}\n", ""))
    folder.add("facts.csv", "BRU,,gdp_growth,,2,1,3,%,2023,,yearbook-2025,,,\n")
    return path


@pytest.fixture(scope="module")
def told(toy: Dossier, edited: Path) -> Difference:
    return compared(toy, cr.load(edited))


def test_a_changed_row_is_told_cell_by_cell(told: Difference) -> None:
    change = the_change(told, HILL)
    assert change.change == "changed"
    cells = {each.name: (each.old, each.new) for each in change.cells}
    assert cells == {"value": ("300", "400"), "low": ("200", "390"), "high": ("450", "410")}
    assert change.old_place.startswith("facts.csv:")


def test_rows_added_and_removed_are_told_with_their_place(told: Difference) -> None:
    rows = {(each.change, each.id) for each in told.changes if each.kind == "facts"}
    assert ("removed", "facts:BRU/-/gdp_growth/-/2024") in rows
    assert ("added", "facts:BRU/-/gdp_growth/-/2023") in rows
    added, removed = (
        the_change(told, f"facts:BRU/-/gdp_growth/-/{year}") for year in ("2023", "2024")
    )
    assert (added.old_place, removed.new_place) == ("", "")
    assert added.new_place
    assert removed.old_place


def test_a_reworded_claim_is_no_other_test(told: Difference) -> None:
    change = the_change(told, "hill-people-in-ald")
    assert (change.kind, change.change) == ("claims", "reworded")
    assert [each.name for each in change.cells] == ["says"]


def test_nothing_else_is_told(told: Difference) -> None:
    assert len(told.changes) == 4


def test_a_verdict_flips_through_the_row_that_changed(told: Difference) -> None:
    """400 of 2,000 thousand are 20 %; roughly 15 % ends at 18 %."""
    verdict = the_verdict(told, "hill-people-in-ald")
    assert (verdict.old, verdict.new) == ("imprecise", "contradicted")
    (through,) = verdict.through
    (one,) = through.inputs
    assert (one.row, one.figure, one.old, one.new) == (HILL, "value", 300, 400)
    assert one.unit == "thousand persons"
    assert through.central == pytest.approx(15, rel=1e-9)
    assert one.result == pytest.approx(20, rel=1e-9)
    assert one.crosses
    assert through.crosses


def test_a_flip_without_the_row_names_it(told: Difference) -> None:
    """The growth of 2024 is gone, and 2023 stands in: rows that cannot be swapped."""
    verdict = the_verdict(told, "bru-shrinks")
    assert (verdict.old, verdict.new) == ("supported", "contradicted")
    (through,) = verdict.through
    assert [(each.row, each.change, each.crosses) for each in through.inputs] == [
        ("facts:BRU/-/gdp_growth/-/2024", "removed", None),
        ("facts:BRU/-/gdp_growth/-/2023", "added", None),
    ]
    assert "the period meant was 2024 and is 2023" in through.notes


def test_inputs_are_swapped_one_at_a_time_and_ranked(
    toy: Dossier, make_folder: Callable[[str], Folder]
) -> None:
    """A quarter more transfers carry the share to its bound, a little more revenue does not."""
    folder = make_folder("two")
    folder.swap("flows.csv", "CYR,ALD,120,", "CYR,ALD,150,")
    folder.swap("facts.csv", "ALD,,budget_revenue,,3000,", "ALD,,budget_revenue,,3003,")
    told = compared(toy, folder.load())
    verdict = the_verdict(told, "ald-budget-lives-off-transfers")
    (through,) = verdict.through
    assert [each.row for each in through.inputs] == [TRANSFERS, f"{REVENUE}@2026-03-31"]
    assert [each.crosses for each in through.inputs] == [True, False]
    assert through.inputs[0].result == pytest.approx(1.25 * through.central, rel=1e-6)
    assert through.together == pytest.approx(1.25 * through.central / 1.001, rel=1e-6)


def test_swapping_gives_what_the_whole_world_gives(told: Difference, edited: Path) -> None:
    """With every differing input swapped, the central result is that of the new side."""
    study = cr.assess(cr.load(edited), draws=1, only=["hill-people-in-ald"])
    (reading,) = study.judged["hill-people-in-ald"].readings
    (through,) = the_verdict(told, "hill-people-in-ald").through
    assert reading.found is not None
    assert through.together == pytest.approx(reading.found.median, rel=1e-12)


def test_the_same_dossier_elsewhere_differs_in_nothing(toy: Dossier, folder: Folder) -> None:
    told = compared(toy, folder.load())
    assert (told.changes, told.verdicts, told.files) == ((), (), ())
    assert told.judged == len(toy.claims)


def test_levers_settings_and_units_are_compared(
    toy: Dossier, make_folder: Callable[[str], Folder]
) -> None:
    folder = make_folder("other")
    folder.add("units.csv", "cartload of calls,count,500,,cartloads of calls")
    folder.swap("dossier.yaml", "base_period: 2024", "base_period: 2023")
    first = next(iter(toy.levers))
    folder.swap("levers.yaml", toy.levers[first]["says"], "Another thing is said")
    told = compared(toy, folder.load())
    kinds = {(each.kind, each.id, each.change) for each in told.changes}
    assert ("levers", first, "changed") in kinds
    assert ("units", "cartload of calls", "added") in kinds
    assert any(kind == "settings" and name.startswith("base_period") for kind, name, _ in kinds)


def test_a_restated_claim_says_what_is_claimed_differs(
    toy: Dossier, make_folder: Callable[[str], Folder]
) -> None:
    folder = make_folder("restated")
    folder.swap("claims.yaml", "roughly: 15%", "roughly: 55%")
    told = compared(toy, folder.load())
    assert the_change(told, "hill-people-in-ald").change == "restated"
    verdict = the_verdict(told, "hill-people-in-ald")
    assert verdict.flipped
    assert "what is claimed differs" in verdict.through[0].notes
    assert verdict.through[0].inputs == ()


def test_two_days_of_one_dossier(toy: Dossier) -> None:
    """What was revised later replaces what was known first; nothing known is forgotten."""
    told = compared(dated(toy, date(2025, 4, 30)), toy)
    change = the_change(told, f"{REVENUE}@2026-03-31")
    assert (change.change, change.before) == ("changed", f"{REVENUE}@2025-02-28")
    assert {each.change for each in told.changes} == {"added", "changed"}
    assert not [each for each in told.changes if each.kind in ("claims", "levers", "settings")]
    verdict = the_verdict(told, "ald-budget-lives-off-transfers")
    assert (verdict.old, verdict.new) == ("supported", "contradicted")
    (one,) = [each for each in verdict.through[0].inputs if each.before]
    assert one.crosses


def test_a_day_is_part_of_what_results_follow_from(toy: Dossier) -> None:
    assert dated(toy, date(2025, 4, 30)).digests != toy.digests
    assert dated(toy, date(2025, 4, 30)).meta == replace(toy.meta, as_of=date(2025, 4, 30))


@pytest.fixture(scope="module")
def written(
    toy: Dossier, edited: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """Both dossiers assessed and written."""
    base = tmp_path_factory.mktemp("studies")
    old = cr.assess(toy, draws=DRAWS).write(base / "old")
    return old, cr.assess(cr.load(edited), draws=DRAWS).write(base / "new")


class TestStudies:
    def test_they_tell_the_same_verdicts_as_the_dossiers(
        self, written: tuple[Path, Path], told: Difference
    ) -> None:
        by_files = compare_studies(*written)
        assert [(each.claim, each.old, each.new) for each in by_files.flipped] == [
            (each.claim, each.old, each.new) for each in told.flipped
        ]
        assert by_files.files == ("claims.yaml", "facts.csv")
        assert [(each.id, each.change) for each in by_files.changes] == [
            ("hill-people-in-ald", "reworded")
        ]

    def test_a_study_and_itself(self, written: tuple[Path, Path]) -> None:
        told = compare_studies(written[0], written[0])
        assert (told.changes, told.verdicts, told.files) == ((), (), ())

    def test_the_command_tells_them(self, written: tuple[Path, Path]) -> None:
        result = crossroads("diff", *map(str, written), "--json")
        assert result.exit_code == 0
        assert "hill-people-in-ald" in json.loads(result.stdout)["flipped"]

    @pytest.mark.parametrize(
        ("file", "text"),
        [
            ("verdicts.json", "{"),
            ("verdicts.json", "[]"),
            ("verdicts.json", '{"verdicts": [{"id": 1}]}'),
            ("verdicts.json", '{"verdicts": 3}'),
            ("study.json", "{}"),
            ("study.json", "[" * 100_000),
            ("study.json", "\udcff"),
        ],
    )
    def test_broken_files_are_refused(
        self, written: tuple[Path, Path], tmp_path: Path, file: str, text: str
    ) -> None:
        for each in ("study.json", "verdicts.json"):
            (tmp_path / each).write_bytes((written[0] / each).read_bytes())
        (tmp_path / file).write_bytes(text.encode("utf-8", "surrogateescape"))
        result = crossroads("diff", str(written[0]), str(tmp_path))
        assert result.exit_code == 2
        assert "Traceback" not in result.output


class TestCommand:
    def test_a_pipe_gets_one_line_a_cell(self, edited: Path) -> None:
        result = crossroads("diff", "toy", str(edited), "--draws", "50")
        assert result.exit_code == 0
        header, *lines = (line.split("\t") for line in result.stdout.splitlines())
        assert all(len(line) == len(header) for line in lines)
        rows = [dict(zip(header, line, strict=True)) for line in lines]
        (flips,) = [row for row in rows if row["what"] == "input" and row["flips"] == "yes"]
        assert flips["part"] == f"{HILL} value"
        (value,) = [row for row in rows if row["id"] == HILL and row["part"] == "value"]
        assert (value["old"], value["new"]) == ("300", "400")
        assert value["new_place"].startswith("facts.csv:")

    def test_a_screen_shows_it(self, told: Difference) -> None:
        from rich.console import Console

        from crossroads.show.diff import draw_diff

        console = Console(width=100, record=True, markup=False, highlight=False)
        with console.capture() as capture:
            draw_diff(console, told)
        text = capture.get()
        for said in ("Verdicts that flipped", "hill-people-in-ald", "300 → 400", "flips", "facts:"):
            assert said in text

    @pytest.mark.parametrize(
        "words",
        [
            ("toy",),
            ("toy", "toy"),
            ("toy", "--to", "2025-04-30"),
            ("toy", "--from", "yesterday"),
            ("toy", "south-caucasus", "--from", "2025-04-30"),
            ("toy", "nowhere"),
            ("toy", "--from", "2026-06-30"),
        ],
    )
    def test_what_cannot_be_compared(self, words: tuple[str, ...]) -> None:
        result = crossroads("diff", *words, "--draws", "2")
        assert result.exit_code == 2
        assert result.stdout == ""

    def test_a_study_and_a_dossier_are_not_alike(self, toy: Dossier, tmp_path: Path) -> None:
        study = cr.assess(toy, draws=2, only=["bru-shrinks"]).write(tmp_path / "study")
        result = crossroads("diff", str(study), "toy")
        assert result.exit_code == 2


def test_every_verdict_has_its_symbol(told: Difference) -> None:
    assert {each.old for each in told.verdicts} <= set(map(str, Verdict))
