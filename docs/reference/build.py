"""Write the reference pages from the package itself: ``make docs``.

Each page is a function that returns its text; ``pages`` names them all. Nothing here says anything
that the package does not say, but for the words that introduce a table.
"""

from __future__ import annotations

import ast
import csv
import dataclasses
import enum
import inspect
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import crossroads
from crossroads import dossier, entries, errors, levers, schema, tables, testing
from crossroads.engines import ENGINES
from crossroads.indicators import INDEX, Indicators
from crossroads.leverage import Leverage, leverage_frame
from crossroads.levers import policies, quantities
from crossroads.levers.change import EXOGENOUS, KINDS

ROOT = Path(__file__).parents[2]
PACKAGE = Path(crossroads.__file__).parent
SCHEMA = PACKAGE / "schema"

NOTICE = "<!-- written by docs/reference/build.py (make docs); mend the package, not this page -->"

TYPES = {
    "bool": "`yes` or `no`",
    "cells": "a mapping from column names to cells",
    "choice": "one of the words listed",
    "claim": "the id of a claim",
    "date": "`2024`, `2024-05` or `2024-05-17`",
    "document": "the id of a document of `dossier.yaml`",
    "entry": "a mapping with fields of its own, described below",
    "figure": "a number with a unit (`0`, `6 months`), or a mapping with `value`, `low`, `high`, "
    "`unit`, `source` and `note`; `value` may be left out where both ends stand: it is then their "
    "middle",
    "id": "letters, digits, `-`, `_` and `.`, beginning with a letter or digit; 120 at most",
    "integer": "a whole number",
    "levers": "ids of levers: a list, or one text separated by semicolons",
    "list": "a list of entries, described below",
    "map": "a mapping from names to entries, described below",
    "number": "digits with a point; no thousands separators",
    "period": "`2024`, `2024-Q1`, `2024-H1`, `2024-05`, `2024-05-17`, or `FROM/TO` of those",
    "ref": "an id of the table named",
    "refs": "ids of the table named, separated by semicolons",
    "scenario": "the name of a scenario, or `baseline`",
    "shares": "a mapping from grades of reliability to shares",
    "text": "any text",
    "texts": "texts, separated by semicolons",
    "unit": "a unit of the [vocabulary](vocabularies.md#units), by its name or a synonym",
    "url": "an address; it is kept, never opened",
}


# --- Markdown


def page(title: str, *parts: str) -> str:
    """Join the parts of a page, leaving out empty ones."""
    return "\n\n".join([f"# {title}", NOTICE, *(part for part in parts if part)]) + "\n"


