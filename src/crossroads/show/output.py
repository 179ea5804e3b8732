"""One result in three forms: a screen on a terminal, TSV in a pipe, one JSON object on request."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from crossroads.show.text import plain

__all__ = ["Sheet", "emit", "emit_json", "emit_lines", "flat", "screen", "text_lines", "tsv"]

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)

_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What JSON leaves as it is and a terminal may obey."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under column names."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]


def screen(*, stderr: bool = False) -> Console:
    """Return a console that takes everything it is given as plain text."""
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False)


def emit(
    as_json: bool,
    record: Callable[[], Mapping[str, Any]],
    sheet: Callable[[], Sheet],
    draw: Callable[[Console], None],
) -> None:
    """Print a result in the form that fits where it goes."""
    if as_json:
        emit_json(record())
    elif sys.stdout.isatty():
        draw(screen())
    else:
        sys.stdout.write(tsv(sheet()))


def emit_lines(lines: Sequence[Text]) -> None:
    """Print lines that are the same everywhere, in colour on a terminal, never wrapped by us."""
    if sys.stdout.isatty():
        console = screen()
        for line in lines:
            console.print(line, soft_wrap=True)
    else:
        sys.stdout.write("".join(f"{line.plain}\n" for line in lines))


def text_lines(*lines: str) -> list[Text]:
    """Return lines of words to print."""
    return [Text(plain(line)) for line in lines]


def emit_json(record: Mapping[str, Any]) -> None:
    """Print one JSON object."""
    text = json.dumps(_json(record), ensure_ascii=False, indent=1)
    sys.stdout.write(_UNSAFE.sub(lambda each: f"\\u{ord(each[0]):04x}", text) + "\n")


def tsv(sheet: Sheet) -> str:
    """Write a sheet as tab-separated text, whole cells, one line a row."""
    lines = ["\t".join(sheet.columns)]
    lines += ["\t".join(_cell(each) for each in row) for row in sheet.rows]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    """Write a cell; text that a spreadsheet would take for a formula starts with an apostrophe."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    text = plain(value)
    risky = text[:1] in ("=", "+", "-", "@") and len(text) > 1 and not _NUMBER.fullmatch(text)
    return f"'{text}" if risky else text


def _json(value: Any) -> Any:
    """Round floats to six significant digits; what is not a number becomes null."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    return value


def flat(record: Mapping[str, Any]) -> Sheet:
    """Lay a record out as one row a field, named by its path."""
    rows: list[tuple[str, object]] = []

    def walk(path: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for name, each in value.items():
                walk(f"{path}.{name}" if path else str(name), each)
        elif isinstance(value, list | tuple):
            for place, each in enumerate(value, 1):
                walk(f"{path}.{place}", each)
        elif value is not None and value != "":
            rows.append((path, value))

    walk("", record)
    return Sheet(("field", "value"), rows)
