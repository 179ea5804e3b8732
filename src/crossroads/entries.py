"""Reading a YAML file: node graph to typed entries that remember their lines.

Scalars stay text until the schema types them, so ``no`` is a word and ``2024`` a period where the
schema says so. Aliases and tags are refused; nothing is constructed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from crossroads.errors import Finding, did_you_mean
from crossroads.schema import Column, EntryFile, Vocabulary, Wording
from crossroads.tables import (
    MAX_CELL,
    MAX_FINDINGS,
    CellError,
    cell,
    check_magnitude,
    finding,
    read_text,
)

__all__ = ["Claimed", "Entry", "Quantity", "quantity", "read_yaml"]

MAX_NODES = 400_000
MAX_DEPTH = 12

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d{1,3})?"
_QUANTITY = re.compile(rf"({_NUMBER})(?![\d,.])\s*(.*)", re.DOTALL | re.ASCII)
_REFERENCES = frozenset({"claim", "scenario", "document"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with unit, and a range and sources where they are given."""

    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    source: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a wording claims of a quantity: ``about: 7%``, ``between: [20%, 40%]``."""

    wording: Wording
    low: Quantity
    high: Quantity
    line: int


@dataclass(frozen=True)
class Entry:
    """One record of a YAML file: its typed values, and the line of each."""

    id: str
    line: int
    values: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def line_of(self, name: str) -> int:
        return self.lines.get(name, self.line)


def quantity(text: str, vocabulary: Vocabulary, line: int = 0) -> Quantity:
    """Parse a number followed by a unit of the vocabulary; a bare number is a ratio.

    Raises
    ------
    CellError
        If there is no number, or the unit is not in the vocabulary.
    """
    match = _QUANTITY.fullmatch(text.strip())
    if not match:
        raise CellError("bad-number", f"'{text}' is not a number with a unit")
    number, name = check_magnitude(float(match[1].replace(",", "")), text), match[2].strip()
    unit = vocabulary.unit(name or "ratio")
    if unit is None:
        known = (*vocabulary.units, *vocabulary.synonyms)
        raise CellError("unknown-unit", f"unknown unit '{name}'", did_you_mean(name, known))
    return Quantity(number, unit.name, line=line)


class _Typer:
    """Types the nodes of one file by its description."""

    def __init__(self, spec: EntryFile, vocabulary: Vocabulary) -> None:
        self.spec, self.vocabulary = spec, vocabulary
        self.findings: list[Finding] = []

    def add(self, code: str, node: Node | int, message: str, remedy: str = "") -> None:
        line = node if isinstance(node, int) else _line(node)
        if len(self.findings) == MAX_FINDINGS:
            code, message, remedy = "too-large", "too many problems; what follows is not told", ""
        if len(self.findings) <= MAX_FINDINGS:
            self.findings.append(finding(code, self.spec.file, line, message, remedy))

    def pairs(self, node: Node, what: str) -> Iterator[tuple[str, Node, Node]]:
        """Yield key text, key node and value node of a mapping, once per key."""
        if not isinstance(node, MappingNode):
            self.add("bad-field", node, f"{what} is not a mapping")
            return
        seen: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.add("bad-field", key, f"a key of {what} is not plain text")
            elif key.value in seen:
                self.add(
                    "duplicate-yaml-key",
                    key,
                    f"'{key.value}' stands twice in {what}, first on line {seen[key.value]}",
                )
            else:
                seen[key.value] = _line(key)
                yield key.value, key, value

    def items(self, node: Node, what: str) -> list[Node]:
        if isinstance(node, SequenceNode):
            return list(node.value)
        self.add("bad-field", node, f"{what} is not a list")
        return []

    def entry(
        self, name: str, key: Node, node: Node, fields: Mapping[str, Column], what: str
    ) -> Entry:
        """Type a mapping of named fields."""
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        takes_wording = "indicator" in fields
        for word, at, value in self.pairs(node, what):
            lines[word] = _line(at)
            if word in fields:
                typed = self.value(value, fields[word], f"{word} of {what}")
                if typed is not None:
                    values[word] = typed
            elif takes_wording and word in self.vocabulary.wordings:
                if "claimed" in values:
                    self.add("bad-field", at, f"{what} has two wordings", "keep one of them")
                claimed = self.claimed(self.vocabulary.wordings[word], value, what)
                if claimed:
                    values["claimed"] = claimed
            else:
                known = [*fields, *(self.vocabulary.wordings if takes_wording else ())]
                hint = did_you_mean(word, known)
                self.add("unknown-field", at, f"unknown field '{word}' in {what}", hint)
        if isinstance(node, MappingNode):
            for word, column in fields.items():
                if column.required and word not in lines:
                    self.add("missing-field", key, f"{what} has no '{word}'")
                elif column.default and word not in lines:
                    values[word] = cell(column.default, column, self.vocabulary)
        return Entry(name, _line(key), values, lines)

    def scalar(self, node: Node, what: str) -> str | None:
        if isinstance(node, ScalarNode):
            text: str = node.value.strip()
            if len(text) > MAX_CELL:
                self.add("too-large", node, f"{what} has {len(text):,} characters")
                return None
            if text:
                return text
            self.add("missing-value", node, f"{what} is empty")
        else:
            self.add("bad-field", node, f"{what} is not plain text")
        return None

    def quantity(self, node: Node, what: str) -> Quantity | None:
        text = self.scalar(node, what)
        if text is None:
            return None
        try:
            return quantity(text, self.vocabulary, _line(node))
        except CellError as error:
            self.add(error.code, node, f"{what}: {error}", error.remedy)
            return None

    def claimed(self, wording: Wording, node: Node, what: str) -> Claimed | None:
        if wording.takes == "interval":
            ends = [self.quantity(each, what) for each in self.items(node, what)]
            if len(ends) != 2 or ends[0] is None or ends[1] is None:
                self.add("bad-field", node, f"{what}: 'between' takes two quantities, [low, high]")
                return None
            return Claimed(wording, ends[0], ends[1], _line(node))
        one = self.quantity(node, what)
        return Claimed(wording, one, one, _line(node)) if one else None

    def figure(self, node: Node, what: str) -> Quantity | None:
        """Type ``0``, ``6 months`` or ``{value:, low:, high:, unit:, source: [..]}``."""
        if not isinstance(node, MappingNode):
            return self.quantity(node, what)
        numbers: dict[str, float] = {}
        units: list[str] = []
        source: tuple[str, ...] = ()
        for word, at, value in self.pairs(node, what):
            if word == "source":
                source = tuple(self.words(value, what))
                continue
            text = self.scalar(value, what)
            if text is None:
                continue
            if word == "unit":
                known = self.vocabulary.unit(text)
                if known is None:
                    hint = did_you_mean(text, self.vocabulary.units)
                    self.add("unknown-unit", value, f"{what}: unknown unit '{text}'", hint)
                else:
                    units.append(known.name)
            elif word in ("value", "low", "high"):
                parsed = self.quantity(value, f"{word} of {what}")
                if parsed:
                    numbers[word] = parsed.value
                    if not re.fullmatch(_NUMBER, text, re.ASCII):
                        units.append(parsed.unit)
            elif word != "note":
                hint = did_you_mean(word, ("value", "low", "high", "unit", "source", "note"))
                self.add("unknown-field", at, f"unknown field '{word}' in {what}", hint)
        if len(set(units)) > 1:
            self.add("bad-field", node, f"{what} has {' and '.join(units)}", "write one unit")
            return None
        if "value" not in numbers:
            if {"low", "high"} <= set(numbers):
                numbers["value"] = (numbers["low"] + numbers["high"]) / 2
            else:
                self.add("missing-field", node, f"{what} has no 'value'")
                return None
        return Quantity(
            numbers["value"],
            units[0] if units else "ratio",
            numbers.get("low"),
            numbers.get("high"),
            source,
            _line(node),
        )

    def words(self, node: Node, what: str) -> list[str]:
        if isinstance(node, ScalarNode):
            text = self.scalar(node, what)
            return [part.strip() for part in (text or "").split(";") if part.strip()]
        return [text for each in self.items(node, what) if (text := self.scalar(each, what))]

    def value(self, node: Node, column: Column, what: str) -> Any:
        """Type the value of one field."""
        kind = column.type
        if kind == "map":
            fields = self.spec.entries[column.of[0]]
            return {
                name: self.entry(name, key, value, fields, f"{column.of[0]} '{name}'")
                for name, key, value in self.pairs(node, what)
            }
        if kind == "list":
            fields = self.spec.entries[column.of[0]]
            return [
                self.entry(str(place), each, each, fields, f"{column.of[0]} {place} of {what}")
                for place, each in enumerate(self.items(node, what), 1)
            ]
        if kind == "entry":
            return self.entry(column.of[0], node, node, self.spec.entries[column.of[0]], what)
        if kind == "cells":
            return {
                name: text
                for name, _, value in self.pairs(node, what)
                if (text := self.scalar(value, f"{name} of {what}")) is not None
            }
        if kind == "shares":
            parsed = {
                name: self.quantity(value, f"{name} of {what}")
                for name, _, value in self.pairs(node, what)
            }
            return {name: each for name, each in parsed.items() if each}
        if kind == "figure":
            return self.figure(node, what)
        if kind in ("refs", "texts", "levers"):
            return self.words(node, what)
        text = self.scalar(node, what)
        if text is None or kind in _REFERENCES:
            return text
        try:
            return cell(text, column, self.vocabulary)
        except CellError as error:
            self.add(error.code, node, f"{what}: {error}", error.remedy)
            return None


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _compose(text: str, typer: _Typer) -> Node | None:
    """Compose the node graph, refusing aliases, tags, and absurd sizes before they are built."""
    depth = count = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            count += 1
            line = event.start_mark.line + 1 if event.start_mark else 0
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                typer.add("yaml-alias", line, "the file uses an anchor or alias")
                return None
            tag = getattr(event, "tag", None)
            if tag:
                typer.add("yaml-tag", line, f"the file uses the tag '{tag}'")
                return None
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH or count > MAX_NODES:
                typer.add("too-large", line, "the file is nested too deep or has too many nodes")
                return None
        node: Node | None = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        typer.add("bad-yaml", mark.line + 1 if mark else 0, f"malformed YAML: {error.problem}")
        return None
    except yaml.YAMLError as error:
        typer.add("bad-yaml", 0, f"malformed YAML: {str(error).splitlines()[0]}")
        return None
    return node


def read_yaml(
    path: Path, spec: EntryFile, vocabulary: Vocabulary
) -> tuple[dict[str, Entry], list[Finding]]:
    """Read and type one YAML file.

    Returns
    -------
    The entries by id; a file of form ``record`` gives one entry named as the file.
    """
    text, findings = read_text(path, spec.file)
    typer = _Typer(spec, vocabulary)
    typer.findings.extend(findings)
    if findings:
        return {}, typer.findings
    node = _compose(text, typer)
    if node is None:
        if not typer.findings:
            _tell_empty(typer)
        return {}, typer.findings
    if spec.form == "record":
        entry = typer.entry(spec.name, node, node, spec.fields, spec.file)
        return {spec.name: entry}, typer.findings
    singular = spec.name.removesuffix("s")
    entries: dict[str, Entry] = {}
    for name, key, value in typer.pairs(node, spec.file):
        try:
            cell(name, Column("id", "id", ""), vocabulary)
        except CellError as error:
            typer.add(error.code, key, str(error))
        entries[name] = typer.entry(name, key, value, spec.fields, f"{singular} '{name}'")
    if not entries and not typer.findings:
        _tell_empty(typer)
    return entries, typer.findings


def _tell_empty(typer: _Typer) -> None:
    """Report an empty file: an error where it is the one record that every dossier needs."""
    if typer.spec.form == "record":
        needed = ", ".join(name for name, each in typer.spec.fields.items() if each.required)
        typer.add("missing-field", 0, f"the file is empty; it needs {needed}")
    else:
        typer.add("empty-table", 0, "the file has no entries")
