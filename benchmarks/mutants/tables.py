"""Rules that break a table: its cells, rows and columns, and how the CSV is written."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from crossroads.schema import Column
from mutants.rule import SPECS, rule
from mutants.values import BOMBS, DATES, EDGES, NUMBERS, PERIODS, SPANS, WHENS, WORDS


@dataclass
class Sheet:
    """A CSV file as header and rows."""

    file: str
    header: list[str]
    rows: list[list[str]]

    def column(self, place: int) -> Column:
        return SPECS[self.file].columns[self.header[place]]

    def bytes(self, **how: object) -> bytes:
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n", **how)  # type: ignore[arg-type]
        writer.writerows([self.header, *self.rows])
        return out.getvalue().encode()


def sheet_of(file: str, data: bytes) -> Sheet:
    header, *rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    return Sheet(file, header, rows)


def any_sheet(rng: random.Random, files: Mapping[str, bytes]) -> Sheet:
    """Pick a table, those with more cells more often."""
    names = sorted(SPECS)
    file = rng.choices(names, [len(files[name]) ** 0.5 for name in names])[0]
    return sheet_of(file, files[file])


def any_cell(
    rng: random.Random, files: Mapping[str, bytes], fits: Callable[[Column], bool]
) -> tuple[Sheet, int, int] | None:
    """Pick a cell of a column that fits."""
    for _ in range(20):
        sheet = any_sheet(rng, files)
        places = [place for place in range(len(sheet.header)) if fits(sheet.column(place))]
        if places and sheet.rows:
            return sheet, rng.randrange(len(sheet.rows)), rng.choice(places)
    return None


def cell_rule(name: str, due: str, fits: Callable[[Column], bool], cells: Sequence[str]) -> None:
    def make(rng: random.Random, files: Mapping[str, bytes]) -> tuple[str, bytes] | None:
        found = any_cell(rng, files, fits)
        if found is None:
            return None
        sheet, row, place = found
        sheet.rows[row][place] = rng.choice(cells)
        return sheet.file, sheet.bytes()

    rule(name, due)(make)


def of_type(*types: str) -> Callable[[Column], bool]:
    return lambda column: column.type in types


cell_rule("cell-number-malformed", "refused", of_type("number", "integer"), NUMBERS)
cell_rule("cell-number-edge", "free", of_type("number", "integer"), EDGES)
cell_rule(
    "cell-unknown-id", "refused", of_type("ref", "refs"), ("nowhere", "=ALD", "ald", "ALD CYR")
)
cell_rule("cell-unit-bomb", "refused", of_type("unit"), (*BOMBS, "mln$", "usd", "=USD"))
cell_rule("cell-unknown-choice", "refused", of_type("choice"), ("frobnicate", "=x", "Goods "))
cell_rule("cell-not-yes-or-no", "refused", of_type("bool"), ("true", "1", "Yes", "maybe"))
cell_rule("cell-date-malformed", "refused", of_type("date"), DATES)
cell_rule("cell-date-edge", "free", of_type("date"), WHENS)
cell_rule("cell-period-malformed", "refused", of_type("period"), PERIODS)
cell_rule("cell-period-edge", "free", of_type("period"), SPANS)
cell_rule(
    "cell-bad-id", "refused", of_type("id"), ("=cmd", "a b", "\u202eabc", "é", "x" * 121, "-")
)
cell_rule("cell-too-long", "refused", lambda column: True, ("x" * 20_001, "漢" * 30_000))
cell_rule("cell-odd-text", "free", of_type("text", "texts", "url"), WORDS)
cell_rule("cell-formula", "free", lambda column: True, ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1"))
cell_rule(
    "cell-empty-required",
    "refused",
    lambda c: c.required and not c.default,
    ("", " ", "\t", "\u00a0"),
)
cell_rule("cell-emptied", "free", lambda column: True, ("",))
cell_rule("cell-quoted-newlines", "free", of_type("text", "texts"), ("one\ntwo", "a\r\nb", '"\n"'))


@rule("cell-swapped", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    row = rng.choice(sheet.rows)
    a, b = rng.randrange(len(row)), rng.randrange(len(row))
    row[a], row[b] = row[b], row[a]
    return sheet.file, sheet.bytes()


@rule("cell-of-another-row", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    place = rng.randrange(len(sheet.header))
    rng.choice(sheet.rows)[place] = rng.choice(sheet.rows)[place]
    return sheet.file, sheet.bytes()


@rule("range-turned-over", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = rng.choice([name for name, spec in sorted(SPECS.items()) if spec.figures])
    sheet = sheet_of(file, files[file])
    figure = rng.choice(list(SPECS[file].figures.values()))
    value, low = sheet.header.index(figure.value), sheet.header.index(figure.low)
    rows = [row for row in sheet.rows if row[value]]
    row = rng.choice(rows)
    row[low] = str(float(row[value]) + 1)
    return file, sheet.bytes()


@rule("row-dropped", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    del sheet.rows[rng.randrange(len(sheet.rows))]
    return sheet.file, sheet.bytes()


@rule("row-doubled", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    sheet.rows.insert(rng.randrange(len(sheet.rows)), list(rng.choice(sheet.rows)))
    return sheet.file, sheet.bytes()


@rule("rows-reordered", "same")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    rng.shuffle(sheet.rows)
    return sheet.file, sheet.bytes()


@rule("row-ragged", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    row = rng.choice(sheet.rows)
    if rng.random() < 0.5:
        row.insert(rng.randrange(len(row)), rng.choice(("", "x", "1")))
    else:
        del row[rng.randrange(len(row))]
    return sheet.file, sheet.bytes()


@rule("rows-all-dropped", "told")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    sheet.rows.clear()
    return sheet.file, sheet.bytes()


def _without(sheet: Sheet, place: int) -> None:
    for row in (sheet.header, *sheet.rows):
        del row[place]


@rule("column-dropped-required", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    places = [place for place in range(len(sheet.header)) if sheet.column(place).required]
    _without(sheet, rng.choice(places))
    return sheet.file, sheet.bytes()


@rule("column-dropped-optional", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    places = [place for place in range(len(sheet.header)) if not sheet.column(place).required]
    if not places:
        return None
    _without(sheet, rng.choice(places))
    return sheet.file, sheet.bytes()


@rule("column-renamed", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    place = rng.randrange(len(sheet.header))
    name = sheet.header[place]
    names = (name.upper(), name[:-1], name + "s", "", "=" + name, "x" * 5000)
    sheet.header[place] = rng.choice(
        [each for each in names if each not in SPECS[sheet.file].columns]
    )
    return sheet.file, sheet.bytes()


@rule("column-doubled", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    place = rng.randrange(len(sheet.header))
    for row in (sheet.header, *sheet.rows):
        row.append(row[place])
    return sheet.file, sheet.bytes()


@rule("columns-reordered", "same")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    order = rng.sample(range(len(sheet.header)), len(sheet.header))
    turned = Sheet(sheet.file, [sheet.header[k] for k in order], [])
    turned.rows = [[row[k] for k in order] for row in sheet.rows]
    return sheet.file, turned.bytes()


@rule("column-names-swapped", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    a, b = rng.sample(range(len(sheet.header)), 2)
    sheet.header[a], sheet.header[b] = sheet.header[b], sheet.header[a]
    return sheet.file, sheet.bytes()


@rule("columns-absurdly-many", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    for row in (sheet.header, *sheet.rows):
        row += [f"c{n}" for n in range(rng.choice((300, 3000)))]
    return sheet.file, sheet.bytes()


@rule("rows-absurdly-wrong", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    return sheet.file, sheet.bytes() + b"x,y\n" * rng.choice((2000, 20_000))


@rule("cells-all-quoted", "same")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    return sheet.file, sheet.bytes(quoting=csv.QUOTE_ALL)


@rule("quote-left-open", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    lines = sheet.bytes().split(b"\n")
    place = rng.randrange(1, len(lines) - 1)
    lines[place] = b'"' + lines[place].replace(b'"', b"")
    return sheet.file, b"\n".join(lines)


@rule("separator-changed", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    sheet = any_sheet(rng, files)
    return sheet.file, sheet.bytes(delimiter=rng.choice(";\t|"))
