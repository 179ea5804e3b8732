"""Findings about levers: the leverage matrix and the scenarios."""

from __future__ import annotations

from collections.abc import Mapping

from crossroads.leverage import Cell
from crossroads.show.report.anchors import Link
from crossroads.show.report.highlights.sentence import (
    NAMED,
    Highlight,
    Known,
    sentence,
)
from crossroads.show.report.matrix import share_words
from crossroads.show.report.scenarios import ScenarioSeen, Stake
from crossroads.show.text import tally

__all__ = ["costlier", "largest", "one_sided", "own_cost"]


def one_sided(known: Known) -> Highlight | None:
    """Name the tie in which both lose and the target loses most for each share of the holder."""
    cells = [
        each
        for each in known.study.leverage.cells
        if each.asymmetry is not None and _share(each) >= 0.001
    ]
    if not cells:
        return None
    cell = max(cells, key=lambda each: each.asymmetry.median if each.asymmetry else 0.0)
    return sentence(
        0.82,
        "The most one-sided tie in the ",
        Link("leverage matrix", "#matrix"),
        f" that costs both sides something: if {cell.says}, {_both(cell, known)}.",
    )


def largest(known: Known) -> Highlight | None:
    cells = known.study.leverage.by_exposure()
    if not cells or not _share(cells[0]):
        return None
    return sentence(
        0.84,
        "The largest exposure in the ",
        Link("leverage matrix", "#matrix"),
        f": if {cells[0].says}, {_both(cells[0], known)}.",
    )


def _both(cell: Cell, known: Known) -> str:
    """Say what a cell exposes on both sides, as shares of gross domestic product."""
    labels = {spec.id: spec.label for engine in known.study.engines for spec in engine.provides}
    told = []
    for side in (cell.on_target, cell.on_holder):
        if side.of_gdp is not None and side.indicator:
            label = labels.get(side.indicator, side.indicator)
            whose = f"the {label} of {_name(side.actor, known)} is"
            told.append(f"{whose} worth {share_words(side.of_gdp.median)} of its yearly output")
    return ", ".join(told)


def _share(cell: Cell) -> float:
    return cell.on_target.of_gdp.median if cell.on_target.of_gdp else 0.0


def _name(actor: str, known: Known) -> str:
    return known.study.dossier.name_of(actor)


def _by_role(scenario: ScenarioSeen) -> Mapping[str, float]:
    """Return the largest exposed share of output by role."""
    told: dict[str, float] = {}
    for each in scenario.stakes:
        told[each.role] = max(told.get(each.role, 0.0), each.most)
    return told


def own_cost(known: Known) -> Highlight | None:
    """Name the scenario that exposes most of the output of whoever pulls its levers alone."""
    told = [
        (each, stake)
        for each in known.scenarios
        for stake in each.stakes
        if stake.role == "pulls" and stake.most > 0
    ]
    if not told:
        return None
    scenario, stake = max(told, key=lambda each: each[1].most)
    return sentence(
        0.78,
        "The scenario that exposes most of its own side is ",
        Link(f"“{scenario.says}”", f"#{scenario.anchor}"),
        f": of {stake.actor} {_amounts(stake)}.",
    )


def _amounts(stake: Stake) -> str:
    words = " and ".join(f"{label} worth {share}" for label, share in stake.amounts)
    return f"{words} {stake.of}"


def costlier(known: Known) -> Highlight | None:
    """Count the scenarios that expose more of who pulls than of whom they are aimed at."""
    both = [
        (each, roles["pulls"], roles["aimed at"])
        for each in known.scenarios
        if {"pulls", "aimed at"} <= (roles := _by_role(each)).keys()
    ]
    if not both:
        return None
    more = [each for each, own, other in both if own > other]
    said = (
        f"In {len(more) or 'none'} of the {tally(len(both), 'scenario')} with figures for both "
        "sides, who pulls the levers has a larger share of its output exposed than whom they are "
        "aimed at"
    )
    if not more:
        return sentence(0.62, f"{said}.")
    links: list[Link] = []
    for each in more[:NAMED]:
        links += [Link(", ")] if links else []
        links.append(Link(each.id, f"#{each.anchor}"))
    return sentence(0.62, f"{said}: ", links, ".")
