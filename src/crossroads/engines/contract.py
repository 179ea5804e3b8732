"""What an engine is: it maps a world to rows of the tidy indicator table."""

from __future__ import annotations

from typing import Any, Protocol

from crossroads.indicators import Indicators, IndicatorSpec
from crossroads.levers import Case
from crossroads.world import World

__all__ = ["Engine"]


class Engine(Protocol):
    """A model with an adapter between worlds and indicators.

    Draws are computed in batches, so that a draw's results may depend on that draw alone, and all
    draws have the same rows. Four attributes may be added: ``batch``, how many draws to compute at
    a time (by default as many as keep memory in bounds); ``draws``, for a solver, how many it takes
    at most, the first of all; ``kept``, False for an engine that computes faster than a store
    reads; and ``leaves_out``, sentences on what it does not take into account, which are shown
    beside its figures.

    ``crossroads.testing.check_engine`` holds everybody's engine to this contract.
    """

    name: str
    version: str
    """To be raised with every change of what it computes: kept results are found by it."""
    reads: frozenset[str]
    """The tables it is given; a case in which none of them is touched equals the baseline."""
    needs: frozenset[str]
    """Indicators of other engines it needs, as ``engine/indicator``."""

    @property
    def provides(self) -> tuple[IndicatorSpec, ...]:
        """Every indicator it can give."""

    def calibrate(self, base: World) -> Any:
        """Return what can be prepared once for all cases on a base world."""

    def cases(self, base: World) -> tuple[Case, ...]:
        """Return the further cases whose results it wants to be given; none, as a rule."""

    def indicators(self, model: Any, world: World, given: Indicators) -> Indicators:
        """Compute the rows of one case; rows left out of a levered world equal the base's.

        Parameters
        ----------
        model
            What ``calibrate`` returned for ``world.base``.
        world
            The world of the case, after its levers.
        given
            Rows of the engines it needs: of this case and of the baseline; and of the cases it
            asked for.
        """
