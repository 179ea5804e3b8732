"""What a study writes: whole or not at all, the same bytes twice, as its schemas say."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import polars as pl
import pytest

import crossroads as cr
from crossroads.claims import Verdict
from crossroads.dossier import Dossier
from crossroads.errors import UsageError
from crossroads.indicators import INDEX
from crossroads.schema import entry_files, package_vocabulary
from crossroads.study import Study
from tests.conftest import Folder

FILES = [
    *("draws.parquet", "indicators.parquet", "leverage.json", "leverage.parquet"),
    *("study.json", "verdicts.json"),
]
SAME = [each for each in FILES if each != "study.json"]
SCHEMAS = Path(cr.locate("toy")).parents[1] / "schema" / "files"


@pytest.fixture(scope="module")
def written(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return study.write(tmp_path_factory.mktemp("results") / "toy")


def told(path: Path) -> Any:
    """Read JSON as strictly as any other program would: NaN and Infinity are none."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{path.name} holds {constant}, which is not JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# --- what is in the files


def test_six_files_and_nothing_else(written: Path) -> None:
    assert sorted(held(written)) == FILES
    assert [each.name for each in written.parent.iterdir()] == ["toy"]
    assert written.stat().st_mode & 0o777 == 0o755


def test_verdicts_agree_with_the_study(written: Path, study: Study) -> None:
    record = told(written / "verdicts.json")
    assert record["study"] == {
        "digest": study.digest,
        "dossier": "toy",
        "seed": 1,
        "draws": 200,
        "version": cr.study.version(),
        "as_of": "2026-06-30",
    }
    assert [each["id"] for each in record["verdicts"]] == list(study.judged)
    for each in record["verdicts"]:
        judged = study.judged[each["id"]]
        assert (each["verdict"], each["reason"]) == (str(judged.verdict), judged.reason)
        assert each["verdict_then"] == str(judged.verdict_then)
        assert [one["name"] for one in each["readings"]] == [
            one.reading.name for one in judged.readings
        ]


def test_one_verdict_in_full(written: Path) -> None:
    (found,) = [
        each
        for each in told(written / "verdicts.json")["verdicts"]
        if each["id"] == "hill-people-in-ald"
    ]
    (reading,) = found["readings"]
    assert found["where"] == {"document": "essay", "section": 2, "sentence": 3}
    assert found["claimed"] == {"relation": "roughly", "low": 12.0, "high": 18.0, "unit": "%"}
    assert found["found"]["unit"] == "%"
    assert found["found"]["p05"] < 12 < found["found"]["median"] < 18 < found["found"]["p95"]
    assert {name: found[name] for name in ("share", "claimed", "found", "flips_at")} == {
        name: reading[name] for name in ("share", "claimed", "found", "flips_at")
    }
    assert reading["row"] == {
        "scenario": "baseline",
        "horizon": "short",
        "engine": "exposure",
        "indicator": "fact_share",
        "actor": "ALD",
        "counterpart": "HILLFOLK",
        "item": "population",
        "period": "2024-07-01",
    }
    assert found["sources"] == [
        {"id": "bazaar", "reliability": "E"},
        {"id": "leak", "reliability": "F"},
        {"id": "yearbook-2025", "reliability": "A"},
    ]


def test_floats_have_six_significant_digits(written: Path) -> None:
    text = (written / "verdicts.json").read_text(encoding="utf-8")
    numbers = re.findall(r"[:\[] (-?\d+\.\d+(?:e[-+]\d+)?)[,\n]", text)
    digits = [re.sub(r"e.*|[-.]", "", each).lstrip("0") for each in numbers]
    assert len(digits) > 100
    assert all(len(each) <= 6 or each[6:].strip("0") == "" for each in digits), digits
    assert max(len(each.rstrip("0")) for each in digits) == 6


