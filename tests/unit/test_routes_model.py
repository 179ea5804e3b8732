"""The routes model against other solvers, against closed forms, and against its own laws."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csc_array

from crossroads.engines.routes.cuts import minimum_cut
from crossroads.engines.routes.network import Network, programme
from crossroads.engines.routes.paths import paths
from crossroads.engines.routes.solver import Change, FlowModel
from crossroads.engines.routes.sweeps import demand_marginal, link_marginal, lose_each_link

VALUE = 1000.0


def network_at_random(seed: int, sites: int = 40, links: int = 80) -> Network:
    """Return a connected-looking network with whole numbers, as the study's problem (a)."""
    random = np.random.default_rng(seed)
    places = random.random((sites, 2))
    near = np.argsort(((places[:, None] - places) ** 2).sum(axis=2), axis=1)[:, 1:6]
    pairs = random.permutation([(a, int(b)) for a in range(sites) for b in near[a]])[:links]
    pick = random.permutation(sites)
    supply, demand = np.zeros(sites), np.zeros(sites)
    supply[pick[: sites // 8]] = random.integers(10, 100, sites // 8)
    wanting = pick[sites // 8 : sites // 2]
    demand[wanting] = random.integers(1, 20, len(wanting))
    return Network.single(
        sites,
        pairs[:, 0],
        pairs[:, 1],
        random.integers(5, 60, len(pairs)),
        random.integers(1, 50, len(pairs)),
        supply,
        demand,
        VALUE,
    )


def several_commodities(seed: int) -> Network:
    """Return a small network on which three commodities share two-way links."""
    random = np.random.default_rng(seed)
    sites, links, kinds = 8, 14, 3
    tail = random.integers(0, sites, links)
    head = (tail + random.integers(1, sites, links)) % sites
    arcs = [(link, kind, back) for link in range(links) for kind in range(kinds) for back in (0, 1)]
    arc = np.array(arcs)
    return Network(
        sites=sites,
        tail=tail,
        head=head,
        capacity=random.integers(1, 15, links).astype(float),
        arc_link=arc[:, 0],
        arc_commodity=arc[:, 1],
        arc_cost=random.integers(1, 20, len(arcs)).astype(float),
        arc_back=arc[:, 2].astype(bool),
        supply_site=random.integers(0, sites, 5),
        supply_commodity=np.array([0, 1, 2, 0, 1]),
        supply_limit=random.integers(5, 30, 5).astype(float),
        supply_cost=random.integers(0, 5, 5).astype(float),
        demand_site=random.integers(0, sites, 6),
        demand_commodity=np.array([0, 1, 2, 0, 1, 2]),
        demand_amount=random.integers(1, 15, 6).astype(float),
        demand_value=np.full(6, 300.0),
        contract_arc=np.array([0, 7]),
        contract_minimum=np.array([2.0, 1.0]),
        contract_value=np.array([50.0, 50.0]),
    )


def by_scipy(network: Network, closed: Any = ()) -> float:
    """Solve the same linear programme, written down anew and row by row, with scipy."""
    arcs, supplies = network.arcs, len(network.supply_site)
    demands, contracts = len(network.demand_site), len(network.contract_arc)
    capacity = network.capacity.copy()
    capacity[list(closed)] = 0.0
    size = arcs + supplies + demands + contracts
    kinds = range(int(network.arc_commodity.max()) + 1)
    equal, amounts = [], []
    for site in range(network.sites):
        for kind in kinds:
            row = np.zeros(size)
            for arc in range(arcs):
                if network.arc_commodity[arc] == kind:
                    row[arc] += float(network.arc_head[arc] == site)
                    row[arc] -= float(network.arc_tail[arc] == site)
            for place in range(supplies):
                row[arcs + place] = float(
                    network.supply_site[place] == site and network.supply_commodity[place] == kind
                )
            wanted = (network.demand_site == site) & (network.demand_commodity == kind)
            row[arcs + supplies : arcs + supplies + demands] = wanted
            equal.append(row)
            amounts.append(float(network.demand_amount[wanted].sum()))
    most, bounds = [], []
    for link in range(network.links):
        row = np.zeros(size)
        row[:arcs] = network.arc_link == link
        most.append(row)
        bounds.append(capacity[link])
    for place in range(contracts):
        row = np.zeros(size)
        row[network.contract_arc[place]] = -1
        row[arcs + supplies + demands + place] = -1
        most.append(row)
        bounds.append(-network.contract_minimum[place])
    upper = [None] * arcs + [*network.supply_limit, *network.demand_amount] + [None] * contracts
    cost = [
        *network.arc_cost,
        *network.supply_cost,
        *network.demand_value,
        *network.contract_value,
    ]
    result = linprog(
        cost, np.array(most), bounds, np.array(equal), amounts, [(0, each) for each in upper]
    )
    assert result.success
    return float(result.fun)


def by_networkx(network: Network, closed: Any = ()) -> float:
    """Solve a network of one commodity with networkx' network simplex."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from([*range(network.sites), "spare"], demand=0)
    for link in range(network.links):
        if link not in closed:
            ends = int(network.tail[link]), int(network.head[link])
            graph.add_edge(
                *ends, capacity=int(network.capacity[link]), weight=int(network.arc_cost[link])
            )
    for site, limit in zip(network.supply_site, network.supply_limit, strict=True):
        graph.add_edge("source", int(site), capacity=int(limit), weight=0)
    for site, amount in zip(network.demand_site, network.demand_amount, strict=True):
        graph.nodes[int(site)]["demand"] = int(amount)
        graph.add_edge("source", int(site), weight=int(VALUE))
    graph.nodes["source"]["demand"] = -int(network.demand_amount.sum())
    return float(nx.network_simplex(graph)[0])


def test_thousand_scenarios_cost_what_scipy_and_networkx_say() -> None:
    random = np.random.default_rng(7)
    ours = theirs = other = 0.0
    for seed in range(20):
        network = network_at_random(seed)
        model = FlowModel(network)
        lp = programme(network)
        matrix = csc_array((lp.value, lp.index, lp.starts))
        for _ in range(50):
            closed = random.choice(network.links, size=random.integers(1, 4), replace=False)
            upper = lp.figures.upper.copy()
            upper[closed] = 0.0
            result = linprog(
                lp.figures.cost,
                A_eq=matrix,
                b_eq=lp.figures.row_lower,
                bounds=np.c_[np.zeros_like(upper), upper],
            )
            mine = model.solve(Change.closing(closed)).objective
            ours, theirs = ours + mine, theirs + float(result.fun)
            other += by_networkx(network, set(closed.tolist()))
            assert mine == pytest.approx(result.fun, rel=1e-6)
    assert ours == pytest.approx(theirs, rel=1e-6)
    assert ours == pytest.approx(other, rel=1e-6)


@pytest.mark.parametrize("seed", range(25))
def test_shared_links_and_contracts_cost_what_scipy_says(seed: int) -> None:
    network = several_commodities(seed)
    model = FlowModel(network)
    assert model.central.objective == pytest.approx(by_scipy(network), rel=1e-6, abs=1e-9)
    closed = np.random.default_rng(seed).choice(network.links, 3, replace=False)
    expected = by_scipy(network, closed)
    assert model.solve(Change.closing(closed)).objective == pytest.approx(expected, rel=1e-6)


@given(st.integers(0, 300))
def test_amounts_are_conserved_and_within_bounds(seed: int) -> None:
    network = several_commodities(seed)
    flows = FlowModel(network).central
    balance = np.zeros((network.sites, 3))
    np.add.at(balance, (network.arc_head, network.arc_commodity), flows.arc)
    np.add.at(balance, (network.arc_tail, network.arc_commodity), -flows.arc)
    np.add.at(balance, (network.supply_site, network.supply_commodity), flows.supplied)
    np.add.at(balance, (network.demand_site, network.demand_commodity), flows.unmet)
    np.add.at(balance, (network.demand_site, network.demand_commodity), -network.demand_amount)
    assert np.abs(balance).max() < 1e-6
    assert (flows.on_links(network) <= network.capacity + 1e-6).all()
    assert flows.arc.min() >= -1e-9
    assert (flows.unmet <= network.demand_amount + 1e-9).all()


@given(st.integers(0, 200), st.sets(st.integers(0, 79), min_size=1, max_size=6))
def test_closing_and_opening_again_gives_the_same_bits(seed: int, closed: set[int]) -> None:
    model = FlowModel(network_at_random(seed))
    before = model.solve()
    model.solve(Change.closing(sorted(closed)))
    model.walk(Change.closing(sorted(closed)[:1]))
    after = model.solve()
    for name in ("arc", "supplied", "unmet", "shortfall"):
        assert getattr(before, name).tobytes() == getattr(after, name).tobytes()
    assert before.objective == after.objective


@given(st.integers(0, 100))
def test_a_scenario_does_not_depend_on_those_before_it(seed: int) -> None:
    network = network_at_random(seed)
    fresh, used = FlowModel(network), FlowModel(network)
    for link in range(0, 30, 3):
        used.solve(Change.closing([link]))
    change = Change.closing([1, 2, 3])
    assert fresh.solve(change).arc.tobytes() == used.solve(change).arc.tobytes()


@given(st.integers(0, 200))
def test_closing_an_idle_link_changes_exactly_nothing(seed: int) -> None:
    network = network_at_random(seed)
    model = FlowModel(network)
    idle = np.flatnonzero(model.central.arc == 0)
    after = model.solve(Change.closing(idle))
    assert after.objective == model.central.objective
    assert after.arc.tobytes() == model.central.arc.tobytes()


@given(st.integers(0, 200), st.data())
def test_closing_more_never_costs_less(seed: int, data: st.DataObject) -> None:
    network = several_commodities(seed)
    model = FlowModel(network)
    some = data.draw(st.sets(st.integers(0, 13), max_size=5))
    more = some | data.draw(st.sets(st.integers(0, 13), max_size=5))
    costs = [model.solve(Change.closing(sorted(each))).objective for each in (set(), some, more)]
    for fewer, further in pairwise(costs):
        assert further >= fewer - 1e-6


@given(st.integers(0, 100), st.permutations([2, 5, 11]))
def test_the_order_of_closures_does_not_matter(seed: int, order: list[int]) -> None:
    network = network_at_random(seed)
    model = FlowModel(network)
    expected = model.solve(Change.closing([2, 5, 11]))
    found = model.solve(Change.closing(order))
    assert found.arc.tobytes() == expected.arc.tobytes()


def test_every_kind_of_change_is_that_of_a_network_so_changed() -> None:
    network = several_commodities(3)
    change = Change(
        links=np.array([0, 4]),
        capacity=np.array([3.0, 20.0]),
        arcs=np.array([1, 2]),
        cost=np.array([40.0, 0.5]),
        supplies=np.array([1]),
        limit=np.array([2.0]),
        demands=np.array([0, 3]),
        amount=np.array([9.0, 0.0]),
    )
    changed = several_commodities(3)
    changed.capacity[[0, 4]] = [3.0, 20.0]
    changed.arc_cost[[1, 2]] = [40.0, 0.5]
    changed.supply_limit[1] = 2.0
    changed.demand_amount[[0, 3]] = [9.0, 0.0]
    model = FlowModel(network)
    assert model.solve(change).objective == pytest.approx(by_scipy(changed), rel=1e-9)
    assert model.solve().objective == pytest.approx(by_scipy(network), rel=1e-9)


@given(st.integers(0, 100))
def test_maximum_flow_is_minimum_cut_is_the_linear_programmes_value(seed: int) -> None:
    network = network_at_random(seed)
    source, sink = 0, 39
    cut = minimum_cut(network, [source], [sink])
    much = float(network.capacity.sum()) + 1
    supply, demand = np.zeros(40), np.zeros(40)
    supply[source], demand[sink] = much, much
    free = Network.single(
        40, network.tail, network.head, network.capacity, np.zeros(80), supply, demand, 1.0
    )
    flow = much - float(FlowModel(free).central.unmet.sum())
    assert cut.value == pytest.approx(flow, rel=1e-6, abs=1e-6)
    assert network.capacity[cut.links].sum() == pytest.approx(cut.value)
    without = network.capacity.copy()
    without[cut.links] = 0.0
    assert minimum_cut(network, [source], [sink], capacity=without).value == 0.0
    graph = nx.DiGraph()
    graph.add_nodes_from(range(40))
    for tail, head, capacity in zip(network.tail, network.head, network.capacity, strict=True):
        room = graph.get_edge_data(int(tail), int(head), {"capacity": 0})["capacity"]
        graph.add_edge(int(tail), int(head), capacity=room + float(capacity))
    assert cut.value == pytest.approx(nx.maximum_flow_value(graph, source, sink))


def test_cuts_of_ways_without_limit_of_none_and_of_fractions() -> None:
    links = {"tail": [0, 0, 1], "head": [1, 2, 2], "cost": [1, 1, 1]}
    nothing = {"supply": [0, 0, 0], "demand": [0, 0, 0], "value": 1.0}
    free = Network.single(3, capacity=[np.inf, 0.25, np.inf], **links, **nothing)
    assert minimum_cut(free, [0], [2]).value == np.inf
    assert minimum_cut(free, [2], [0]).value == 0.0
    held = Network.single(3, capacity=[np.inf, 0.25, 1 / 3], **links, **nothing)
    cut = minimum_cut(held, [0], [2])
    assert cut.value == pytest.approx(0.25 + 1 / 3, rel=1e-9)
    assert cut.links.tolist() == [1, 2]
    with pytest.raises(ValueError, match="both source and sink"):
        minimum_cut(free, [0], [0, 1])


@given(st.integers(0, 200))
def test_paths_add_up_to_the_flows(seed: int) -> None:
    network = several_commodities(seed)
    flows = FlowModel(network).central
    found = paths(network, flows)
    total = np.zeros(network.arcs)
    for path in found:
        assert len(path.sites) == len(set(path.sites)) == len(path.arcs) + 1
        for arc, (start, end) in zip(path.arcs, pairwise(path.sites), strict=True):
            assert (network.arc_tail[arc], network.arc_head[arc]) == (start, end)
        total[list(path.arcs)] += path.amount
    assert (total <= flows.arc + 1e-6).all()
    delivered = float((network.demand_amount - flows.unmet).sum())
    assert sum(path.amount for path in found) == pytest.approx(delivered, abs=1e-6)


def test_a_reroute_is_named_by_its_sites() -> None:
    network = Network.single(
        4, [0, 1, 0, 2], [1, 3, 2, 3], [10, 10, 6, 6], [1, 1, 2, 2], [10, 0, 0, 0], [0, 0, 0, 8], 99
    )
    model = FlowModel(network)
    assert [(path.sites, path.amount) for path in paths(network, model.central)] == [
        ((0, 1, 3), 8.0)
    ]
    after = model.solve(Change.closing([1]))
    assert [(path.sites, path.amount) for path in paths(network, after)] == [((0, 2, 3), 6.0)]
    assert after.unmet.tolist() == [2.0]
    assert after.objective == 6 * 4 + 2 * 99


def test_marginals_bracket_the_dual_and_show_both_sides() -> None:
    # Supply 10 by two ways of 4 and 6 at cost 1 and 3; 4 wanted: one unit less saves 1, one unit
    # more costs 3, and the dual may be anything between.
    network = Network.single(2, [0, 0], [1, 1], [4, 6], [1, 3], [10, 0], [0, 4], 50)
    model = FlowModel(network)
    found = demand_marginal(model, 0, 1.0)
    assert (found.left, found.right) == (1.0, 3.0)
    link = link_marginal(model, 0, 1.0)
    assert (link.left, link.right) == (2.0, 0.0)
    for step in (0.0, -1.0):
        with pytest.raises(ValueError, match="step"):
            demand_marginal(model, 0, step)
    with pytest.raises(ValueError, match="step"):
        link_marginal(model, 0, 9.0)


@given(st.integers(0, 60))
def test_duals_lie_between_one_sided_values(seed: int) -> None:
    # A unit of demand moves two bounds, of its balance and of what may be left unmet.
    network = network_at_random(seed)
    model = FlowModel(network)
    solution = model._highs.getSolution()
    unmet = slice(model.programme.blocks[2], model.programme.blocks[3])
    duals = np.array(solution.row_dual)[model.programme.demand_row]
    duals += np.minimum(np.array(solution.col_dual)[unmet], 0.0)
    for demand, dual in enumerate(duals):
        found = demand_marginal(model, demand, 1e-3)
        assert found.left - 1e-4 <= dual <= found.right + 1e-4


def test_busy_is_not_critical() -> None:
    # Link 0 carries most and has a cheap way round (link 1); link 2 carries little and has none.
    network = Network.single(
        3, [0, 0, 0], [1, 1, 2], [100, 100, 5], [1, 2, 1], [200, 0, 0], [0, 90, 5], VALUE
    )
    losses = lose_each_link(FlowModel(network))
    assert losses.links.tolist() == [0, 2]
    assert losses.traffic.tolist() == [90.0, 5.0]
    assert losses.stranded.tolist() == [[0.0, 0.0], [0.0, 5.0]]
    assert losses.extra_cost.tolist() == [90.0, -5.0]


@given(st.integers(0, 30))
def test_losing_each_link_is_solving_each_closure(seed: int) -> None:
    network = network_at_random(seed)
    model = FlowModel(network)
    losses = lose_each_link(model)
    value = network.demand_value
    for link, stranded, extra in zip(losses.links, losses.stranded, losses.extra_cost, strict=True):
        alone = model.solve(Change.closing([link])).objective - model.central.objective
        assert stranded @ value + extra == pytest.approx(alone, rel=1e-9, abs=1e-6)


def test_demand_without_supply_or_way_is_unmet_in_full() -> None:
    network = Network.single(3, [0], [1], [5], [2], [4, 0, 0], [0, 3, 7], 10)
    flows = FlowModel(network).central
    assert flows.unmet.tolist() == [0.0, 7.0]
    assert flows.objective == 3 * 2 + 7 * 10


def test_networks_without_links_supplies_or_anything() -> None:
    lonely = Network.single(2, [], [], [], [], [5, 0], [2, 3], 10)
    flows = FlowModel(lonely).central
    assert flows.unmet.tolist() == [0.0, 3.0]
    nobody = Network.single(2, [0], [1], [5], [1], [0, 0], [0, 3], 10)
    assert FlowModel(nobody).central.unmet.tolist() == [3.0]
    nothing = Network.single(1, [], [], [], [], [0], [0], 10)
    assert FlowModel(nothing).central.objective == 0.0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tail": [0, 1]}, "differ in length"),
        ({"head": [3]}, "points outside"),
        ({"capacity": [-1.0]}, "negative"),
        ({"capacity": [np.nan]}, "negative amount, or none"),
        ({"cost": [-1.0]}, "negative"),
    ],
)
def test_what_makes_no_network_is_refused(changed: dict[str, Any], said: str) -> None:
    given = {"tail": [0], "head": [1], "capacity": [1.0], "cost": [1.0]} | changed
    with pytest.raises(ValueError, match=said):
        Network.single(3, **given, supply=[1, 0, 0], demand=[0, 1, 0], value=1.0)
