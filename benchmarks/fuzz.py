"""Break the toy dossier in thousands of ways and see what crossroads makes of each.

python benchmarks/fuzz.py [--mutants 10000] [--seed 1] [--processes 2] [--json]

Each mutant is one copy of the toy dossier with one thing changed, by a rule that knows the format:
a cell, a row, a column, the bytes of a CSV file, a field of a YAML entry, a file. Every mutant goes
through `check`; of those that it passes, every n-th (--assess-every) goes through `assess` with
three draws. Python's warnings count as errors.

A rule says what is due of its mutants, and that is what makes a mutant one that changes meaning:

due       what must come of it
refused   an error, and it must point to the mutated file (as its place, or by name)
told      a finding of any severity, pointing to the mutated file
same      no finding, and the same typed content as the undamaged dossier
free      anything but a traceback, a hang, or the silent loss of rows

Rows are lost silently when a table (or a YAML file) holds fewer than its file does, counted apart
from crossroads, and no finding names the file. Exits 1 when anything due does not come.
"""

from __future__ import annotations

import argparse
import csv
import faulthandler
import io
import json
import multiprocessing
import os
import random
import resource
import signal
import string
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import yaml

import crossroads as cr
from crossroads.dossier import REQUIRED_FILES, Dossier
from crossroads.errors import Finding
from crossroads.schema import Column, TableSpec, entry_files, extension_specs, table_specs

LIMIT = 20.0
"""Seconds that one mutant may take before it counts as hanging."""

SPECS: Mapping[str, TableSpec] = {
    **{spec.file: spec for spec in table_specs().values() if not spec.virtual},
    **extension_specs(),
}
BOMBS = ("9**9**9", "(" * 4000, "m^" * 2000, "USD " * 4000, "1e9 1e9 1e9", "%" * 5000, "t/" * 3000)
DATES = ("2024-13", "2024-02-30", "yesterday", "31/12/2024", "2024-5", "0000", "99999", "２０２４")
PERIODS = (
    "2024 H1",
    "2025/2024",
    "2024-Q9",
    "2024-H3",
    "2024/2025/2026",
    "/",
    "2024-",
    "last year",
)
NUMBERS = ("abc", "1,5", "NaN", "inf", "1e999", "٣", "=1+1", "1 000", "--1", "0x10", "1e", "½")
EDGES = ("0", "-0", "-1", "1e30", "1e300", "1e-300", "99999999999999", "0.1", "100", "5e-324")
WORDS = (
    "=HYPERLINK(1)",
    "@x",
    "\u202eevil",
    "naïve 漢字",
    "a;b;;c",
    "'; --",
    "[red]x[/red]",
    "\ufeff",
    "-",
)
WHENS = ("0001", "9999", "9999-12-31", "0001-01-01", "1900", "2024-02-29", "2024-12", "2050")
SPANS = (
    "0001",
    "9999",
    "9999-12-31",
    "0001/9999",
    "2024-Q1",
    "2024-05",
    "2023-07/2024-06",
    "9999-Q4",
)


@dataclass(frozen=True)
class Mutant:
    """Files as they become: bytes, None for a file removed, a path for a link to it."""

    file: str
    due: str
    files: Mapping[str, bytes | Path | None]


Rule = Callable[[random.Random, Mapping[str, bytes]], Mutant | None]
RULES: dict[str, Rule] = {}