def grid(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; text in cells is escaped, but for code in backticks."""
    lines = [_line(header), _line(["---"] * len(header))]
    return "\n".join([*lines, *(_line([_escaped(cell) for cell in row]) for row in rows)])


def _line(cells: Iterable[object]) -> str:
    return "|" + "|".join(f" {cell} " if str(cell) else " " for cell in cells) + "|"


def _escaped(cell: object) -> str:
    text = " ".join(str(cell).split()).replace("|", "\\|")
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(each if each.startswith("`") else each.replace("<", "&lt;") for each in parts)


def code(text: object) -> str:
    return f"`{text}`" if str(text) else ""


def codes(words: Iterable[object]) -> str:
    return ", ".join(code(word) for word in words)


def prose(docstring: str | None, paragraphs: int = 1) -> str:
    """Return the first paragraphs of a docstring as Markdown."""
    text = inspect.cleandoc(docstring or "").split("\n\n")[:paragraphs]
    return "\n\n".join(" ".join(each.split()) for each in text).replace("``", "`")


def vocabulary(name: str) -> list[dict[str, str]]:
    with (SCHEMA / "vocabulary" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- Tables of a dossier


def _type(column: schema.Column) -> str:
    if column.type == "choice" and column.of == ("measures",):
        return "a [measure](vocabularies.md#measures)"
    if column.type == "choice" and column.of == ("horizons",):
        return "a horizon of `dossier.yaml`"
    if column.type == "choice":
        return " or ".join(code(word) for word in column.of)
    to = f" of `{column.to}`" if column.to else ""
    of = f" of `{column.of[0]}`" if column.of and column.type in ("entry", "list", "map") else ""
    return f"[{column.type}](#types){to}{of}{_bounds(column)}"


def _bounds(column: schema.Column) -> str:
    if column.least is None:
        return ""
    return f" from {column.least:g} " + ("on" if column.most is None else f"to {column.most:g}")


def _columns(columns: Mapping[str, schema.Column]) -> str:
    units = any(column.unit for column in columns.values())
    header = ["column", "type", *(["unit"] if units else []), "required", "default", "meaning"]
    rows = []
    for column in columns.values():
        unit = [code(column.unit)] if units else []
        needed = "yes" if column.required else ""
        default = code(column.default)
        rows.append(
            [code(column.name), _type(column), *unit, needed, default, column.meaning],
        )
    return grid(header, rows)


def _types(used: Iterable[schema.Column]) -> str:
    names = sorted({column.type for column in used} - {"choice"})
    return "## Types\n\n" + grid(["type", "what may stand there"], [[n, TYPES[n]] for n in names])


def _clock(spec: schema.TableSpec) -> str:
    if spec.known == "none":
        return "Clock: none; its rows count as known at any time."
    own = "`known_from`, else " if "known_from" in spec.columns else ""
    day = (
        "the publication date of the last published of its sources"
        if spec.known == "source"
        else f"`{spec.known}`"
    )
    return f"Clock: a row is known from {own}{day} (the last day that a partial date allows)."


def _figures(spec: schema.TableSpec) -> str:
    if not spec.figures:
        return ""
    header = ["figure", "value", "low", "high", "unit", "sign", "dimension"]
    rows = [
        [
            *map(code, (each.name, each.value, each.low, each.high, each.unit)),
            each.sign,
            each.dimension,
        ]
        for each in spec.figures.values()
    ]
    return "Figures:\n\n" + grid(header, rows)


def _edge(spec: schema.TableSpec) -> str:
    if not spec.edge:
        return ""
    ends = ", ".join(f"{role} `{column}`" for role, column in spec.edge.items() if column)
    return f"Edge: {ends}."


def _table(spec: schema.TableSpec) -> str:
    title = f"## {spec.name}"
    where = "" if spec.virtual else f" File: `{spec.file}`."
    key = f"Key: {codes(spec.key)}"
    if spec.vintage:
        key += f"; of rows that differ in `{spec.vintage}` alone, the latest one known is taken"
    parts = [f"{spec.about}{where}", f"{key}.", _clock(spec), _edge(spec), _figures(spec)]
    return "\n\n".join([title, *(part for part in parts if part), _columns(spec.columns)])


def dossier_tables() -> str:
    specs = [*schema.table_specs().values(), *schema.extension_specs().values()]
    listed = grid(
        ["table", "file", "what a row is"],
        [[f"[{each.name}](#{each.name})", code(each.file), each.about] for each in specs],
    )
    limits = (
        f"Files are UTF-8 (a byte order mark is passed over), comma separated, with a header. "
        f"Refused: files over {tables.MAX_BYTES // 2**20} MiB, tables over {tables.MAX_ROWS:,} "
        f"rows, cells over {tables.MAX_CELL:,} characters, links that lead out of the folder. "
        f"Only {codes(dossier.REQUIRED_FILES)} must be there."
    )
    row_ids = (
        "The id of a row is its table and its key, `flows:remittances/-/CYR/ALD/2024`, with "
        "`@known_from` behind it where a vintage is written; `-` stands for an empty cell. "
        "Explanations and results cite rows by it."
    )
    used = (column for spec in specs for column in spec.columns.values())
    return page(
        "Tables of a dossier",
        "A dossier is a folder of CSV tables and [YAML files](dossier-entries.md). An optional "
        "column may be left out.",
        limits,
        row_ids,
        listed,
        *(_table(spec) for spec in specs),
        _types(used),
    )


# --- YAML files of a dossier


def _fields(fields: Mapping[str, schema.Column]) -> str:
    return _columns(fields).replace("| column |", "| field |", 1)


def _entry_file(file: schema.EntryFile) -> str:
    form = {"record": "One record.", "map": "A mapping from ids to records."}[file.form]
    parts = [f"## {file.file}", f"{file.about} {form}", _fields(file.fields)]
    for name, fields in file.entries.items():
        parts += [f"### {file.file}: {name}", _fields(fields)]
        if "indicator" in fields:
            words = codes(row["wording"] for row in vocabulary("wordings"))
            parts.append(
                "An expectation on an indicator also takes one wording with what is claimed, as "
                f"`about: 7%` or `between: [20%, 40%]`: {words}. What each allows stands under "
                "[wordings](vocabularies.md#wordings)."
            )
    return "\n\n".join(parts)


def _kinds() -> str:
    rows = []
    for kind in KINDS:
        module = quantities if hasattr(quantities, f"change_{kind}") else policies
        does = prose(getattr(module, f"change_{kind}").__doc__)
        described = KINDS[kind]
        selects = ", ".join(
            f"`{cell}`" + (" (required)" if cell in described.needs else "")
            for cell in described.selects
        )
        rows.append([code(kind), does, selects, codes(described.sets)])
    return "\n\n".join(
        [
            "## Kinds of change",
            "A change has exactly one of these, which is a mapping of the cells that select rows.",
            grid(["kind", "what it does", "selects by", "`set`"], rows),
            f"A `flow` change acts on the layers {codes(EXOGENOUS)} only; goods are "
            "cut by a barrier. What is left out of `leakage` and `duration` comes from the "
            "package's [enforcement](vocabularies.md#enforcement).",
        ]
    )


def dossier_entries() -> str:
    files = schema.entry_files().values()
    every = [*(file.fields for file in files), *(e for f in files for e in f.entries.values())]
    used = (column for fields in every for column in fields.values())
    limits = (
        "Scalars are text until the field's type reads them, so that `no` is a word and `2024` a "
        "period where the field says so. Anchors, aliases and tags are refused, as are files "
        f"nested deeper than {entries.MAX_DEPTH} or of more than {entries.MAX_NODES:,} nodes."
    )
    return page(
        "YAML files of a dossier",
        limits,
        *(_entry_file(file) for file in files),
        _kinds(),
        _types(used),
    )


# --- Vocabularies and findings


def _factor(text: str) -> str:
    return f"× {text}" if text else "no bound"


def _coded(name: str) -> Callable[[dict[str, str]], str]:
    return lambda row: code(row[name])


def vocabularies() -> str:
    def rows(name: str, *cells: Callable[[dict[str, str]], str]) -> list[list[str]]:
        return [[cell(row) for cell in cells] for row in vocabulary(name)]

    units = rows(
        "units",
        _coded("unit"),
        itemgetter("dimension"),
        lambda row: f"{float(row['factor']):g}",
        lambda row: codes(word.strip() for word in row["also"].split(";") if word.strip()),
        itemgetter("label"),
    )
    measures = rows(
        "measures",
        _coded("measure"),
        *map(itemgetter, ("label", "dimension", "kind", "sign", "role", "about")),
    )
    wordings = rows(
        "wordings",
        _coded("wording"),
        lambda row: _factor(row["low"]),
        lambda row: _factor(row["high"]),
        itemgetter("meaning"),
    )
    grades = rows(
        "reliability",
        _coded("reliability"),
        lambda row: f"{float(row['spread']):.0%}",
        itemgetter("meaning"),
    )
    enforced = rows(
        "enforcement",
        _coded("change"),
        _coded("figure"),
        *map(itemgetter, ("value", "low", "high")),
        _coded("unit"),
        itemgetter("basis"),
        lambda row: row["cases"].replace(";", ", "),
        lambda row: codes(row["sources"].split(";")),
    )
    return page(
        "Vocabularies",
        "Closed lists that come with the package. A dossier adds units and measures of its own in "
        "[`units.csv`](dossier-tables.md#units) and [`measures.csv`](dossier-tables.md#measures); "
        "it cannot redefine these.",
        "## Units",
        "A figure in a unit is its number times the factor, in the first unit of factor 1 of that "
        "dimension. Money in another currency converts through `exchange_rate` facts.",
        grid(["unit", "dimension", "factor", "also written", "label"], units),
        "## Measures",
        "What a row of `facts` or `parameters` measures. A `denominator` is set under flows, a "
        "`buffer` is a reserve that may cover a loss.",
        grid(["measure", "label", "dimension", "kind", "sign", "role", "about"], measures),
        "## Wordings",
        "The set of values that a wording claims, as factors on the figure said.",
        grid(["wording", "from", "to", "meaning"], wordings),
        "## Reliability",
        "The spread of a figure without a range, by the best grade among its sources. "
        "`default_ranges` in `dossier.yaml` overrides it. With a spread s, the 5th and 95th "
        "percentile of a positive figure are its value divided and multiplied by 1 + s; those of "
        "one that may be negative lie s times its absolute value below and above; a share's odds "
        "are divided and multiplied.",
        grid(["grade", "spread", "meaning"], grades),
        "## Enforcement",
        "Leakage and duration of a change that forbids something, where the lever writes none. "
        "They show as rows `levers:<lever>/<change>/<figure>` with the origin `default`. The "
        "resolved cases, and the sources by their ids, are those of "
        "[the first dossier](../../src/crossroads/dossiers/south_caucasus/resolved-cases.md).",
        grid(
            ["change", "figure", "value", "low", "high", "unit", "basis", "cases", "sources"],
            enforced,
        ),
    )


def findings() -> str:
    rows = [
        [code(each.code), each.severity, each.meaning, each.remedy, each.example]
        for each in schema.finding_codes().values()
    ]
    return page(
        "Findings",
        "What can be wrong with a dossier. Every problem is reported at once, as "
        "`file:line: what is wrong; what to do`. An error keeps a dossier from being assessed; a "
        "warning does not.",
        grid(["code", "severity", "meaning", "what to do", "example"], rows),
    )


# --- Indicators


def indicators() -> str:
    parts = []
    for engine in ENGINES:
        rows = [
            [
                code(each.id),
                each.label,
                each.unit,
                {"up": "more", "down": "less", "": ""}[each.good],
                {"scenario": "yes", "": ""}[each.only],
                each.definition,
            ]
            for each in engine.provides
        ]
        reads = codes(sorted(engine.reads))
        needs = f" It needs {codes(sorted(engine.needs))}." if engine.needs else ""
        leaves_out = "\n".join(f"- {each}" for each in getattr(engine, "leaves_out", ()))
        parts += [
            f"## {engine.name}",
            f"{prose(type(engine).__doc__)} It reads {reads}.{needs} Version {engine.version}.",
            grid(["indicator", "label", "unit", "good", "levers only", "definition"], rows),
            *((f"What it leaves out:\n\n{leaves_out}",) if leaves_out else ()),
        ]
    return page(
        "Indicators",
        "Rows of the tidy table. A claim names one as `engine/indicator`, and picks a row by "
        "`actor`, `counterpart`, `item` and `period`. Where the unit is *as the row*, it is that "
        "of the figure. *Good* says which direction is good for the actor, *levers only* marks "
        "indicators that have no rows in the baseline.",
        "The item of a flow is its layer, or `layer:product` (`remittances`, `goods:fruit`); that "
        "of a fact is its measure, or `measure:product` (`population`, `production:gas`); of one "
        "set against another, both with a stroke between (`remittances/budget_revenue`). What "
        "levers expose in all has the item `all`, and no counterpart.",
        *parts,
    )


# --- Command line


def _commands(group: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command below a group, with the words that call it."""
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if hasattr(command, "list_commands"):
            yield from _commands(command, (*names, name))
        elif not command.hidden:
            yield (*names, name), command


def _said(text: str | None) -> str:
    """Return help text without the marks for breaks."""
    return prose((text or "").replace("\b", "").replace("\f", ""), paragraphs=20)


def _options(command: Any) -> str:
    rows = []
    for each in command.params:
        if each.param_type_name == "option" and not each.hidden:
            spelled = codes([*each.opts, *each.secondary_opts])
            takes = "" if each.is_flag else _takes(each)
            rows.append([spelled, takes, _otherwise(each), _said(each.help)])
    return grid(["option", "takes", "default", "meaning"], rows) if rows else ""


def _otherwise(parameter: Any) -> str:
    """Return what stands in where an option or argument is left out."""
    if isinstance(parameter.show_default, str):
        return parameter.show_default
    return "" if parameter.default in (None, False, ()) else code(parameter.default)


def _takes(option: Any) -> str:
    """Return what an option takes: its choices, else the kind of value and its bounds."""
    kind = option.type_descriptor.annotation
    if inspect.isclass(kind) and issubclass(kind, enum.Enum):
        return " or ".join(code(each.value) for each in kind)
    if get_origin(kind) is Literal:
        return " or ".join(code(each) for each in get_args(kind))
    words = {int: "whole number", float: "number"}.get(kind, option.metavar or "text")
    if option.min is not None and option.max is not None:
        return f"{words} from {option.min} to {option.max}"
    return words if option.min is None else f"{words} from {option.min} on"


def _spelled(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.nargs == 1 else name.removesuffix("...") + "..."


def _arguments(command: Any) -> str:
    rows = [
        [code(_spelled(each)), "yes" if each.required else "", _otherwise(each), _said(each.help)]
        for each in command.params
        if each.param_type_name == "argument"
    ]
    return grid(["argument", "required", "default", "meaning"], rows) if rows else ""


def _statuses() -> str:
    meanings: dict[int, list[str]] = {
        0: ["Done."],
        130: ["Interrupted."],
        141: ["Whatever it wrote to (`head`, a pager) stopped reading."],
    }
    kinds = [getattr(errors, name) for name in errors.__all__]
    for each in kinds:
        if inspect.isclass(each) and errors.CrossroadsError in each.__mro__[1:]:
            meanings.setdefault(each.exit_code, []).append(prose(each.__doc__))
    return grid(["status", "when"], [[k, " ".join(v)] for k, v in sorted(meanings.items())])


def root_command() -> Any:
    """Return the command line as the object that its parser is made from."""
    from typer.main import get_command

    from crossroads import cli

    return get_command(cli.app)


def command_line() -> str:
    root = root_command()
    parts = []
    for words, command in _commands(root):
        call = " ".join(["crossroads", *words])
        usage = [
            _spelled(each) if each.required else f"[{_spelled(each)}]"
            for each in command.params
            if each.param_type_name == "argument"
        ]
        parts += [
            f"## crossroads {' '.join(words)}",
            f"```\n{' '.join([call, '[OPTIONS]', *usage])}\n```",
            _said(command.help),
            _arguments(command),
            _options(command),
        ]
    return page(
        "Command line",
        _said(root.help),
        "## Every command" if _options(root) else "",
        _options(root),
        "## Exit status",
        _statuses(),
        *parts,
    )


# --- Files that a study writes

CELLS = {
    "scenario": "Scenario, or `baseline`.",
    "horizon": "Horizon.",
    "engine": "Engine.",
    "indicator": "Indicator of that engine.",
    "actor": "Actor whose figure it is.",
    "counterpart": "Actor with regard to whom; empty where there is none.",
    "item": "What of: see [items](indicators.md).",
    "period": "Period of the figure; `A over B` where two differ.",
    "unit": "Unit, the base unit of its dimension.",
    "median": "Median over solved draws.",
    "p05": "5th percentile.",
    "p95": "95th percentile.",
    "mean": "Mean.",
    "inputs": "Ids of the dossier's rows that the figure rests on; "
    "`crossroads explain DOSSIER --row ID` leads to file and line.",
    "draws": "Every draw, an array; a draw without solution is NaN.",
}


LEVERAGE = {
    "template": "Id of the [template](templates.md).",
    "layer": "What passes that it acts on.",
    "holder": "Who could do it.",
    "target": "To whom.",
    "lever": "Id of the lever: template, holder and target.",
    "side": "`target` or `holder`: whose exposure the row has.",
    "actor": "The actor on that side.",
    "indicator": "Indicator of the exposure engine; empty where nothing of the actor's is touched.",
    "period": "Period of the flows exposed.",
    "currency": "Currency of the amount.",
    "amount": "Yearly amount exposed: median, 5th and 95th percentile; null where not known.",
    "of_gdp": "The amount over the actor's present gross domestic product.",
    "of_budget": "The amount over the present revenue of the actor's state budget.",
    "asymmetry": "The target's share of output over the holder's, the same on both rows.",
    "by_default": "Whether leakage or duration are the package's defaults.",
    "missing": "What is not known, and which table lacks it.",
    "inputs": "Ids of the rows that the figures rest on.",
}


def _kind(described: Mapping[str, Any], file: str) -> str:
    """Return the type of a value of a JSON Schema in words."""
    if "$ref" in described:
        name = described["$ref"].rpartition("/")[2]
        return f"[{name}](#{file.replace('.', '')}-{name})"
    if "enum" in described:
        return " or ".join(code(each) for each in described["enum"])
    if "anyOf" in described:
        return " or ".join(dict.fromkeys(_kind(each, file) for each in described["anyOf"]))
    kinds = described["type"]
    if "array" in kinds and "$ref" in described.get("items", {}):
        return f"array of {_kind(described['items'], file)}"
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


def _values(at: str, described: Mapping[str, Any], file: str) -> Iterator[list[str]]:
    """Yield one row for a value of a JSON Schema, and for each below it."""
    if at:
        yield [code(at), _kind(described, file), described.get("description", "")]
    for each in described.get("anyOf", ()):
        yield from _values("", each, file) if not at else _below(at, each, file)
    yield from _below(at, described, file)


def _below(at: str, described: Mapping[str, Any], file: str) -> Iterator[list[str]]:
    for name, each in described.get("properties", {}).items():
        yield from _values(f"{at}.{name}" if at else name, each, file)
    if "properties" in described.get("items", {}):
        yield from _below(f"{at}[]", described["items"], file)


def _json_file(path: Path) -> str:
    described = json.loads(path.read_text(encoding="utf-8"))
    file = described["title"]
    where = f"JSON Schema: `crossroads/{path.relative_to(PACKAGE).as_posix()}`."
    header = ["field", "type", "meaning"]
    whole = grid(header, _values("", described, file))
    parts = [f"## {file}", f"{described['description']} {where}", whole]
    for name, each in described.get("$defs", {}).items():
        said = each.get("description", "")
        rows = list(_values("", each, file))
        parts += [f"### {file}: {name}", said, grid(header, rows) if rows else _kind(each, file)]
    return "\n\n".join(parts)


def _columns_of(names: Iterable[str]) -> str:
    return grid(["column", "meaning"], [[code(name), CELLS[name]] for name in names])


def files() -> str:
    summary = Indicators.empty(1).summary().columns
    schemas = sorted((SCHEMA / "files").glob("*.schema.json"), reverse=True)
    return page(
        "Files that a study writes",
        "A study writes six files, all of them or none; other programs may rely on them. "
        "`crossroads.load` and `crossroads.assess` make a study, `Study.write(folder)` writes it. "
        "The command `crossroads assess` writes a seventh, for readers:",
        "## report.html",
        "The study as one page that asks for nothing from elsewhere: the leverage matrix, "
        "findings, verdicts, every claim in full, scenarios, sources, rows, provenance. Places in "
        "it can be linked to: `#claim-ID`, `#source-ID`, `#scenario-ID`, and `#TABLE-LINE` for a "
        "row. "
        "`crossroads.show.report.report_html(study)` returns it.",
        *(_json_file(path) for path in schemas),
        "## indicators.parquet",
        "Every row of the tidy table. A scenario has only those rows that differ from the "
        "baseline's of the same name and horizon.",
        _columns_of([*summary, "inputs"]),
        "## draws.parquet",
        "The draws of the rows on which verdicts rest.",
        _columns_of([*INDEX, "unit", "draws"]),
        "## leverage.parquet",
        "The leverage matrix as a table: two rows a cell, one a side.",
        grid(["column", "meaning"], _leverage_columns()),
    )


def _leverage_columns() -> Iterator[list[str]]:
    """Yield the columns of the leverage table, those of a range as one."""
    ranges: dict[str, list[str]] = {}
    for column in leverage_frame(_no_leverage()).columns:
        ranges.setdefault(re.sub("_(median|p05|p95)$", "", column), []).append(column)
    for name, columns in ranges.items():
        yield [codes(columns), LEVERAGE[name]]


def _no_leverage() -> Leverage:
    return Leverage("", "", "", 1, 1, (), (), ())


# --- Templates


def templates() -> str:
    file = schema.template_file()
    known = levers.templates().values()
    path = PACKAGE / "levers" / "templates.yaml"
    text = path.read_text(encoding="utf-8")
    rows = [[code(each.id), each.layer, code(each.says), each.note] for each in known]
    source = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    return page(
        "Templates",
        f"{file.about} Applied to a pair, a template is a lever like any other, with the id "
        "`template.holder.target`; [levers and leakage](../explanation/levers-and-leakage.md) says "
        "what the leverage matrix makes of them. Pairs are those of the dossier's `regions`, "
        "without remainders of the world.",
        grid(["template", "layer", "what is done", "note"], rows),
        "## Fields",
        "Written like [levers.yaml](dossier-entries.md#leversyaml).",
        _fields(file.fields).replace("(#types)", "(dossier-entries.md#types)"),
        "## As written",
        f"```yaml\n{source.strip()}\n```",
    )


# --- Python


def _default(value: object) -> str:
    plain = value in (None, ()) or isinstance(value, str | int | float | bool)
    return repr(value) if plain else "..."


def _signature(function: Callable[..., object], long: bool = False) -> str:
    """Return a signature as written in the source, the same under every version of Python."""
    signature = inspect.signature(function)
    shown: list[str] = []
    starred = False
    for each in signature.parameters.values():
        if each.name in ("self", "cls"):
            continue
        if each.kind is each.KEYWORD_ONLY and not starred:
            shown.append("*")
        starred |= each.kind in (each.KEYWORD_ONLY, each.VAR_POSITIONAL)
        stars = {each.VAR_POSITIONAL: "*", each.VAR_KEYWORD: "**"}.get(each.kind, "")
        typed = "" if each.annotation is each.empty else f": {each.annotation}"
        default = "" if each.default is each.empty else f" = {_default(each.default)}"
        shown.append(f"{stars}{each.name}{typed}{default}")
    given = "" if signature.return_annotation is signature.empty else signature.return_annotation
    arrow = f" -> {given}" if given else ""
    if long and len(", ".join(shown)) > 60:
        return "(\n" + "".join(f"    {each},\n" for each in shown) + f"){arrow}"
    return f"({', '.join(shown)}){arrow}"


def _members(cls: type) -> Iterator[Sequence[object]]:
    """Yield fields, properties and methods that a class itself defines."""
    if issubclass(cls, enum.Enum):
        for each in cls:
            yield code(f"{cls.__name__}.{each.name}"), code(repr(str(each.value)))
        return
    if dataclasses.is_dataclass(cls):
        for each in dataclasses.fields(cls):
            yield code(f"{each.name}: {each.type}"), ""
    for name, each in vars(cls).items():
        inner = each.__func__ if isinstance(each, staticmethod) else each
        if name.startswith("_") and not (name == "__call__" and getattr(each, "__doc__", "")):
            continue
        if isinstance(inner, property | cached_property):
            getter = inner.fget if isinstance(inner, property) else inner.func
            given = getter.__annotations__.get("return", "")
            yield code(f"{name}: {given}"), prose(getter.__doc__)
        elif inspect.isfunction(inner):
            yield code(f"{name}{_signature(inner)}"), prose(inner.__doc__)
    if getattr(cls, "_is_protocol", False):
        for name, kind in cls.__annotations__.items():
            yield code(f"{name}: {kind}"), ""


def _named(name: str, each: Any, home: str) -> str:
    parts = [f"### {name}"]
    if inspect.isclass(each):
        kind = "Exception" if issubclass(each, Exception) else "Class"
        parts.append(f"{kind} of `{home}`. {prose(each.__doc__)}")
        rows = list(_members(each))
        parts.append(grid(["member", "meaning"], rows) if rows else "")
    elif callable(each):
        parts.append(f"```python\n{name}{_signature(each, long=True)}\n```")
        parts.append(f"Function of `{home}`. {prose(each.__doc__)}")
    else:
        parts.append(f"Value of `{home}`: " + codes(one.name for one in each) + ".")
    return "\n\n".join(part for part in parts if part)


def _name(name: str) -> str:
    return _named(name, getattr(crossroads, name), f"crossroads.{crossroads._HOMES[name]}")


def python() -> str:
    names = crossroads.__all__
    functions = [name for name in names if inspect.isfunction(getattr(crossroads, name))]
    others = [name for name in names if name not in functions]
    return page(
        "Python",
        "The public names of `crossroads`. They load when first used, so that the import itself "
        "is quick. Frames are [polars](https://docs.pola.rs/); `.to_pandas()` converts them.",
        "## Functions",
        *(_name(name) for name in functions),
        "## Classes and values",
        *(_name(name) for name in others),
        "## Testing engines, levers and tools",
        *(_named(name, getattr(testing, name), testing.__name__) for name in testing.__all__),
    )


# --- ARCHITECTURE.md, of which two parts are written here


def modules() -> Iterator[tuple[str, str]]:
    """Yield every module with the first line of its docstring."""
    for path in sorted(PACKAGE.rglob("*.py")):
        within = path.relative_to(PACKAGE).with_suffix("").parts
        parts = within[:-1] if within[-1] == "__init__" else within
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        yield ".".join(["crossroads", *parts]), prose(docstring)


def layers() -> str:
    """Return the import contract on layers, the highest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    found = next(each["layers"] for each in contracts if each["type"] == "layers")
    names = [re.sub(r"\(?crossroads\.(\w+)\)?", r"\1", each) for each in found]
    return "    " + "\n    ".join(names)


def _between(text: str, name: str, inner: str) -> str:
    """Return a text with what stands between two marks replaced."""
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _, rest = text.partition(start)
    return f"{before}{start}\n\n{inner}\n\n{end}{rest.partition(end)[2]}"


def architecture() -> str:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = [[code(name), about] for name, about in modules()]
    return _between(
        _between(text, "modules", grid(["module", "what it is for"], rows)), "layers", layers()
    )


PAGES: Mapping[str, Callable[[], str]] = {
    "ARCHITECTURE.md": architecture,
    "docs/reference/cli.md": command_line,
    "docs/reference/dossier-entries.md": dossier_entries,
    "docs/reference/dossier-tables.md": dossier_tables,
    "docs/reference/files.md": files,
    "docs/reference/findings.md": findings,
    "docs/reference/indicators.md": indicators,
    "docs/reference/python.md": python,
    "docs/reference/templates.md": templates,
    "docs/reference/vocabularies.md": vocabularies,
}
"""What is written, by its path in the repository."""


def main() -> None:
    written = {name: write() for name, write in PAGES.items()}
    for name, text in written.items():
        (ROOT / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