def test_no_time_path_or_host_in_the_verdicts(written: Path, study: Study) -> None:
    text = (written / "verdicts.json").read_text(encoding="utf-8")
    for word in (str(written), str(Path.home()), str(study.dossier.path), socket.gethostname()):
        assert len(word) < 3 or word not in text, word
    assert not re.search(r"\d{1,2}:\d{2}:\d{2}|/home/|/tmp/|[A-Z]:\\\\", text)
    assert not {"seconds", "time", "host", "path"} & set(keys(told(written / "verdicts.json")))


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from keys(each)
    elif isinstance(value, list):
        for each in value:
            yield from keys(each)


def test_the_record_names_every_file_read(written: Path, study: Study) -> None:
    record = told(written / "study.json")
    read = {path.name for path in study.dossier.path.iterdir()} - {"README.md"}
    assert set(record["inputs"]) == read
    assert list(record["inputs"]) == sorted(record["inputs"])
    assert record["study"] == study.digest
    assert record["seconds"] > 0


def test_counts_by_hand(folder: Folder, study: Study) -> None:
    counts = study.counts
    assert counts.figures == counts.ranged + counts.defaulted
    assert counts.unverified == 2  # the two stocks of grain that rest on recollection
    assert 0 < counts.used_ranged < counts.used < counts.figures
    assert counts.used_ranged < counts.ranged
    few = cr.assess(folder.load(), draws=5, only=["hill-people-in-ald"]).counts
    assert (few.used, few.used_ranged) == (2, 1)


def test_the_parquet_holds_the_table(written: Path, study: Study) -> None:
    table = pl.read_parquet(written / "indicators.parquet")
    assert table.columns == [*INDEX, "unit", "median", "p05", "p95", "mean", "inputs"]
    assert table.height == len(study.indicators)
    assert table.select(INDEX).is_duplicated().sum() == 0


def test_every_number_of_the_parquet_leads_to_rows_with_file_and_line(
    written: Path, toy: Dossier
) -> None:
    lines = {
        row: line
        for frame in toy.tables.values()
        for row, line in frame.select("row", "line").iter_rows()
    }
    for inputs in pl.read_parquet(written / "indicators.parquet")["inputs"]:
        assert len(inputs)
        assert all(lines[row] > 0 for row in inputs)


def test_draws_are_kept_of_the_rows_that_verdicts_rest_on(written: Path, study: Study) -> None:
    kept = pl.read_parquet(written / "draws.parquet")
    rows = {
        tuple(reading.cells.values()): reading
        for judged in study.judged.values()
        for reading in judged.readings
        if reading.cells
    }
    assert kept["draws"].dtype == pl.Array(pl.Float64, 200)
    assert set(kept.select(INDEX).iter_rows()) == set(rows)
    for row in kept.iter_rows(named=True):
        reading = rows[tuple(row[name] for name in INDEX)]
        if reading.reading.change is None:
            assert np.array_equal(row["draws"], reading.draws)


def test_records_alone_can_be_written(toy: Dossier, tmp_path: Path) -> None:
    made = cr.assess(toy, draws=3, only=["launchers-ordered"]).write(tmp_path / "few")
    assert pl.read_parquet(made / "draws.parquet").height == 0
    assert len(told(made / "verdicts.json")["verdicts"]) == 1


# --- refused as the commands refuse


BROKEN = [
    ("levers.yaml", "scale: 1.1}", "scale: 1 USD}", "wrong-dimension"),
    ("levers.yaml", "aid, origin: DOR", "aid, origin: BRU", "lever-touches-nothing"),
    ("claims.yaml", "  awaits: routes  ", "  note: nothing  ", "no-test"),
    (
        "claims.yaml",
        "CYR, item: goods, period: 2024, is",
        "CYR, period: 2024, is",
        "selects-several",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "code"), BROKEN)
def test_what_the_check_refuses_is_not_assessed(
    folder: Folder, file: str, old: str, new: str, code: str
) -> None:
    folder.swap(file, old, new)
    due = [each for each in folder.checked() if each.severity == "error"]
    assert code in {each.code for each in due}
    with pytest.raises(cr.DossierError) as caught:
        cr.assess(folder.load(), draws=2)
    assert set(caught.value.findings) == set(due)


# --- whole or not at all


