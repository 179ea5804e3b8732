"""From the tables of a world to networks: which products move on which links, in which units.

Products that share a link make one network; the rest of the world's infrastructure cannot touch
it. Amounts are in millions of tonnes or billions of cubic metres a year, costs in millions of the
base currency per such unit (dollars a tonne, dollars a thousand cubic metres).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from math import asin, cos, radians, sin, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crossroads.engines.routes.network import Floats, Network
from crossroads.indicators import Gap
from crossroads.world import Table, World, current_rows

__all__ = ["SCALES", "Part", "Values", "central", "density_of", "make_parts", "values_of"]

SCALES: Mapping[str, float] = {"mass": 1e6, "volume": 1e9}
"""By dimension of a product, the size of a unit of flow in base units."""

_DAYS = 365.25
_TIE_BREAK = 1e-4
"""Largest share by which a cost is raised to tell equal routes apart; far above the solver's
tolerance, far below any difference of costs that is known. Costs are reported without it."""

Read = Callable[[Table, str, int], Floats]
"""How a figure of a row is read: its draws, or its central value."""


@dataclass(frozen=True, slots=True)
class Way:
    """A directed link: row of the links table, ends by place in the part, and which way round."""

    place: int
    tail: int
    head: int
    back: bool


@dataclass(frozen=True, eq=False)
class Part:
    """One network of a base world: what does not change with draws and levers.

    ``rows`` are all dossier rows whose figures may play a part; every result of the part rests on
    all of them, since flows are found together.
    """

    dimension: str
    products: tuple[str, ...]
    sites: tuple[str, ...]
    ways: tuple[Way, ...]
    arc_way: NDArray[np.int64]
    arc_product: NDArray[np.int64]
    supplies: tuple[int, ...]
    demands: tuple[int, ...]
    contracts: tuple[int, ...]
    contract_arc: tuple[int, ...]
    rows: tuple[str, ...]
    ties: Floats
    """``[arc]``: by how much, as a share and in money, a cost is raised to tell ways apart."""
    assumed: frozenset[str] = field(default=frozenset())
    """Links whose capacity or cost comes from the assumptions of their mode."""

    @property
    def scale(self) -> float:
        return SCALES[self.dimension]

    @cached_property
    def product_place(self) -> Mapping[str, int]:
        return {product: place for place, product in enumerate(self.products)}

    @cached_property
    def site_place(self) -> Mapping[str, int]:
        return {site: place for place, site in enumerate(self.sites)}


@dataclass(frozen=True, eq=False)
class Values:
    """The figures of a part in every draw, ``[thing, draw]``, in units of flow."""

    capacity: Floats
    standby: Floats
    """Capacity of links with those that lie idle taken into use."""
    cost: Floats
    tied: Floats
    """Cost with the tie-break, by which flows are found."""
    supply: Floats
    supply_cost: Floats
    demand: Floats
    demand_value: Floats
    contract: Floats
    contract_value: Floats

    def network(self, part: Part, rows: tuple[Any, ...], draw: int) -> Network:
        """Return the network of one draw; ``rows`` are those of the demands table."""
        product = part.product_place
        site = part.site_place

        def of(places: Sequence[int], cell: str, index: Mapping[str, int]) -> NDArray[np.int64]:
            return np.array([index[rows[place][cell]] for place in places], dtype=np.int64)

        return Network(
            sites=len(part.sites),
            tail=np.array([way.tail for way in part.ways], dtype=np.int64),
            head=np.array([way.head for way in part.ways], dtype=np.int64),
            capacity=self.capacity[:, draw],
            arc_link=part.arc_way,
            arc_commodity=part.arc_product,
            arc_cost=self.tied[:, draw],
            arc_back=np.zeros(len(part.arc_way), dtype=bool),
            supply_site=of(part.supplies, "site", site),
            supply_commodity=of(part.supplies, "product", product),
            supply_limit=self.supply[:, draw],
            supply_cost=self.supply_cost[:, draw],
            demand_site=of(part.demands, "site", site),
            demand_commodity=of(part.demands, "product", product),
            demand_amount=self.demand[:, draw],
            demand_value=self.demand_value[:, draw],
            contract_arc=np.array(part.contract_arc, dtype=np.int64),
            contract_minimum=self.contract[:, draw],
            contract_value=self.contract_value[:, draw],
        )


def make_parts(base: World) -> tuple[list[Part], list[Gap]]:
    """Return the networks of a base world, and what they lack."""
    return _Maker(base).parts()


class _Maker:
    def __init__(self, base: World) -> None:
        self.base = base
        self.links = base["links"].rows
        self.demands = base["demands"].rows
        self.present = current_rows(base["demands"], base.meta).tolist()
        self.products = {row["id"]: row for row in base["products"].rows}
        self.modes = {row["mode"]: row for row in base["modes"].rows}
        self.places = {row["id"]: row for row in base["sites"].rows}
        self.gaps: list[Gap] = []

    def parts(self) -> tuple[list[Part], list[Gap]]:
        moved = sorted({self.demands[place]["product"] for place in self.present})
        carried = {product: self._carriers(product) for product in moved}
        groups: list[tuple[set[str], set[int]]] = []
        for product, links in carried.items():
            joined = ({product}, set(links))
            for group in [each for each in groups if each[1] & joined[1]]:
                groups.remove(group)
                joined = (joined[0] | group[0], joined[1] | group[1])
            groups.append(joined)
        made = [self._part(sorted(names), carried) for names, _ in groups]
        return [part for part in made if part is not None], self.gaps

    def _dimension(self, product: str) -> str:
        unit = self.base.dossier.vocabulary.unit(self.products[product]["unit"] or "")
        dimension = unit.dimension if unit else ""
        return "mass" if dimension.startswith("barrels") else dimension

    def _ancestry(self, product: str | None) -> list[str]:
        line: list[str] = []
        while product is not None and product not in line:
            line.append(product)
            product = self.products[product]["parent"]
        return line

    def _carriers(self, product: str) -> list[int]:
        """Return the places of the links that can carry a product."""
        line, moved = self._ancestry(product), self._dimension(product)
        return [
            place
            for place, link in enumerate(self.links)
            if self._carried(link) == moved and (link["product"] is None or link["product"] in line)
        ]

    def _carried(self, link: Mapping[str, Any]) -> str:
        """Return the dimension of what a link carries, by its capacity or that of its mode."""
        row = link if link["capacity"] is not None else self.modes.get(link["mode"])
        dimension = (row and row["capacity_dimension"]) or ""
        if not dimension and link["product"]:
            return self._dimension(link["product"])
        return "volume" if dimension.startswith("volume") else "mass"

    def _gap(self, row: Mapping[str, Any], missing: str, table: str) -> None:
        actor = self.places.get(row.get("site") or row.get("origin"), {}).get("actor") or ""
        name = row.get("product") or row.get("id") or ""
        self.gaps.append(Gap("routes", "link_flow", actor, "", name, missing, table))

    def _part(self, products: list[str], carried: Mapping[str, list[int]]) -> Part | None:
        dimension = self._dimension(products[0])
        wanted = [place for place in self.present if self.demands[place]["product"] in products]
        if dimension not in SCALES:
            self._gap(self.demands[wanted[0]], "has no unit of mass or volume", "products")
            return None
        usable = [place for place in wanted if self._has_value(place)]
        places = sorted({each for product in products for each in carried[product]})
        named = {self.links[place][end] for place in places for end in ("origin", "destination")}
        named |= {self.demands[place]["site"] for place in usable}
        sites = tuple(sorted(named))
        at = {site: number for number, site in enumerate(sites)}
        ways: list[Way] = []
        for place in places:
            link = self.links[place]
            if not self._has_cost(link):
                continue
            tail, head = at[link["origin"]], at[link["destination"]]
            ways.append(Way(place, tail, head, False))
            mode = self.modes.get(link["mode"])
            if mode is not None and mode["two_way"]:
                ways.append(Way(place, head, tail, True))
        arcs = [
            (number, kind)
            for number, way in enumerate(ways)
            for kind, product in enumerate(products)
            if way.place in carried[product]
        ]
        role = {
            name: tuple(place for place in usable if self.demands[place]["role"] == name)
            for name in ("supply", "demand", "contract")
        }
        contract_arc, contracts = [], []
        for place in role["contract"]:
            row = self.demands[place]
            fitting = [
                number
                for number, (way, kind) in enumerate(arcs)
                if self.links[ways[way].place]["id"] == row["link"]
                and not ways[way].back
                and products[kind] == row["product"]
            ]
            if fitting:
                contracts.append(place)
                contract_arc.append(fitting[0])
            else:
                self._gap(row, f"the link {row['link']} does not carry it", "demands")
        return Part(
            dimension=dimension,
            products=tuple(products),
            sites=sites,
            ways=tuple(ways),
            arc_way=np.array([way for way, _ in arcs], dtype=np.int64),
            arc_product=np.array([kind for _, kind in arcs], dtype=np.int64),
            supplies=role["supply"],
            demands=role["demand"],
            contracts=tuple(contracts),
            contract_arc=tuple(contract_arc),
            rows=self._rows(products, ways, usable),
            ties=np.array([self._tie(ways[way], products[kind]) for way, kind in arcs]),
            assumed=frozenset(
                self.links[way.place]["id"]
                for way in ways
                if self.links[way.place]["capacity"] is None
                or self.links[way.place]["cost"] is None
            ),
        )

    def _tie(self, way: Way, product: str) -> float:
        """Return a small number that follows from a link, its direction and a product."""
        name = f"{self.links[way.place]['id']}|{way.back}|{product}"
        digest = blake2b(name.encode(), digest_size=6).digest()
        return _TIE_BREAK * int.from_bytes(digest, "big") / 2**48

    def _has_value(self, place: int) -> bool:
        row = self.demands[place]
        if row["role"] == "supply" or row["price"] is not None:
            return True
        if self.products[row["product"]]["density"] is not None:
            return True
        self._gap(row, "no value of what is not had: price or value density", "demands")
        return False

    def _has_cost(self, link: Mapping[str, Any]) -> bool:
        if link["cost"] is not None or link["mode"] in self.modes:
            return True
        self._gap(link, f"no cost, and no rate for the mode {link['mode']}", "modes")
        return False

    def _rows(
        self, products: Sequence[str], ways: Sequence[Way], demands: Sequence[int]
    ) -> tuple[str, ...]:
        rows: dict[str, None] = {}
        for way in ways:
            link = self.links[way.place]
            rows[link["row"]] = None
            if link["capacity"] is None or link["cost"] is None:
                mode = self.modes.get(link["mode"])
                if mode is not None:
                    rows[mode["row"]] = None
        for place in demands:
            rows[self.demands[place]["row"]] = None
        for product in products:
            rows[self.products[product]["row"]] = None
        for row in factor_rows(self.base):
            rows[row] = None
        return tuple(rows)


def factor_rows(base: World) -> tuple[str, ...]:
    """Return the rows of the facts by which vehicles and barrels become tonnes."""
    facts = base["facts"]
    rows = facts.rows
    return tuple(
        rows[place]["row"]
        for place in current_rows(facts, base.meta).tolist()
        if rows[place]["actor"] == base.meta.world
        and rows[place]["measure"] in ("payload", "barrels_per_tonne")
    )


def drawn(table: Table, figure: str, place: int) -> Floats:
    """Return a figure's draws, ``[draw]``."""
    values: Floats = table.figures[figure][place]
    return values


