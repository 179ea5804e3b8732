"""A study on the screen: its head, the verdict of every claim, the tally."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crossroads.claims import Argument, Judged, Verdict
from crossroads.schema import Vocabulary
from crossroads.show.numbers import claimed_words
from crossroads.show.output import Sheet
from crossroads.show.text import plain, shortened, tally
from crossroads.show.verdicts import marked, reading_words, symbol, tally_line
from crossroads.study import Study

__all__ = [
    "Line",
    "counts_words",
    "draw_study",
    "lines_of",
    "study_record",
    "study_sheet",
    "summary_line",
]

_MIDDLE, _WIDE = 100, 140
"""Widths from which on a verdict fits beside "then", and every column stands on its own."""


@dataclass(frozen=True, slots=True)
class Line:
    """A claim in the table, under how many arguments it stands, and its premises' tally."""

    judged: Judged
    depth: int
    argument: Argument | None


def lines_of(study: Study) -> Iterator[Line]:
    """Yield claims in the dossier's order, premises under their argument."""
    held = study.arguments

    def below(judged: Judged, depth: int) -> Iterator[Line]:
        argument = held.get(judged.claim.id)
        yield Line(judged, depth, argument)
        for premise in argument.premises if argument else ():
            yield from below(premise.judged, depth + 1)

    for judged in study.judged.values():
        if judged.claim.part_of not in study.judged:
            yield from below(judged, 0)


def draw_study(console: Console, study: Study, name: str, place: str) -> None:
    """Print a study of the dossier called ``name``; ``place`` is where its results lie."""
    _head(console, study)
    console.print()
    console.print(_table(study, console.width))
    console.print()
    console.print(Text(f"{tally(len(study.judged), 'claim')}:  ") + tally_line(study.tally()))
    for (scenario, horizon), why in study.failed.items():
        console.print(plain(f"not run: {scenario}, {horizon}: {why}"), style="yellow")
    console.print(f"Results: {plain(place)}", soft_wrap=True)
    console.print(f"Report: {plain(report_in(place))}", soft_wrap=True)
    console.print(plain(f"One claim in full: crossroads explain {name} CLAIM"), style="dim")


def _head(console: Console, study: Study) -> None:
    meta = study.dossier.meta
    console.print(plain(meta.title), style="bold")
    console.print(plain(meta.question))
    console.print()
    said = f"As of {meta.as_of}, {tally(study.draws, 'draw')}, seed {study.seed}."
    console.print(f"{said} {counts_words(study)}", style="dim")


def counts_words(study: Study) -> str:
    """Say how well founded the figures are, and those that verdicts rest on."""
    counts = study.counts
    parts = [
        f"{tally(counts.figures, 'figure')}: {counts.ranged:,} with a sourced range, "
        f"{counts.defaulted:,} with the default range of their source's grade.",
        f"Verdicts rest on {counts.used:,} of them, {counts.used_ranged:,} with a sourced range.",
    ]
    if counts.unverified:
        fate = "taken in" if study.with_unverified else "left out"
        parts.append(f"{tally(counts.unverified, 'unverified row')} {fate}.")
    return " ".join(parts)


def _table(study: Study, width: int) -> Table:
    lines = list(lines_of(study))
    table = Table(box=None, padding=(0, 2, 1, 0), pad_edge=False, expand=True)
    if width >= _WIDE:
        longest = max((len(each.judged.claim.id) + 2 * each.depth for each in lines), default=10)
        table.add_column("claim", width=min(longest, 36))
        table.add_column("says", ratio=2)
        table.add_column("now", width=14)
        table.add_column("then", width=14)
        table.add_column("found against claimed, and why", ratio=3)
    else:
        table.add_column("verdict", width=14 if width < _MIDDLE else 19)
        table.add_column("claim", ratio=11)
        table.add_column("found against claimed, and why", ratio=10)
    for line in lines:
        table.add_row(*_cells(line, study, width))
    return table


