"""The leverage matrix on the screen: a grid of holders and targets, or a list of cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crossroads.claims import number
from crossroads.dossier import Dossier
from crossroads.leverage import (
    Cell,
    Effect,
    Leverage,
    Part,
    Range,
    leverage_frame,
    leverage_record,
)
from crossroads.show.names import item_words
from crossroads.show.numbers import scale_for, spread, with_unit
from crossroads.show.output import Sheet
from crossroads.show.text import plain, tally

__all__ = ["Order", "draw_matrix", "matrix_record", "matrix_sheet"]

Order = Literal["exposure", "asymmetry"]

_MOST = 20
"""How many cells of a list are shown unless all are asked for."""
_UNKNOWN, _ONE_SIDED = "?", "∞"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def draw_matrix(
    console: Console, dossier: Dossier, told: Leverage, order: Order, whole: bool
) -> None:
    """Print a grid where several hold and several are aimed at, else a list of cells."""
    holders = {each.holder for each in told.cells}
    targets = {each.target for each in told.cells}
    console.print(plain(f"{dossier.meta.title}: who could do what to whom"), style="bold")
    console.print()
    if len(holders) > 1 and len(targets) > 1:
        _grid(console, dossier, told, order)
    else:
        _list(console, dossier, told, order, whole)
    console.print()
    console.print(
        f"Exposed before anybody adjusts: an upper bound on a year's loss, not a forecast and no "
        f"advice. Medians with 90 % ranges over {tally(told.draws, 'draw')}.",
        style="dim",
    )
    if any(each.by_default for each in told.cells):
        said = "Enforcement is the package's default for every pair; see the reference."
        console.print(said, style="dim")


# --- a grid


def _grid(console: Console, dossier: Dossier, told: Leverage, order: Order) -> None:
    """Print holders by targets; columns that do not fit follow below."""
    templates = list(dict.fromkeys(each.template for each in told.cells))
    letters = dict(zip(templates, _LETTERS, strict=False)) if len(templates) > 1 else {}
    words = {
        (holder, target): _strongest(told, holder, target, order, letters)
        for holder in told.actors
        for target in told.actors
        if holder != target
    }
    width = max([len(each) for each in (*words.values(), *told.actors)]) + 1
    first = max(len(each) for each in ("holder", *told.actors)) + 2
    fits = max(1, (console.width - first) // width)
    for start in range(0, len(told.actors), fits):
        if start:
            console.print()
        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
        table.add_column("holder", min_width=first - 1)
        columns = told.actors[start : start + fits]
        for target in columns:
            table.add_column(plain(target), justify="right", no_wrap=True)
        for holder in told.actors:
            cells = (Text(words.get((holder, target), "")) for target in columns)
            table.add_row(Text(plain(holder), style="bold"), *cells)
        console.print(table)
    console.print()
    if order == "exposure":
        said = "How much the row's actor could cost the column's, in % of the column's output"
    else:
        said = (
            "How many times as large a share of output the column's actor would lose as the row's"
        )
    console.print(f"{said}; {_UNKNOWN} no data.")
    if order == "asymmetry":
        console.print(f"{_ONE_SIDED}: nothing of the row's actor is exposed.")
    for each in told.templates:
        if each.id in letters:
            console.print(f"{letters[each.id]}  {plain(each.id)}: {plain(each.says)}", style="dim")
    if letters:
        console.print("Of each pair the template that exposes most is shown.", style="dim")


def _strongest(
    told: Leverage, holder: str, target: str, order: Order, letters: dict[str, str]
) -> str:
    """Return the largest figure of a pair, with the letter of its template."""
    cells = [each for each in told.cells if (each.holder, each.target) == (holder, target)]
    known = [(size, each) for each in cells if (size := _size(each, order)) is not None]
    if not known:
        return _UNKNOWN
    size, cell = max(known, key=lambda each: each[0])
    figure = _ONE_SIDED if size == float("inf") else _short(size)
    return f"{figure}{letters.get(cell.template, '') if size else ''}"


def _size(cell: Cell, order: Order) -> float | None:
    """Return what a grid shows of a cell: per cent of output, or the ratio of both sides'."""
    if order == "exposure":
        return None if cell.on_target.of_gdp is None else cell.on_target.of_gdp.median * 100
    if cell.is_one_sided:
        return float("inf")
    return None if cell.asymmetry is None else cell.asymmetry.median


