"""Sources in the report with everything that hangs on them, and the rows of the dossier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crossroads.claims import Judged
from crossroads.schema import table_specs
from crossroads.show.claim_words import figure_words
from crossroads.show.report.anchors import Anchors, Refs, source_anchor

__all__ = ["RowLine", "RowTable", "SourceSeen", "row_tables", "sources_of", "web_address"]


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """A source, and the claims and rows that rest on it."""

    id: str
    anchor: str
    cells: Mapping[str, Any]
    url: str
    speaker: str
    claims: Sequence[Judged]
    rows: Sequence[Refs]


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row: its place, what it says, its sources, and the claims that rest on it."""

    id: str
    anchor: str
    line: int
    about: str
    figure: str
    sources: tuple[str, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowTable:
    """The rows of one file."""

    file: str
    about: str
    rows: Sequence[RowLine]
    used: int


def web_address(text: str | None) -> str:
    """Return an address that a browser may be sent to: of the web, else nothing."""
    try:
        parts = urlsplit((text or "").strip())
    except ValueError:
        return ""
    return parts.geturl() if parts.scheme in ("http", "https") and parts.netloc else ""


def sources_of(anchors: Anchors) -> list[SourceSeen]:
    """Return every source, those that most claims rest on first."""
    study = anchors.study
    told = []
    for name, cells in study.dossier.sources.items():
        rows = anchors.rows.get(name, ())
        resting = {each for row in rows for each in anchors.claims.get(row, ())}
        told.append(
            SourceSeen(
                id=name,
                anchor=source_anchor(name),
                cells=cells,
                url=web_address(cells["url"]),
                speaker=study.dossier.name_of(cells["by"]) if cells["by"] else "",
                claims=[judged for each, judged in study.judged.items() if each in resting],
                rows=anchors.refs(rows),
            )
        )
    return sorted(told, key=lambda each: (-len(each.claims), -len(each.rows), each.id))


def row_tables(anchors: Anchors) -> list[RowTable]:
    """Return the rows by file, in the order in which they stand there."""
    told = []
    for name, spec in table_specs().items():
        rows = [each for each in anchors.seen if each.partition(":")[0] == name]
        lines = [
            RowLine(
                id=row,
                anchor=anchors.places[row],
                line=anchors.seen[row].line,
                about=anchors.seen[row].about,
                figure=figure_words(anchors.seen[row]),
                sources=anchors.seen[row].sources,
                claims=anchors.claims.get(row, ()),
            )
            for row in rows
        ]
        if lines:
            lines.sort(key=lambda each: each.line)
            used = sum(bool(each.claims) for each in lines)
            told.append(RowTable(spec.file, spec.about, lines, used))
    return told
