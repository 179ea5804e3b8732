"""Cheapest flows on one live HiGHS model: a change is a change of bounds or costs.

Every solve forgets the one before (the solver keeps more than a basis: without ``clearSolver``,
one in a thousand random scenarios came out with another of several equally cheap flows) and starts
from the basis of the unchanged network, so that a result depends on the change alone: undoing a
change gives the same bits again. Who needs ties broken in a way that does not hang on that basis
perturbs the costs, by far more than the solver's tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np

from crossroads.engines.routes.network import Figures, Floats, Ints, Network, Programme, programme

__all__ = ["TOLERANCE", "Change", "FlowModel", "Flows", "Start", "live"]

Start = Any
"""Where the solver starts from: a basis of HiGHS, opaque to others."""

TOLERANCE = 1e-9
"""Feasibility tolerance of the solver, primal and dual, on scaled amounts and costs."""

_NONE: Ints = np.zeros(0, dtype=np.int64)
_NOTHING: Floats = np.zeros(0)


@dataclass(frozen=True, eq=False)
class Change:
    """New values for some capacities, costs, supplies and demands; empty: no change.

    Attributes
    ----------
    links, capacity
        ``[changed link]``: which links, and what they carry then; 0 closes one.
    arcs, cost
        ``[changed arc]``: which arcs, and what a unit costs on them then.
    supplies, limit
        ``[changed supply]``: which supplies, and their limits then.
    demands, amount
        ``[changed demand]``: which demands, and their amounts then.
    """

    links: Ints = field(default_factory=lambda: _NONE)
    capacity: Floats = field(default_factory=lambda: _NOTHING)
    arcs: Ints = field(default_factory=lambda: _NONE)
    cost: Floats = field(default_factory=lambda: _NOTHING)
    supplies: Ints = field(default_factory=lambda: _NONE)
    limit: Floats = field(default_factory=lambda: _NOTHING)
    demands: Ints = field(default_factory=lambda: _NONE)
    amount: Floats = field(default_factory=lambda: _NOTHING)

    @classmethod
    def closing(cls, links: Sequence[int] | Ints) -> Change:
        """Return the change that closes links."""
        which = np.asarray(links, dtype=np.int64)
        return cls(links=which, capacity=np.zeros(len(which)))


_UNCHANGED = Change()


@dataclass(frozen=True, eq=False)
class Flows:
    """A solution: what flows, what is supplied, what is left unmet, and what it costs.

    Attributes
    ----------
    arc
        Flow on each arc, ``[arc]``.
    supplied
        ``[supply]``.
    unmet
        ``[demand]``: an outcome, not a failure.
    shortfall
        ``[contract]``.
    objective
        Cost of transport and supply, plus the value of what is unmet or short.
    """

    arc: Floats
    supplied: Floats
    unmet: Floats
    shortfall: Floats
    objective: float

    def on_links(self, network: Network) -> Floats:
        """Return the flow on each link, all commodities and directions together, ``[link]``."""
        total = np.bincount(network.arc_link, weights=self.arc, minlength=network.links)
        return total.astype(np.float64)


class FlowModel:
    """A network's linear programme, kept alive to be solved again after small changes.

    Parameters
    ----------
    network
        The network without changes; its solution is ``central``.

    Raises
    ------
    RuntimeError
        If the solver fails; a network always has a solution.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.programme = programme(network)
        self._sharing = bool((self.programme.only_arc < 0).any())
        self._highs: Any = live(self.programme)
        self.central = self._run()
        self._basis = self._highs.getBasis()

    def solve(self, change: Change | None = None) -> Flows:
        """Return the cheapest flows after a change; the model itself stays as it was."""
        change = change or _UNCHANGED
        self._set(change)
        try:
            self._highs.clearSolver()
            self._highs.setBasis(self._basis)
            return self._run()
        finally:
            self._set(self._undone(change))

    def solve_instead(self, network: Network, start: Start | None = None) -> tuple[Flows, Start]:
        """Return the cheapest flows of a network of the same form with other figures throughout.

        For draws: other capacities, costs, supplies, demands and contracts on the same sites,
        links and arcs.

        Parameters
        ----------
        start
            Where to start from, as an earlier call returned it; without it, the central basis. A
            start near the solution, such as that of the same draw without levers, saves most of
            the work, and the result hangs on the network and the start alone.
        """
        self._take(self.programme.with_figures_of(network))
        try:
            self._highs.clearSolver()
            self._highs.setBasis(self._basis if start is None else start)
            return self._run(), self._highs.getBasis()
        finally:
            self._take(self.programme.figures)

    def _take(self, figures: Figures) -> None:
        highs = self._highs
        columns = np.arange(len(figures.cost), dtype=np.int32)
        rows = np.arange(len(figures.row_lower), dtype=np.int32)
        highs.changeColsCost(len(columns), columns, figures.cost)
        highs.changeColsBounds(len(columns), columns, np.zeros(len(columns)), figures.upper)
        highs.changeRowsBounds(len(rows), rows, figures.row_lower, figures.row_upper)

    def walk(self, change: Change | None = None) -> Flows:
        """Return the cheapest flows after a change, from the basis of the change before it.

        Faster than ``solve``, for sweeps over many changes of large networks. The cost is the
        same to rounding; which of several equally cheap flows is found depends on the sweep.
        """
        change = change or _UNCHANGED
        self._set(change)
        try:
            return self._run()
        finally:
            self._set(self._undone(change))

    def objective(self, change: Change | None = None) -> float:
        """Return the cheapest cost after a change, as ``walk`` does."""
        change = change or _UNCHANGED
        self._set(change)
        try:
            self._highs.run()
            return self._optimal()
        finally:
            self._set(self._undone(change))

    def _undone(self, change: Change) -> Change:
        network = self.network
        return Change(
            change.links,
            network.capacity[change.links],
            change.arcs,
            network.arc_cost[change.arcs],
            change.supplies,
            network.supply_limit[change.supplies],
            change.demands,
            network.demand_amount[change.demands],
        )

    def _set(self, change: Change) -> None:
        made, highs = self.programme, self._highs
        if len(change.links):
            columns, rows = made.only_arc[change.links], made.link_row[change.links]
            if self._sharing:
                shared = rows >= 0
                most, rows = change.capacity[shared], rows[shared]
                highs.changeRowsBounds(len(rows), rows, np.full(len(rows), -np.inf), most)
                alone = columns >= 0
                self._bound_columns(columns[alone], change.capacity[alone])
            else:
                self._bound_columns(columns, change.capacity)
        if len(change.arcs):
            highs.changeColsCost(len(change.arcs), change.arcs, change.cost)
        if len(change.supplies):
            self._bound_columns(made.blocks[1] + change.supplies, change.limit)
        if len(change.demands):
            self._set_demands(change)

    def _set_demands(self, change: Change) -> None:
        made = self.programme
        self._bound_columns(made.blocks[2] + change.demands, change.amount)
        amounts = self.network.demand_amount.copy()
        amounts[change.demands] = change.amount
        rows = np.unique(made.demand_row[change.demands])
        wanted = np.bincount(made.demand_row, weights=amounts)[rows]
        self._highs.changeRowsBounds(len(rows), rows, wanted, wanted)

    def _bound_columns(self, columns: Ints, upper: Floats) -> None:
        if len(columns):
            self._highs.changeColsBounds(len(columns), columns, np.zeros(len(columns)), upper)

    def _run(self) -> Flows:
        self._highs.run()
        objective = self._optimal()
        values = np.array(self._highs.getSolution().col_value) + 0.0  # no negative zeros
        _, supplies, demands, contracts = self.programme.blocks
        return Flows(
            values[:supplies],
            values[supplies:demands],
            values[demands:contracts],
            values[contracts:],
            objective,
        )

    def _optimal(self) -> float:
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kModelEmpty:
            return 0.0
        if status != highspy.HighsModelStatus.kOptimal:
            self._highs.clearSolver()
            self._highs.run()
            status = self._highs.getModelStatus()
            if status != highspy.HighsModelStatus.kOptimal:
                said = self._highs.modelStatusToString(status)
                raise RuntimeError(f"the solver found no cheapest flow: {said}")
        return float(self._highs.getObjectiveValue())


def live(made: Programme) -> Any:
    """Return a HiGHS model of a programme, not yet run: simplex on one thread, tight tolerances."""
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("solver", "simplex"),
        ("primal_feasibility_tolerance", TOLERANCE),
        ("dual_feasibility_tolerance", TOLERANCE),
    ):
        highs.setOptionValue(option, value)
    figures = made.figures
    columns, rows = len(figures.cost), len(figures.row_lower)
    highs.passModel(
        columns,
        rows,
        len(made.value),
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        figures.cost,
        np.zeros(columns),
        figures.upper,
        figures.row_lower,
        figures.row_upper,
        made.starts,
        made.index,
        made.value,
        np.zeros(columns, dtype=np.int32),
    )
    return highs
