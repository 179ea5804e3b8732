"""The command line: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import crossroads as cr
from crossroads.cli import app
from crossroads.cli.new import begin_dossier

PROGRAM = Path(sys.executable).parent / "crossroads"
DRAWS = ("--draws", "50")


def crossroads(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), prog_name="crossroads")


def rows(text: str) -> list[dict[str, str]]:
    """Read tab-separated text; every line has as many cells as the header."""
    header, *lines = (line.split("\t") for line in text.splitlines())
    assert all(len(line) == len(header) for line in lines)
    return [dict(zip(header, line, strict=True)) for line in lines]


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new dossier in a folder of its own, which is the current one."""
    monkeypatch.chdir(tmp_path)
    begin_dossier(Path("mine"))
    return tmp_path / "mine"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


class TestMatrix:
    def test_one_row_a_cell_and_side(self) -> None:
        said = rows(crossroads("matrix", "toy", *DRAWS).stdout)
        assert len(said) == 5 * 12 * 2
        by = {(each["lever"], each["side"]): each for each in said}
        aid = by["halt-aid.CYR.ALD", "target"]
        assert (aid["amount_median"], aid["missing"]) == ("0", "")
        unknown = by["halt-aid.CYR.DOR", "target"]
        assert unknown["amount_median"] == ""
        assert unknown["missing"] == "flows has no whole year of aid from CYR to DOR"
        assert "levers:stop-buying.CYR.ALD/1/leakage" in (
            by["stop-buying.CYR.ALD", "target"]["inputs"].split(";")
        )

    def test_narrowed(self) -> None:
        asked = ("--holder", "CYR", "--target", "ALD", "--template", "stop-buying")
        said = rows(crossroads("matrix", "toy", *asked, *DRAWS).stdout)
        assert [(each["lever"], each["side"], each["actor"]) for each in said] == [
            ("stop-buying.CYR.ALD", "target", "ALD"),
            ("stop-buying.CYR.ALD", "holder", "CYR"),
        ]

    @pytest.mark.parametrize("order", ["exposure", "asymmetry"])
    def test_json_has_the_order_asked_for(self, order: str) -> None:
        said = json.loads(crossroads("matrix", "toy", "--by", order, "--json", *DRAWS).stdout)
        cells = {each["lever"]: each for each in said["cells"]}
        if order == "exposure":
            sizes = [cells[each]["on_target"]["of_gdp"]["median"] for each in said["ordered"]]
            assert sizes == sorted(sizes, reverse=True)
        else:
            assert said["ordered"][0].startswith("halt-")
            assert cells[said["ordered"][-1]]["asymmetry"] is not None

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            (("--holder", "ALT"), "there is no region 'ALT'; did you mean 'ALD'?"),
            (("--target", "LEA"), "there is no region 'LEA'"),
            (("--template", "stop-selling-"), "there is no template 'stop-selling-'"),
        ],
    )
    def test_what_is_not_there_is_refused(self, asked: tuple[str, str], said: str) -> None:
        done = crossroads("matrix", "toy", *asked, *DRAWS)
        assert done.exit_code == cr.UsageError.exit_code
        assert said in done.stderr
        assert done.stdout == ""