def central(table: Table, figure: str, place: int) -> Floats:
    """Return a figure's central value as reported, ``[1]``."""
    span = table.spans[figure].get(table.rows[place]["row"])
    return np.array([np.nan if span is None else span[0]])


def values_of(world: World, part: Part, read: Read = drawn) -> Values:
    """Return the figures of a part in a world, in units of flow a year."""
    return _Reader(world, part, read).values()


def density_of(world: World, part: Part, product: str) -> Floats | None:
    """Return the value of a unit of a product in millions, ``[draw]``; None where not known."""
    products = world["products"]
    place = next(at for at, row in enumerate(products.rows) if row["id"] == product)
    if products.rows[place]["density"] is None:
        return None
    reader = _Reader(world, part, drawn)
    return reader.per_unit(
        drawn(products, "density", place), products.rows[place]["density_dimension"]
    )


class _Reader:
    def __init__(self, world: World, part: Part, read: Read) -> None:
        self.world, self.part, self.read = world, part, read
        self.links, self.demands = world["links"], world["demands"]
        self.modes, self.products = world["modes"], world["products"]
        self.mode_place = {row["mode"]: place for place, row in enumerate(self.modes.rows)}
        self.product_place = {row["id"]: place for place, row in enumerate(self.products.rows)}
        self.sites = {row["id"]: row for row in world["sites"].rows}
        self.factors: dict[str, Floats] = {}
        facts = world["facts"]
        for row in factor_rows(world.base):
            place = facts.places[row]
            self.factors[facts.rows[place]["measure"]] = read(facts, "value", place)

    def values(self) -> Values:
        part, rows = self.part, self.links.rows
        capacity, standby = [], []
        for way in part.ways:
            room = self._capacity(way.place)
            status = rows[way.place]["status"]
            capacity.append(room if status == "open" else room * 0.0)
            standby.append(room if status in ("open", "idle") else room * 0.0)
        by_way = self._stack([self._cost(way.place) for way in part.ways])
        cost = by_way[part.arc_way]
        return Values(
            capacity=self._stack(capacity),
            standby=self._stack(standby),
            cost=cost,
            tied=cost * (1 + part.ties[:, None]) + part.ties[:, None],
            supply=self._stack([self._amount(place) for place in part.supplies]),
            supply_cost=self._stack([self._price(place, 0.0) for place in part.supplies]),
            demand=self._stack([self._amount(place) for place in part.demands]),
            demand_value=self._stack([self._price(place) for place in part.demands]),
            contract=self._stack([self._amount(place) for place in part.contracts]),
            contract_value=self._stack([self._price(place) for place in part.contracts]),
        )

    def _stack(self, rows: list[Floats]) -> Floats:
        draws = 1 if self.read is central else self.world.draws
        return np.vstack(rows) if rows else np.zeros((0, draws))

    def _yearly(self, amount: Floats, dimension: str) -> Floats:
        if dimension == "barrels throughput":
            return amount * _DAYS / self._factor("barrels_per_tonne", amount)
        if dimension == "vehicles throughput":
            return amount * _DAYS * self._factor("payload", amount)
        return amount

    def _factor(self, measure: str, like: Floats) -> Floats:
        return self.factors.get(measure, np.full_like(like, np.nan))

    def _capacity(self, place: int) -> Floats:
        table, at = self.links, place
        if self.links.rows[place]["capacity"] is None:
            table, at = self.modes, self.mode_place.get(self.links.rows[place]["mode"], -1)
            if at < 0 or self.modes.rows[at]["capacity"] is None:
                return np.full_like(self.read(self.links, "capacity", place), np.inf)
        amount = self.read(table, "capacity", at)
        if table is self.modes:
            amount = amount * self._factor_of("resized", place)
        return self._yearly(amount, table.rows[at]["capacity_dimension"]) / self.part.scale

    def _cost(self, place: int) -> Floats:
        link = self.links.rows[place]
        if link["cost"] is not None:
            return self.per_unit(self.read(self.links, "cost", place), link["cost_dimension"])
        at = self.mode_place[link["mode"]]
        rate = self.read(self.modes, "rate", at)
        length = link["length"] or self._distance(link["origin"], link["destination"])
        dimension = self.modes.rows[at]["rate_dimension"].removesuffix(" and length")
        return self.per_unit(rate * length, dimension) * self._factor_of("repriced", place)

    def _factor_of(self, change: str, place: int) -> Floats | float:
        """Return by how much levers changed a link of which the figure itself is not known."""
        factors = self.links.figures.get(change)
        return 1.0 if factors is None else factors[place]

    def per_unit(self, price: Floats, dimension: str) -> Floats:
        """Return money in millions per unit of flow."""
        if dimension == "price per barrel":
            price = price * self._factor("barrels_per_tonne", price)
        return price * self.part.scale / 1e6

    def _distance(self, a: str, b: str) -> float:
        """Return the great-circle distance between two sites in kilometres."""
        one, other = self.sites[a], self.sites[b]
        lat, away = radians(one["lat"]), radians(other["lat"])
        along = radians(other["lon"] - one["lon"])
        half = sin((away - lat) / 2) ** 2 + cos(lat) * cos(away) * sin(along / 2) ** 2
        return 2 * 6371.0 * asin(sqrt(half))

    def _amount(self, place: int) -> Floats:
        dimension = self.demands.rows[place]["value_dimension"]
        return self._yearly(self.read(self.demands, "value", place), dimension) / self.part.scale

    def _price(self, place: int, otherwise: float | None = None) -> Floats:
        row = self.demands.rows[place]
        if row["price"] is not None:
            return self.per_unit(self.read(self.demands, "price", place), row["price_dimension"])
        if otherwise is not None:
            return np.full_like(self.read(self.demands, "value", place), otherwise)
        at = self.product_place[row["product"]]
        density = self.read(self.products, "density", at)
        return self.per_unit(density, self.products.rows[at]["density_dimension"])
