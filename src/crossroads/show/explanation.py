"""One claim in full: each reading as bars, what drives the verdict, and what lies behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from crossroads.claims import Argument, ClaimedSet, Explanation, Judged, number
from crossroads.claims.judge import ReadingVerdict
from crossroads.results import verdict_record
from crossroads.show.interval import axis_over, claimed_bar, found_bar, scale_line
from crossroads.show.numbers import claimed_words, found_words, per_cent, set_words, with_unit
from crossroads.show.rows import RowSeen, rows_seen
from crossroads.show.text import plain, tally
from crossroads.show.verdicts import draws_words, marked, rule_of, tally_line
from crossroads.study import Study

__all__ = ["draw_explanation", "explanation_record", "flip_words"]

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
    where = f"section {claim.section}"
    if claim.sentence is not None:
        where += f", sentence {claim.sentence}"
    said = f"{dossier.name_of(claim.by)}, {claim.document.title} ({claim.document.date}), {where}"
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
    lines = [Text(_expects(now), style="dim")]
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


def _expects(each: ReadingVerdict) -> str:
    """Say what a reading looks at."""
    reading = each.reading
    if reading.form == "indicator":
        cells = [reading.cells.get(part, "") for part in ("actor", "counterpart", "item")]
        said = f"{reading.target}: {', '.join(cell for cell in cells if cell)}"
        period = each.cells.get("period") or reading.period
        said += f", {period}" if period else ""
        if reading.scenario != "baseline":
            said += f"; under {reading.scenario}, horizon {reading.horizon}"
        return plain(f"{said}; {reading.change} change" if reading.change else said)
    match = ", ".join(f"{name} {cell}" for name, cell in reading.match.items())
    expect = ", ".join(f"{name} {cell}" for name, cell in reading.expect.items())
    said = f"{reading.target} with {match}" + (f"; expected {expect}" if expect else "")
    said += "; expected to be absent" if reading.absent else ""
    return plain(f"{said}; within {reading.window}" if reading.window else said)


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
    words = claimed_words(claimed)
    meant = set_words(ends[0], ends[1], claimed.unit)
    said = words if claimed.wording in _PLAIN else f"{words}: {meant}"
    table.add_row("claimed", Text(claimed_bar(axis, *ends)), Text(said))
    for word, each in told:
        if each.found is None:
            table.add_row(word, "", Text(plain(each.reason), style="dim"))
            continue
        found = each.found
        bar = found_bar(axis, found.median, found.p05, found.p95)
        amount = found_words(found, claimed, vocabulary)
        period = each.cells.get("period", "")
        other = f", {plain(period)}" if period != now.cells.get("period", "") else ""
        style = marked(each.verdict).style
        said = f"{amount}{other}; {draws_words(each)}"
        table.add_row(word, Text(bar, style=style), Text(said))
    table.add_row("", Text(scale_line(axis), style="dim"), "")
    console.print(Padding(table, (0, 0, 0, 2)))


_PLAIN = frozenset({"over", "at_least", "under", "at_most", "up_to", "between", "exactly"})
"""Wordings that say by themselves which values are meant."""


def flip_words(each: ReadingVerdict) -> str:
    """Say how far what is claimed would have to be stretched for another verdict."""
    flip, claimed = each.flips_at, each.reading.claimed
    if flip is None or claimed is None or not isfinite(flip.tolerance):
        return ""
    step = (flip.tolerance - claimed.tolerance) * claimed.anchor
    low = None if claimed.low is None else (claimed.low - step) / claimed.factor
    high = None if claimed.high is None else (claimed.high + step) / claimed.factor
    words = (
        f"It would be {flip.verdict} if what is claimed were {set_words(low, high, claimed.unit)}"
    )
    if claimed.tolerance:
        then, now = (number(100 * each) for each in (max(flip.tolerance, 0), claimed.tolerance))
        return f"{words}, a tolerance of {then} % instead of {now} %."
    return f"{words}."


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
        seen = about.get(each.row)
        table.add_row(
            Text(per_cent(each.share).rjust(10)),
            Text(bar.ljust(20)),
            Text(f"{seen.about}, {seen.period}".rstrip(", ") if seen else each.row),
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
            said = (
                "None of the strongest inputs, within its range, makes the result cross the bound."
            )
            console.print(said, style="dim")
        return
    seen = rows_seen([even.row], study.world)
    about = f"{seen[0].about}, {seen[0].period}".rstrip(", ") if seen else even.row
    said = with_unit(number(even.value), even.unit)
    now = with_unit(number(even.now), even.unit)
    console.print(plain(f"Break-even: {about} at {said}; it is put at {now}."))


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


def _behind(judged: Judged) -> tuple[str, ...]:
    """Return the ids of the rows behind the verdicts, those of now first."""
    told = (*judged.readings, *judged.readings_then)
    return tuple(dict.fromkeys(row for each in told for row in each.rows))


def _rows(console: Console, study: Study, judged: Judged) -> None:
    seen = rows_seen(_behind(judged), study.world)
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
    figure = f"{each.figure}, range by grade" if each.range_from == "grade" else each.figure
    known = "known then, since replaced" if each.replaced else ""
    said = ", ".join(part for part in (figure, each.period, known) if part)
    sources = f"source {', '.join(each.sources)}" if each.sources else ""
    return plain("; ".join(part for part in (said, sources) if part) or "no source")


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
        "rows": [asdict(each) for each in rows_seen(_behind(judged), study.world)],
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
