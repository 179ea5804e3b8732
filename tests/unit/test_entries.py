"""Reading a YAML file: typed entries with their lines, and nothing else let in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossroads import entries
from crossroads.entries import quantity, read_yaml
from crossroads.schema import Column, EntryFile, entry_files, finding_codes, package_vocabulary
from crossroads.tables import MAX_FINDINGS, CellError

SPEC = EntryFile(
    name="things",
    file="things.yaml",
    about="",
    form="map",
    fields={
        "says": Column("says", "text", "", required=True),
        "actor": Column("actor", "ref", "", to="actors"),
        "kind": Column("kind", "choice", "", of=("fact", "causal")),
        "number": Column("number", "number", ""),
        "flag": Column("flag", "bool", "", default="no"),
        "words": Column("words", "texts", ""),
        "cells": Column("cells", "cells", ""),
        "figure": Column("figure", "figure", ""),
        "shares": Column("shares", "shares", ""),
        "place": Column("place", "entry", "", of=("place",)),
        "readings": Column("readings", "map", "", of=("reading",)),
        "changes": Column("changes", "list", "", of=("place",)),
    },
    entries={
        "place": {"section": Column("section", "integer", "", required=True)},
        "reading": {"indicator": Column("indicator", "text", "")},
    },
)


def read(tmp_path: Path, data: str | bytes, spec: EntryFile = SPEC):
    path = tmp_path / spec.file
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_yaml(path, spec, package_vocabulary())


CASES = [
    ("bad-choice", "a:\n  says: x\n  kind: facts\n", 3),
    ("bad-choice", "a:\n  says: x\n  flag: true\n", 3),
    ("bad-field", "- a\n- b\n", 1),
    ("bad-field", "a: x\n", 1),
    ("bad-field", "a:\n  says: [x]\n", 2),
    ("bad-field", "a:\n  says: x\n  cells: [x]\n", 3),
    ("bad-field", "a:\n  says: x\n  readings: none\n", 3),
    ("bad-field", "a:\n  says: x\n  changes: {section: 1}\n", 3),
    ("bad-field", "a:\n  says: x\n  ? [b]\n  : y\n", 3),
    ("bad-field", "a:\n  says: x\n  readings:\n    r: {about: 7%, over: 6%}\n", 4),
    ("bad-field", "a:\n  says: x\n  readings:\n    r: {between: [1%]}\n", 4),
    ("bad-field", "a:\n  says: x\n  figure: {value: 1 year, low: 6 months}\n", 3),
    ("bad-id", "=a:\n  says: x\n", 1),
    ("too-large", f"a:\n  says: {'x' * 20_001}\n", 2),
    ("bad-number", "a:\n  says: x\n  number: '1,5'\n", 3),
    ("bad-number", "a:\n  says: x\n  figure: about 7\n", 3),
    ("bad-number", "a:\n  says: x\n  readings:\n    r:\n      about: 1,5%\n", 5),
    ("bad-number", "a:\n  says: x\n  readings:\n    r:\n      about: 1e999 t\n", 5),
    ("bad-yaml", "a:\n  says: x\n b: y\n", 3),
    ("bad-yaml", "a: 'x\n", 2),
    ("duplicate-yaml-key", "a:\n  says: x\nb:\n  says: x\na:\n  says: y\n", 5),
    ("duplicate-yaml-key", "a:\n  says: x\n  says: y\n", 3),
    ("missing-field", "a:\n  kind: fact\n", 1),
    ("missing-field", "a:\n  says: x\n  changes:\n  - {section: 1}\n  - {}\n", 5),
    ("missing-field", "a:\n  says: x\n  figure: {low: 1}\n", 3),
    ("missing-value", "a:\n  says: ''\n", 2),
    ("missing-value", "a:\n  says:\n", 2),
    ("too-large", "a: " + "[" * 13 + "]" * 13, 1),
    ("unknown-field", "a:\n  says: x\n  reading: y\n", 3),
    ("unknown-field", "a:\n  says: x\n  figure: {value: 1, sources: s}\n", 3),
    ("unknown-field", "a:\n  says: x\n  about: 7%\n", 3),
    ("unknown-unit", "a:\n  says: x\n  figure: 7 mln$\n", 3),
    ("unknown-unit", "a:\n  says: x\n  figure: {value: 7, unit: 9**9**9}\n", 3),
    ("yaml-alias", "a: &x\n  says: x\nb: *x\n", 1),
    ("yaml-alias", "a:\n  says: x\nb: *x\n", 3),
    ("yaml-tag", "a:\n  says: !!python/object:os.system x\n", 2),
    ("yaml-tag", "a: !!map\n  says: x\n", 1),
]


@pytest.mark.parametrize(("code", "data", "line"), CASES)
def test_each_problem_is_found_on_its_line(tmp_path, code, data, line):
    _, findings = read(tmp_path, data)
    assert [(each.code, each.line) for each in findings] == [(code, line)]
    assert findings[0].file == "things.yaml"
    assert findings[0].remedy


def test_an_empty_record_is_found(tmp_path):
    read_, findings = read(tmp_path, "# nothing\n", entry_files()["dossier"])
    assert read_ == {}
    assert [(each.code, each.severity) for each in findings] == [("missing-field", "error")]
    assert "it needs title, question" in findings[0].message


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}\n", "\n\n"])
def test_a_file_without_entries_is_not_passed_over(tmp_path, text):
    read_, findings = read(tmp_path, text)
    assert read_ == {}
    assert [(each.code, each.line) for each in findings] == [("empty-table", 0)]


def test_a_file_of_nothing_but_problems_is_cut_short(tmp_path):
    _, findings = read(tmp_path, "".join(f"=a{n}: x\n" for n in range(2000)))
    assert len(findings) == MAX_FINDINGS + 1
    assert [each.code for each in findings[-2:]] == ["bad-field", "too-large"]


@pytest.mark.parametrize("text", ["1e31 t", "-1e31", "1e-31 USD"])
def test_absurd_quantities_are_refused(text):
    with pytest.raises(CellError, match=r"too large|too near to 0"):
        quantity(text, package_vocabulary())


def test_no_kind_of_finding_is_left_untested():
    written = re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', Path(entries.__file__).read_text())
    emitted = {word for word in written if word in finding_codes()}
    assert emitted <= {code for code, *_ in CASES} | {"empty-table"}


@pytest.mark.parametrize(
    ("data", "code"), [(b"a:\n  says: caf\xe9\n", "not-utf8"), (b"a:\n  says: \x00\n", "nul-byte")]
)
def test_bytes_that_are_no_text_are_found(tmp_path, data, code):
    _, findings = read(tmp_path, data)
    assert [(each.code, each.line) for each in findings] == [(code, 2)]


def test_many_nodes_are_refused_before_they_are_built(tmp_path, monkeypatch):
    monkeypatch.setattr(entries, "MAX_NODES", 20)
    _, findings = read(tmp_path, "".join(f"a{n}:\n  says: x\n" for n in range(20)))
    assert [each.code for each in findings] == ["too-large"]


def test_scalars_stay_text_until_the_schema_types_them(tmp_path):
    found, findings = read(
        tmp_path,
        """\
