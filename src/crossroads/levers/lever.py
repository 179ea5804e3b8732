"""Levers, scenarios and cases, as the dossier's YAML describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from crossroads.dossier import Dossier
from crossroads.entries import Entry
from crossroads.errors import UsageError, named
from crossroads.indicators import BASELINE
from crossroads.levers.change import KINDS, Change
from crossroads.levers.policies import change_barrier, change_membership, change_relation
from crossroads.levers.quantities import change_fact, change_flow, change_link
from crossroads.world import World

__all__ = ["Case", "Lever", "cases_of", "lever_named", "lever_of", "levers_of"]

_APPLY: Mapping[str, Callable[[Change, World, float], World]] = {
    "flow": change_flow,
    "barrier": change_barrier,
    "link": change_link,
    "membership": change_membership,
    "relation": change_relation,
    "fact": change_fact,
}


@dataclass(frozen=True, slots=True)
class Lever:
    """Something its holder can do: changes to the world, made in order.

    Calling it maps a world to a world. ``strength`` runs from 0 (nothing) to 1 (as written);
    changes that are switches happen at any strength above 0.
    """

    id: str
    holder: str
    target: str | None
    says: str
    changes: tuple[Change, ...]
    strength: float = 1.0

    def __call__(self, world: World) -> World:
        """Return the world after this lever.

        Raises
        ------
        LeverError
            If a change touches nothing.
        """
        if self.strength == 0:
            return world
        for change in self.changes:
            world = _APPLY[change.kind](change, world, self.strength)
        return world

    def at(self, strength: float) -> Lever:
        """Return the lever at another strength.

        Raises
        ------
        UsageError
            If the strength is outside [0, 1].
        """
        if not 0 <= strength <= 1:
            raise UsageError(f"strength {strength:g} lies outside 0 to 1")
        return replace(self, strength=strength)


@dataclass(frozen=True, slots=True)
class Case:
    """Levers at a horizon. The baseline is the case without levers."""

    scenario: str
    levers: tuple[Lever, ...]
    horizon: str

    @property
    def is_baseline(self) -> bool:
        return not self.levers

    def world(self, base: World) -> World:
        """Return the base world at the case's horizon after its levers."""
        return base.at(self.horizon).pull(*self.levers)


def _change(lever: str, place: int, entry: Entry) -> Change | None:
    kind = next((each for each in KINDS if each in entry.values), None)
    if kind is None:
        return None
    return Change(
        lever=lever,
        place=place,
        kind=kind,
        selector=entry[kind],
        set=entry.get("set"),
        sign=entry.get("sign"),
        weight=entry.get("strength"),
        line=entry.line,
    )


def lever_of(entry: Entry) -> Lever:
    """Build a lever from its entry in ``levers.yaml``."""
    changes = (_change(entry.id, place, each) for place, each in enumerate(entry["changes"], 1))
    return Lever(
        id=entry.id,
        holder=entry["holder"],
        target=entry.get("target"),
        says=entry["says"],
        changes=tuple(change for change in changes if change is not None),
    )


def levers_of(dossier: Dossier) -> dict[str, Lever]:
    """Return every lever of a dossier by its id."""
    return {name: lever_of(entry) for name, entry in dossier.levers.items()}


def lever_named(dossier: Dossier, name: str) -> Lever:
    """Return one lever.

    Raises
    ------
    UsageError
        If the dossier has no lever of that id.
    """
    return lever_of(named("lever", name, dossier.levers))


def cases_of(dossier: Dossier, scenarios: Sequence[str] | None = None) -> tuple[Case, ...]:
    """Return the baseline and every scenario (or those named) at every horizon of the dossier."""
    known = levers_of(dossier)
    lists = {BASELINE: ()} | {
        name: tuple(known[each] for each in entry["levers"])
        for name, entry in dossier.scenarios.items()
        if scenarios is None or name in scenarios
    }
    return tuple(
        Case(name, each, horizon)
        for horizon in dossier.meta.horizons
        for name, each in lists.items()
    )
