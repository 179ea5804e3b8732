"""What a lever between two actors acts on: the present flows, and who would lose by each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossroads.levers import Lever
from crossroads.world import World, current_rows

__all__ = ["Present", "Stake"]

INCOME, SUPPLY = "exposed_income", "exposed_supply"


@dataclass(frozen=True, slots=True)
class Stake:
    """The rows of present flows that a lever acts on, and by which indicator each actor loses.

    ``missing`` says what is lacking where there are none.
    """

    rows: tuple[Mapping[str, Any], ...]
    loses: Mapping[str, str]
    missing: str

    @property
    def in_money(self) -> bool:
        return any(row["value_dimension"] == "money" for row in self.rows)


class Present:
    """The present flows of a world by layer, origin and destination."""

    def __init__(self, world: World) -> None:
        flows = world["flows"]
        self._flows: dict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
        for place in map(int, current_rows(flows, world.meta)):
            row = flows.rows[place]
            self._flows[row["layer"], row["origin"], row["destination"]].append(row)

    def stake(self, lever: Lever) -> Stake:
        """Return what a lever acts on that names both ends of what it halts or bars."""
        rows: list[Mapping[str, Any]] = []
        loses: dict[str, str] = {}
        missing: list[str] = []
        for change in lever.changes:
            layer = {"barrier": "goods"}.get(change.kind, change.selector.get("layer", ""))
            origin, destination = (change.selector.get(end, "") for end in _ENDS)
            if not (layer and origin and destination):
                missing.append(f"nothing is computed of a change of a {change.kind}")
                continue
            loses |= (
                {origin: INCOME, destination: SUPPLY}
                if change.kind == "barrier"
                else {destination: INCOME}
            )
            found = self._flows.get((layer, origin, destination), [])
            rows += found
            if not found:
                missing.append(f"flows has no whole year of {layer} from {origin} to {destination}")
        return Stake(tuple(rows), loses, "" if rows else "; ".join(missing))


_ENDS = ("origin", "destination")
