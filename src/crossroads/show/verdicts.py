"""Verdicts as marks, colours and sentences."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from crossroads.claims import Verdict
from crossroads.claims.judge import ReadingVerdict
from crossroads.schema import Vocabulary
from crossroads.show.numbers import claimed_words, found_words, per_cent
from crossroads.show.text import plain

__all__ = ["MEANINGS", "draws_words", "marked", "reading_words", "rule_of", "symbol", "tally_line"]

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


MEANINGS: Mapping[Verdict, str] = {
    Verdict.SUPPORTED: (
        "what was found lies in what is claimed in at least 90 % of draws, or the record is as "
        "claimed"
    ),
    Verdict.CONTRADICTED: (
        "what is claimed lies wholly outside the 90 % range found, or a record says otherwise"
    ),
    Verdict.IMPRECISE: "neither: the known figures cannot tell",
    Verdict.MIXED: "fair readings of the claim, or records, lead to different verdicts",
    Verdict.OPEN: "a forecast that is not yet due",
    Verdict.UNTESTABLE: (
        "a value judgement, an intention, hearsay, or a matter without public figures"
    ),
    Verdict.NO_DATA: "a figure, a record or an engine is missing, and it says which",
}
"""What each verdict says, for who meets it first."""


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


def draws_words(each: ReadingVerdict) -> str:
    """Return how many of a reading's draws are as claimed."""
    if each.share is None:
        return ""
    if each.share in (0.0, 1.0):
        return "all draws as claimed" if each.share else "no draw as claimed"
    return f"{per_cent(each.share)} of draws as claimed"


def reading_words(each: ReadingVerdict, vocabulary: Vocabulary, *, alone: bool) -> str:
    """Return found against claimed and why; for a record how it compares.

    Of several readings each has its verdict beside it, so that only what is imprecise tells how
    many draws are as claimed.
    """
    if each.found is None or each.reading.claimed is None:
        return plain(each.reason)
    found = found_words(each.found, each.reading.claimed, vocabulary)
    text = f"{found}, claimed {claimed_words(each.reading.claimed)}"
    if alone or each.verdict is Verdict.IMPRECISE:
        text += f"; {draws_words(each)}"
    return text