def _short(value: float) -> str:
    """Write a figure in few characters: 340, 34, 3.4, 0.3, <.1."""
    if value == 0:
        return "0"
    if abs(value) < 0.1:
        return "<.1"
    return f"{value:.0f}" if abs(value) >= 9.95 else f"{value:.1f}"


# --- a list


def _list(console: Console, dossier: Dossier, told: Leverage, order: Order, whole: bool) -> None:
    ordered = told.by_exposure() if order == "exposure" else told.by_asymmetry()
    seen = {each.lever for each in ordered}
    rest = [each for each in told.cells if each.lever not in seen and each.has_data]
    cells = [*ordered, *rest]
    table = Table(box=None, padding=(0, 2, 1, 0), pad_edge=False)
    for name in ("lever", "could cost the target", "and the holder", "times the holder's share"):
        table.add_column(name)
    for each in cells if whole else cells[:_MOST]:
        ratio = _ONE_SIDED if each.is_one_sided else _ratio(each.asymmetry)
        table.add_row(
            Text(plain(each.says)),
            _said(each.on_target, told, dossier),
            _said(each.on_holder, told, dossier),
            Text(ratio),
        )
    console.print(table)
    if len(cells) > _MOST and not whole:
        console.print(f"and {len(cells) - _MOST:,} more; --all shows them", style="dim")
    missing = [each for each in told.cells if not each.has_data]
    if missing:
        console.print(f"No data for {len(missing):,} of {tally(len(told.cells), 'cell')}:")
    for line in _missing(missing, dossier):
        console.print(Text(f"  {line}", style="dim"))


def _ratio(found: Range | None) -> str:
    return _UNKNOWN if found is None else spread((found.median, found.p05, found.p95), "")


def _said(effect: Effect, told: Leverage, dossier: Dossier) -> Text:
    """Write an effect: amount, shares of output and revenue, the largest products."""
    if effect.amount is None:
        lines = [f"{_UNKNOWN} {effect.missing}"]
    elif effect.is_zero:
        lines = ["nothing exposed"]
    else:
        lines = [_amount(effect.amount, told.currency, dossier)]
        for found, what in ((effect.of_gdp, "of output"), (effect.of_budget, "of state revenue")):
            if found is not None:
                lines.append(f"{_percent(found)} {what}")
    if effect.parts:
        lines.append(f"among it {'; '.join(_part(each, effect, dossier) for each in effect.parts)}")
    if effect.amount is not None and effect.of_gdp is None:
        lines.append(effect.missing)
    return Text(plain(lines[0])) + Text("".join(f"\n{plain(line)}" for line in lines[1:]), "dim")


def _part(part: Part, effect: Effect, dossier: Dossier) -> str:
    """Write a product's name and median, with its period where that is another."""
    scale = scale_for(part.amount.median, part.unit, dossier.vocabulary)
    amount = with_unit(number(part.amount.median / scale.factor), scale.unit)
    name = item_words(part.item, dossier).removeprefix("goods: ")
    period = f" in {part.period}" if part.period != effect.period else ""
    return f"{name} {amount}{period}"


def _amount(found: Range, unit: str, dossier: Dossier) -> str:
    scale = scale_for(found.median, unit, dossier.vocabulary)
    ends = (found.median, found.p05, found.p95)
    return spread([each / scale.factor for each in ends], scale.unit)


def _percent(found: Range) -> str:
    ends = (found.median, found.p05, found.p95)
    return with_unit(spread([each * 100 for each in ends], ""), "%")


def _missing(cells: Sequence[Cell], dossier: Dossier) -> Iterator[str]:
    """Yield one line a template, with the pairs that lack data."""
    by_template: dict[str, list[str]] = {}
    for each in cells:
        by_template.setdefault(each.template, []).append(f"{each.holder} on {each.target}")
    for template, pairs in by_template.items():
        yield plain(f"{template}: {', '.join(pairs)}")


# --- the other forms


def matrix_sheet(told: Leverage) -> Sheet:
    """Return one row a cell and side, as in ``leverage.parquet``; inputs joined by semicolons."""
    frame = leverage_frame(told)
    rows = [(*row[:-1], ";".join(row[-1])) for row in frame.iter_rows()]
    return Sheet(tuple(frame.columns), rows)


def matrix_record(told: Leverage, order: Order) -> dict[str, Any]:
    """Return the matrix for ``--json``, with the ids of the levers in order."""
    ordered = told.by_exposure() if order == "exposure" else told.by_asymmetry()
    return {**leverage_record(told), "order": order, "ordered": [each.lever for each in ordered]}