# a comment
a:
  says: no
  number: 1.5
  actor: NO
  flag: yes
  words: one; two
  cells: {date: 2024-01-01, cameo: 012, sign: +}
  place:
    section: 3
  changes:
  - {section: 1}
  - section: 2
b:
  says: >-
    folded
    text
  words: [x, y]
""",
    )
    assert not findings
    a, b = found["a"], found["b"]
    assert (a["says"], a["number"], a["actor"], a["flag"]) == ("no", 1.5, "NO", True)
    assert a["words"] == ["one", "two"]
    assert a["cells"] == {"date": "2024-01-01", "cameo": "012", "sign": "+"}
    assert a["place"]["section"] == 3
    assert [each["section"] for each in a["changes"]] == [1, 2]
    assert (b["says"], b["words"], b["flag"]) == ("folded text", ["x", "y"], False)
    assert (a.line, a.line_of("number"), a["place"].line_of("section")) == (2, 4, 10)
    assert [each.line for each in a["changes"]] == [12, 13]
    assert b.line == 14
    assert a.line_of("absent") == a.line
    assert a.get("absent") is None


def test_figures_take_a_range_a_unit_and_sources(tmp_path):
    found, findings = read(
        tmp_path,
        """\
a: {says: x, figure: 0}
b: {says: x, figure: 6 months}
c: {says: x, figure: {value: 20, low: 5, high: 40, unit: "%", source: [s, t]}}
d: {says: x, figure: {low: 5%, high: 40%, source: s}}
e: {says: x, figure: {value: 20%, low: 5, high: 40, note: n}}
""",
    )
    assert not findings
    figures = {name: entry["figure"] for name, entry in found.items()}
    assert (figures["a"].value, figures["a"].unit, figures["a"].low) == (0, "ratio", None)
    assert (figures["b"].value, figures["b"].unit) == (6, "months")
    assert (figures["c"].low, figures["c"].value, figures["c"].high) == (5, 20, 40)
    assert (figures["c"].unit, figures["c"].source, figures["c"].line) == ("%", ("s", "t"), 3)
    assert (figures["d"].value, figures["d"].unit, figures["d"].source) == (22.5, "%", ("s",))
    assert (figures["e"].value, figures["e"].low, figures["e"].unit) == (20, 5, "%")


@pytest.mark.parametrize("wording", [n for n in package_vocabulary().wordings if n != "between"])
def test_a_reading_takes_every_wording(tmp_path, wording):
    found, findings = read(
        tmp_path, f"a:\n  says: x\n  readings:\n    r: {{indicator: e/i, {wording}: -7%}}\n"
    )
    assert not findings
    claimed = found["a"]["readings"]["r"]["claimed"]
    assert claimed.wording.name == wording
    assert claimed.low is claimed.high
    assert (claimed.low.value, claimed.low.unit, claimed.line) == (-7, "%", 4)


def test_between_takes_two_quantities(tmp_path):
    found, findings = read(
        tmp_path, "a:\n  says: x\n  readings:\n    r: {indicator: e/i, between: [20%, 40%]}\n"
    )
    assert not findings
    claimed = found["a"]["readings"]["r"]["claimed"]
    assert (claimed.low.value, claimed.high.value) == (20, 40)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("7%", 7, "%"),
        ("7 per cent", 7, "%"),
        ("-1.5 percentage points", -1.5, "percentage points"),
        ("1,400 firms", 1400, "firms"),
        ("1,234,567.5 USD", 1234567.5, "USD"),
        ("1.2e3 USD million", 1200, "USD million"),
        (".5", 0.5, "ratio"),
        ("3", 3, "ratio"),
    ],
)
def test_a_quantity_is_a_number_with_a_unit(text, value, unit):
    read_ = quantity(text, package_vocabulary(), 9)
    assert (read_.value, read_.unit, read_.line) == (value, unit, 9)


@pytest.mark.parametrize(
    "text", ["", "%", "one half", "1,5%", "1,50,000 t", "1 000 t", "٧%", "--1", "1e999 t"]
)
def test_what_is_no_quantity_is_refused_not_guessed(text):
    with pytest.raises(CellError) as caught:
        quantity(text, package_vocabulary())
    assert caught.value.code in ("bad-number", "unknown-unit")


@given(st.text(max_size=60) | st.text("a:-[]{}&*!'\"\n# %", max_size=60))
def test_any_text_gives_entries_or_findings(tmp_path_factory, text):
    found, findings = read(tmp_path_factory.mktemp("any"), text.encode("utf-8", "ignore"))
    assert found == {} or findings or all("says" in each.values for each in found.values())
