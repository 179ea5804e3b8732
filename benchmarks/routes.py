"""Time the routes model beside its peers, on the same problems in one run, as ratios.

python benchmarks/routes.py [--json] [--quick]

Peers: bare highspy (one live model, bounds changed and run again), networkx, and PyPSA where it is
installed. Times are of the processor, medians of several rounds in turn. Objectives are compared
before anything is timed. Problems are those of the measured study: (a) 40 sites and 80 links, (b)
4,000 sites and 10,000 links, (c) 20 commodities on 5,000 links with shared capacity.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import networkx as nx
import numpy as np
from scipy.spatial import cKDTree

from crossroads.engines.routes.cuts import minimum_cut
from crossroads.engines.routes.network import Network, programme
from crossroads.engines.routes.solver import Change, FlowModel, live
from crossroads.engines.routes.sweeps import lose_each_link

VALUE = 1000.0


@dataclass(frozen=True)
class Row:
    what: str
    ours_ms: float
    peer_ms: float
    ratio: float
    aim: str
    passed: bool


def planar(sites: int, links: int, seed: int) -> tuple[np.ndarray, np.ndarray, Any]:
    random = np.random.default_rng(seed)
    places = random.random((sites, 2))
    near = cKDTree(places).query(places, links // sites + 3)[1][:, 1:]
    pairs = np.array([(a, b) for a in range(sites) for b in near[a]])
    return *random.permutation(pairs)[:links].T, random


def single(sites: int, links: int, seed: int) -> Network:
    tail, head, random = planar(sites, links, seed)
    pick = random.permutation(sites)
    supply, demand = np.zeros(sites), np.zeros(sites)
    supply[pick[: sites // 8]] = random.integers(10, 100, sites // 8)
    wanting = pick[sites // 8 : sites // 2]
    demand[wanting] = random.integers(1, 20, len(wanting))
    capacity, cost = random.integers(5, 60, links), random.integers(1, 50, links)
    return Network.single(sites, tail, head, capacity, cost, supply, demand, VALUE)


def several(sites: int, links: int, kinds: int, seed: int) -> Network:
    tail, head, random = planar(sites, links, seed)
    per = sites // 20
    at = [random.permutation(sites)[: 3 * per] for _ in range(kinds)]
    kind = np.repeat(np.arange(kinds), links)
    return Network(
        sites=sites,
        tail=tail,
        head=head,
        capacity=random.integers(20, 200, links).astype(float),
        arc_link=np.tile(np.arange(links), kinds),
        arc_commodity=kind,
        arc_cost=np.tile(random.integers(1, 50, links).astype(float), kinds),
        arc_back=np.zeros(links * kinds, dtype=bool),
        supply_site=np.concatenate([each[:per] for each in at]),
        supply_commodity=np.repeat(np.arange(kinds), per),
        supply_limit=random.integers(20, 100, per * kinds).astype(float),
        supply_cost=np.zeros(per * kinds),
        demand_site=np.concatenate([each[per:] for each in at]),
        demand_commodity=np.repeat(np.arange(kinds), 2 * per),
        demand_amount=random.integers(1, 20, 2 * per * kinds).astype(float),
        demand_value=np.full(2 * per * kinds, VALUE),
    )


def median(rounds: int, *runs: Callable[[], object]) -> list[float]:
    """Return the median processor time of each in seconds, taken in turn."""
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for run, own in zip(runs, times, strict=True):
            started = time.process_time()
            run()
            own.append(time.process_time() - started)
    return [statistics.median(each) for each in times]


def bare(network: Network, closures: list[np.ndarray]) -> Callable[[], list[float]]:
    """Return what highspy alone takes: bounds changed, run, results read, bounds put back."""
    made = programme(network)
    highs = live(made)
    highs.run()
    rows = made.link_row[closures[0]][0] >= 0

    def run() -> list[float]:
        found = []
        for closed in closures:
            zero, before = np.zeros(len(closed)), network.capacity[closed]
            if rows:
                which = made.link_row[closed]
                least = np.full(len(closed), -np.inf)
                highs.changeRowsBounds(len(closed), which, least, zero)
            else:
                highs.changeColsBounds(len(closed), made.only_arc[closed], zero, zero)
            highs.run()
            found.append(highs.getObjectiveValue())
            np.array(highs.getSolution().col_value)
            if rows:
                highs.changeRowsBounds(len(closed), which, least, before)
            else:
                highs.changeColsBounds(len(closed), made.only_arc[closed], zero, before)
        return found

    return run


def random_closures(network: Network, many: int) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [
        random.choice(network.links, size=random.integers(1, 4), replace=False) for _ in range(many)
    ]


def small(rounds: int) -> list[Row]:
    network = single(40, 80, 1)
    closures = random_closures(network, 1000)
    model = FlowModel(network)
    changes = [Change.closing(each) for each in closures]
    peer = bare(network, closures)
    ours = [model.solve(each).objective for each in changes]
    np.testing.assert_allclose(ours, peer(), rtol=1e-6)
    mine, theirs = median(rounds, lambda: [model.solve(each) for each in changes], peer)
    rows = [_row("40 sites, 80 links: a scenario, from the central basis", mine, theirs, 1.5, 1000)]
    try:
        import pypsa  # noqa: F401
    except ImportError:
        print("PyPSA is not installed; left out", file=sys.stderr)
    else:
        found, seconds = by_pypsa(network, closures[:3])
        np.testing.assert_allclose(found, ours[:3], rtol=1e-6)
        ratio = seconds / (mine / 1000)
        rows.append(
            Row(
                "40 sites, 80 links: PyPSA beside us, a scenario",
                mine,
                seconds * 1e3,
                ratio,
                "at least 1000",
                ratio >= 1000,
            )
        )
    return rows


def by_pypsa(network: Network, closures: list[np.ndarray]) -> tuple[list[float], float]:
    """Return the costs by PyPSA, and its processor time a scenario."""
    import logging

    import pypsa

    logging.disable(logging.WARNING)
    grid = pypsa.Network()
    sites = [f"s{site}" for site in range(network.sites)]
    grid.add("Bus", sites)
    links = [f"l{link}" for link in range(network.links)]
    grid.add(
        "Link",
        links,
        bus0=[sites[each] for each in network.tail],
        bus1=[sites[each] for each in network.head],
        p_nom=network.capacity,
        marginal_cost=network.arc_cost,
    )
    at = [sites[each] for each in network.supply_site]
    grid.add("Generator", [f"g{s}" for s in at], bus=at, p_nom=network.supply_limit)
    to = [sites[each] for each in network.demand_site]
    grid.add("Load", [f"d{s}" for s in to], bus=to, p_set=network.demand_amount)
    grid.add(
        "Generator",
        [f"u{s}" for s in to],
        bus=to,
        p_nom=network.demand_amount,
        marginal_cost=network.demand_value,
    )
    found, started = [], time.process_time()
    for closed in closures:
        grid.links.loc[[links[each] for each in closed], "p_nom"] = 0.0
        grid.optimize(solver_name="highs", log_to_console=False, progress=False)
        found.append(float(grid.objective))
        grid.links["p_nom"] = network.capacity
    return found, (time.process_time() - started) / len(closures)


def large(rounds: int, quick: bool) -> list[Row]:
    network = single(4000, 10000, 2)
    made = programme(network)

    def cold() -> None:
        live(made).run()

    build, solve = median(rounds, lambda: programme(network), cold)
    rows = [_row("4,000 sites, 10,000 links: building, against a cold solve", build, solve, 0.25)]
    model = FlowModel(network)
    active = np.flatnonzero(model.central.on_links(network) > 0)
    some = active[:: 20 if quick else 1]
    peer = bare(network, [np.array([link]) for link in some])
    mine, theirs = median(1, lambda: lose_each_link(model, only=some), peer)
    what = f"10,000 links: losing each of {len(some)} with flow, one a time"
    rows.append(_row(what, mine, theirs, 1.2, len(some)))
    source, sink = int(network.supply_site[0]), int(network.demand_site[0])
    graph = nx.DiGraph()
    for tail, head, capacity in zip(network.tail, network.head, network.capacity, strict=True):
        room = graph.get_edge_data(int(tail), int(head), {"capacity": 0})["capacity"]
        graph.add_edge(int(tail), int(head), capacity=room + float(capacity))
    cut = minimum_cut(network, [source], [sink])
    assert abs(cut.value - nx.minimum_cut_value(graph, source, sink)) < 1e-6
    mine, theirs = median(
        rounds,
        lambda: minimum_cut(network, [source], [sink]),
        lambda: nx.minimum_cut(graph, source, sink),
    )
    ratio = theirs / mine
    rows.append(
        Row(
            "10,000 links: minimum cut, networkx beside us",
            mine * 1e3,
            theirs * 1e3,
            ratio,
            "at least 50",
            ratio >= 50,
        )
    )
    return rows


def many_kinds(rounds: int, quick: bool) -> list[Row]:
    network = several(*((400, 1000, 5) if quick else (2000, 5000, 20)), 3)
    made = programme(network)

    def cold() -> float:
        highs = live(made)
        highs.run()
        return float(highs.getObjectiveValue())

    assert abs(FlowModel(network).central.objective / cold() - 1) < 1e-6
    mine, theirs = median(rounds, lambda: FlowModel(network), cold)
    size = f"{made.figures.cost.size:,} columns, {made.figures.row_lower.size:,} rows"
    rows = [_row(f"many commodities, {size}: cold", mine, theirs, 1.1)]
    model = FlowModel(network)
    closures = random_closures(network, 10)
    changes = [Change.closing(each) for each in closures]
    peer = bare(network, closures)
    np.testing.assert_allclose([model.walk(each).objective for each in changes], peer(), rtol=1e-6)
    mine, theirs = median(rounds, lambda: [model.walk(each) for each in changes], peer)
    rows.append(_row("many commodities: warm, in a sweep", mine, theirs, 1.5, 10))
    mine, theirs = median(rounds, lambda: [model.solve(each) for each in changes], peer)
    rows.append(_row("many commodities: warm, from the central basis", mine, theirs, 1.5, 10))
    return rows


def _row(what: str, ours: float, peer: float, most: float, scenarios: int = 1) -> Row:
    ratio = ours / peer
    return Row(
        what,
        ours / scenarios * 1e3,
        peer / scenarios * 1e3,
        ratio,
        f"at most {most:g}",
        ratio <= most,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="rows as JSON")
    parser.add_argument("--quick", action="store_true", help="smaller problems, fewer rounds")
    asked = parser.parse_args()
    rounds = 3 if asked.quick else 5
    rows = [*small(rounds), *large(rounds, asked.quick), *many_kinds(rounds, asked.quick)]
    if asked.json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
        return 0
    for row in rows:
        mark = "ok  " if row.passed else "MISS"
        print(
            f"{mark} {row.what:<66} ours {row.ours_ms:9.3f} ms  peer {row.peer_ms:10.3f} ms"
            f"  ratio {row.ratio:8.2f} ({row.aim})"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