def _cells(line: Line, study: Study, width: int) -> tuple[RenderableType, ...]:
    judged = line.judged
    length = max(120, width)
    says = Text(shortened(plain(judged.claim.says), length))
    found = _readings(judged, study.dossier.vocabulary, length + 20)
    if width >= _WIDE:
        return _named(line), says, marked(judged.verdict), marked(judged.verdict_then), found
    verdict = marked(judged.verdict)
    if judged.verdict_then is not judged.verdict:
        verdict.append("\nthen " if width >= _MIDDLE else "\nthen\n", style="dim")
        verdict.append_text(marked(judged.verdict_then))
    return verdict, Group(_named(line), Padding(says, (0, 0, 0, 2 * line.depth))), found


def _named(line: Line) -> RenderableType:
    """Return a claim's id, indented under its argument, with the tally of its premises."""
    name = Text("└ " if line.depth else "", style="dim") + Text(line.judged.claim.id, style="bold")
    if line.argument:
        counts = line.argument.tally
        marks = " ".join(f"{symbol(each)} {counts[each]}" for each in Verdict if each in counts)
        indent = "  " if line.depth else ""
        name.append(f"\n{indent}{tally(sum(counts.values()), 'premise')}: {marks}", style="dim")
    return Padding(name, (0, 0, 0, 2 * max(line.depth - 1, 0)))


def _readings(judged: Judged, vocabulary: Vocabulary, length: int) -> Text:
    """Return what each reading found, or why a claim without readings has its verdict."""
    if not judged.readings:
        return Text(shortened(plain(judged.reason), length))
    alone = len(judged.readings) == 1
    lines = []
    for each in judged.readings:
        words = Text(shortened(reading_words(each, vocabulary, alone=alone), length))
        lead = "" if alone else f"{symbol(each.verdict)} {plain(each.reading.name)}: "
        lines.append(Text(lead, style="dim") + words)
    return Text("\n").join(lines)


def study_sheet(study: Study) -> Sheet:
    """Return one row a claim, whole."""
    columns = (
        *("id", "says", "by", "kind", "document", "section", "sentence", "part_of"),
        *("verdict", "verdict_then", "share", "claimed", "found", "low", "high", "unit"),
        *("reason", "reason_then"),
    )
    return Sheet(columns, [_sheet_row(study, line.judged) for line in lines_of(study)])


def _sheet_row(study: Study, judged: Judged) -> tuple[object, ...]:
    claim = judged.claim
    lead = study.explanations[claim.id].of or next(iter(judged.readings), None)
    found = lead.found if lead else None
    claimed = lead.reading.claimed if lead else None
    return (
        claim.id,
        claim.says,
        claim.by,
        claim.kind,
        claim.document.id,
        claim.section,
        claim.sentence,
        claim.part_of,
        judged.verdict,
        judged.verdict_then,
        lead.share if lead else None,
        claimed_words(claimed) if claimed else None,
        *((found.median, found.p05, found.p95, found.unit) if found else (None,) * 4),
        judged.reason,
        judged.reason_then,
    )


def study_record(study: Study, place: str) -> dict[str, Any]:
    """Return a study for ``--json``: what verdicts.json holds, and how it came about."""
    counts = study.counts
    return {
        **study.verdicts(),
        "title": study.dossier.meta.title,
        "question": study.dossier.meta.question,
        "counts": {name: getattr(counts, name) for name in counts.__slots__},
        "tally": {str(verdict): count for verdict, count in study.tally().items()},
        "arguments": {
            name: {
                "premises": [each.judged.claim.id for each in argument.premises],
                "tally": {str(verdict): count for verdict, count in argument.tally.items()},
            }
            for name, argument in study.arguments.items()
        },
        "not_run": {f"{name}, {at}": why for (name, at), why in study.failed.items()},
        "results": place,
        "report": report_in(place),
    }


def summary_line(study: Study, place: str) -> str:
    """Return a line for standard error, where standard output goes into a pipe."""
    told = ", ".join(f"{count} {verdict}" for verdict, count in study.tally().items())
    said = f"{tally(len(study.judged), 'claim')}: {told}; results in {place}"
    return plain(f"{said}, report in {report_in(place)}")


def report_in(place: str) -> str:
    """Return where the report of a study lies whose results lie in ``place``."""
    return str(Path(place) / "report.html")
