"""Rules that break a YAML file: the fields of its entries, and how they are written."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import yaml

from crossroads.schema import Column, entry_files
from mutants.rule import YAML_FILES, rule
from mutants.tables import of_type
from mutants.values import DATES, EDGES, PERIODS, SPANS, WHENS, WORDS


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
