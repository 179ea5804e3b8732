"""Reading a dossier: every finding of the folder as a whole, and what is read."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import crossroads as cr
from crossroads import dossier as module
from crossroads import tables
from crossroads.dossier import bundled, load, locate, read
from crossroads.errors import DossierError, UsageError
from crossroads.integrity import dimension_fits
from crossroads.schema import entry_files, finding_codes, table_specs
from tests.conftest import Folder

BUDGET = "ALD,,budget_revenue,,2400,,,FLO million,2024,2025-02-28,yearbook-2025,2,,First vintage"
GDP = "ALD,,gdp_current,,6000,5800,6250,USD million,2024"
GDP_REST = ",,yearbook-2025,,,"
SHARE = "ALD,CYR,import_share,grain,85,,,%,2024"
RATE = "LEA,,exchange_rate,,2,,,FLO per USD,2024"
SERVICES = "services,,CYR,ALD,80,70,90,FLO million,2024"
MEMBER = "ALD,LEA,member,2010-01-01,,,treaties,"
SEA = "sea-ald,ald-harbour,dor-harbour,sea,,3,,,Mt/y,15,,,USD/t,,,,,"
GRAIN = "grain,Grain,food,yes,kt,250,220,300,USD/t"
REGIONS = "regions: [ALD, BRU, CYR, DOR]"
LEAK = "leakage: {value: 20, low: 5, high: 40"

# code, file, text that stands in it once, what replaces it, and what the message or remedy says
CASES = [
    ("bad-choice", "dossier.yaml", "  E: 50%", "  G: 50%", "unknown reliability 'G'"),
    ("unknown-reference", "sources.csv", "D,,ANALYST,essay", "D,,ANALYST,esay", "mean 'essay'?"),
    ("unknown-field", "dossier.yaml", "where: {bloc: LEA}", "where: {blok: LEA}", "mean 'bloc'?"),
    ("unknown-reference", "dossier.yaml", "where: {bloc: LEA}", "where: {bloc: LEO}", "'LEA'?"),
    ("duplicate-key", "units.csv", "calls,count,1,,", "calls,count,1,USD;t,", "'USD' of calls"),
    ("circular-tree", "products.csv", "food,Food,,", "food,Food,fruit,", "food is part of itself"),
    ("circular-tree", "actors.csv", "CYR,Cyrland,state,,", "CYR,Cyrland,state,CYR,", "CYR is"),
    ("out-of-bounds", "dossier.yaml", "  E: 50%", "  E: -50%", "-50 %, lies outside 0 to 100"),
    ("out-of-bounds", "dossier.yaml", "  E: 50%", "  E: 101", "101 ratio, lies outside"),
    ("wrong-dimension", "dossier.yaml", "  E: 50%", "  E: 5 t", "is in t, not a share"),
    ("same-ends", "flows.csv", "goods,,ALD,CYR,400", "goods,,ALD,ALD,400", "are both ALD"),
    ("same-ends", "links.csv", SEA, SEA.replace("dor-harbour", "ald-harbour"), "ald-harbour"),
    ("same-ends", "relations.csv", "ALD,CYR,stance", "ALD,ALD,stance", "a and b are both ALD"),
    ("same-ends", "memberships.csv", MEMBER, MEMBER.replace("ALD", "LEA"), "are both LEA"),
    ("same-ends", "transfers.csv", "DOR,BRU,Kestrel", "BRU,BRU,Kestrel", "are both BRU"),
    ("wrong-sign", "facts.csv", RATE, RATE.replace(",2,", ",0,"), "rate of 0 converts nothing"),
    ("bad-interval", "memberships.csv", MEMBER, "ALD,LEA,member,2010,2009,,treaties,", "2009"),
    ("bad-interval", "events.csv", "2025-03-10,2025-03-14", "2025-03-10,2025-03-01", "2025-03-01"),
    ("duplicate-key", "units.csv", "FLO,money in FLO", "USD,money in FLO", "unit of the package"),
    ("duplicate-key", "units.csv", "calls,count", "people,count", "unit of the package"),
    ("duplicate-key", "measures.csv", "harbour_calls,", "gdp_growth,", "measure of the package"),
    ("bad-choice", "dossier.yaml", "currency: USD ", "currency: EUR ", "not into EUR"),
    ("missing-field", "dossier.yaml", "question: >-", "note: >-", "question"),
    ("no-exchange-rate", "facts.csv", RATE, RATE.replace("2024", "2023"), "of FLO for 2024"),
    ("no-exchange-rate", "flows.csv", SERVICES, SERVICES.replace("2024", "2023"), "for 2023"),
    ("no-exchange-rate", "flows.csv", SERVICES, SERVICES.replace("FLO", "EUR"), "rate of EUR"),
    ("no-exchange-rate", "links.csv", SEA, SEA.replace("USD/t", "FLO/t"), "cost is in FLO"),
    ("no-exchange-rate", "products.csv", GRAIN, GRAIN.replace("USD/t", "FLO/t"), "write it in USD"),
    ("no-source", "products.csv", "USD/t,wire", "USD/t,", "density of grain"),
    ("no-source", "levers.yaml", LEAK + ', unit: "%", source: [wire]}', LEAK + ', unit: "%"}', ""),
    ("out-of-bounds", "actors.csv", "10,20,Realm", "90.5,20,Realm", "lat: 90.5 is more than 90"),
    ("out-of-bounds", "sites.csv", "ALD,9,20", "ALD,-91,20", "lat: -91 is less than -90"),
    ("out-of-bounds", "sites.csv", "ALD,9,20", "ALD,9,181", "lon: 181 is more than 180"),
    ("out-of-bounds", "links.csv", SEA + ",1000", SEA + ",-1", "length: -1 is less than 0"),
    ("out-of-bounds", "events.csv", "112,-2,", "112,-10.5,", "intensity: -10.5 is less"),
    ("out-of-bounds", "relations.csv", "ALD,CYR,stance,+,2", "ALD,CYR,stance,+,4", "more than 3"),
    ("out-of-bounds", "transfers.csv", "artillery,12,10,14", "artillery,12,-1,14", "less than 0"),
    ("out-of-bounds", "transfers.csv", "no,2022,no,2023", "no,22,no,2023", "22 is less than 1000"),
    ("out-of-bounds", "dossier.yaml", "months: 12", "months: -12", "less than 0.03"),
    ("out-of-bounds", "claims.yaml", "section: 6, sentence: 4", "section: 6, sentence: 0", "1"),
    ("overlapping-regions", "dossier.yaml", REGIONS, "regions: [ALD, BRU, CYR, ALD]", "twice"),
    ("overlapping-regions", "dossier.yaml", REGIONS, "regions: [ALD, WLD]", "its own regions"),
    ("overlapping-regions", "dossier.yaml", REGIONS, "regions: [CYR, PIPECO]", "part of region"),
    ("overlapping-regions", "dossier.yaml", REGIONS, "regions: [ALD, LEA]", "ALD is a member of"),
    ("overlapping-regions", "dossier.yaml", "world: WLD", "world: LEA", "is a bloc"),
    ("missing-value", "sources.csv", "gives,invented,2025-01-20", "gives,invented,",
     "'published' is empty"),
    ("part-year", "dossier.yaml", "base_period: 2024", "base_period: 2024-Q1", "part of a year"),
    ("range-order", "facts.csv", GDP, GDP.replace("5800", "6100"), "low 6100 is above"),
    ("range-order", "facts.csv", GDP, GDP.replace("6250", "5900"), "high 5900 is below"),
    ("range-order", "transfers.csv", "artillery,12,10,14", "artillery,12,13,14", "13, 12, 14"),
    ("range-order", "transfers.csv", "artillery,12,10,14", "artillery,,15,14", "15, 14, out of"),
    ("range-order", "links.csv", SEA, SEA.replace("3,,,", "3,4,,"), "low 4 is above value 3"),
    ("range-order", "levers.yaml", LEAK, LEAK.replace("20", "50"), "high 40 is below value 50"),
    ("missing-value", "links.csv", SEA, SEA.replace("Mt/y", ""), "'capacity' has no unit"),
    ("wrong-dimension", "facts.csv", GDP, GDP.replace("USD million", "t"), "mass, not money"),
    ("wrong-dimension", "facts.csv", SHARE, SHARE.replace("%", "bcm"), "not share"),
    ("wrong-dimension", "links.csv", SEA, SEA.replace("Mt/y", "Mt"), "not throughput"),
    ("wrong-dimension", "links.csv", SEA, SEA.replace("USD/t", "USD"), "not price"),
    ("wrong-dimension", "parameters.csv", "ALD,fruit,,3,,,ratio", "ALD,fruit,,3,,,t", "not ratio"),
    ("wrong-sign", "facts.csv", GDP, "ALD,,gdp_current,,-6,-7,-5,USD million,2024", "-7 is neg"),
    ("wrong-sign", "facts.csv", SHARE, SHARE.replace("85", "120"), "more than all"),
    ("wrong-sign", "facts.csv", SHARE, SHARE.replace("85,,", "85,,101"), "more than all"),
    ("wrong-sign", "units.csv", "calls,count,1,", "calls,count,0,", "factor 0 is not positive"),
    ("unknown-reference", "facts.csv", GDP, GDP.replace("ALD", "ALT"), "did you mean 'ALD'?"),
    ("unknown-reference", "facts.csv", SHARE, SHARE.replace("CYR", "CYRR"), "counterpart"),
    ("unknown-reference", "facts.csv", SHARE, SHARE.replace("grain", "grains"), "product"),
    ("unknown-reference", "facts.csv", BUDGET, BUDGET.replace("yearbook-2025", "yearbook-2025;x"),
     "no source 'x' in sources.csv"),
    ("unknown-reference", "actors.csv", "company,CYR", "company,CYRE", "actor 'CYRE'"),
    ("unknown-reference", "links.csv", "sea-ald,ald-harbour", "sea-ald,ald-harbor", "ald-harbour"),
    ("unknown-reference", "links.csv", "ALD;DOR,open", "ALD;DORR,open", "controllers"),
    ("unknown-reference", "parameters.csv", "grain,short", "grain,shor", "horizon 'shor'"),
    ("unknown-reference", "sources.csv", "D,,ANALYST", "D,,ANALIST", "did you mean 'ANALYST'?"),
    ("unknown-reference", "dossier.yaml", "by: ANALYST", "by: ANALIST", "did you mean 'ANALYST'?"),
    ("unknown-reference", "dossier.yaml", REGIONS, "regions: [ALT, BRU]", "did you mean 'ALD'?"),
    ("unknown-reference", "levers.yaml", "  holder: PIPECO", "  holder: PIPECA", "'PIPECO'"),
    ("unknown-reference", "levers.yaml", LEAK + ', unit: "%", source: [wire]',
     LEAK + ', unit: "%", source: [wires]', "did you mean 'wire'?"),
    ("unknown-reference", "scenarios.yaml", "levers: [halt-remittances-ald]",
     "levers: [halt-remittance-ald]", "did you mean 'halt-remittances-ald'?"),
    ("unknown-reference", "claims.yaml", "document: essay, section: 0",
     "document: esay, section: 0",
     "did you mean 'essay'?"),
    ("unknown-reference", "claims.yaml", "scenario: transfers-ald, actor: BRU",
     "scenario: transfers-alt, actor: BRU", "did you mean 'transfers-ald'?"),
]  # fmt: skip

# where the line that is blamed is not the one that was changed
BLAMED = {
    "missing-fielddossier.yaml": "title: Four",
    "no-exchange-ratefacts.csv": BUDGET,
}


@pytest.mark.parametrize(("code", "file", "old", "new", "said"), CASES)
def test_each_problem_is_found_on_its_line(folder, code, file, old, new, said):
    line = folder.line(file, BLAMED.get(code + file, old))
    folder.swap(file, old, new)
    if "FLO/t" in new:
        folder.add("units.csv", "FLO/t,price per mass in FLO,1,,florins per tonne")
    found = [each for each in folder.findings() if each.code == code]
    assert [(each.file, each.line) for each in found][:1] == [(file, line)]
    assert said in f"{found[0].message}; {found[0].remedy}"
    assert found[0].severity == finding_codes()[code].severity


def test_no_kind_of_finding_is_left_untested():
    written = re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', Path(module.__file__).read_text())
    emitted = {word for word in written if word in finding_codes()}
    elsewhere = {"missing-file", "symlink-outside", "unknown-file", "no-base-unit"}
    assert emitted <= {code for code, *_ in CASES} | elsewhere


def test_a_dimension_without_a_unit_for_results_is_found(folder):
    folder.add("units.csv", "dozens of eggs,eggs,12,,dozens of eggs")
    (found,) = folder.findings()
    assert (found.code, found.file, found.line) == ("no-base-unit", "units.csv", 0)
    folder.add("units.csv", "egg,eggs,1,,eggs")
    assert folder.findings() == []


def test_the_toy_dossier_has_no_problem_at_all():
    found, findings = cr.check_dossier(locate("toy"))
    assert findings == []
    assert found is not None


def test_the_toy_dossier_uses_every_table_and_file(toy):
    assert all(frame.height for frame in toy.tables.values())
    assert toy.claims
    assert toy.levers
    assert toy.scenarios


def test_every_column_of_every_table_is_used_in_the_toy_dossier(toy):
    spare = {"tie", "note"}
    for name, spec in table_specs().items():
        frame = toy.tables[name]
        unused = {column for column in spec.columns if frame[column].null_count() == frame.height}
        assert unused <= spare, name


def test_reading_twice_gives_the_same(toy):
    again = load("toy")
    assert again.digests == toy.digests
    assert all(again.tables[name].equals(frame) for name, frame in toy.tables.items())


@pytest.mark.parametrize("file", ["dossier.yaml", "sources.csv", "actors.csv"])
def test_a_missing_file_is_found(folder, file):
    folder.drop(file)
    assert ("missing-file", file, 0) in {
        (each.code, each.file, each.line) for each in folder.findings()
    }


@pytest.mark.parametrize(
    "file",
    [spec.file for spec in table_specs().values() if not spec.virtual]
    + [each.file for each in entry_files().values()],
)
def test_a_folder_in_place_of_a_file_is_found(folder, file):
    folder.drop(file)
    (folder.path / file).mkdir()
    assert (file, "missing-file") in {(each.file, each.code) for each in folder.findings()}


def test_an_optional_file_may_be_missing(folder):
    for file in ("parameters.csv", "barriers.csv", "events.csv", "measures.csv"):
        folder.drop(file)
    folder.drop("claims.yaml")
    folder.write("facts.csv", "".join(
        line for line in folder.text("facts.csv").splitlines(keepends=True)
        if "harbour_calls" not in line
    ))  # fmt: skip
    assert folder.findings() == []
    assert folder.load().tables["parameters"].height == 0


def test_a_link_out_of_the_folder_is_not_followed(folder, tmp_path):
    (tmp_path / "elsewhere.csv").write_text(folder.text("facts.csv"), encoding="utf-8")
    folder.drop("facts.csv")
    (folder.path / "facts.csv").symlink_to(tmp_path / "elsewhere.csv")
    found = folder.findings()
    assert ("symlink-outside", "facts.csv") in {(each.code, each.file) for each in found}
    assert read(folder.path)[0].tables["facts"].height == 0


def test_a_link_within_the_folder_is_fine(folder):
    (folder.path / "facts.csv").rename(folder.path / "facts.txt")
    (folder.path / "facts.csv").symlink_to("facts.txt")
    assert folder.findings() == []


@pytest.mark.parametrize("file", ["flows.csv", "claims.yaml", "dossier.yaml"])
@pytest.mark.parametrize("target", ["nothing.csv", ""])
def test_a_link_to_nothing_or_to_itself_is_not_a_missing_option(folder, file, target):
    folder.drop(file)
    (folder.path / file).symlink_to(target or file)
    found = [each for each in folder.findings() if each.file == file]
    assert [each.code for each in found] == ["missing-file"]
    assert "link to nothing" in found[0].message


def test_very_many_unknown_ids_are_not_all_told(folder):
    folder.add("events.csv", "".join(
        f"e{n},2025-03-10,,NOBODY,,CONSULT,,,Talks,,,wire,\n" for n in range(1500)
    ))  # fmt: skip
    found = [each for each in folder.findings() if each.file == "events.csv"]
    assert len(found) == tables.MAX_FINDINGS
    assert found[-1].code == "too-large"


@pytest.mark.parametrize("name", ["fact.csv", "claim.yaml", "levers.yml", "CLAIM.YAML"])
def test_a_file_that_looks_like_a_table_is_pointed_out(folder, name):
    folder.write(name, "x")
    (found,) = folder.findings()
    assert (found.code, found.file, found.line, found.severity) == (
        "unknown-file",
        name,
        0,
        "warning",
    )
    assert "did you mean" in found.remedy
    assert folder.load()


def test_all_problems_are_reported_at_once(folder):
    folder.swap("facts.csv", GDP, GDP.replace("ALD", "ALT"))
    folder.swap("flows.csv", SERVICES, SERVICES.replace("FLO", "EUR"))
    folder.swap("dossier.yaml", REGIONS, "regions: [ALD, ALD]")
    folder.swap("units.csv", "calls,count,1,", "calls,count,x,")
    codes = {each.code for each in folder.findings()}
    assert {
        "unknown-reference",
        "no-exchange-rate",
        "overlapping-regions",
        "bad-number",
        "unknown-unit",
    } <= codes


def test_loading_raises_every_error_and_no_warning(folder):
    folder.write("fact.csv", "x")
    folder.swap("facts.csv", GDP, GDP.replace("ALD", "ALT"))
    folder.swap("dossier.yaml", REGIONS, "regions: [ALD, ALD]")
    with pytest.raises(DossierError) as caught:
        folder.load()
    assert [each.code for each in caught.value.findings] == [
        "unknown-reference",
        "overlapping-regions",
    ]
    assert "facts.csv:" in str(caught.value)


def test_nothing_is_understood_without_settings(folder):
    folder.swap("dossier.yaml", "as_of: 2026-06-30", "as_of: tomorrow")
    found, findings = read(folder.path)
    assert found is None
    assert [each.code for each in findings] == ["bad-date"]


def test_no_horizon_is_a_problem(folder):
    folder.swap("dossier.yaml", "  short: {months: 12, about: The first year}\n", "")
    folder.swap("dossier.yaml", "  long: {months: 60, about: Five years}\n", "")
    folder.swap("dossier.yaml", "horizons:  ", "horizons: {}  ")
    assert "missing-field" in {each.code for each in folder.findings()}


def test_settings_are_typed(toy):
    meta = toy.meta
    assert meta.as_of == date(2026, 6, 30)
    assert meta.base_period.text == "2024"
    assert meta.horizons == {"short": 12, "long": 60}
    assert meta.regions == ("ALD", "BRU", "CYR", "DOR")
    assert meta.documents["essay"].date == date(2025, 4, 30)
    assert meta.documents["reply"].by == "COURIER"
    assert meta.spreads["A"] == 0.02
    assert meta.spreads["E"] == 0.5
    assert [scope.table for scope in meta.complete] == ["transfers", "events", "memberships"]
    assert meta.complete[0].where == {"supplier": "CYR", "recipient": "ALD"}


def test_own_units_and_measures_join_the_vocabulary(toy):
    assert toy.vocabulary.unit("million florins").name == "FLO million"
    assert toy.vocabulary.unit("USD million").factor == 1e6
    assert toy.vocabulary.measures["harbour_calls"].dimension == "count"


def test_a_row_rests_on_recollection_only_if_all_its_sources_do(toy):
    assert toy.is_unverified(["memory"])
    assert not toy.is_unverified(["memory", "wire"])
    assert not toy.is_unverified([])
    assert not toy.is_unverified(None)
    assert not toy.is_unverified(["nowhere"])


def test_names_of_actors(toy):
    assert toy.name_of("ALD") == "Aldland"
    assert toy.name_of("XXX") == "XXX"
    assert toy.name_of(None) == ""


def test_figures_of_levers_are_rows_and_defaults_are_marked(toy):
    rows = {row["row"]: row for row in toy.tables["levers"].to_dicts()}
    written = rows["levers:halt-remittances-ald/1/leakage"]
    assert (written["origin"], written["value"], written["source"]) == ("written", 20, ["wire"])
    default = rows["levers:halt-remittances-bru/1/leakage"]
    assert (default["origin"], default["value"], default["low"]) == ("default", 0.05, 0.005)
    assert default["source"] is None
    assert default["note"]
    assert rows["levers:halt-remittances-ald/1/duration"]["origin"] == "default"
    assert rows["levers:close-gas-ald/1/leakage"]["origin"] == "written"
    assert rows["levers:close-all-of-pipeco/1/leakage"]["origin"] == "default"
    lines = (toy.path / "levers.yaml").read_text().splitlines()
    assert "leakage: {value: 20" in lines[written["line"] - 1]


@pytest.mark.parametrize("lever", ["tariff-on-dor", "slow-customs-bru", "open-rail", "open-border"])
def test_what_forbids_nothing_cannot_leak(toy, lever):
    rows = toy.tables["levers"].to_dicts()
    assert not [row for row in rows if row["lever"] == lever and row["origin"] == "default"]


def test_what_grows_cannot_leak(toy):
    rows = toy.tables["levers"].to_dicts()
    assert [row["figure"] for row in rows if row["lever"] == "widen-sea-ald"] == ["scale"]


@pytest.mark.parametrize(
    ("dimension", "wanted", "fits"),
    [
        ("money", "money", True),
        ("money in FLO", "money", True),
        ("price per mass in FLO", "price", True),
        ("price per mass in FLO", "price per mass", True),
        ("price per mass in FLO", "price per volume", False),
        ("change in stock", "change", False),
        ("mass", "money or mass", True),
        ("ratio", "share", True),
        ("share", "ratio", True),
        ("price per mass", "price", True),
        ("rate of FLO", "rate", True),
        ("mass throughput", "throughput", True),
        ("mass", "any", True),
        ("mass", "", True),
        ("mass", "money", False),
        ("mass throughput", "mass", False),
        ("price per mass", "price per volume", False),
        ("moneys", "money", False),
        ("share", "money or mass", False),
    ],
)
def test_dimensions(dimension, wanted, fits):
    assert dimension_fits(dimension, wanted) is fits


def test_bundled_dossiers_are_found_by_name():
    assert {"toy", "south-caucasus"} <= set(bundled())
    assert locate("south-caucasus") == locate("south_caucasus")
    assert locate("toy").name == "toy"


def test_an_existing_folder_wins_over_a_bundled_name(tmp_path, monkeypatch):
    (tmp_path / "toy").mkdir()
    monkeypatch.chdir(tmp_path)
    assert locate("toy").resolve() == tmp_path / "toy"
    assert locate(".").resolve() == tmp_path


@pytest.mark.parametrize("name", ["toys", "../toy", "/nowhere", "toy/actors.csv"])
def test_no_dossier_of_that_name(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="there is no folder"):
        locate(name)


def test_copies_keep_their_name(folder: Folder):
    assert folder.load().name == "toy"
    assert "34 claims" in repr(folder.load())


TABLES = ["facts", "flows", "parameters", "barriers", "memberships", "links"]


@pytest.mark.parametrize("name", TABLES)
def test_the_twins_are_mirror_images(toy, name):
    """What the tables say of Aldland they say of Bruland."""
    spec = table_specs()[name]
    frame = toy.tables[name].drop("note", "row", "line", strict=False)
    if name == "links":
        frame = frame.filter(~frame["id"].str.ends_with("twins"))
    text = frame.write_json()
    lines = sorted(re.findall(r"{[^{}]*}", text))
    assert lines == sorted(_twin(line) for line in lines)
    assert any(_twin(line) != line for line in lines)
    assert spec.columns


def test_the_twins_have_opposite_signs(toy):
    frame = toy.tables["relations"]
    signs = {(row["a"], row["b"]): row["sign"] for row in frame.to_dicts()}
    for big in ("CYR", "DOR"):
        assert {signs["ALD", big], signs["BRU", big]} == {"+", "-"}


def _twin(text: str) -> str:
    words = {"ALD": "BRU", "BRU": "ALD", "ald": "bru", "bru": "ald"}
    return re.sub(r"\b(ALD|BRU|ald|bru)\b", lambda match: words[match[0]], text)


def test_one_figure_of_one_period_however_it_is_spelt(folder: Folder) -> None:
    row = next(line for line in folder.text("facts.csv").splitlines() if line.startswith(GDP))
    folder.add("facts.csv", row.replace(",2024,", ",2024-01/2024-12,").replace("6000", "6100"))
    (found,) = folder.findings()
    assert (found.code, found.file) == ("duplicate-key", "facts.csv")
    assert f"as line {folder.line('facts.csv', row)}" in found.message


def test_trade_within_a_bloc_is_no_mistake(folder: Folder) -> None:
    folder.add("flows.csv", "goods,,LEA,LEA,400,,,USD million,2024,,yearbook-2025,,,")
    assert folder.findings() == []


def test_a_file_that_may_not_be_read_is_told(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def refused(self: Path, *given: Any, **named: Any) -> Any:
        if self.name == "flows.csv":
            raise PermissionError(13, "Permission denied")
        return opened(self, *given, **named)

    monkeypatch.setattr(Path, "open", refused)
    found = [each for each in folder.findings() if each.file == "flows.csv"]
    assert [(each.code, each.message) for each in found] == [
        ("missing-file", "flows.csv cannot be read: Permission denied")
    ]


def test_two_actors_may_not_give_one_exchange_rate(folder: Folder) -> None:
    row = next(line for line in folder.text("facts.csv").splitlines() if line.startswith(RATE))
    folder.add("facts.csv", row.replace("LEA", "CYR", 1).replace(",2,", ",3,", 1))
    (found,) = folder.findings()
    assert (found.code, found.file) == ("duplicate-key", "facts.csv")
    assert found.line == len(folder.text("facts.csv").splitlines())
    assert "a second FLO per USD for 2024, beside line 2" in found.message
