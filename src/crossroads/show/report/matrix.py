"""The leverage matrix in the report: who could expose whom to what, and at what cost to itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from crossroads.dossier import Dossier
from crossroads.leverage import Cell, Effect, Leverage, Range
from crossroads.show.names import item_words
from crossroads.show.numbers import scale_for, spread
from crossroads.show.report.anchors import Anchors, Refs
from crossroads.study import Study

__all__ = ["HolderSeen", "MatrixSeen", "Pair", "matrix_of", "rows_under", "share_words"]

_STEPS = (0.001, 0.005, 0.02, 0.05)
"""Shares of output at which the shade of a pair grows darker."""

_LEAST = 0.0001
"""Share of output below which no figure is given."""

LEGEND = ("under 0.1 %", "0.1 to 0.5 %", "0.5 to 2 %", "2 to 5 %", "5 % and more")
"""What the shades stand for, the lightest first."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What a holder could do to a target, by the strongest template that there is data for.

    ``state`` is ``self``, ``missing``, ``zero`` or ``known``; ``level`` is the shade, 1 to 5.
    """

    state: str
    level: int
    loss: str
    own: str
    layer: str
    says: str


@dataclass(frozen=True, slots=True)
class Side:
    """What is exposed of one actor: share of output, of the state's revenue, amount, in words."""

    of_gdp: str
    of_budget: str
    amount: str


@dataclass(frozen=True, slots=True)
class LeverLine:
    """One template by one holder on one target."""

    target: str
    says: str
    layer: str
    on_target: Side
    on_holder: Side
    ratio: str
    products: str
    by_default: bool
    rows: Sequence[Refs]


@dataclass(frozen=True, slots=True)
class HolderSeen:
    """What one holder could do, with what is next to nothing, zero, and not known."""

    actor: str
    name: str
    lines: Sequence[LeverLine]
    tiny: Sequence[tuple[str, str]]
    zero: Sequence[tuple[str, str]]
    missing: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class MatrixSeen:
    """The matrix: names of the actors, a row of pairs for each holder, and each holder in full."""

    actors: Sequence[tuple[str, str]]
    rows: Sequence[tuple[tuple[str, str], Sequence[Pair]]]
    legend: Sequence[str]
    templates: Sequence[tuple[str, str, str]]
    holders: Sequence[HolderSeen]
    draws: int
    all_default: bool


def matrix_of(study: Study, anchors: Anchors) -> MatrixSeen:
    """Return the leverage matrix of a study."""
    leverage, dossier = study.leverage, study.dossier
    by_pair: dict[tuple[str, str], list[Cell]] = {}
    for each in leverage.cells:
        by_pair.setdefault((each.holder, each.target), []).append(each)
    names = [(each, dossier.name_of(each)) for each in leverage.actors]
    return MatrixSeen(
        actors=names,
        rows=[
            (holder, [_pair(by_pair.get((holder[0], target), ())) for target, _ in names])
            for holder in names
        ],
        legend=LEGEND,
        templates=[
            (each.id.replace("-", " "), each.layer, each.note) for each in leverage.templates
        ],
        holders=[_holder(*each, leverage, dossier, anchors) for each in names],
        draws=leverage.draws,
        all_default=all(each.by_default for each in leverage.cells if each.has_data),
    )


def _pair(cells: Sequence[Cell]) -> Pair:
    if not cells:
        return Pair("self", 0, "", "", "", "")
    known = [each for each in cells if each.on_target.of_gdp is not None]
    if not known:
        return Pair("missing", 0, "", "", "", "")
    best = max(known, key=_exposed)
    loss = _exposed(best)
    if loss == 0:
        return Pair("zero", 0, "0 %", "", "", "")
    own = best.on_holder.of_gdp
    return Pair(
        state="known",
        level=1 + sum(loss >= step for step in _STEPS),
        loss=share_words(loss),
        own="no data" if own is None else share_words(own.median),
        layer=best.layer,
        says=best.says,
    )


