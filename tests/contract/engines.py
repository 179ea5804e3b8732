"""Two small engines that prove the contract reads well: a model, and one that asks for cases."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from crossroads.engines.barriers import Barriers
from crossroads.indicators import BASELINE, Builder, Indicators, IndicatorSpec
from crossroads.levers import Case, levers_of
from crossroads.world import World, current_rows


@dataclass
class Armington:
    """Goods told apart by origin (Armington 1969, IMF Staff Papers 16:159), spending unchanged.

    Dual price index ``P = (sum_i s_i m_i t_i**(1 - sigma))**(1 / (1 - sigma))`` with base shares
    ``s_i``, share still passing ``m_i`` and trade cost ``t_i`` against the base's policy.
    """

    name: str = "armington"
    version: str = "1"
    reads: frozenset[str] = frozenset(
        {"flows", "parameters", "barriers", "memberships", "products"}
    )
    needs: frozenset[str] = frozenset()
    provides: tuple[IndicatorSpec, ...] = (
        IndicatorSpec("real_spending", "share", "real spending", "Change of spending over P", "up"),
    )

    def calibrate(self, base: World):
        """Return each buyer's suppliers, their base shares, and the base's policy towards them."""
        flows, barriers = base["flows"], Barriers(base)
        rows = [(place, flows.rows[place]) for place in current_rows(flows, base.meta)]
        imports = {}
        for place, row in rows:
            if row["layer"] == "goods" and row["product"] is None:
                imports.setdefault(row["destination"], []).append((place, row))
        return {
            buyer: (
                found,
                flows.values[(places := [place for place, _ in found])]
                / flows.values[places].sum(0),
                [barriers.between(row["origin"], buyer, None) for _, row in found],
            )
            for buyer, found in imports.items()
        }

    def cases(self, base: World) -> tuple[Case, ...]:
        return ()

    def indicators(self, model, world: World, given: Indicators) -> Indicators:
        build, barriers, sigmas = (
            Builder(self.name, world.draws),
            Barriers(world),
            world["parameters"],
        )
        sigma = sigmas.values[next(i for i, r in enumerate(sigmas.rows) if r["product"] == "grain")]
        for buyer, (found, shares, before) in model.items():
            after = [barriers.between(row["origin"], buyer, None) for _, row in found]
            passing = np.array([a.passing / b.passing for a, b in zip(after, before, strict=True)])
            cost = np.array(
                [(1 + a.rate) / (1 + b.rate) for a, b in zip(after, before, strict=True)]
            )
            weights = (shares * passing * cost ** (1 - sigma)).sum(axis=0)
            change = np.where(weights == shares.sum(axis=0), 0.0, weights ** (1 / (sigma - 1)) - 1)
            rests = [sigmas.rows[0]["row"], *(row["row"] for _, row in found)]
            for policy in (*before, *after):
                rests += [each for row in policy.rows for each in barriers.lineage(row)]
            period = found[0][1]["period"]
            inputs = list(dict.fromkeys(rests))
            build.row("real_spending", buyer, "", "goods", period, "share", change, inputs)
        return build.build()


@dataclass
class Worst:
    """What each actor would lose by the single lever that hurts it most, whatever the scenario."""

    name: str = "worst"
    version: str = "1"
    reads: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset({"armington/real_spending"})
    provides: tuple[IndicatorSpec, ...] = (
        IndicatorSpec(
            "worst_lever", "share", "worst lever", "Least real spending by one lever", "up"
        ),
    )
    seen: list[set[str]] = field(default_factory=list)

    def calibrate(self, base: World) -> None:
        return None

    def cases(self, base: World) -> tuple[Case, ...]:
        every = levers_of(base.dossier).values()
        return tuple(Case(f"only {each.id}", (each,), base.horizon) for each in every)

    def indicators(self, model: None, world: World, given: Indicators) -> Indicators:
        build = Builder(self.name, world.draws)
        self.seen.append(set(given.frame["scenario"]))
        alone = given.where(scenario=[s for s in set(given.frame["scenario"]) if s != BASELINE])
        for actor in alone.frame["actor"].unique(maintain_order=True):
            rows = alone.where(actor=actor)
            inputs = list(dict.fromkeys(one for each in rows.frame["inputs"] for one in each))
            period, item = rows.frame["period"][0], rows.frame["item"][0]
            least = rows.values.min(axis=0)
            build.row("worst_lever", actor, "", item, period, "share", least, inputs)
        return build.build()
