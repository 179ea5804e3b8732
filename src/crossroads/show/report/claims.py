"""Claims in the report: the lines of the verdict table, and each claim in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from crossroads.claims import Argument, Explanation, Judged, Verdict
from crossroads.claims.judge import ReadingVerdict
from crossroads.show.claim_words import (
    NO_BREAK_EVEN,
    about_words,
    behind,
    break_even_words,
    day_then,
    expected_words,
    figure_words,
    flip_words,
    found_line,
    meant_words,
    place_words,
)
from crossroads.show.numbers import per_cent
from crossroads.show.report.anchors import Anchors, Link, claim_anchor
from crossroads.show.report.bars import Band, Span, Tick, axis_of, band_of, span_of, ticks_of
from crossroads.show.study import lines_of
from crossroads.show.text import tally
from crossroads.show.verdicts import reading_words, rule_of
from crossroads.study import Study

__all__ = ["Chapter", "ClaimSeen", "TableLine", "chapters_of", "table_lines"]


@dataclass(frozen=True, slots=True)
class FoundLine:
    """What a reading found: when it was known, where it stands on the axis, in words."""

    when: str
    verdict: Verdict
    span: Span | None
    words: str


@dataclass(frozen=True, slots=True)
class ReadingSeen:
    """One reading: what it expects, what was found now and then, and by which rule."""

    name: str
    verdict: Verdict
    expects: str
    why: str
    band: Band | None
    claimed: str
    found: Sequence[FoundLine]
    ticks: Sequence[Tick]
    unit: str
    rule: str


@dataclass(frozen=True, slots=True)
class RowBehind:
    """A row behind a claim: its place, what it is about, its figures, its sources."""

    link: Link
    about: str
    figure: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DriverSeen:
    """An input that the spread goes with: its share in words and in per cent, and its row."""

    words: str
    width: str
    link: Link
    about: str


@dataclass(frozen=True, slots=True)
class ClaimSeen:
    """A claim in full."""

    id: str
    judged: Judged
    speaker: str
    place: str
    above: Judged | None
    then: str
    readings: Sequence[ReadingSeen]
    premises: Sequence[Argument]
    premise_tally: str
    drivers_of: str
    drivers: Sequence[DriverSeen]
    break_even: str
    rows: Sequence[RowBehind]
    sources_words: str
    check_next: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Chapter:
    """The claims of one section of a document, in their order."""

    document: str
    title: str
    claims: Sequence[ClaimSeen]


@dataclass(frozen=True, slots=True)
class TableLine:
    """A claim in the verdict table; ``mini`` is the bar of what its first figure found."""

    judged: Judged
    anchor: str
    depth: int
    premise_tally: str
    speaker: str
    place: str
    found: Sequence[tuple[Verdict | None, str, str]]
    band: Band | None
    span: Span | None


def table_lines(study: Study) -> list[TableLine]:
    """Return a line a claim, premises under their argument."""
    vocabulary = study.dossier.vocabulary
    told = []
    for line in lines_of(study):
        judged = line.judged
        alone = len(judged.readings) == 1
        found: list[tuple[Verdict | None, str, str]] = [
            (
                None if alone else each.verdict,
                "" if alone else each.reading.name,
                reading_words(each, vocabulary, alone=alone),
            )
            for each in judged.readings
        ]
        band, span = _mini(study.explanations[judged.claim.id].of)
        told.append(
            TableLine(
                judged=judged,
                anchor=claim_anchor(judged.claim.id),
                depth=line.depth,
                premise_tally=_tally(line.argument),
                speaker=study.dossier.name_of(judged.claim.by),
                place=place_words(judged.claim),
                found=found or [(None, "", judged.reason)],
                band=band,
                span=span,
            )
        )
    return told


def _mini(lead: ReadingVerdict | None) -> tuple[Band | None, Span | None]:
    if lead is None or lead.found is None or lead.reading.claimed is None:
        return None, None
    axis = axis_of(lead.reading.claimed, [lead.found])
    found = lead.found
    return band_of(axis, lead.reading.claimed), span_of(axis, found.p05, found.median, found.p95)


def _tally(argument: Argument | None) -> str:
    if argument is None:
        return ""
    counts = argument.tally
    told = ", ".join(f"{counts[each]} {each}" for each in Verdict if each in counts)
    return f"{tally(sum(counts.values()), 'premise')}: {told}"


def chapters_of(study: Study, anchors: Anchors) -> list[Chapter]:
    """Return every claim in full, by document and section."""
    told = sorted(
        study.judged.values(),
        key=lambda each: (
            list(study.dossier.meta.documents).index(each.claim.document.id),
            each.claim.section,
        ),
    )
    chapters = []
    for (document, section), group in groupby(
        told, key=lambda each: (each.claim.document, each.claim.section)
    ):
        title = f"Section {section}" if section else "Section 0, the lead"
        seen = [_claim(each, study, anchors) for each in group]
        chapters.append(Chapter(f"{document.title} ({document.date})", title, seen))
    return chapters


def _claim(judged: Judged, study: Study, anchors: Anchors) -> ClaimSeen:
    claim, explained = judged.claim, study.explanations[judged.claim.id]
    argument = study.arguments.get(claim.id)
    readings = [
        _reading(now, judged.readings_then[place] if judged.readings_then else None, study)
        for place, now in enumerate(judged.readings)
    ]
    several = len(judged.readings) > 1 and explained.of is not None
    return ClaimSeen(
        id=claim.id,
        judged=judged,
        speaker=study.dossier.name_of(claim.by),
        place=place_words(claim),
        above=study.judged.get(claim.part_of or ""),
        then=day_then(study, claim),
        readings=readings,
        premises=argument.premises if argument else (),
        premise_tally=_tally(argument),
        drivers_of=explained.of.reading.name if several and explained.of else "",
        drivers=[_driver(each.row, each.share, anchors) for each in explained.drivers],
        break_even=_break_even(explained, anchors),
        rows=[_row(each, anchors) for each in behind(judged) if each in anchors.seen],
        sources_words=_sources_words(explained),
        check_next=anchors.linked(explained.check_next),
    )


def _reading(now: ReadingVerdict, then: ReadingVerdict | None, study: Study) -> ReadingSeen:
    claimed = now.reading.claimed
    every = [now] if then is None else [now, then]
    known = [each.found for each in every if each.found is not None]
    axis = axis_of(claimed, known) if claimed is not None and known else None
    lines = []
    for when, each in zip(("now", "then"), every, strict=False):
        span = None
        if axis is not None and each.found is not None:
            span = span_of(axis, each.found.p05, each.found.median, each.found.p95)
        words = found_line(each, now, study.dossier.vocabulary)
        lines.append(FoundLine(when, each.verdict, span, words))
    if len(lines) == 2 and (lines[0].span, lines[0].words) == (lines[1].span, lines[1].words):
        lines = [FoundLine("now and then", now.verdict, lines[0].span, lines[0].words)]
    return ReadingSeen(
        name=now.reading.name,
        verdict=now.verdict,
        expects=expected_words(now),
        why=now.reading.why,
        band=band_of(axis, claimed) if axis is not None and claimed is not None else None,
        claimed=meant_words(claimed) if claimed is not None else "",
        found=lines,
        ticks=ticks_of(axis) if axis is not None else (),
        unit=claimed.unit if claimed is not None and claimed.unit != "ratio" else "",
        rule=" ".join(part for part in (rule_of(now), flip_words(now)) if part),
    )


def _driver(row: str, share: float, anchors: Anchors) -> DriverSeen:
    about = about_words(row, anchors.seen.get(row))
    return DriverSeen(per_cent(share), f"{max(100 * share, 1):.0f}", anchors.row_link(row), about)


def _break_even(explained: Explanation, anchors: Anchors) -> str:
    if explained.break_even is None:
        return NO_BREAK_EVEN if explained.drivers else ""
    return break_even_words(explained.break_even, anchors.seen.get(explained.break_even.row))


def _row(row: str, anchors: Anchors) -> RowBehind:
    seen = anchors.seen[row]
    return RowBehind(anchors.row_link(row), seen.about, figure_words(seen), seen.sources)


def _sources_words(explained: Explanation) -> str:
    """Count the sources, and their origins where they have some in common."""
    if not explained.sources:
        return ""
    counted = tally(len(explained.sources), "source")
    if explained.origins < len(explained.sources):
        counted += f" of {tally(explained.origins, 'origin')}"
    return counted
