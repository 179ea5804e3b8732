"""Reading a table: bytes to a typed frame, with every problem found on the way.

CSV is read by the csv module so that line numbers survive; the schema types each cell; nothing is
guessed. The frame has the schema's columns, then ``row`` (the row's id) and ``line``.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from crossroads.errors import Finding, did_you_mean
from crossroads.periods import parse_date, parse_period
from crossroads.schema import Column, TableSpec, Vocabulary, finding_codes

__all__ = [
    "CellError",
    "bounded",
    "cell",
    "check_magnitude",
    "empty_frame",
    "finding",
    "frame_of",
    "read_csv",
    "read_text",
]

MAX_BYTES = 64 * 2**20
MAX_CELL = 20_000
MAX_ROWS = 500_000
MAX_COLUMNS = 200
MAX_FINDINGS = 1_000
"""Findings that reading one file may tell."""
MAX_TOLD = 5_000
"""Findings that are told of a whole dossier."""
MAX_MESSAGE = 500
LARGEST = 1e30
"""The largest number that a cell may hold, and one over the smallest beside 0."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)

_DTYPES: dict[str, Any] = {
    "number": pl.Float64,
    "integer": pl.Int64,
    "bool": pl.Boolean,
    "refs": pl.List(pl.String),
    "texts": pl.List(pl.String),
}


class CellError(ValueError):
    """A cell does not hold what its column promises."""

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        self.code, self.remedy = code, remedy
        super().__init__(message)


def finding(
    code: str, file: str, line: int, message: str, remedy: str = "", column: str = ""
) -> Finding:
    """Build a finding whose severity, and remedy unless given, come from the table of codes."""
    described = finding_codes()[code]
    if len(message) > MAX_MESSAGE:
        message = f"{message[: MAX_MESSAGE - 60]} ... {message[-50:]}"
    return Finding(
        code, file, line, message, remedy or described.remedy, described.severity, column[:120]
    )


def bounded(findings: Iterable[Finding]) -> list[Finding]:
    """Return the first findings, and, where there are too many, one that says so."""
    message = f"over {MAX_TOLD:,} problems; what follows is not told"
    over = finding("too-large", "dossier.yaml", 0, message, "mend these, and check again")
    told: list[Finding] = []
    more = False
    for each in findings:
        more |= each == over or len(told) == MAX_TOLD
        if len(told) == MAX_TOLD:
            break
        if each != over:
            told.append(each)
    if more:
        told[MAX_TOLD - 1 :] = [over]
    return told


def check_magnitude(number: float, text: str) -> float:
    """Return a number whose products and ratios with others stay finite.

    Raises
    ------
    CellError
        If it is absurdly large or absurdly near to 0.
    """
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise CellError("bad-number", f"'{text}' is too large")
    if number and abs(number) < 1 / LARGEST:
        raise CellError("bad-number", f"'{text}' is too near to 0", "write 0")
    return number


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _cell_number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise CellError("bad-number", f"'{text}' is not a number")
    return check_magnitude(float(text), text)


def _cell_integer(text: str) -> int:
    if not re.fullmatch(r"[-+]?\d{1,15}", text, re.ASCII):
        raise CellError("bad-number", f"'{text}' is not a whole number")
    return int(text)


def _cell_bool(text: str) -> bool:
    if text not in ("yes", "no"):
        raise CellError("bad-choice", f"'{text}' is neither yes nor no", "write yes or no")
    return text == "yes"


def _cell_id(text: str) -> str:
    if not _ID.fullmatch(text) or len(text) > 120:
        raise CellError("bad-id", f"'{text}' is not an id")
    return text


def _cell_date(text: str) -> str:
    try:
        parse_date(text)
    except ValueError as error:
        raise CellError("bad-date", str(error)) from None
    return text


def _cell_period(text: str) -> str:
    try:
        parse_period(text)
    except ValueError as error:
        raise CellError("bad-period", str(error)) from None
    return text


_PARSERS: dict[str, Callable[[str], Any]] = {
    "number": _cell_number,
    "integer": _cell_integer,
    "bool": _cell_bool,
    "id": _cell_id,
    "date": _cell_date,
    "period": _cell_period,
    "refs": _split,
    "texts": _split,
    "text": str,
    "url": str,
    "ref": str,
}


def cell(text: str, column: Column, vocabulary: Vocabulary) -> Any:
    """Type one cell by its column.

    Raises
    ------
    CellError
        If the text is not what the column promises; it names code, problem and remedy.
    """
    if column.type == "unit":
        unit = vocabulary.unit(text)
        if unit is None:
            known = (*vocabulary.units, *vocabulary.synonyms)
            raise CellError("unknown-unit", f"unknown unit '{text}'", did_you_mean(text, known))
        return unit.name
    if column.type == "choice":
        if column.of == ("measures",):
            if text not in vocabulary.measures:
                hint = did_you_mean(text, vocabulary.measures)
                raise CellError("bad-choice", f"unknown measure '{text}'", hint)
        elif column.of != ("horizons",) and text not in column.of:
            hint = did_you_mean(text, column.of)
            raise CellError("bad-choice", f"unknown {column.name} '{text}'", hint)
        return text
    if column.type in ("ref", "refs") and text.startswith("="):
        raise CellError("bad-id", f"'{text}' is not an id")
    value = _PARSERS[column.type](text)
    if column.least is not None and value < column.least:
        raise CellError("out-of-bounds", f"{text} is less than {column.least:g}")
    if column.most is not None and value > column.most:
        raise CellError("out-of-bounds", f"{text} is more than {column.most:g}")
    return value