def rule(name: str, due: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Register a mutation; it returns file and new content, or None where it finds nothing."""

    def register(make: Callable[..., object]) -> Callable[..., object]:
        def run(rng: random.Random, files: Mapping[str, bytes]) -> Mutant | None:
            made = make(rng, files)
            if made is None:
                return None
            assert isinstance(made, tuple)
            name_of, content, *more = made
            extra = more[0] if more else {}
            if not extra and content == files.get(name_of):
                return None
            return Mutant(name_of, due, {name_of: content, **extra})

        RULES[name] = run
        return make

    return register


# --- Tables


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


# --- YAML


@dataclass(frozen=True)
class Site:
    """A field of an entry: what the format says of it, and where key and value stand."""

    column: Column
    key: tuple[int, int]
    value: tuple[int, int]
    indent: int
    flow: bool


@cache
def sites_of(file: str, text: str) -> tuple[Site, ...]:
    """Find every field that the format describes, in one YAML file."""
    described = entry_files()[file.removesuffix(".yaml")]
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    entries = [root] if described.form == "record" else [value for _, value in root.value]
    found: list[Site] = []
    for entry in entries:
        found += _sites(entry, described.fields, described.entries, text)
    return tuple(found)


def _sites(
    node: yaml.Node,
    fields: Mapping[str, Column],
    entries: Mapping[str, Mapping[str, Column]],
    text: str,
) -> Iterator[Site]:
    assert isinstance(node, yaml.MappingNode)
    for key, value in node.value:
        column = fields.get(key.value)
        if column is None:
            continue
        start, end = value.start_mark.index, value.end_mark.index
        end = start + len(text[start:end].rstrip())
        keyed = key.start_mark.index, key.end_mark.index
        yield Site(column, keyed, (start, end), key.start_mark.column, bool(node.flow_style))
        if column.type in ("map", "list", "entry"):
            inner = entries[column.of[0]]
            several = [value]
            if column.type == "map":
                several = [each for _, each in value.value]
            if column.type == "list":
                several = value.value
            for each in several:
                yield from _sites(each, inner, entries, text)


YAML_FILES = tuple(f"{name}.yaml" for name in entry_files())


def any_site(
    rng: random.Random, files: Mapping[str, bytes], fits: Callable[[Column], bool]
) -> tuple[str, str, Site] | None:
    """Pick a field that fits, in the larger files more often."""
    for _ in range(20):
        file = rng.choices(YAML_FILES, [len(files[name]) ** 0.5 for name in YAML_FILES])[0]
        text = files[file].decode()
        sites = [site for site in sites_of(file, text) if fits(site.column)]
        if sites:
            return file, text, rng.choice(sites)
    return None


def value_rule(name: str, due: str, fits: Callable[[Column], bool], values: Sequence[str]) -> None:
    def make(rng: random.Random, files: Mapping[str, bytes]) -> tuple[str, bytes] | None:
        found = any_site(rng, files, fits)
        if found is None:
            return None
        file, text, site = found
        start, end = site.value
        return file, (text[:start] + rng.choice(values) + text[end:]).encode()

    rule(name, due)(make)


def _any(column: Column) -> bool:
    return True


_REFERS = ("ref", "refs", "claim", "scenario", "document", "levers")
value_rule("yaml-map-for-value", "refused", _any, ("{a: {b: c}}", "{? [a] : b}", "{=x: {1: 2}}"))
value_rule(
    "yaml-list-for-value",
    "refused",
    lambda column: column.type not in ("refs", "texts", "levers", "list"),
    ("[a, [b]]", "[]", "[{a: b}]"),
)
value_rule("yaml-value-emptied", "refused", _any, ("",))
value_rule("yaml-null", "free", _any, ("null", "~", "''"))
value_rule("yaml-alias", "refused", _any, ("*x", "*nowhere"))
value_rule("yaml-anchor", "refused", _any, ("&x y",))
value_rule(
    "yaml-tag", "refused", _any, ("!!python/object/apply:os.system [x]", "!x y", "!!binary eA==")
)
value_rule(
    "yaml-nested-deep", "refused", _any, tuple("[" * n + "]" * n for n in (13, 200, 5000, 100_000))
)
value_rule("yaml-unknown-id", "refused", of_type(*_REFERS), ("nowhere", '"=x"', "9**9**9"))
value_rule("yaml-unknown-choice", "refused", of_type("choice"), ("frobnicate", '"=x"', "TRUE"))
value_rule("yaml-date-malformed", "refused", of_type("date"), DATES)
value_rule("yaml-date-edge", "free", of_type("date"), WHENS)
value_rule("yaml-period-malformed", "refused", of_type("period"), PERIODS)
value_rule("yaml-period-edge", "free", of_type("period"), SPANS)
value_rule(
    "yaml-number-malformed", "refused", of_type("number", "integer"), ("abc", '"1,5"', "1e999")
)
value_rule("yaml-number-edge", "free", of_type("number", "integer", "figure"), EDGES)
value_rule(
    "yaml-unit-bomb",
    "refused",
    of_type("figure"),
    ("9**9**9", "1 9**9**9", '"1 ' + "(" * 4000 + '"', "1 " + "m^" * 2000, "1" * 400, "1," * 3000),
)
value_rule(
    "yaml-odd-text", "free", of_type("text", "texts"), (*map(json.dumps, WORDS), "x" * 100_000)
)


@rule("yaml-key-doubled", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    found = any_site(rng, files, _any)
    assert found
    file, text, site = found
    key = text[slice(*site.key)]
    apart = ", " if site.flow else "\n" + " " * site.indent
    return file, (text[: site.key[0]] + f"{key}: x{apart}" + text[site.key[0] :]).encode()


@rule("yaml-key-renamed", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    found = any_site(rng, files, _any)
    assert found
    file, text, site = found
    key = text[slice(*site.key)]
    new = rng.choice((key + "x", key.upper(), '"="', "x" * 500, "漢"))
    return file, (text[: site.key[0]] + new + text[site.key[1] :]).encode()


def _dropped(text: str, site: Site) -> bytes:
    rest = text[site.value[1] :]
    if site.flow:
        rest = rest.lstrip().removeprefix(",").lstrip(" ")
    return (text[: site.key[0]] + rest).encode()


@rule("yaml-key-dropped-required", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    found = any_site(rng, files, lambda column: column.required)
    return found and (found[0], _dropped(*found[1:]))


@rule("yaml-key-dropped-optional", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    found = any_site(rng, files, lambda column: not column.required)
    return found and (found[0], _dropped(*found[1:]))


@rule("yaml-value-of-another-field", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    found = any_site(rng, files, lambda column: column.type not in ("map", "list", "entry"))
    assert found
    file, text, site = found
    other = rng.choice(sites_of(file, text))
    value = text[slice(*other.value)]
    return file, (text[: site.value[0]] + value + text[site.value[1] :]).encode()


@rule("yaml-line-dropped", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = rng.choice(YAML_FILES)
    lines = files[file].split(b"\n")
    del lines[rng.randrange(len(lines))]
    return file, b"\n".join(lines)


@rule("yaml-line-shifted", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = rng.choice(YAML_FILES)
    lines = files[file].split(b"\n")
    place = rng.randrange(len(lines))
    shift = rng.choice((b" ", b"\t", b"    ", b"- ", b"? ", b": ", b"| ", b"> ", b"%YAML 9.9\n"))
    lines[place] = shift + lines[place] if rng.random() < 0.7 else lines[place].lstrip()
    return file, b"\n".join(lines)


@rule("yaml-comment-added", "same")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = rng.choice(YAML_FILES)
    return file, b"# a comment\n\n" + files[file] + b"\n# the end\n"


@rule("yaml-second-document", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = rng.choice(YAML_FILES)
    return file, files[file] + b"---\n" + files[file]


# --- Files


def any_file(rng: random.Random, files: Mapping[str, bytes]) -> str:
    return rng.choice(sorted([*SPECS, *YAML_FILES]))


@rule("file-mark", "same")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    return file, b"\xef\xbb\xbf" + files[file]


@rule("file-crlf", "same")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    return file, files[file].replace(b"\n", b"\r\n")


@rule("file-emptied", "told")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    return any_file(rng, files), rng.choice((b"", b"\n\n", b"\xef\xbb\xbf", b" \n"))


@rule("file-removed-required", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    return rng.choice(REQUIRED_FILES), None


@rule("file-removed-optional", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    return rng.choice(sorted({*SPECS, *YAML_FILES} - {*REQUIRED_FILES})), None


@rule("file-renamed", "told")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    stem, _, suffix = file.partition(".")
    new = rng.choice(
        (f"{stem}s.{suffix}", f"{stem}.bak.{suffix}", file.upper(), f"{stem[:-1]}.{suffix}")
    )
    return file, None, {new: files[file]}


@rule("file-truncated", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    return file, files[file][: rng.randrange(len(files[file]))]


@rule("file-nul", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    place = rng.randrange(len(files[file]))
    return file, files[file][:place] + b"\x00" + files[file][place:]


@rule("file-latin-1", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    place = rng.randrange(len(files[file]))
    return file, files[file][:place] + b"\xe9 " + files[file][place:]


@rule("file-utf-16", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    return file, files[file].decode().encode("utf-16")


@rule("file-control-character", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    place = rng.randrange(len(files[file]))
    odd = rng.choice((b"\x07", b"\x1b[31m", b"\r", b"\x0b", b"\x0c", "\u2028".encode(), b"\x7f"))
    return file, files[file][:place] + odd + files[file][place:]


@rule("file-bytes-changed", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    data = bytearray(files[file])
    for _ in range(rng.choice((1, 2, 5))):
        data[rng.randrange(len(data))] = ord(rng.choice(string.printable))
    return file, bytes(data)


@rule("file-linked-outside", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    return file, rng.choice((Path("/etc/hostname"), Path("../elsewhere"), Path("/dev/zero")))


@rule("file-linked-inside", "same")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    return file, Path("held.txt"), {"held.txt": files[file]}


@rule("file-linked-to-itself", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    return file, Path(file)


@rule("file-of-another", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    return any_file(rng, files), files[any_file(rng, files)]


# --- Running


@dataclass
class Outcome:
    """What came of one mutant."""

    number: int
    rule: str
    due: str
    file: str
    codes: list[str] = field(default_factory=list)
    found: bool = False
    pointed: bool = False
    placed: bool = False
    assessed: bool = False
    seconds: float = 0.0
    failure: str = ""
    detail: str = ""


class Hang(BaseException):
    """A mutant took longer than it may."""


@cache
def toy() -> tuple[Mapping[str, bytes], Mapping[str, str]]:
    """Return the undamaged files, and the typed content of each."""
    folder = cr.locate("toy")
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    return files, content_of(cr.load("toy"))


def content_of(dossier: Dossier) -> dict[str, str]:
    """Return the typed content of every table and YAML file, without lines or order of rows."""
    held = {}
    for name, frame in dossier.tables.items():
        rows = frame.drop("line").sort("row").drop(["note"] if name == "levers" else [])
        held[name] = rows.write_json()
    for name in ("claims", "levers", "scenarios"):
        held[f"{name}.yaml"] = ",".join(getattr(dossier, name))
    held["meta"] = repr(dossier.meta)
    held["units"] = ",".join(sorted(dossier.vocabulary.units))
    return held


def mutant(number: int, seed: int) -> tuple[str, Mutant]:
    """Return the mutant of a number: rules in turn, everything else by chance."""
    rng = random.Random(f"{seed}/{number}")
    names = list(RULES)
    files = toy()[0]
    name = names[number % len(names)]
    for _ in range(50):
        made = RULES[name](rng, files)
        if made is not None:
            return name, made
    raise AssertionError(f"{name} finds nothing to mutate")


def held_in(file: str, path: Path) -> int:
    """Count the rows or entries of a file apart from crossroads; -1 if it cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if file.endswith(".csv"):
            records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
            return max(0, sum(any(record) for record in records) - 1)
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return len(node.value) if isinstance(node, yaml.MappingNode) else -1
    except (OSError, UnicodeError, csv.Error, yaml.YAMLError):
        return -1


def lost(dossier: Dossier | None, made: Mutant, folder: Path, named: set[str]) -> str:
    """Say which file lost rows without a finding on it, empty if none did."""
    for file in made.files:
        path = folder / file
        if file in named or not path.exists() or dossier is None:
            continue
        if file in SPECS and not SPECS[file].name.startswith(("units", "measures")):
            kept = dossier.tables[SPECS[file].name].height
        elif file in YAML_FILES and file != "dossier.yaml":
            kept = len(getattr(dossier, file.removesuffix(".yaml")))
        else:
            continue
        held = held_in(file, path)
        if held == -1 or kept < held:
            return f"{file} holds {held}, {kept} were kept"
    return ""


def points_to(finding: Finding, made: Mutant) -> bool:
    """Whether a finding stands in a mutated file, or names it."""
    return finding.file in made.files or any(
        file in f"{finding.message} {finding.remedy}" for file in made.files
    )


def _write(folder: Path, made: Mutant) -> None:
    for file, content in made.files.items():
        path = folder / file
        path.unlink(missing_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content is not None:
            path.symlink_to(content)


def _restore(folder: Path, made: Mutant) -> None:
    for file in made.files:
        path = folder / file
        path.unlink(missing_ok=True)
        if file in toy()[0]:
            path.write_bytes(toy()[0][file])


def try_mutant(number: int, seed: int, folder: Path, assess_every: int) -> Outcome:
    """Make one mutant in a folder that holds the toy dossier, try it, and mend the folder."""
    name, made = mutant(number, seed)
    outcome = Outcome(number, name, made.due, made.file)
    _write(folder, made)
    before = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, LIMIT)
    faulthandler.dump_traceback_later(4 * LIMIT, exit=True)
    try:
        _try(outcome, made, folder, assess_every)
    except Hang:
        outcome.failure, outcome.detail = "hang", f"over {LIMIT:g} s"
    except Exception:
        outcome.failure, outcome.detail = "traceback", traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        outcome.seconds = time.perf_counter() - before
        _restore(folder, made)
    return outcome


def _try(outcome: Outcome, made: Mutant, folder: Path, assess_every: int) -> None:
    dossier, findings = cr.check_dossier(folder)
    pointing = [each for each in findings if points_to(each, made)]
    outcome.codes = sorted({each.code for each in findings})
    outcome.found, outcome.pointed = bool(findings), bool(pointing)
    outcome.placed = any(each.file in made.files for each in findings)
    gone = lost(dossier, made, folder, {each.file for each in findings})
    if gone:
        outcome.failure, outcome.detail = "silent loss", gone
    elif made.due == "refused" and not any(each.severity == "error" for each in findings):
        outcome.failure, outcome.detail = "not refused", str(findings[:2])
    elif dossier is None and not any(each.severity == "error" for each in findings):
        outcome.failure, outcome.detail = "no dossier and no error", str(findings[:2])
    elif made.due == "told" and not findings:
        outcome.failure, outcome.detail = "not told", ""
    elif made.due == "same":
        if findings or dossier is None:
            outcome.failure, outcome.detail = "refused", str(findings[0])
        elif content_of(dossier) != toy()[1]:
            outcome.failure, outcome.detail = "not the same", ""
    sound = not any(each.severity == "error" for each in findings)
    if dossier is not None and sound and outcome.number // len(RULES) % assess_every == 0:
        outcome.assessed = True
        cr.assess(dossier, draws=3).verdicts()


def _ring(signum: int, frame: FrameType | None) -> None:
    raise Hang


def try_all(numbers: Sequence[int], seed: int, assess_every: int) -> list[Outcome]:
    """Try some mutants in a folder of their own, in memory where the machine has such a place."""
    signal.signal(signal.SIGALRM, _ring)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as place, warnings.catch_warnings():
        warnings.simplefilter("error")
        folder = Path(place) / "toy"
        folder.mkdir()
        for file, data in toy()[0].items():
            (folder / file).write_bytes(data)
        (Path(place) / "elsewhere").write_text("a,b\n")
        return [try_mutant(number, seed, folder, assess_every) for number in numbers]


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def report_of(outcomes: Sequence[Outcome], assess_every: int) -> dict[str, object]:
    """Sum outcomes up."""
    due = [each for each in outcomes if each.due in ("refused", "told")]
    found = [each for each in outcomes if each.found]
    failures = Counter(each.failure for each in outcomes if each.failure)
    times = sorted(each.seconds for each in outcomes)
    return {
        "mutants": len(outcomes),
        "rules": len({each.rule for each in outcomes}),
        "due": dict(Counter(each.due for each in outcomes)),
        "with_findings": len(found),
        "assessed": sum(each.assessed for each in outcomes),
        "assess_every": assess_every,
        "tracebacks": failures["traceback"],
        "hangs": failures["hang"],
        "silent_losses": failures["silent loss"],
        "failures": dict(failures),
        "changing_meaning": len(due),
        "pointed_share": _share(sum(each.pointed for each in due), len(due)),
        "pointed_share_by_place_alone": _share(sum(each.placed for each in due), len(due)),
        "pointed_share_of_all_with_findings": _share(
            sum(each.pointed for each in found), len(found)
        ),
        "unpointed_by_rule": dict(
            Counter(each.rule for each in found if not each.pointed).most_common()
        ),
        "codes": dict(Counter(code for each in outcomes for code in each.codes).most_common()),
        "seconds_median": round(times[len(times) // 2], 3),
        "seconds_longest": round(times[-1], 2),
        "slowest": [
            f"{each.rule} {each.number}: {each.seconds:.1f} s"
            for each in sorted(outcomes, key=lambda each: -each.seconds)[:5]
        ],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first mutant")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--assess-every", type=int, default=4, help="every n-th round of rules")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    began = time.perf_counter()
    outcomes: list[Outcome] = []
    numbers = range(asked.first, asked.first + asked.mutants)
    chunks = [numbers[at : at + 100] for at in range(0, len(numbers), 100)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(asked.processes, mp_context=context) as pool:
        waiting = [pool.submit(try_all, chunk, asked.seed, asked.assess_every) for chunk in chunks]
        for chunk, each in zip(chunks, waiting, strict=True):
            try:
                outcomes += each.result()
            except BrokenProcessPool:
                print(f"a process died among mutants {chunk[0]} to {chunk[-1]}", file=sys.stderr)
                return 1
            if sys.stderr.isatty():
                print(f"\r{len(outcomes):,} of {asked.mutants:,}", end="", file=sys.stderr)
    report = report_of(outcomes, asked.assess_every)
    report["seconds"] = round(time.perf_counter() - began, 1)
    report["peak_mib"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    failed = [each for each in outcomes if each.failure]
    if asked.json:
        print(json.dumps(report | {"failed": [asdict(each) for each in failed]}, indent=1))
    else:
        for name, value in report.items():
            print(f"{name:<36} {value}")
        for each in failed:
            print(
                f"\n{each.failure}: {each.rule}, {each.file}, mutant {each.number}\n{each.detail}"
            )
    return 1 if failed or float(str(report["pointed_share"])) < 0.95 else 0


if __name__ == "__main__":
    sys.exit(main())
