"""One claim in full: each reading as bars, what drives the verdict, and what lies behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from crossroads.claims import Argument, ClaimedSet, Explanation, Judged
from crossroads.claims.judge import ReadingVerdict
from crossroads.results import verdict_record
from crossroads.show.claim_words import (
    NO_BREAK_EVEN,
    about_words,
    behind,
    break_even_words,
    expected_words,
    figure_words,
    flip_words,
    found_line,
    meant_words,
    place_words,
)
from crossroads.show.interval import axis_over, claimed_bar, found_bar, scale_line
from crossroads.show.numbers import per_cent
from crossroads.show.rows import RowSeen, rows_seen
from crossroads.show.text import plain, tally
from crossroads.show.verdicts import marked, rule_of, tally_line
from crossroads.study import Study

__all__ = ["draw_explanation", "explanation_record"]

_BAR = 56
"""Most characters that a bar takes."""


def draw_explanation(console: Console, study: Study, name: str) -> None:
    """Print the claim called ``name``."""
    judged, explained = study.judged[name], study.explanations[name]
    _head(console, study, judged)
    for place, now in enumerate(judged.readings):
        then = judged.readings_then[place] if place < len(judged.readings_then) else None
        console.print()
        _reading(console, study, now, then)
    _drivers(console, study, explained)
    _premises(console, study, name)
    _rows(console, study, judged)
    _sources(console, explained)
    if explained.check_next:
        console.print()
        console.print(Text("Next: ", style="bold") + Text(plain(explained.check_next)))


def _head(console: Console, study: Study, judged: Judged) -> None:
    claim, dossier = judged.claim, study.dossier
    console.print(Text(claim.id, style="bold"))
    console.print(plain(claim.says))
    where = f"{claim.document.title} ({claim.document.date}), {place_words(claim)}"
    said = f"{dossier.name_of(claim.by)}, {where}"
    console.print(plain(f"{said}; {claim.kind}"), style="dim")
    if claim.part_of:
        console.print(plain(f"part of {claim.part_of}"), style="dim")
    if claim.note:
        console.print(plain(claim.note), style="dim")
    console.print()
    table = Table.grid(padding=(0, 2, 0, 0))
    days = (study.world.known, min(claim.document.date, study.world.known))
    for word, day, verdict in zip(
        ("now", "then"), days, (judged.verdict, judged.verdict_then), strict=True
    ):
        table.add_row(Text(word, style="bold"), marked(verdict), Text(f"as known on {day}", "dim"))
    console.print(table)
    if not judged.readings:
        console.print(plain(judged.reason))


def _reading(
    console: Console, study: Study, now: ReadingVerdict, then: ReadingVerdict | None
) -> None:
    """Print one reading: what it expects, what was found now and then, and by which rule."""
    reading = now.reading
    console.print(Text(plain(reading.name), style="bold") + marked(now.verdict, "  "))
    lines = [Text(expected_words(now), style="dim")]
    if reading.why:
        lines.append(Text(plain(reading.why), style="dim"))
    for line in lines:
        console.print(Padding(line, (0, 0, 0, 2)))
    if now.found is not None and reading.claimed is not None:
        _bars(console, study, now, then, reading.claimed)
    else:
        console.print(Padding(Text(f"now: {plain(now.reason)}"), (0, 0, 0, 2)))
        if then is not None and then.reason != now.reason:
            console.print(Padding(Text(f"then: {plain(then.reason)}"), (0, 0, 0, 2)))
    rule = " ".join(part for part in (rule_of(now), flip_words(now)) if part)
    console.print(Padding(Text(rule), (0, 0, 0, 2)))


def _bars(
    console: Console,
    study: Study,
    now: ReadingVerdict,
    then: ReadingVerdict | None,
    claimed: ClaimedSet,
) -> None:
    """Print what is claimed and what was found, then and now, on one axis."""
    vocabulary = study.dossier.vocabulary
    ends = [None if end is None else end / claimed.factor for end in (claimed.low, claimed.high)]
    told = [("now", now)] + ([("then", then)] if then is not None else [])
    known = [each.found for _, each in told if each.found is not None]
    values = [end for each in known for end in (each.p05, each.median, each.p95)]
    width = max(min(_BAR, console.width - 58), 20)
    axis = axis_over([*ends, *values], width)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=7)
    table.add_column(width=width)
    table.add_column()
    table.add_row("claimed", Text(claimed_bar(axis, *ends)), Text(meant_words(claimed)))
    for word, each in told:
        if each.found is None:
            table.add_row(word, "", Text(plain(each.reason), style="dim"))
            continue
        found = each.found
        bar = found_bar(axis, found.median, found.p05, found.p95)
        style = marked(each.verdict).style
        table.add_row(word, Text(bar, style=style), Text(found_line(each, now, vocabulary)))
    table.add_row("", Text(scale_line(axis), style="dim"), "")
    console.print(Padding(table, (0, 0, 0, 2)))


def _drivers(console: Console, study: Study, explained: Explanation) -> None:
    if explained.of is None:
        return
    of = ""
    if len(study.judged[_claim_of(study, explained)].readings) > 1:
        of = f" of the reading '{plain(explained.of.reading.name)}'"
    if explained.drivers:
        console.print()
        console.print(f"What the spread{of} goes with", style="bold")
    table = Table.grid(padding=(0, 2, 0, 0))
    about = {
        each.row: each for each in rows_seen([one.row for one in explained.drivers], study.world)
    }
    for each in explained.drivers:
        bar = "█" * max(round(each.share * 20), 1)
        table.add_row(
            Text(per_cent(each.share).rjust(10)),
            Text(bar.ljust(20)),
            Text(about_words(each.row, about.get(each.row))),
        )
    if explained.drivers:
        console.print(table)
        console.print("Squared rank correlation over the draws; noise is left out.", style="dim")
    _break_even(console, study, explained)


def _claim_of(study: Study, explained: Explanation) -> str:
    return next(name for name, each in study.explanations.items() if each is explained)


def _break_even(console: Console, study: Study, explained: Explanation) -> None:
    """Say at which value of an input the central result crosses the bound of what is claimed."""
    even = explained.break_even
    if even is None:
        if explained.drivers:
            console.print(NO_BREAK_EVEN, style="dim")
        return
    seen = next(iter(rows_seen([even.row], study.world)), None)
    console.print(break_even_words(even, seen))


def _premises(console: Console, study: Study, name: str) -> None:
    argument = study.arguments.get(name)
    if argument is None:
        return
    console.print()
    count = sum(argument.tally.values())
    console.print(Text(f"{tally(count, 'premise')}: ", style="bold") + tally_line(argument.tally))
    tree = Tree("", guide_style="dim", hide_root=True)
    _grow(tree, argument.premises)
    console.print(tree)


def _premise(judged: Judged) -> Text:
    return marked(judged.verdict) + Text(f"  {judged.claim.id}: ") + Text(plain(judged.claim.says))


def _grow(tree: Tree, premises: Sequence[Argument]) -> None:
    for each in premises:
        _grow(tree.add(_premise(each.judged)), each.premises)


def _rows(console: Console, study: Study, judged: Judged) -> None:
    seen = rows_seen(behind(judged), study.world)
    if not seen:
        return
    console.print()
    console.print(f"{tally(len(seen), 'row')} behind it", style="bold")
    for each in seen:
        console.print(Text(f"{each.file}:{each.line}  ", style="cyan") + Text(each.about))
        console.print(Padding(Text(_figures(each)), (0, 0, 0, 4)))
        console.print(Padding(Text(plain(each.row), style="dim"), (0, 0, 0, 4)))


def _figures(each: RowSeen) -> str:
    """Return a row's figures with period and sources."""
    sources = f"source {', '.join(each.sources)}" if each.sources else ""
    return plain("; ".join(part for part in (figure_words(each), sources) if part) or "no source")


