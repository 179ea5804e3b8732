"""Results on disk: where they may be written, and what a verdict's record holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crossroads.claims import ClaimedSet, Explanation, Found, Judged, ReadingVerdict
from crossroads.errors import UsageError
from crossroads.whole import put_right

__all__ = ["check_target", "six_digits", "verdict_record"]

_OURS = (
    *("verdicts.json", "indicators.parquet", "draws.parquet"),
    *("leverage.json", "leverage.parquet", "study.json", "report.html"),
)


def check_target(folder: str | Path) -> Path:
    """Return the folder if results may be written there: it is missing, empty or a study's.

    A study that a killed run had moved away is put back first.

    Raises
    ------
    UsageError
        If it is a file, the current folder, or holds something else.
    """
    target = Path(folder)
    put_right(target)
    if target.exists() and not target.is_dir():
        raise UsageError(f"'{target}' is a file; name a folder for the results")
    if target.resolve() == Path.cwd():
        raise UsageError("results cannot replace the current folder; name one inside it")
    held = {path.name for path in target.iterdir()} if target.exists() else set()
    if held - set(_OURS):
        strange = sorted(held - set(_OURS))[0]
        raise UsageError(
            f"'{target}' holds '{strange}', which is not a study's; name another folder"
        )
    return target


def six_digits(value: Any) -> Any:
    """Round every float to six significant digits."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, Mapping):
        return {name: six_digits(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [six_digits(each) for each in value]
    return value


def verdict_record(judged: Judged, explanation: Explanation) -> dict[str, Any]:
    """Return one entry of ``verdicts.json``."""
    claim = judged.claim
    lead = explanation.of or next(iter(judged.readings), None)
    return {
        "id": claim.id,
        "says": claim.says,
        "by": claim.by,
        "kind": claim.kind,
        "where": {
            "document": claim.document.id,
            "section": claim.section,
            "sentence": claim.sentence,
        },
        "part_of": claim.part_of,
        "verdict": str(judged.verdict),
        "verdict_then": str(judged.verdict_then),
        "share": lead.share if lead else None,
        "claimed": _claimed(lead.reading.claimed) if lead else None,
        "found": _found(lead.found) if lead else None,
        "readings": [_reading(each) for each in judged.readings],
        "readings_then": [_reading(each) for each in judged.readings_then],
        "reason": judged.reason,
        "reason_then": judged.reason_then,
        "sources": [
            {"id": each.id, "reliability": each.reliability} for each in explanation.sources
        ],
        "drivers": [
            {"row": each.row, "figure": each.figure, "share": each.share}
            for each in explanation.drivers
        ],
        "break_even": None
        if explanation.break_even is None
        else {
            "row": explanation.break_even.row,
            "figure": explanation.break_even.figure,
            "value": explanation.break_even.value,
            "unit": explanation.break_even.unit,
            "now": explanation.break_even.now,
        },
        "flips_at": _flip(lead) if lead else None,
        "check_next": explanation.check_next,
        "check_next_sources": [
            {"sources": [one.id for one in each.sources], "share": each.share}
            for each in explanation.undecided
        ],
    }


def _claimed(claimed: ClaimedSet | None) -> dict[str, Any] | None:
    if claimed is None:
        return None
    low, high = (
        None if end is None else end / claimed.factor for end in (claimed.low, claimed.high)
    )
    return {"relation": claimed.wording, "low": low, "high": high, "unit": claimed.unit}


def _found(found: Found | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"median": found.median, "p05": found.p05, "p95": found.p95, "unit": found.unit}


def _flip(reading: ReadingVerdict) -> dict[str, Any] | None:
    flip = reading.flips_at
    return None if flip is None else {"tolerance": flip.tolerance, "verdict": str(flip.verdict)}


def _reading(each: ReadingVerdict) -> dict[str, Any]:
    return {
        "name": each.reading.name,
        "verdict": str(each.verdict),
        "reason": each.reason,
        "share": each.share,
        "claimed": _claimed(each.reading.claimed),
        "found": _found(each.found),
        "row": dict(each.cells),
        "inputs": list(each.rows),
        "flips_at": _flip(each),
    }
