"""Verdicts as marks, colours and sentences."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from crossroads.claims import Judged, Verdict
from crossroads.claims.judge import ReadingVerdict
from crossroads.show.numbers import claimed_words, found_words, per_cent
from crossroads.show.text import plain, tally

__all__ = ["marked", "reading_words", "reason_words", "rule_of", "symbol", "tally_line"]

_MARKS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.SUPPORTED: ("✔", "green"),
    Verdict.CONTRADICTED: ("✘", "red"),
    Verdict.IMPRECISE: ("≈", "yellow"),
    Verdict.MIXED: ("⇄", "magenta"),
    Verdict.OPEN: ("…", "cyan"),
    Verdict.UNTESTABLE: ("∅", "dim"),
    Verdict.NO_DATA: ("?", "dim"),
}
"""A symbol beside every colour, so that nothing hangs on telling colours apart."""

_RULES: Mapping[tuple[str, Verdict], str] = {
    ("indicator", Verdict.SUPPORTED): "at least 90 % of the draws lie in what is claimed",
    ("indicator", Verdict.CONTRADICTED): (
        "the 90 % range of what was found and what is claimed do not meet"
    ),
    ("indicator", Verdict.IMPRECISE): (
        "the range found meets what is claimed, yet under 90 % of the draws lie in it: "
        "the known figures cannot tell"
    ),
    ("record", Verdict.SUPPORTED): "a record exists and has every field as claimed",
    ("record", Verdict.CONTRADICTED): (
        "a record has a field other than claimed, or is missing where its table is complete"
    ),
    ("record", Verdict.IMPRECISE): "a field is not stated, or an estimate one off",
    ("record", Verdict.MIXED): "records differ among themselves",
    ("outcome", Verdict.SUPPORTED): "it came about within the window",
    ("outcome", Verdict.CONTRADICTED): (
        "the window is over and it did not come about, by a table that is complete"
    ),
}

_ANYWHERE: Mapping[Verdict, str] = {
    Verdict.OPEN: "it is not yet due",
    Verdict.UNTESTABLE: "no figure or record could settle it",
    Verdict.NO_DATA: "an engine, a figure or a record is missing",
    Verdict.MIXED: "its readings lead to different verdicts",
}


def symbol(verdict: Verdict) -> str:
    """Return the sign that stands for a verdict."""
    return _MARKS[verdict][0]


def marked(verdict: Verdict, prefix: str = "") -> Text:
    """Return a verdict with its symbol, in its colour."""
    sign, style = _MARKS[verdict]
    return Text(f"{prefix}{sign} {verdict}", style=style)


def tally_line(counts: Mapping[Verdict, int]) -> Text:
    """Return how many have which verdict, in the order of the verdicts."""
    parts = [
        Text(f"{_MARKS[verdict][0]} {counts[verdict]} {verdict}", style=_MARKS[verdict][1])
        for verdict in Verdict
        if counts.get(verdict)
    ]
    return Text("  ").join(parts)


def rule_of(each: ReadingVerdict) -> str:
    """Return the rule by which a reading got its verdict, in a sentence."""
    rule = _RULES.get((each.reading.form, each.verdict)) or _ANYWHERE.get(each.verdict, "")
    absent = each.reading.absent and each.verdict in (Verdict.SUPPORTED, Verdict.CONTRADICTED)
    if absent:
        found = each.verdict is Verdict.CONTRADICTED
        rule = "there is such a record" if found else "the table is complete and has no such record"
    return f"{str(each.verdict).capitalize()}: {rule}."


def _draws_words(each: ReadingVerdict) -> str:
    if each.share is None:
        return ""
    if each.share in (0.0, 1.0):
        return "all draws as claimed" if each.share else "no draw as claimed"
    return f"{per_cent(each.share)} of draws as claimed"


def reading_words(each: ReadingVerdict) -> str:
    """Return found against claimed, or why there is nothing of the kind."""
    if each.found is None or each.reading.claimed is None:
        return plain(each.reason)
    text = f"{found_words(each.found)}, claimed {claimed_words(each.reading.claimed)}"
    if each.verdict is Verdict.IMPRECISE:
        text += f"; {_draws_words(each)}"
    return text


def reason_words(judged: Judged) -> str:
    """Return why a claim has its verdict, leaving out the figures found."""
    if not judged.readings:
        return plain(judged.reason)
    if len(judged.readings) == 1:
        only = judged.readings[0]
        if only.found is None:
            return plain(only.reason)
        return f"{_draws_words(only)}, {only.cells['period']}"
    told = [each.verdict for each in judged.readings]
    if len(set(told)) == 1:
        return f"each of {len(told)} readings"
    counts = [(told.count(each), each) for each in Verdict if each in told]
    return f"of {tally(len(told), 'reading')} " + ", ".join(f"{n} {each}" for n, each in counts)
