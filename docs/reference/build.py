"""Write the reference pages from the package itself: ``make docs``.

Each page is a function that returns its text; ``pages`` names them all. Nothing here says anything
that the package does not say, but for the words that introduce a table.
"""

from __future__ import annotations

import csv
import dataclasses
import enum
import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import crossroads
from crossroads import dossier, entries, errors, schema, tables
from crossroads.engines import ENGINES
from crossroads.levers import check as lever_check
from crossroads.levers import policies, quantities
from crossroads.levers.change import KINDS, SELECTORS

HERE = Path(__file__).parent
SCHEMA = Path(schema.__file__).parent

NOTICE = (
    "<!-- written by docs/reference/build.py (make docs): change the package, not this page -->"
)

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
    return ("| " + " | ".join(str(cell) for cell in cells) + " |").replace("|  |", "| |")


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
    return f"[{column.type}](#types){to}{of}"


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
        [code(each.name), code(each.value), code(each.low), code(each.high), code(each.unit)]
        + [each.sign, each.dimension]
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
    key = f"Key: {codes(spec.key)}."
    if spec.vintage:
        key = f"{key[:-1]}, with `{spec.vintage}` as the vintage: the latest one known is taken."
    parts = [f"{spec.about}{where}", key, _clock(spec), _edge(spec), _figures(spec)]
    return "\n\n".join([title, *(part for part in parts if part), _columns(spec.columns)])


