"""Reading a table: every kind of finding, on the right line, and typed cells."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossroads import tables
from crossroads.schema import (
    Column,
    FigureSpec,
    TableSpec,
    finding_codes,
    package_vocabulary,
    table_specs,
)
from crossroads.tables import CellError, cell, empty_frame, read_csv, row_id

SPEC = TableSpec(
    name="rows",
    file="rows.csv",
    about="",
    key=("id", "period"),
    vintage="known_from",
    columns={
        "id": Column("id", "id", "", required=True),
        "kind": Column("kind", "choice", "", of=("state", "bloc")),
        "value": Column("value", "number", ""),
        "count": Column("count", "integer", "", least=0, most=9),
        "unit": Column("unit", "unit", ""),
        "period": Column("period", "period", ""),
        "known_from": Column("known_from", "date", ""),
        "flag": Column("flag", "bool", "", default="no"),
        "source": Column("source", "refs", "", required=True),
        "note": Column("note", "text", ""),
    },
    figures={"value": FigureSpec("value", "value", "", "", "unit", "positive", "any")},
)


def read(tmp_path: Path, data: str | bytes):
    path = tmp_path / "rows.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_csv(path, SPEC, package_vocabulary())


GOOD = "id,source\na,s\n"
CASES = [
    ("bad-choice", "id,source,kind\na,s,stat\n", 2, "kind"),
    ("bad-choice", "id,source,flag\na,s,true\n", 2, "flag"),
    ("bad-csv", 'id,source\na,"s\nb,t\nc,u\n', 2, ""),
    ("bad-csv", 'id,source\na,s\n"b"b,t\n', 3, ""),
    ("bad-date", "id,source,known_from\na,s,2024-13\n", 2, "known_from"),
    ("bad-date", "id,source,known_from\na,s,2024-Q1\n", 2, "known_from"),
    ("bad-id", "id,source\n=cmd,s\n", 2, "id"),
    ("bad-id", f"id,source\n{'a' * 121},s\n", 2, "id"),
    ("bad-id", "id,source\na b,s\n", 2, "id"),
    ("bad-number", 'id,source,value\na,s,"1,5"\n', 2, "value"),
    ("bad-number", "id,source,value\na,s,nan\n", 2, "value"),
    ("bad-number", "id,source,value\na,s,inf\n", 2, "value"),
    ("bad-number", "id,source,value\na,s,1e999\n", 2, "value"),
    ("bad-number", "id,source,value\na,s,-1.1e30\n", 2, "value"),
    ("bad-number", "id,source,value\na,s,0.9e-30\n", 2, "value"),
    ("bad-number", "id,source,value\na,s,0x10\n", 2, "value"),
    ("bad-number", "id,source,value\na,s,١٢\n", 2, "value"),
    ("bad-number", "id,source,count\na,s,1.5\n", 2, "count"),
    ("bad-number", "id,source,count\na,s,9999999999999999999\n", 2, "count"),
    ("bad-period", "id,source,period\na,s,2024 H1\n", 2, "period"),
    ("duplicate-column", "id,source,id\na,s,b\n", 1, "id"),
    ("duplicate-key", "id,source\na,s\nb,s\na,t\n", 4, ""),
    ("empty-table", "", 0, ""),
    ("empty-table", "id,source\n", 0, ""),
    ("missing-column", "id,note\na,n\n", 1, "source"),
    ("missing-value", "id,source\na,s\n,s\n", 3, "id"),
    ("missing-value", "id,source\na,  \n", 2, "source"),
    ("missing-value", "id,source\na,s\nb,;\n", 3, "source"),
    ("not-utf8", b"id,source\na,s\nb,caf\xe9\n", 3, ""),
    ("nul-byte", b"id,source\na,s\nb,\x00\n", 3, ""),
    ("out-of-bounds", "id,source,count\na,s,-1\n", 2, "count"),
    ("out-of-bounds", "id,source,count\na,s,9\nb,s,10\n", 3, "count"),
    ("ragged-row", "id,source\na,s\nb,s,t\n", 3, ""),
    ("ragged-row", "id,source\na\n", 2, ""),
    ("too-large", f"id,source,note\na,s,{'x' * 20_001}\n", 2, "note"),
    ("too-large", "id,source" + ",x" * 199 + "\na,s\n", 1, ""),
    ("unknown-column", "id,source,valu\na,s,1\n", 1, "valu"),
    ("unknown-unit", "id,source,unit\na,s,mln$\n", 2, "unit"),
    ("unknown-unit", "id,source,unit\na,s,9**9**9\n", 2, "unit"),
]


@pytest.mark.parametrize(("code", "data", "line", "column"), CASES)
def test_each_problem_is_found_on_its_line(tmp_path, code, data, line, column):
    _, findings = read(tmp_path, data)
    assert [(each.code, each.line, each.column) for each in findings] == [(code, line, column)]
    assert findings[0].file == "rows.csv"
    assert findings[0].severity == finding_codes()[code].severity
    assert findings[0].message
    assert findings[0].remedy


def test_no_kind_of_finding_is_left_untested():
    written = re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', Path(tables.__file__).read_text())
    emitted = {word for word in written if word in finding_codes()}
    assert emitted == {code for code, *_ in CASES}


def test_too_many_bytes_and_rows_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 2)
    frame, findings = read(tmp_path, "id,source\na,s\nb,s\nc,s\nd,s\n")
    assert frame["id"].to_list() == ["a", "b"]
    assert [(each.code, each.line) for each in findings] == [("too-large", 4)]
    monkeypatch.setattr(tables, "MAX_BYTES", 10)
    frame, findings = read(tmp_path, GOOD)
    assert frame.height == 0
    assert [(each.code, each.line) for each in findings] == [("too-large", 0)]


def test_every_problem_is_reported_not_only_the_first(tmp_path):
    data = "id,source,value,kind\n=,s,x,stat\na,s,1,state\n,,2,\nb,s\n"
    frame, findings = read(tmp_path, data)
    assert [(each.code, each.line) for each in findings] == [
        ("bad-id", 2),
        ("bad-number", 2),
        ("bad-choice", 2),
        ("missing-value", 4),
        ("missing-value", 4),
        ("ragged-row", 5),
    ]
    assert frame["id"].to_list() == ["a"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines_count_as_an_editor_counts_them(tmp_path, end, mark):
    lines = ["id,source,note", 'a,s,"two', 'lines"', "", "b,s,plain", 'c,s,"', '"', "d,,late"]
    frame, findings = read(tmp_path, mark + (end.join(lines) + end).encode())
    assert dict(zip(frame["id"], frame["line"], strict=True)) == {"a": 2, "b": 5, "c": 6}
    assert frame["note"].to_list() == [f"two{end}lines", "plain", None]
    assert [(each.code, each.line) for each in findings] == [("missing-value", 8)]


def test_a_header_below_blank_lines_keeps_its_line(tmp_path):
    _, findings = read(tmp_path, "\n\nid,source,valu\na,s,1\n")
    assert [(each.code, each.line) for each in findings] == [("unknown-column", 3)]


def test_the_last_line_may_lack_its_end(tmp_path):
    frame, findings = read(tmp_path, "id,source\na,s\nb,t")
    assert frame["id"].to_list() == ["a", "b"]
    assert not findings


def test_cells_are_typed_by_the_schema(tmp_path):
    data = (
        "source,id,kind,value,count,unit,period,known_from,flag,note\n"
        " s ; t;,a,bloc,-1.5e3,7,million USD,2024-Q1,2025-01,yes,=1+1\n"
        "s,b,,,,,,,,\n"
    )
    frame, findings = read(tmp_path, data)
    assert not findings
    first, second = frame.to_dicts()
    assert first == {
        "id": "a",
        "kind": "bloc",
        "value": -1500.0,
        "count": 7,
        "unit": "USD million",
        "period": "2024-Q1",
        "known_from": "2025-01",
        "flag": True,
        "source": ["s", "t"],
        "note": "=1+1",
        "row": "rows:a/2024-Q1@2025-01",
        "line": 2,
    }
    assert second["row"] == "rows:b/-"
    assert second["flag"] is False
    assert {name for name, each in second.items() if each is None} == {
        "kind", "value", "count", "unit", "period", "known_from", "note",
    }  # fmt: skip
    assert frame.schema["source"] == pl.List(pl.String)
    assert frame.schema["value"] == pl.Float64


def test_a_column_left_out_takes_its_default(tmp_path):
    frame, findings = read(tmp_path, GOOD)
    assert not findings
    assert frame["flag"].to_list() == [False]
    assert frame["value"].to_list() == [None]


def test_vintages_are_no_duplicates(tmp_path):
    data = "id,source,known_from\na,s,\na,s,2024\na,s,2025\na,s,2024\n"
    frame, findings = read(tmp_path, data)
    assert frame["row"].to_list() == ["rows:a/-", "rows:a/-@2024", "rows:a/-@2025"]
    assert [(each.code, each.line) for each in findings] == [("duplicate-key", 5)]
    assert "line 3" in findings[0].message


def test_near_words_are_suggested(tmp_path):
    _, findings = read(tmp_path, "id,source,valu,kind,unit\na,s,1,stat,USD milion\n")
    assert [each.remedy for each in findings] == [
        "did you mean 'value'?",
        "did you mean 'state'?",
        "did you mean 'USD million'?",
    ]


@pytest.mark.parametrize("name", table_specs())
def test_the_empty_frame_of_every_table_has_its_columns(name):
    spec = table_specs()[name]
    assert empty_frame(spec).columns == [*spec.columns, "row", "line"]


def test_a_row_id_names_table_and_key():
    values = {"id": "a", "period": None, "known_from": "2024"}
    assert row_id(SPEC, values) == "rows:a/-@2024"
    assert row_id(SPEC, values, vintage=False) == "rows:a/-"


@given(st.floats(1e-30, 1e30) | st.floats(-1e30, -1e-30) | st.just(0.0))
def test_numbers_read_back_as_themselves(number):
    assert cell(repr(number), SPEC.columns["value"], package_vocabulary()) == number


@given(st.text(max_size=30))
def test_any_cell_is_typed_or_refused(text):
    for column in SPEC.columns.values():
        with suppress(CellError):
            cell(text, column, package_vocabulary())


@given(st.binary(max_size=200))
def test_any_bytes_give_a_frame_or_findings(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("any")
    frame, findings = read(folder, data)
    assert frame.height or findings


def test_a_table_of_nothing_but_problems_is_given_up(tmp_path):
    frame, findings = read(tmp_path, "id,source\n" + "x,y,z\n" * 3000 + "a,s\n")
    assert frame.height == 0
    assert len(findings) == tables.MAX_FINDINGS + 1
    assert [each.code for each in findings[-2:]] == ["ragged-row", "too-large"]
    assert findings[-1].line == tables.MAX_FINDINGS + 2


def test_a_finding_on_a_long_cell_stays_short(tmp_path):
    _, (found,) = read(tmp_path, f"id,source,unit\na,s,{'m^' * 9000}\n")
    assert found.code == "unknown-unit"
    assert len(str(found)) < 2 * tables.MAX_MESSAGE
