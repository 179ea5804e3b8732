"""The figures of levers as rows of a table, so that they are drawn and traced as all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from crossroads.entries import Entry, Quantity
from crossroads.schema import Vocabulary, table_specs
from crossroads.tables import frame_of, row_id

__all__ = ["lever_figures"]


def lever_figures(levers: Mapping[str, Entry], vocabulary: Vocabulary) -> pl.DataFrame:
    """Return the figures of all levers as rows, the package's enforcement where none is written."""
    spec = table_specs()["levers"]
    rows: list[dict[str, Any]] = []
    for lever in levers.values():
        for place, change in enumerate(lever.get("changes", []), 1):
            common = {"lever": lever.id, "change": place}
            written = {
                name: each for name, each in change.values.items() if isinstance(each, Quantity)
            }
            for name, each in written.items():
                rows.append(
                    common
                    | {
                        "figure": name,
                        "value": each.value,
                        "low": each.low,
                        "high": each.high,
                        "unit": each.unit,
                        "source": list(each.source) or None,
                        "sign": _lever_sign(name, change, vocabulary),
                        "origin": "written",
                        "line": each.line,
                    }
                )
            kind = next((k for k in ("flow", "barrier", "link") if k in change.values), None)
            if not kind or not _is_enforced(kind, change, vocabulary):
                continue
            for default in vocabulary.enforcement:
                if default.change == kind and default.figure not in written:
                    rows.append(
                        common
                        | {
                            "figure": default.figure,
                            "value": default.value,
                            "low": default.low,
                            "high": default.high,
                            "unit": default.unit,
                            "sign": _lever_sign(default.figure, change, vocabulary),
                            "origin": "default",
                            "note": default.basis,
                            "line": change.line,
                        }
                    )
    for row in rows:
        row["row"] = row_id(spec, row)
    return frame_of(spec, rows)


def _lever_sign(figure: str, change: Entry, vocabulary: Vocabulary) -> str:
    """Return what a figure of a change may be: a share of bans and caps and what leaks, a factor
    or rate above zero, or what the measure of a fact may be."""
    if figure == "leakage":
        return "share"
    if figure != "value":
        return "positive"
    if change.get("barrier", {}).get("kind") in ("ban", "cap"):
        return "share"
    measure = vocabulary.measures.get(change.get("fact", {}).get("measure", ""))
    return measure.sign if measure else "signed"


def _is_enforced(kind: str, change: Entry, vocabulary: Vocabulary) -> bool:
    """Whether a change forbids something, so that it can leak and lapse."""
    if kind == "barrier":
        return change["barrier"].get("kind") in ("ban", "cap")
    scale = change.get("scale")
    if scale is None:
        return kind == "flow" or change.get("set") == "closed"
    least = scale.value if scale.low is None else scale.low
    return bool(least * vocabulary.units[scale.unit].factor < 1)