def read_text(path: Path, file: str) -> tuple[str, list[Finding]]:
    """Read a file as UTF-8, refusing absurd sizes, other encodings and nul bytes."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        return "", [
            finding("too-large", file, 0, f"the file has {size:,} bytes, over {MAX_BYTES:,}")
        ]
    data = path.read_bytes()
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    if b"\x00" in data:
        line = data[: data.index(b"\x00")].count(b"\n") + 1
        return "", [finding("nul-byte", file, line, "the file has a nul byte")]
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return "", [finding("not-utf8", file, line, f"byte {data[error.start]:#04x} is not UTF-8")]


@dataclass(slots=True)
class _Reader:
    """Reads one table and gathers what is wrong with it."""

    file: str
    spec: TableSpec
    vocabulary: Vocabulary
    findings: list[Finding]

    def add(self, code: str, line: int, message: str, remedy: str = "", column: str = "") -> None:
        self.findings.append(finding(code, self.file, line, message, remedy, column))

    def records(self, text: str) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        line = 1
        try:
            for record in reader:
                if any(record):
                    yield line, record
                line = reader.line_num + 1
        except csv.Error as error:
            self.add("bad-csv", line, f"malformed CSV: {error}")

    def header(self, line: int, names: list[str]) -> bool:
        known = self.spec.columns
        if len(names) > MAX_COLUMNS:
            self.add("too-large", line, f"{len(names):,} columns, over {MAX_COLUMNS}")
            return False
        for name in names:
            if name not in known:
                hint = did_you_mean(name, known)
                self.add("unknown-column", line, f"unknown column '{name}'", hint, name)
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            self.add("duplicate-column", line, f"column '{name}' stands twice", column=name)
        for name, column in known.items():
            if column.required and name not in names:
                self.add("missing-column", line, f"column '{name}' is missing", column=name)
        return len(set(names)) == len(names)

    def row(self, line: int, names: list[str], record: list[str]) -> dict[str, Any] | None:
        if len(record) != len(names):
            self.add("ragged-row", line, f"{len(record)} cells under {len(names)} column names")
            return None
        values: dict[str, Any] = {}
        sound = True
        for name, raw in zip(names, record, strict=True):
            column = self.spec.columns.get(name)
            if column is None:
                continue
            text = raw.strip()
            if len(text) > MAX_CELL:
                self.add("too-large", line, f"'{name}' has {len(text):,} characters", column=name)
                sound = False
                continue
            text = text or column.default
            if not text:
                if column.required:
                    self.add("missing-value", line, f"'{name}' is empty", column=name)
                    sound = False
                continue
            try:
                values[name] = cell(text, column, self.vocabulary)
                if values[name] == [] and column.required:
                    raise CellError("missing-value", "it names nothing")
            except CellError as error:
                self.add(error.code, line, f"{name}: {error}", error.remedy, name)
                sound = False
        for name, column in self.spec.columns.items():
            if column.default and name not in values and name not in names:
                values[name] = cell(column.default, column, self.vocabulary)
        return values if sound else None


def row_id(spec: TableSpec, values: dict[str, Any], vintage: bool = True) -> str:
    """Return the id of a row: the table's name and its declared key columns."""
    key = "/".join(str(values[name]) if values.get(name) is not None else "-" for name in spec.key)
    stamp = values.get(spec.vintage) if vintage and spec.vintage else None
    return f"{spec.name}:{key}" + (f"@{stamp}" if stamp else "")


def frame_of(spec: TableSpec, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Build the typed frame of a table from rows that carry ``row`` and ``line``."""
    types = {name: _DTYPES.get(column.type, pl.String) for name, column in spec.columns.items()}
    types |= {"row": pl.String, "line": pl.Int64}
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in types}, schema=types, strict=True
    )


def empty_frame(spec: TableSpec) -> pl.DataFrame:
    """Return the frame of a table without rows."""
    return frame_of(spec, [])


def read_csv(
    path: Path, spec: TableSpec, vocabulary: Vocabulary
) -> tuple[pl.DataFrame, list[Finding]]:
    """Read and type one table.

    Rows with a problem are left out of the frame and reported; all problems are reported.
    """
    text, findings = read_text(path, spec.file)
    reader = _Reader(spec.file, spec, vocabulary, findings)
    if findings:
        return empty_frame(spec), findings
    records = reader.records(text)
    first = next(records, None)
    if first is None:
        if not findings:
            reader.add("empty-table", 0, "the file has no header")
        return empty_frame(spec), findings
    names = [name.strip() for name in first[1]]
    if not reader.header(first[0], names):
        return empty_frame(spec), findings
    rows: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for line, record in records:
        if len(rows) >= MAX_ROWS:
            reader.add("too-large", line, f"more than {MAX_ROWS:,} rows")
            break
        if len(findings) >= MAX_FINDINGS:
            reader.add("too-large", line, "too many problems; what follows was not read")
            break
        values = reader.row(line, names, record)
        if values is None or not all(values.get(n) is not None for n in _required(spec)):
            continue
        identity = row_id(spec, values)
        same = row_id(spec, _dated(values))
        if same in seen:
            key = ", ".join(spec.key)
            reader.add("duplicate-key", line, f"same {key} as line {seen[same]} ({identity})")
            continue
        seen[same] = line
        rows.append(values | {"row": identity, "line": line})
    if not rows and not findings:
        reader.add("empty-table", 0, "the table has a header and no rows")
    return frame_of(spec, rows), findings


def _dated(values: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its period as days: ``2024`` and ``2024-01/2024-12`` are the same."""
    if values.get("period") is None:
        return values
    period = parse_period(values["period"])
    return values | {"period": f"{period.start}/{period.end}"}


def _required(spec: TableSpec) -> list[str]:
    return [name for name, column in spec.columns.items() if column.required]
