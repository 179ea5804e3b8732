"""The leverage matrix: its cells, what each exposes on both sides, and two orders of them.

What is exposed is counted before anybody adjusts: an upper bound, and not a forecast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from crossroads.levers import Template

__all__ = ["Cell", "Effect", "Leverage", "Part", "Range"]


@dataclass(frozen=True, slots=True)
class Range:
    """Median, 5th and 95th percentile."""

    median: float
    p05: float
    p95: float


NOTHING = Range(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Part:
    """A product within what is exposed: yearly amount in a base unit, and the rows behind it."""

    item: str
    period: str
    unit: str
    amount: Range
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a lever exposes of one actor: a yearly amount, and its shares of what the actor has.

    ``indicator`` is that of the exposure engine; empty where the lever touches nothing that the
    actor earns or is supplied with, so that the amount is exactly zero. ``amount`` is in the base
    currency, None where there is no data; ``of_gdp`` and ``of_budget`` are shares of gross
    domestic product and of the state's revenue, None where the amount or that fact is missing.
    ``missing`` says what is. ``parts`` are the largest products within the amount.
    """

    actor: str
    indicator: str
    period: str
    amount: Range | None
    of_gdp: Range | None
    of_budget: Range | None
    parts: tuple[Part, ...]
    inputs: tuple[str, ...]
    missing: str

    @property
    def is_zero(self) -> bool:
        """Whether it is known that nothing is exposed."""
        return self.amount == NOTHING


@dataclass(frozen=True, slots=True)
class Cell:
    """One template for one ordered pair: what it exposes of the target, and of the holder.

    ``asymmetry`` is the target's share of gross domestic product over the holder's, None where
    either is missing or the holder's is zero. ``by_default`` says that leakage or duration are
    the package's defaults.
    """

    template: str
    layer: str
    holder: str
    target: str
    lever: str
    says: str
    on_target: Effect
    on_holder: Effect
    asymmetry: Range | None
    by_default: bool

    @property
    def has_data(self) -> bool:
        """Whether anything is known of what the lever acts on."""
        return self.on_target.amount is not None or bool(self.on_target.parts)

    @property
    def is_one_sided(self) -> bool:
        """Whether something is exposed of the target and nothing of the holder."""
        known = self.on_target.amount is not None and not self.on_target.is_zero
        return known and self.on_holder.is_zero


@dataclass(frozen=True)
class Leverage:
    """Every template for every ordered pair of actors, in the order of templates and regions.

    ``draws`` is how many draws were taken, the first of the study's.
    """

    dossier: str
    as_of: str
    currency: str
    draws: int
    seed: int
    actors: tuple[str, ...]
    templates: tuple[Template, ...]
    cells: tuple[Cell, ...]

    @cached_property
    def places(self) -> Mapping[tuple[str, str, str], Cell]:
        """Each cell by template, holder and target."""
        return {(each.template, each.holder, each.target): each for each in self.cells}

    def __repr__(self) -> str:
        known = sum(each.has_data for each in self.cells)
        return f"<Leverage of {self.dossier}: {len(self.cells)} cells, {known} with data>"

    def where(
        self, template: str | None = None, holder: str | None = None, target: str | None = None
    ) -> Leverage:
        """Return the cells of one template, holder or target."""
        asked = {"template": template, "holder": holder, "target": target}
        given = {name: word for name, word in asked.items() if word is not None}
        kept = tuple(
            each
            for each in self.cells
            if all(getattr(each, name) == word for name, word in given.items())
        )
        return Leverage(
            self.dossier,
            self.as_of,
            self.currency,
            self.draws,
            self.seed,
            self.actors,
            self.templates,
            kept,
        )

    def by_exposure(self) -> list[Cell]:
        """Return the cells whose target's share of output is known, the largest share first."""
        known = [each for each in self.cells if each.on_target.of_gdp is not None]
        return sorted(known, key=_exposed, reverse=True)

    def by_asymmetry(self) -> list[Cell]:
        """Return the cells in which something is exposed of the target, by how one-sided.

        First those in which nothing is exposed of the holder, by the target's share of output;
        then by the ratio of the target's share to the holder's, the largest first.
        """
        exposed = [each for each in self.by_exposure() if _exposed(each) > 0]
        alone = [each for each in exposed if each.is_one_sided]
        both = [each for each in exposed if each.asymmetry is not None]
        return alone + sorted(both, key=_ratio, reverse=True)


def _exposed(cell: Cell) -> float:
    return cell.on_target.of_gdp.median if cell.on_target.of_gdp else 0.0


def _ratio(cell: Cell) -> float:
    return cell.asymmetry.median if cell.asymmetry else 0.0