def dossier_tables() -> str:
    specs = [*schema.table_specs().values(), *dossier._EXTENSIONS.values()]
    listed = grid(
        ["table", "file", "what a row is"],
        [[f"[{each.name}](#{each.name})", code(each.file), each.about] for each in specs],
    )
    limits = (
        f"Files are UTF-8 (a byte order mark is passed over), comma separated, with a header. "
        f"Refused: files over {tables.MAX_BYTES // 2**20} MiB, tables over {tables.MAX_ROWS:,} "
        f"rows, cells over {tables.MAX_CELL:,} characters, links that lead out of the folder. "
        f"Only {codes(dossier._REQUIRED)} must be there."
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
        needs = lever_check._NEEDS[kind]
        selects = ", ".join(
            f"`{cell}`" + (" (required)" if cell in needs else "") for cell in SELECTORS[kind]
        )
        words = schema.entry_files()["levers"].entries["change"]["set"].of
        sets = codes(word for word in words if word in lever_check._SETS.get(kind, ()))
        rows.append([code(kind), does, selects, sets])
    return "\n\n".join(
        [
            "## Kinds of change",
            "A change has exactly one of these, which is a mapping of the cells that select rows.",
            grid(["kind", "what it does", "selects by", "`set`"], rows),
            f"A `flow` change acts on the layers {codes(lever_check._EXOGENOUS)} only; goods are "
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


def vocabularies() -> str:
    units = [
        [code(row["unit"]), row["dimension"], f"{float(row['factor']):g}"]
        + [codes(w.strip() for w in row["also"].split(";") if w.strip()), row["label"]]
        for row in vocabulary("units")
    ]
    measures = [
        [code(row["measure"]), row["label"], row["dimension"], row["kind"], row["sign"]]
        + [row["role"], row["about"]]
        for row in vocabulary("measures")
    ]
    wordings = [
        [code(row["wording"]), _factor(row["low"]), _factor(row["high"]), row["meaning"]]
        for row in vocabulary("wordings")
    ]
    grades = [
        [code(row["reliability"]), f"{float(row['spread']):.0%}", row["meaning"]]
        for row in vocabulary("reliability")
    ]
    enforced = [
        [code(row["change"]), code(row["figure"]), row["value"], row["low"], row["high"]]
        + [code(row["unit"]), row["basis"]]
        for row in vocabulary("enforcement")
    ]
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
        "They show as rows `levers:<lever>/<change>/<figure>` with the origin `default`.",
        grid(["change", "figure", "value", "low", "high", "unit", "basis"], enforced),
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
                {"up": "more", "down": "less"}.get(each.good, ""),
            ]
            + ["yes" if each.only == "scenario" else "", each.definition]
            for each in engine.provides
        ]
        reads = codes(sorted(engine.reads))
        needs = f" It needs {codes(sorted(engine.needs))}." if engine.needs else ""
        parts += [
            f"## {engine.name}",
            f"{prose(type(engine).__doc__)} It reads {reads}.{needs} Version {engine.version}.",
            grid(["indicator", "label", "unit", "good", "levers only", "definition"], rows),
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
    options = [each for each in command.params if each.param_type_name == "option"]
    rows = []
    for each in options:
        if each.hidden:
            continue
        spelled = codes([*each.opts, *each.secondary_opts])
        takes = "" if each.is_flag else _takes(each)
        default = "" if each.default in (None, False, ()) else code(each.default)
        rows.append([spelled, takes, default, _said(each.help)])
    return grid(["option", "takes", "default", "meaning"], rows) if rows else ""


def _takes(option: Any) -> str:
    choices = getattr(option.type, "choices", None)
    if choices:
        return " or ".join(code(getattr(each, "value", each)) for each in choices)
    return str(option.metavar or option.type.name).lower().strip("<>")


def _arguments(command: Any) -> str:
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    rows = [
        [code(each.name.upper()), "yes" if each.required else "", _said(getattr(each, "help", ""))]
        for each in arguments
    ]
    return grid(["argument", "required", "meaning"], rows) if rows else ""


def _statuses() -> str:
    meanings: dict[int, list[str]] = {0: ["Done."]}
    for name in errors.__all__:
        each = getattr(errors, name)
        if inspect.isclass(each) and issubclass(each, errors.CrossroadsError):
            if each is not errors.CrossroadsError:
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
            f"[{each.name.upper()}]" if not each.required else each.name.upper()
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


def _described(at: str, described: Mapping[str, Any], rows: list[list[object]]) -> None:
    """Add one row for a value of a JSON Schema, and for all below it."""
    kinds = described.get("type", "")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    told = "or ".join(f"{kind} " for kind in kinds).strip()
    if "enum" in described:
        told = " or ".join("null" if each is None else code(each) for each in described["enum"])
    if at:
        rows.append([code(at), told, described.get("description", "")])
    for name, each in described.get("properties", {}).items():
        _described(f"{at}.{name}" if at else name, each, rows)
    if isinstance(described.get("items"), Mapping):
        _described(f"{at}[]", described["items"], rows)
    if isinstance(described.get("additionalProperties"), Mapping):
        _described(f"{at}.*" if at else "*", described["additionalProperties"], rows)


def _resolved(described: Any, root: Mapping[str, Any]) -> Any:
    """Return a schema with its own ``$ref`` put in place."""
    if isinstance(described, list):
        return [_resolved(each, root) for each in described]
    if not isinstance(described, Mapping):
        return described
    if "$ref" in described:
        target: Any = root
        for step in described["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return _resolved(target | {k: v for k, v in described.items() if k != "$ref"}, root)
    options = described.get("anyOf") or described.get("oneOf")
    merged = dict(described)
    if options:
        whole = [_resolved(each, root) for each in options]
        kinds = [kind for each in whole for kind in _listed(each.get("type", []))]
        for each in whole:
            merged |= {k: v for k, v in each.items() if k not in ("type", *merged)}
        merged |= {"type": list(dict.fromkeys(kinds))}
    return {name: _resolved(each, root) for name, each in merged.items()}


def _listed(kinds: str | list[str]) -> list[str]:
    return [kinds] if isinstance(kinds, str) else kinds


def files() -> str:
    parts = []
    for path in sorted((SCHEMA / "files").glob("*.json")):
        described = json.loads(path.read_text(encoding="utf-8"))
        rows: list[list[object]] = []
        _described("", _resolved(described, described), rows)
        parts += [
            f"## {described.get('title', path.stem)}",
            described.get("description", ""),
            f"Schema: `{path.relative_to(SCHEMA.parent.parent).as_posix()}`.",
            grid(["field", "type", "meaning"], rows),
        ]
    return page(
        "Files that a study writes",
        "`crossroads assess --out FOLDER` and `Study.write(folder)` write these, all of them or "
        "none. Other programs may rely on them.",
        *parts,
    )


# --- Python


def _default(value: object) -> str:
    plain = value is None or isinstance(value, str | int | float | bool)
    return repr(value) if plain else "..."


def _signature(function: Callable[..., object]) -> str:
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


def _name(name: str) -> str:
    each = getattr(crossroads, name)
    home = crossroads._HOMES[name]
    parts = [f"### {name}"]
    if inspect.isclass(each):
        kind = "Exception" if issubclass(each, Exception) else "Class"
        parts.append(f"{kind} of `crossroads.{home}`. {prose(each.__doc__)}")
        rows = list(_members(each))
        parts.append(grid(["member", "meaning"], rows) if rows else "")
    elif callable(each):
        parts.append(f"```python\n{name}{_signature(each)}\n```")
        parts.append(f"Function of `crossroads.{home}`. {prose(each.__doc__)}")
    else:
        parts.append(f"Value of `crossroads.{home}`: " + codes(one.name for one in each) + ".")
    return "\n\n".join(part for part in parts if part)


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
    )


PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": command_line,
    "dossier-entries.md": dossier_entries,
    "dossier-tables.md": dossier_tables,
    "files.md": files,
    "findings.md": findings,
    "indicators.md": indicators,
    "python.md": python,
    "vocabularies.md": vocabularies,
}


def main() -> None:
    for name, write in PAGES.items():
        (HERE / name).write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