def _sources(console: Console, explained: Explanation) -> None:
    if not explained.sources:
        return
    console.print()
    counted = tally(len(explained.sources), "source")
    if explained.origins < len(explained.sources):
        counted += f" of {tally(explained.origins, 'origin')}"
    console.print(counted, style="bold")
    table = Table.grid(padding=(0, 2, 0, 0))
    for each in explained.sources:
        title = plain(f"{each.title} ({tally(len(each.rows), 'row')})")
        table.add_row(Text(each.reliability, style="bold"), Text(each.id), Text(title))
    console.print(table)


def explanation_record(study: Study, name: str) -> dict[str, Any]:
    """Return a claim for ``--json``: its entry of verdicts.json, and what lies behind it."""
    judged = study.judged[name]
    argument = study.arguments.get(name)
    return {
        "study": study.verdicts()["study"],
        **verdict_record(judged, study.explanations[name]),
        "rules": [
            {"reading": each.reading.name, "rule": rule_of(each), "flips": flip_words(each)}
            for each in judged.readings
        ],
        "rows": [asdict(each) for each in rows_seen(behind(judged), study.world)],
        "source_titles": {each.id: each.title for each in study.explanations[name].sources},
        "premises": [] if argument is None else [_branch(each) for each in argument.premises],
    }


def _branch(argument: Argument) -> dict[str, Any]:
    return {
        "id": argument.judged.claim.id,
        "says": argument.judged.claim.says,
        "verdict": str(argument.judged.verdict),
        "verdict_then": str(argument.judged.verdict_then),
        "premises": [_branch(each) for each in argument.premises],
    }
