"""The report's findings: sentences that templates make of verdicts and indicators.

Each template looks for one thing, says it with the claims and figures it is about, and weighs how
much it tells; those without data are left out. None is written for a dossier.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crossroads.show.report.anchors import Anchors
from crossroads.show.report.highlights import levers, support, verdicts
from crossroads.show.report.highlights.sentence import Highlight, Known
from crossroads.show.report.scenarios import ScenarioSeen
from crossroads.study import Study

__all__ = ["MOST", "Highlight", "highlights_of"]

MOST = 12
"""How many sentences the report has at most."""


def highlights_of(
    study: Study, anchors: Anchors, scenarios: Sequence[ScenarioSeen]
) -> list[Highlight]:
    """Return the sentences that tell most, the foremost first."""
    known = Known(study, anchors, scenarios)
    told = [each for template in _TEMPLATES if (each := template(known)) is not None]
    return sorted(told, key=lambda each: -each.weight)[:MOST]


_TEMPLATES: Sequence[Callable[[Known], Highlight | None]] = (
    verdicts.tallied,
    verdicts.flips,
    verdicts.largest_argument,
    verdicts.overturned,
    levers.largest,
    levers.one_sided,
    verdicts.farthest,
    levers.own_cost,
    verdicts.at_odds,
    support.check_first,
    support.one_origin,
    verdicts.by_kind,
    levers.costlier,
    verdicts.closest,
    verdicts.mixed,
    verdicts.undecided,
    support.defaults,
    support.ranges,
    verdicts.waiting,
)
