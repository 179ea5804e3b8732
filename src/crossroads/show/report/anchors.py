"""Places within the report: what rests on what, and the names that links go by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from crossroads.schema import table_specs
from crossroads.show.claim_words import behind
from crossroads.show.rows import RowSeen, rows_seen
from crossroads.study import Study

__all__ = ["Anchors", "Link", "Refs", "claim_anchor", "scenario_anchor", "source_anchor"]


@dataclass(frozen=True, slots=True)
class Link:
    """Words, and the place within the report that they lead to; nowhere if it is empty."""

    words: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Refs:
    """Rows of one file, as links worded by their lines."""

    file: str
    lines: Sequence[Link]


def claim_anchor(name: str) -> str:
    """Return the place of a claim."""
    return f"claim-{name}"


def scenario_anchor(name: str) -> str:
    """Return the place of a scenario."""
    return f"scenario-{name}"


def source_anchor(name: str) -> str:
    """Return the place of a source."""
    return f"source-{name}"


@dataclass(frozen=True)
class Anchors:
    """The rows that the report shows, their places, and what rests on them.

    ``seen`` are those that something in the report rests on, ``lines`` the file and line of every
    row that has a source.
    """

    study: Study
    seen: Mapping[str, RowSeen] = field(repr=False)
    lines: Mapping[str, tuple[str, int]] = field(repr=False)
    rows: Mapping[str, Sequence[str]] = field(repr=False)
    """The rows that rest on each source."""

    @staticmethod
    def of(study: Study, further: Iterable[str] = ()) -> Anchors:
        """Look once at the rows behind verdicts and at further ones."""
        used = {row for judged in study.judged.values() for row in behind(judged)} | set(further)
        lines: dict[str, tuple[str, int]] = {}
        rows: dict[str, list[str]] = {}
        order: list[str] = []
        for name, spec in table_specs().items():
            frame = study.dossier.tables[name]
            if "source" in spec.columns:
                for row, line, sources in frame.select("row", "line", "source").iter_rows():
                    lines[row] = (spec.file, line)
                    for source in sources or ():
                        rows.setdefault(source, []).append(row)
            order += [row for row in frame["row"].to_list() if row in used]
        return Anchors(
            study, {each.row: each for each in rows_seen(order, study.world)}, lines, rows
        )

    @cached_property
    def places(self) -> Mapping[str, str]:
        """The place of each row: table and line; rows of one line are told apart by letters."""
        taken: set[str] = set()
        places = {}
        for row, seen in self.seen.items():
            place = name = f"{row.partition(':')[0]}-{seen.line}"
            count = 1
            while place in taken:
                count += 1
                place = f"{name}.{count}"
            taken.add(place)
            places[row] = place
        return places

    @cached_property
    def claims(self) -> Mapping[str, tuple[str, ...]]:
        """The claims that rest on each row, now or then."""
        resting: dict[str, list[str]] = {}
        for name, judged in self.study.judged.items():
            for row in behind(judged):
                resting.setdefault(row, []).append(name)
        return {row: tuple(names) for row, names in resting.items()}

    def row_link(self, row: str) -> Link:
        """Return a link to a row, worded as its file and line."""
        seen = self.seen.get(row)
        return Link(f"{seen.file}:{seen.line}", f"#{self.places[row]}") if seen else Link(row)

    def refs(self, rows: Iterable[str]) -> list[Refs]:
        """Return rows by file, worded as their lines; those that the report shows are links."""
        files: dict[str, list[Link]] = {}
        for row in rows:
            if row in self.lines:
                file, line = self.lines[row]
                href = f"#{self.places[row]}" if row in self.places else ""
                files.setdefault(file, []).append(Link(str(line), href))
        return [Refs(file, links) for file, links in files.items()]

    def linked(self, text: str) -> list[Link]:
        """Return a text in pieces; ids of rows and sources in it lead to them."""
        pieces: list[Link] = []
        said = ""
        for word in re.split(r"(\s+)", text):
            name = word.rstrip(",;:.")
            href = self._href(name)
            if href:
                pieces += [Link(said), Link(name, href)]
                said = word[len(name) :]
            else:
                said += word
        return [each for each in (*pieces, Link(said)) if each.words]

    def _href(self, name: str) -> str:
        if name in self.places:
            return f"#{self.places[name]}"
        return f"#{source_anchor(name)}" if name in self.study.dossier.sources else ""
