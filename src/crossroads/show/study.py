"""A study on the screen: its head, the verdict of every claim, the tally."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crossroads.claims import Argument, Judged
from crossroads.show.numbers import claimed_words
from crossroads.show.output import Sheet
from crossroads.show.text import plain, shortened, tally
from crossroads.show.verdicts import marked, reading_words, reason_words, symbol, tally_line
from crossroads.study import Study

__all__ = ["draw_study", "study_record", "study_sheet", "summary_line"]

_WIDE = 160
"""From this width on every column stands on its own."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A claim in the table, under how many arguments it stands, and its premises' tally."""

    judged: Judged
    depth: int
    argument: Argument | None


def _lines(study: Study) -> Iterator[_Line]:
    """Yield claims in the dossier's order, premises under their argument."""
    held = study.arguments

    def below(judged: Judged, depth: int) -> Iterator[_Line]:
        argument = held.get(judged.claim.id)
        yield _Line(judged, depth, argument)
        for premise in argument.premises if argument else ():
            yield from below(premise.judged, depth + 1)

    for judged in study.judged.values():
        if judged.claim.part_of not in study.judged:
            yield from below(judged, 0)


def draw_study(console: Console, study: Study, place: str) -> None:
    """Print a study; ``place`` is where its results lie."""
    _head(console, study)
    console.print()
    console.print(_table(study, console.width))
    console.print()
    console.print(Text(f"{tally(len(study.judged), 'claim')}:  ") + tally_line(study.tally()))
    for (scenario, horizon), why in study.failed.items():
        console.print(plain(f"not run: {scenario}, {horizon}: {why}"), style="yellow")
    console.print(f"Results: {plain(place)}", soft_wrap=True)
    console.print("One claim in full: crossroads explain DOSSIER CLAIM", style="dim")


def _head(console: Console, study: Study) -> None:
    meta = study.dossier.meta
    console.print(plain(meta.title), style="bold")
    console.print(plain(meta.question))
    console.print()
    console.print(
        f"As of {meta.as_of}, {tally(study.draws, 'draw')}, seed {study.seed}. {_counts(study)}",
        style="dim",
    )


def _counts(study: Study) -> str:
    counts = study.counts
    parts = [
        f"{tally(counts.figures, 'figure')}: {counts.ranged:,} with a sourced range, "
        f"{counts.defaulted:,} with the default range of their source's grade.",
        f"Behind the verdicts stand {counts.used:,}, {counts.used_ranged:,} with a sourced range.",
    ]
    if counts.unverified:
        fate = "taken in" if study.world.with_unverified else "left out"
        parts.append(f"{tally(counts.unverified, 'unverified row')} {fate}.")
    return " ".join(parts)


def _table(study: Study, width: int) -> Table:
    wide = width >= _WIDE
    table = Table(box=None, padding=(0, 2, 1, 0), pad_edge=False, expand=True)
    if wide:
        for name, ratio in (("claim", 22), ("says", 30)):
            table.add_column(name, ratio=ratio)
        table.add_column("now", width=14)
        table.add_column("then", width=14)
        table.add_column("found against claimed", ratio=42)
        table.add_column("reason", ratio=24)
    else:
        table.add_column("verdict", width=14)
        table.add_column("claim", ratio=11)
        table.add_column("found against claimed", ratio=10)
    for line in _lines(study):
        table.add_row(*(_wide_row(line) if wide else _narrow_row(line, width)))
    return table


def _wide_row(line: _Line) -> tuple[Text, ...]:
    judged = line.judged
    return (
        _named(line),
        Text(shortened(plain(judged.claim.says), 140)),
        marked(judged.verdict),
        marked(judged.verdict_then),
        _readings(judged, 160),
        Text(shortened(reason_words(judged), 160)),
    )


def _narrow_row(line: _Line, width: int) -> tuple[Text, ...]:
    judged = line.judged
    verdict = marked(judged.verdict)
    if judged.verdict_then is not judged.verdict:
        verdict.append("\nthen ", style="dim")
        verdict.append_text(marked(judged.verdict_then))
    says = Text(shortened(plain(judged.claim.says), max(80, width)))
    found = _readings(judged, max(120, width))
    if not found:
        found = Text(shortened(reason_words(judged), max(120, width)))
    return verdict, Text("\n").join([_named(line), says]), found


def _named(line: _Line) -> Text:
    """Return a claim's id, indented under its argument, with the tally of its premises."""
    indent = "  " * (line.depth - 1) + "└ " if line.depth else ""
    name = Text(indent, style="dim") + Text(line.judged.claim.id, style="bold")
    if line.argument:
        counts = line.argument.tally
        marks = " ".join(f"{symbol(each)} {counts[each]}" for each in counts)
        name.append(f"\n{tally(sum(counts.values()), 'premise')}: {marks}", style="dim")
    return name


def _readings(judged: Judged, length: int) -> Text:
    """Return what each reading found; one that rests on no figure only where there are several."""
    several = len(judged.readings) > 1
    lines = []
    for each in judged.readings:
        if several:
            lead = Text(f"{symbol(each.verdict)} {plain(each.reading.name)}: ", style="dim")
            lines.append(lead + Text(shortened(reading_words(each), length)))
        elif each.found is not None:
            lines.append(Text(shortened(reading_words(each), length)))
    return Text("\n").join(lines)


def study_sheet(study: Study) -> Sheet:
    """Return one row a claim, whole."""
    columns = (
        "id says by kind document section sentence part_of verdict verdict_then share claimed "
        "found low high unit reason reason_then"
    ).split()
    return Sheet(tuple(columns), [_sheet_row(study, line.judged) for line in _lines(study)])


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
    }


def summary_line(study: Study, place: str) -> str:
    """Return a line for standard error, where standard output goes into a pipe."""
    told = ", ".join(f"{count} {verdict}" for verdict, count in study.tally().items())
    return plain(f"{tally(len(study.judged), 'claim')}: {told}; results in {place}")
