"""Which figures of a world combine into which measure; made once for all cases of a base world.

Every figure of ``flows`` and ``facts`` has a place in one stack of amounts; sums of figures follow
them. A measure is then a gather and a division over that stack.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from crossroads.engines.barriers import Barriers
from crossroads.indicators import Gap
from crossroads.periods import Period, parse_period
from crossroads.world import World, current_rows

__all__ = ["Cells", "Plan", "Ratio", "Row", "Series", "item_of", "make_plan"]

Cells = tuple[str, str, str, str]
"""Actor, counterpart, item and period of a row."""

Span = tuple[date, date]

_TotalOf = tuple[str, str, Span, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of the dossier: its place in the stack and what it says."""

    place: int
    id: str
    cells: Mapping[str, Any]
    period: Period
    dimension: str
    item: str

    @property
    def span(self) -> Span:
        return self.period.start, self.period.end


@dataclass(frozen=True, slots=True)
class Ratio:
    """``stack[over] / stack[under]`` for one row of an indicator."""

    cells: Cells
    over: int
    under: int


@dataclass(frozen=True, slots=True)
class Series:
    """A run of years of one series, places in order."""

    cells: Cells
    places: tuple[int, ...]
    unit: str


@dataclass(slots=True)
class Plan:
    """Everything that the engine computes of a base world.

    ``barriers`` are those of the base. ``sums`` are signed sums of places; the sum number ``k``
    has place ``size + k``.
    ``denominators`` and ``buffers`` are each actor's present ones, for what levers expose.
    """

    size: int
    barriers: Barriers
    flows: list[Row] = field(default_factory=list)
    facts: list[Row] = field(default_factory=list)
    sums: list[tuple[tuple[int, float], ...]] = field(default_factory=list)
    levels: dict[str, list[tuple[Cells, int, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    ratios: dict[str, list[Ratio]] = field(default_factory=lambda: defaultdict(list))
    asymmetries: list[tuple[Cells, int, int, int]] = field(default_factory=list)
    concentrations: dict[str, list[tuple[Cells, tuple[int, ...]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    series: dict[str, list[Series]] = field(default_factory=lambda: defaultdict(list))
    denominators: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    buffers: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    missing: dict[Gap, dict[Period, None]] = field(default_factory=lambda: defaultdict(dict))

    def sum_of(self, parts: Iterable[tuple[int, float]]) -> int:
        """Add a signed sum and return its place."""
        self.sums.append(tuple(parts))
        return self.size + len(self.sums) - 1

    def gap(
        self, indicator: str, actor: str, item: str, period: Period, missing: str, table: str
    ) -> None:
        self.missing[Gap("exposure", indicator, actor, "", item, missing, table)][period] = None

    @property
    def gaps(self) -> list[Gap]:
        """What cannot be given, each with its periods in order."""
        return [
            replace(
                gap, periods=tuple(dict.fromkeys(each.text for each in sorted(held, key=_when)))
            )
            for gap, held in self.missing.items()
        ]


def _when(period: Period) -> Span:
    return period.start, period.end


def item_of(layer: str, product: str | None) -> str:
    """Return the item of a flow or a fact: ``layer`` or ``layer:product``."""
    return f"{layer}:{product}" if product else layer


class _Figures:
    """The rows of flows and facts, found by what they say."""

    def __init__(self, world: World) -> None:
        flows, facts = world["flows"], world["facts"]
        self.world = world
        self.whole = world.meta.world
        self.flows = _rows(flows.rows, 0, "layer")
        self.facts = _rows(facts.rows, len(self.flows), "measure")
        self.measures = world.dossier.vocabulary.measures
        self.flow = {
            (row.item, row.cells["origin"], row.cells["destination"], row.span): row
            for row in self.flows
        }
        self.fact = {
            (row.item, row.cells["actor"], row.cells["counterpart"], row.span): row
            for row in self.facts
        }
        self.denominators: dict[tuple[str, Span], list[Row]] = defaultdict(list)
        for row in self.facts:
            if self.role(row) == "denominator":
                self.denominators[row.cells["actor"], row.span].append(row)

    def role(self, row: Row) -> str:
        """Return the role of a fact of the actor as a whole."""
        if row.cells["counterpart"] or row.cells["product"]:
            return ""
        return self.measures[row.cells["measure"]].role

    def unit(self, row: Row) -> str:
        unit = self.world.dossier.vocabulary.base_unit(row.dimension)
        return unit.name if unit else row.dimension


def _rows(cells: list[dict[str, Any]], offset: int, kind: str) -> list[Row]:
    return [
        Row(
            offset + place,
            row["row"],
            row,
            parse_period(row["period"]),
            row["value_dimension"] or "",
            item_of(row[kind], row["product"]),
        )
        for place, row in enumerate(cells)
    ]


def make_plan(world: World) -> Plan:
    """Find every combination of figures that the engine gives a measure of."""
    figures = _Figures(world)
    size = len(figures.flows) + len(figures.facts)
    plan = Plan(size, Barriers(world), figures.flows, figures.facts)
    _levels(plan, figures)
    _dependence(plan, figures)
    _against_facts(plan, figures)
    _supply(plan, figures)
    _fact_ratios(plan, figures)
    _over_time(plan, figures)
    _present(plan, figures)
    return plan


def _ends(row: Row) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """Return direction, actor and counterpart of a flow, seen from either end."""
    origin, destination = row.cells["origin"], row.cells["destination"]
    return ("inflow", destination, origin), ("outflow", origin, destination)


def _levels(plan: Plan, figures: _Figures) -> None:
    for row in figures.flows:
        for direction, actor, counterpart in _ends(row):
            if actor != figures.whole:
                cells = (actor, counterpart, row.item, row.period.text)
                plan.levels[direction].append((cells, row.place, figures.unit(row)))
        if row.cells["layer"] != "goods":
            continue
        origin, destination = row.cells["origin"], row.cells["destination"]
        back = figures.flow.get((row.item, destination, origin, row.span))
        if back and back.dimension == row.dimension and figures.whole not in (origin, destination):
            balance = plan.sum_of([(row.place, 1.0), (back.place, -1.0)])
            cells = (origin, destination, row.item, row.period.text)
            plan.levels["balance"].append((cells, balance, figures.unit(row)))
    for row in figures.facts:
        cells = (row.cells["actor"], row.cells["counterpart"] or "", row.item, row.period.text)
        plan.levels["fact"].append((cells, row.place, figures.unit(row)))


def _totals(plan: Plan, figures: _Figures, direction: str) -> dict[_TotalOf, int]:
    """Return the place of each actor's total inflow or outflow by item, period and dimension.

    The reported total comes first, then the fact, then the sum over the partition if whole.
    """
    totals: dict[_TotalOf, int] = {}
    partners: dict[tuple[str, str, Span, str], dict[str, Row]] = defaultdict(dict)
    for row in figures.flows:
        (_, actor, other), *_ = [end for end in _ends(row) if end[0] == direction]
        partners[actor, row.item, row.span, row.dimension][other] = row
    regions = set(figures.world.meta.regions)
    for (actor, item, span, dimension), rows in partners.items():
        layer, _, product = item.partition(":")
        whole = rows.get(figures.whole)
        names = {"inflow": "imports", "outflow": "exports"}
        measure = f"goods_{names[direction]}" if dimension == "money" else names[direction]
        fact = None
        if layer == "goods":
            fact = figures.fact.get((item_of(measure, product or None), actor, None, span))
        others = {name: row for name, row in rows.items() if name in regions}
        if whole:
            totals[actor, item, span, dimension] = whole.place
        elif fact and fact.dimension == dimension:
            totals[actor, item, span, dimension] = fact.place
        elif actor in regions and set(others) == regions - {actor}:
            totals[actor, item, span, dimension] = plan.sum_of(
                (row.place, 1.0) for row in others.values()
            )
        if actor in regions and set(others) == regions - {actor}:
            indicator = {"inflow": "supplier", "outflow": "customer"}[direction] + "_concentration"
            period = next(iter(rows.values())).period.text
            places = tuple(row.place for row in others.values())
            plan.concentrations[indicator].append(((actor, "", item, period), places))
    return totals


def _dependence(plan: Plan, figures: _Figures) -> None:
    totals = {each: _totals(plan, figures, each) for each in ("inflow", "outflow")}
    indicators = {"inflow": "import_dependence", "outflow": "export_dependence"}
    for row in figures.flows:
        for direction, actor, counterpart in _ends(row):
            if figures.whole in (actor, counterpart):
                continue
            total = totals[direction].get((actor, row.item, row.span, row.dimension))
            if total is None:
                plan.gap(
                    indicators[direction],
                    actor,
                    row.item,
                    row.period,
                    f"partners are missing, and there is no total {direction}",
                    "flows",
                )
                continue
            cells = (actor, counterpart, row.item, row.period.text)
            plan.ratios[indicators[direction]].append(Ratio(cells, row.place, total))
    trade: dict[tuple[str, Span], int] = {}
    for (actor, item, span, dimension), inward in totals["inflow"].items():
        outward = totals["outflow"].get((actor, item, span, dimension))
        if (item, dimension) == ("goods", "money") and outward is not None:
            trade[actor, span] = plan.sum_of([(inward, 1.0), (outward, 1.0)])
    for row in figures.flows:
        a, b = row.cells["origin"], row.cells["destination"]
        back = figures.flow.get(("goods", b, a, row.span))
        if row.item != "goods" or back is None or not {(a, row.span), (b, row.span)} <= set(trade):
            continue
        tie = plan.sum_of([(row.place, 1.0), (back.place, 1.0)])
        cells = (a, b, "goods", row.period.text)
        plan.asymmetries.append((cells, tie, trade[a, row.span], trade[b, row.span]))


def _against_facts(plan: Plan, figures: _Figures) -> None:
    indicators = {"inflow": "flow_to_fact", "outflow": "outflow_to_fact"}
    for row in figures.flows:
        if row.dimension != "money":
            continue
        for direction, actor, counterpart in _ends(row):
            if actor == figures.whole:
                continue
            facts = figures.denominators.get((actor, row.span), [])
            for fact in facts:
                cells = (actor, counterpart, f"{row.item}/{fact.item}", row.period.text)
                plan.ratios[indicators[direction]].append(Ratio(cells, row.place, fact.place))
            if not facts:
                plan.gap(
                    indicators[direction],
                    actor,
                    row.item,
                    row.period,
                    "there is no fact to set it against",
                    "facts",
                )


def _supply(plan: Plan, figures: _Figures) -> None:
    supplies: dict[tuple[str, str, Span], tuple[int, str]] = {}
    for row in figures.facts:
        measure, product = row.cells["measure"], row.cells["product"]
        if measure not in ("production", "consumption") or not product or row.cells["counterpart"]:
            continue
        actor, span = row.cells["actor"], row.span
        parts = [
            figures.fact.get((f"{name}:{product}", actor, None, span))
            for name in ("production", "imports", "exports")
        ]
        whole = [each for each in parts if each and each.dimension == row.dimension]
        if len(whole) == 3:
            signs = (1.0, 1.0, -1.0)
            if (actor, product, span) not in supplies or measure == "production":
                place = plan.sum_of((e.place, s) for e, s in zip(whole, signs, strict=True))
                supplies[actor, product, span] = place, row.dimension
        elif measure == "consumption":
            supplies[actor, product, span] = row.place, row.dimension
    taken: set[Cells] = set()
    for row in (*figures.flows, *figures.facts):
        if row.cells.get("layer") == "goods":
            actor, counterpart = row.cells["destination"], row.cells["origin"]
        elif row.cells.get("measure") == "imports" and row.cells["counterpart"]:
            actor, counterpart = row.cells["actor"], row.cells["counterpart"]
        else:
            continue
        product = row.cells["product"]
        supply = supplies.get((actor, product or "", row.span))
        if supply and supply[1] == row.dimension and counterpart != figures.whole:
            cells = (actor, counterpart, product, row.period.text)
            if cells not in taken:
                taken.add(cells)
                plan.ratios["supply_dependence"].append(Ratio(cells, row.place, supply[0]))


def _fact_ratios(plan: Plan, figures: _Figures) -> None:
    for row in figures.facts:
        actor, counterpart = row.cells["actor"], row.cells["counterpart"]
        if counterpart and counterpart != figures.whole:
            whole = figures.fact.get((row.item, actor, None, row.span)) or figures.fact.get(
                (row.item, actor, figures.whole, row.span)
            )
            if whole and whole.dimension == row.dimension:
                cells = (actor, counterpart, row.item, row.period.text)
                plan.ratios["fact_share"].append(Ratio(cells, row.place, whole.place))
        if row.dimension != "money":
            continue
        for fact in _denominators(row, figures):
            if fact.place == row.place:
                continue
            period = row.period.text
            if fact.span != row.span:
                period = f"{row.period.text} over {fact.period.text}"
            cells = (actor, counterpart or "", f"{row.item}/{fact.item}", period)
            plan.ratios["fact_to_fact"].append(Ratio(cells, row.place, fact.place))


def _denominators(row: Row, figures: _Figures) -> list[Row]:
    """Return the facts to set a fact against: of its period; a stock also of the year it ends."""
    equal = figures.denominators.get((row.cells["actor"], row.span), [])
    if equal or figures.measures[row.cells["measure"]].kind != "stock":
        return equal
    day = row.period.end - timedelta(days=1)
    year = date(day.year, 1, 1), date(day.year, 12, 31)
    return figures.denominators.get((row.cells["actor"], year), [])


def _over_time(plan: Plan, figures: _Figures) -> None:
    series: dict[tuple[str, str, str, str, str], list[Row]] = defaultdict(list)
    for row in figures.flows:
        for direction, actor, counterpart in _ends(row):
            if actor != figures.whole:
                series[direction, actor, counterpart, row.item, row.dimension].append(row)
    for row in figures.facts:
        key = ("fact", row.cells["actor"], row.cells["counterpart"] or "", row.item, row.dimension)
        series[key].append(row)
    for (kind, actor, counterpart, item, _), rows in series.items():
        years = sorted((row for row in rows if row.period.is_year), key=lambda row: row.span)
        for run in _unbroken(years):
            for earlier, later in pairwise(run):
                cells = (actor, counterpart, item, later.period.text)
                plan.ratios[f"{kind}_growth"].append(Ratio(cells, later.place, earlier.place))
            for length in range(2, len(run) + 1):
                part = run[:length]
                period = f"{part[0].period.text}/{part[-1].period.text}"
                cells = (actor, counterpart, item, period)
                places = tuple(row.place for row in part)
                unit = figures.unit(part[0])
                plan.series[f"{kind}_mean"].append(Series(cells, places, unit))
                if length > 2:
                    plan.series[f"{kind}_volatility"].append(Series(cells, places, "share"))


def _unbroken(years: list[Row]) -> list[list[Row]]:
    """Split years into runs in which each starts on the day after the one before ended."""
    runs: list[list[Row]] = []
    for row in years:
        if runs and row.period.start == runs[-1][-1].period.end + timedelta(days=1):
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _present(plan: Plan, figures: _Figures) -> None:
    """Find each actor's denominators of the present, and its buffers as they last stood."""
    meta, offset = figures.world.meta, len(figures.flows)
    for place in current_rows(figures.world["facts"], meta):
        row = figures.facts[place]
        if figures.role(row) == "denominator":
            plan.denominators[row.cells["actor"]].append(replace(row, place=row.place - offset))
    until = meta.base_period.end + timedelta(days=1)
    latest: dict[tuple[str, str], Row] = {}
    for row in sorted(figures.facts, key=lambda each: each.period.end):
        if figures.role(row) == "buffer" and row.period.end <= until:
            latest[row.cells["actor"], row.item] = replace(row, place=row.place - offset)
    for (actor, _), row in latest.items():
        plan.buffers[actor].append(row)