def _exposed(cell: Cell) -> float:
    return cell.on_target.of_gdp.median if cell.on_target.of_gdp else 0.0


def share_words(share: float) -> str:
    """Write a share in per cent with one or two digits, so that only none is 0."""
    size = 100 * abs(share)
    if 0 < size < 100 * _LEAST:
        return f"under {100 * _LEAST:g} %"
    digits = 0 if size >= 9.95 or size == 0 else 1 if size >= 0.095 else 2
    return f"{100 * share:.{digits}f} %"


def _holder(
    actor: str, name: str, leverage: Leverage, dossier: Dossier, anchors: Anchors
) -> HolderSeen:
    cells = [each for each in leverage.cells if each.holder == actor]
    lines = sorted(filter(_is_told, cells), key=lambda each: -_exposed(each))
    known = [each for each in cells if each.has_data]
    tiny = [each for each in known if not _is_told(each) and not each.on_target.is_zero]
    return HolderSeen(
        actor=actor,
        name=name,
        lines=[_line(each, leverage.currency, dossier, anchors) for each in lines],
        tiny=_by_template(tiny, dossier),
        zero=_by_template((each for each in known if each.on_target.is_zero), dossier),
        missing=_by_template((each for each in cells if not each.has_data), dossier),
    )


def _is_told(cell: Cell) -> bool:
    """Whether a cell has a line of its own: something is known, and it is not next to nothing."""
    share = cell.on_target.of_gdp
    return cell.has_data and (
        not cell.on_target.is_zero if share is None else share.median >= _LEAST
    )


def rows_under(leverage: Leverage) -> Iterator[str]:
    """Yield the rows that the lines of the matrix rest on."""
    for cell in filter(_is_told, leverage.cells):
        yield from cell.on_target.inputs
        yield from cell.on_holder.inputs


def _by_template(cells: Iterable[Cell], dossier: Dossier) -> list[tuple[str, str]]:
    """Return targets by the template that they share."""
    told: dict[str, list[str]] = {}
    for each in cells:
        name = each.template.replace("-", " ")
        told.setdefault(name, []).append(dossier.name_of(each.target))
    return [(name, ", ".join(targets)) for name, targets in told.items()]


def _line(cell: Cell, currency: str, dossier: Dossier, anchors: Anchors) -> LeverLine:
    ratio = cell.asymmetry
    if ratio is not None:
        said = spread((ratio.median, ratio.p05, ratio.p95), "")
    else:
        said = "nothing of its own" if cell.is_one_sided else ""
    inputs = dict.fromkeys((*cell.on_target.inputs, *cell.on_holder.inputs))
    return LeverLine(
        target=dossier.name_of(cell.target),
        says=cell.says,
        layer=cell.layer,
        on_target=_side(cell.on_target, currency, dossier),
        on_holder=_side(cell.on_holder, currency, dossier),
        ratio=said,
        products=", ".join(_product(each.item, dossier) for each in cell.on_target.parts),
        by_default=cell.by_default,
        rows=anchors.refs(row for row in inputs if row in anchors.seen),
    )


def _product(item: str, dossier: Dossier) -> str:
    """Name a product without its layer."""
    return item_words(item, dossier).rpartition(": ")[2]


def _side(effect: Effect, currency: str, dossier: Dossier) -> Side:
    if effect.amount is None:
        return Side("no data", "", effect.missing)
    if effect.is_zero:
        return Side("0 %", "", "nothing")
    scale = scale_for(effect.amount.median, currency, dossier.vocabulary)
    ends = (effect.amount.median, effect.amount.p05, effect.amount.p95)
    amount = spread([end / scale.factor for end in ends], scale.unit)
    period = f", {effect.period}" if effect.period else ""
    return Side(_per_cent(effect.of_gdp), _per_cent(effect.of_budget), amount + period)


def _per_cent(share: Range | None) -> str:
    if share is None:
        return "no data"
    if 0 < share.median < _LEAST:
        return share_words(share.median)
    return spread([100 * each for each in (share.median, share.p05, share.p95)], "%")