class TestProgram:
    def test_help_lists_the_commands(self) -> None:
        bare, asked = crossroads(), crossroads("--help")
        assert bare.exit_code == asked.exit_code == 0
        for command in ("assess", "check", "matrix", "pull", "explain", "new"):
            assert command in bare.stdout
            assert command in asked.stdout

    def test_version(self) -> None:
        assert crossroads("--version").stdout.startswith("crossroads 0.")

    def test_commands_load_what_is_heavy_only_when_run(self) -> None:
        code = (
            "import sys, crossroads.cli;"
            "print([each for each in ('numpy', 'polars', 'scipy', 'yaml') if each in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        assert done.stdout.decode().strip() == "[]"

    def test_unknown_command_is_misuse(self) -> None:
        assert crossroads("acess").exit_code == 2

    def test_interruption_is_quiet(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("crossroads.check.examine", interrupted)
        done = crossroads("check", "toy")
        assert done.exit_code == 130
        assert done.output == ""

    def test_a_reader_that_leaves_is_no_error(self) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([PROGRAM, "pull", "toy"], stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        assert done.returncode == 141
        assert done.stderr == b""


class TestWhichDossier:
    def test_unknown_name(self) -> None:
        done = crossroads("check", "toi")
        assert done.exit_code == 2
        assert done.stdout == ""
        assert "did you mean 'toy'?" in done.stderr

    def test_folder_without_a_dossier(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        done = crossroads("assess")
        assert done.exit_code == 2
        assert "crossroads new FOLDER" in done.stderr
        assert not list(tmp_path.iterdir())

    def test_current_folder(self, starter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(starter)
        assert crossroads("check").exit_code == 0
        assert "write ." in crossroads("pull", "ban-fruit").stderr


class TestNew:
    def test_is_clean_and_can_be_assessed(self, starter: Path) -> None:
        checked = crossroads("check", "mine")
        assert checked.exit_code == 0
        assert checked.stdout.startswith("0 errors, 0 warnings")
        assessed = crossroads("assess", "mine", *DRAWS)
        assert assessed.exit_code == 0
        verdicts = {row["verdict"] for row in rows(assessed.stdout)}
        assert verdicts == {"supported", "contradicted", "imprecise", "untestable"}

    def test_says_what_it_wrote(self, tmp_path: Path) -> None:
        done = crossroads("new", str(tmp_path / "a" / "b"), "--json")
        assert sorted(json.loads(done.stdout)["files"]) == sorted(
            path.name for path in (tmp_path / "a" / "b").iterdir()
        )

    def test_never_overwrites(self, tmp_path: Path) -> None:
        (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
        for target in (tmp_path, tmp_path / "note.txt"):
            assert crossroads("new", str(target)).exit_code == 2
        assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]

    def test_fills_an_empty_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        inside = tmp_path / "empty"
        inside.mkdir()
        monkeypatch.chdir(inside)
        assert crossroads("new", ".").exit_code == 0
        assert Path("dossier.yaml").exists()
        assert [path.name for path in tmp_path.iterdir()] == ["empty"]

    @pytest.mark.parametrize("exists", [True, False])
    def test_whole_or_not_at_all(
        self, exists: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = tmp_path / "mine"
        if exists:
            target.mkdir()
        copied = []

        def failing(source: Path, goal: Path) -> None:
            if len(copied) == 3:
                raise OSError(28, "No space left on device", str(goal))
            copied.append(goal)
            goal.write_bytes(source.read_bytes())

        monkeypatch.setattr(shutil, "copyfile", failing)
        done = crossroads("new", str(target))
        assert done.exit_code == 2
        assert "No space left" in done.stderr
        assert [path.name for path in tmp_path.rglob("*")] == (["mine"] if exists else [])


class TestCheck:
    def test_every_finding_with_its_place(self, starter: Path) -> None:
        change(starter / "facts.csv", "USD billion,2024,", "USD gazillion,2024,")
        change(starter / "levers.yaml", "ban, product", "bann, product")
        change(starter / "claims.yaml", "where:", "whence:")
        done = crossroads("check", "mine")
        assert done.exit_code == 1
        *found, last = done.stdout.splitlines()
        assert any(line.startswith("error   facts.csv:2: unit: unknown unit") for line in found)
        assert any(line.startswith("error   levers.yaml:") for line in found)
        assert any(line.startswith("error   claims.yaml:") for line in found)
        assert all("; " in line for line in found)
        assert last.startswith(f"{len(found)} errors, 0 warnings")

    def test_warnings_do_not_fail(self, starter: Path) -> None:
        (starter / "fact.csv").write_text("a\n", encoding="utf-8")
        done = crossroads("check", "mine")
        assert done.exit_code == 0
        assert done.stdout.startswith("warning fact.csv: ")
        assert "1 warning in 23 rows and 5 claims" in done.stdout

    def test_warnings_fail_where_their_codes_are_strict(self, starter: Path) -> None:
        (starter / "fact.csv").write_text("a\n", encoding="utf-8")
        assert crossroads("check", "mine", "--strict", "same-cell,part-year").exit_code == 0
        for codes in ("all", "same-cell, unknown-file"):
            done = crossroads("check", "mine", "--strict", codes)
            assert done.exit_code == 1
            assert done.stdout.startswith("error   fact.csv: ")
        assert crossroads("check", "mine", "--strict", "unknown-fil").exit_code == 2

    def test_without_a_dossier_yaml_that_can_be_read(self, starter: Path) -> None:
        (starter / "dossier.yaml").write_text("title: [", encoding="utf-8")
        assert crossroads("check", "mine").exit_code == 1
        assert crossroads("assess", "mine").exit_code == 1

    def test_json(self, starter: Path) -> None:
        (starter / "fact.csv").write_text("a\n", encoding="utf-8")
        said = json.loads(crossroads("check", "mine", "--json").stdout)
        assert (said["errors"], said["warnings"]) == (0, 1)
        assert said["findings"][0]["code"] == "unknown-file"


class TestAssess:
    def test_rows_and_files(self, starter: Path) -> None:
        done = crossroads("assess", "mine", *DRAWS)
        said = rows(done.stdout)
        assert len(said) == 5
        assert said[0]["id"] == "southmark-must-yield"
        assert said[1]["part_of"] == "southmark-must-yield"
        assert "results in results" in done.stderr
        assert sorted(path.name for path in Path("results/mine").iterdir()) == [
            "draws.parquet",
            "indicators.parquet",
            "leverage.json",
            "leverage.parquet",
            "report.html",
            "study.json",
            "verdicts.json",
        ]

    def test_json_holds_what_is_written(self, starter: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        done = crossroads("assess", "mine", "--json", "--out", str(out), *DRAWS)
        said = json.loads(done.stdout)
        written = json.loads((out / "verdicts.json").read_text(encoding="utf-8"))
        assert {name: said[name] for name in written} == written
        assert sum(said["tally"].values()) == 5

    def test_refuses_a_dossier_with_errors(self, starter: Path) -> None:
        change(starter / "claims.yaml", "item: all/gdp_current", "period: 2024")
        done = crossroads("assess", "mine")
        assert done.exit_code == 1
        assert done.stdout == ""
        assert "error   claims.yaml:" in done.stderr
        assert "selects" in done.stderr
        assert not Path("results").exists()

    def test_leaves_other_peoples_folders_alone(self, starter: Path) -> None:
        done = crossroads("assess", "mine", "--out", "mine", *DRAWS)
        assert done.exit_code == 2
        assert "not a study's" in done.stderr


class TestPull:
    def test_without_levers_lists_them(self, starter: Path) -> None:
        said = rows(crossroads("pull", "mine").stdout)
        assert [(row["kind"], row["id"]) for row in said] == [
            ("lever", "halt-transfers"),
            ("lever", "ban-fruit"),
            ("scenario", "squeeze"),
        ]

    def test_effects_on_both_sides(self, starter: Path) -> None:
        said = rows(crossroads("pull", "mine", "ban-fruit", *DRAWS).stdout)
        totals = {
            (row["role"], row["indicator"]): float(row["value"])
            for row in said
            if row["item"] == "all" and row["horizon"] == "short"
        }
        assert totals["target", "exposed_income"] == pytest.approx(240e6, rel=0.05)
        assert totals["holder", "exposed_supply"] == totals["target", "exposed_income"]
        assert {row["horizon"] for row in said} == {"short", "long"}

    def test_baseline_rows_that_move(self, starter: Path) -> None:
        said = rows(crossroads("pull", "mine", "halt-transfers", *DRAWS).stdout)
        inflow = next(
            row for row in said if row["indicator"] == "inflow" and row["counterpart"] == "NOM"
        )
        assert inflow["kind"] == "changed"
        assert float(inflow["before"]) == pytest.approx(480e6, rel=0.05)
        assert 0 < float(inflow["value"]) < 0.25 * float(inflow["before"])
        assert float(inflow["change"]) < 0

    def test_strength_and_horizon(self, starter: Path) -> None:
        words = ("pull", "mine", "ban-fruit", "--horizon", "long", *DRAWS)
        whole = rows(crossroads(*words).stdout)
        half = rows(crossroads(*words, "--strength", "0.5").stdout)
        assert {row["horizon"] for row in whole} == {"long"}
        assert float(half[0]["value"]) == pytest.approx(float(whole[0]["value"]) / 2, rel=1e-4)
        assert rows(crossroads(*words, "--strength", "0").stdout) == []

    def test_scenario_and_defaults_in_json(self, starter: Path) -> None:
        done = crossroads("pull", "mine", "--scenario", "squeeze", "--json", *DRAWS)
        said = json.loads(done.stdout)
        assert [lever["id"] for lever in said["levers"]] == ["halt-transfers", "ban-fruit"]
        assert {(each["lever"], each["figure"]) for each in said["defaults"]} == {
            ("halt-transfers", "leakage"),
            ("halt-transfers", "duration"),
        }
        assert said["effects"]

    @pytest.mark.parametrize(
        "words", [["ban-friut"], ["--scenario", "sqeeze"], ["ban-fruit", "--horizon", "lang"]]
    )
    def test_misspelt(self, words: list[str], starter: Path) -> None:
        done = crossroads("pull", "mine", *words)
        assert done.exit_code == 2
        assert "did you mean" in done.stderr

    def test_tables_that_no_engine_reads(self) -> None:
        said = json.loads(crossroads("pull", "toy", "open-rail", "--json", *DRAWS).stdout)
        read = frozenset[str]().union(*(engine.reads for engine in cr.ENGINES))
        assert said["not_read"] == ([] if "links" in read else ["links"])


class TestExplain:
    def test_without_a_claim_lists_them(self, starter: Path) -> None:
        assert len(rows(crossroads("explain", "mine").stdout)) == 5

    def test_fields(self, starter: Path) -> None:
        done = crossroads("explain", "mine", "southmark-must-yield", *DRAWS)
        said = {row["field"]: row["value"] for row in rows(done.stdout)}
        assert said["verdict"] == "contradicted"
        assert said["premises.1.id"] == "transfers-carry-the-budget"
        assert said["rows.1.file"] == "flows.csv"

    def test_agrees_with_assess(self, starter: Path) -> None:
        whole = json.loads(crossroads("assess", "mine", "--json", *DRAWS).stdout)
        one = json.loads(
            crossroads("explain", "mine", "reserves-soon-gone", "--json", *DRAWS).stdout
        )
        same = next(each for each in whole["verdicts"] if each["id"] == "reserves-soon-gone")
        assert {name: one[name] for name in same} == same

    def test_unknown_claim(self, starter: Path) -> None:
        done = crossroads("explain", "mine", "reserves-soon-gon")
        assert done.exit_code == 2
        assert "did you mean 'reserves-soon-gone'?" in done.stderr