def test_an_older_study_is_replaced(written: Path, study: Study, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "results"
    study.write(target)
    (target / "verdicts.json").write_text("old")
    study.write(target)
    assert sorted(held(target)) == FILES
    assert (target / "verdicts.json").read_bytes() == (written / "verdicts.json").read_bytes()
    assert [each.name for each in target.parent.iterdir()] == ["results"]


class Broken(Study):
    """A study whose writing fails after the first file."""

    def _kept(self) -> pl.DataFrame:
        raise KeyboardInterrupt


def broken(study: Study) -> Study:
    return Broken(**{each.name: getattr(study, each.name) for each in fields(study)})


def test_a_failure_in_the_middle_leaves_nothing(study: Study, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        broken(study).write(tmp_path / "results")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_in_the_middle_leaves_an_older_study(study: Study, tmp_path: Path) -> None:
    target = study.write(tmp_path / "results")
    before = held(target)
    with pytest.raises(KeyboardInterrupt):
        broken(study).write(target)
    assert held(target) == before
    assert [each.name for each in tmp_path.iterdir()] == ["results"]


def test_a_failure_of_the_last_rename_leaves_an_older_study(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = study.write(tmp_path / "results")
    before = held(target)
    rename = Path.replace

    def failing(self: Path, to: Path) -> Path:
        if Path(to) == target and self.suffix == ".part":
            raise OSError("no such luck")
        return rename(self, to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", failing)
        with pytest.raises(OSError, match="no such luck"):
            study.write(target)
    assert held(target) == before
    assert [each.name for each in tmp_path.iterdir()] == ["results"]


def test_a_folder_with_strangers_is_refused(study: Study, tmp_path: Path) -> None:
    study.write(tmp_path / "results")
    (tmp_path / "results" / "thesis.docx").write_text("years of work")
    before = held(tmp_path / "results")
    with pytest.raises(UsageError, match=r"'thesis\.docx', which is not a study's"):
        study.write(tmp_path / "results")
    assert held(tmp_path / "results") == before


def test_a_file_is_refused(study: Study, tmp_path: Path) -> None:
    (tmp_path / "results").write_text("years of work")
    with pytest.raises(UsageError, match="is a file"):
        study.write(tmp_path / "results")
    assert (tmp_path / "results").read_text() == "years of work"


def test_an_empty_folder_is_taken(study: Study, tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    assert sorted(held(study.write(tmp_path / "results"))) == FILES


# --- the same bytes twice


def test_the_same_bytes_twice(toy: Dossier, written: Path, tmp_path: Path) -> None:
    again = cr.assess(toy, draws=200, seed=1).write(tmp_path / "again")
    for name in SAME:
        assert (again / name).read_bytes() == (written / name).read_bytes(), name


def test_the_same_bytes_in_another_process(written: Path, tmp_path: Path) -> None:
    """Another process, another order of sets, another folder, another clock."""
    script = (
        "import sys, crossroads as cr; "
        "cr.assess(cr.load('toy'), draws=200, seed=1).write(sys.argv[1])"
    )
    target = tmp_path / "elsewhere"
    environment = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo"}
    subprocess.run(
        [sys.executable, "-c", script, str(target)], check=True, cwd=tmp_path, env=environment
    )
    for name in SAME:
        assert (target / name).read_bytes() == (written / name).read_bytes(), name


def test_the_digest_follows_everything_that_counts(toy: Dossier, folder: Folder) -> None:
    def digest(dossier: Dossier = toy, **given: Any) -> str:
        return cr.assess(dossier, only=[], **({"draws": 2} | given)).digest

    same = digest()
    assert digest() == digest(folder.load()) == same
    folder.swap("facts.csv", "ALD,,population,,2,", "ALD,,population,,3,")
    others = [digest(draws=3), digest(seed=2), digest(with_unverified=True), digest(folder.load())]
    assert len({same, *others}) == 5


def test_another_seed_is_another_sample(toy: Dossier, study: Study) -> None:
    other = cr.assess(toy, draws=200, seed=2, only=["hill-people-in-ald"])
    mine, theirs = (each.judged["hill-people-in-ald"].readings[0].draws for each in (study, other))
    assert mine is not None
    assert theirs is not None
    assert not np.array_equal(mine, theirs)
    assert np.median(mine) == pytest.approx(np.median(theirs), rel=0.02)


# --- the schemas


def schema(name: str) -> dict[str, Any]:
    described: dict[str, Any] = told(SCHEMAS / f"{name}.schema.json")
    return described


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every description of an object with named fields."""
    if isinstance(node, dict):
        if "properties" in node and isinstance(node["properties"], dict):
            yield node
        for each in node.values():
            yield from objects(each)
    elif isinstance(node, list):
        for each in node:
            yield from objects(each)


@pytest.mark.parametrize("name", ["verdicts", "study", "leverage"])
def test_what_is_written_is_as_described(written: Path, name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    jsonschema.Draft202012Validator(schema(name)).validate(told(written / f"{name}.json"))


@pytest.mark.parametrize("name", ["verdicts", "study", "leverage"])
def test_every_field_is_required_and_no_other_allowed(name: str) -> None:
    found = list(objects(schema(name)))
    assert found
    for each in found:
        assert each["additionalProperties"] is False
        assert set(each["required"]) == set(each["properties"])
        for field, described in each["properties"].items():
            assert {"description", "$ref"} & set(described), f"{name}: {field} is not described"


@pytest.mark.parametrize("name", ["verdicts", "study", "leverage"])
def test_a_field_more_or_less_is_noticed(written: Path, name: str) -> None:
    validator = jsonschema.Draft202012Validator(schema(name))
    whole = told(written / f"{name}.json")
    for path in places(whole):
        for broken_ in (without(whole, path), with_another(whole, path)):
            assert not validator.is_valid(broken_), path


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of each kind of field once, maps from free names left out."""
    seen: set[tuple[Any, ...]] = set()

    def walk(node: Any, at: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        if isinstance(node, dict):
            for key, each in node.items():
                kind = tuple("*" if isinstance(step, int) else step for step in (*at, key))
                if kind not in seen:
                    seen.add(kind)
                    yield (*at, key)
                if key not in ("inputs", "engines", "not_run"):
                    yield from walk(each, (*at, key))
        elif isinstance(node, list):
            for place, each in enumerate(node):
                yield from walk(each, (*at, place))

    return walk(value, path)


def without(whole: Any, path: tuple[Any, ...]) -> Any:
    copy = json.loads(json.dumps(whole))
    node = copy
    for step in path[:-1]:
        node = node[step]
    del node[path[-1]]
    return copy


def with_another(whole: Any, path: tuple[Any, ...]) -> Any:
    copy = json.loads(json.dumps(whole))
    node = copy
    for step in path[:-1]:
        node = node[step]
    node[f"{path[-1]}_"] = 1
    return copy


def test_the_words_of_the_schema_are_those_of_the_package() -> None:
    described = schema("verdicts")["$defs"]
    vocabulary = package_vocabulary()
    relation = described["claimed"]["anyOf"][1]["properties"]["relation"]["enum"]
    grades = described["claim"]["properties"]["sources"]["items"]["properties"]["reliability"]
    assert described["verdict"]["enum"] == [str(each) for each in Verdict]
    assert relation == list(vocabulary.wordings)
    assert grades["enum"] == list(vocabulary.reliability)
    kinds = entry_files()["claims"].fields["kind"].of
    assert described["claim"]["properties"]["kind"]["enum"] == list(kinds)
    row = described["reading"]["properties"]["row"]["anyOf"][1]
    assert row["required"] == list(INDEX)


def test_the_toy_shows_every_field_filled(written: Path) -> None:
    """A field that is never anything but null is described by nobody's output."""
    found = told(written / "verdicts.json")["verdicts"]
    for name in found[0]:
        assert any(each[name] not in (None, [], "") for each in found), name


# --- cases by name


def test_results_do_not_replace_the_current_folder(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with pytest.raises(UsageError, match="current folder"):
        study.write(".")
    assert not list(here.iterdir())
    assert list(tmp_path.iterdir()) == [here]
