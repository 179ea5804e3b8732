"""The leverage matrix as a frame, as JSON, and as the bytes of its files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from io import BytesIO
from typing import Any

import polars as pl

from crossroads.leverage.cells import Cell, Effect, Leverage, Range

__all__ = ["leverage_bytes", "leverage_frame", "leverage_record"]

_TEXTS = (
    *("template", "layer", "holder", "target", "lever", "side", "actor"),
    *("indicator", "period", "currency"),
)
_RANGES = ("amount", "of_gdp", "of_budget", "asymmetry")
_ENDS = ("median", "p05", "p95")


def leverage_frame(leverage: Leverage) -> pl.DataFrame:
    """Return one row a cell and side, the target's first.

    Figures that are not known are null; ``missing`` then says why. The asymmetry is the cell's.
    """
    schema: dict[str, Any] = dict.fromkeys(_TEXTS, pl.String)
    schema |= {f"{name}_{end}": pl.Float64 for name in _RANGES for end in _ENDS}
    schema |= {"by_default": pl.Boolean, "missing": pl.String, "inputs": pl.List(pl.String)}
    rows = [row for cell in leverage.cells for row in _rows(cell, leverage.currency)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _rows(cell: Cell, currency: str) -> Iterator[tuple[object, ...]]:
    for side, effect in (("target", cell.on_target), ("holder", cell.on_holder)):
        yield (
            *(cell.template, cell.layer, cell.holder, cell.target, cell.lever, side),
            *(effect.actor, effect.indicator, effect.period, currency),
            *_ends(effect.amount),
            *_ends(effect.of_gdp),
            *_ends(effect.of_budget),
            *_ends(cell.asymmetry),
            *(cell.by_default, effect.missing, list(effect.inputs)),
        )


def _ends(found: Range | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if found is None else (found.median, found.p05, found.p95)


def leverage_record(leverage: Leverage) -> dict[str, Any]:
    """Return what ``leverage.json`` holds."""
    return {
        "leverage": {
            "dossier": leverage.dossier,
            "as_of": leverage.as_of,
            "currency": leverage.currency,
            "draws": leverage.draws,
            "seed": leverage.seed,
        },
        "actors": list(leverage.actors),
        "templates": [asdict(each) for each in leverage.templates],
        "cells": [_cell(each) for each in leverage.cells],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "template": cell.template,
        "layer": cell.layer,
        "holder": cell.holder,
        "target": cell.target,
        "lever": cell.lever,
        "says": cell.says,
        "on_target": _effect(cell.on_target),
        "on_holder": _effect(cell.on_holder),
        "asymmetry": _range(cell.asymmetry),
        "by_default": cell.by_default,
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "actor": effect.actor,
        "indicator": effect.indicator,
        "period": effect.period,
        "amount": _range(effect.amount),
        "of_gdp": _range(effect.of_gdp),
        "of_budget": _range(effect.of_budget),
        "parts": [
            {
                "item": each.item,
                "period": each.period,
                "unit": each.unit,
                "amount": _range(each.amount),
                "inputs": list(each.inputs),
            }
            for each in effect.parts
        ],
        "inputs": list(effect.inputs),
        "missing": effect.missing,
    }


def _range(found: Range | None) -> dict[str, float] | None:
    return None if found is None else asdict(found)


def _six_digits(value: Any) -> Any:
    """Round every float to six significant digits."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, Mapping):
        return {name: _six_digits(each) for name, each in value.items()}
    return [_six_digits(each) for each in value] if isinstance(value, list) else value


def leverage_bytes(leverage: Leverage) -> dict[str, bytes]:
    """Return the files of a leverage matrix by name."""
    table = BytesIO()
    leverage_frame(leverage).write_parquet(table)
    return {"leverage.parquet": table.getvalue(), "leverage.json": _json(leverage).encode()}


def _json(leverage: Leverage) -> str:
    """Write the record, one line a cell."""
    record = _six_digits(leverage_record(leverage))
    cells = record.pop("cells")
    head = json.dumps(record, ensure_ascii=False, indent=1).removesuffix("\n}")
    lines = ",\n".join(f"  {json.dumps(each, ensure_ascii=False)}" for each in cells)
    return f'{head},\n "cells": [\n{lines}\n ]\n}}\n'
