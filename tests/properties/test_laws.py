"""Laws that hold for any figures: lineage, tolerance, neutrality, homogeneity, conservation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

import crossroads as cr
from crossroads.claims import ClaimedSet, Verdict
from crossroads.claims.verdict import judge_draws
from crossroads.dossier import Dossier
from crossroads.indicators import BASELINE, Indicators
from crossroads.leverage import compute_leverage, leverage_record
from crossroads.levers import Case, levers_of
from crossroads.study import Study
from crossroads.world import World
from tests.conftest import Folder

Floats = NDArray[np.float64]

# --- lineage: a result rests on the rows it names, and on no other


def every_lever(dossier: Dossier) -> list[Case]:
    """Return a case for each lever of a dossier, beside its scenarios."""
    alone = [Case(f"only {name}", (each,), "short") for name, each in levers_of(dossier).items()]
    return [*cr.cases_of(dossier), *alone]


def one_at_a_time(central: World, factor: float) -> tuple[list[str], World]:
    """Return a world whose draw k has one figure changed, and the row of that; the last has none.

    A figure of 0 is set to a hundredth.
    """
    figures = [
        (row, figure)
        for table in central.reported.values()
        for figure, spans in table.spans.items()
        for row in spans
    ]
    given: dict[tuple[str, str], Floats] = {}
    for place, (row, figure) in enumerate(figures):
        table = central.reported[row.partition(":")[0]]
        value = float(table.figures[figure][table.places[row], 0])
        draws = np.full(len(figures) + 1, value)
        draws[place] = value * factor if value else 0.01
        given[row, figure] = draws
    return [row for row, _ in figures], central.perturbed(given)


@pytest.mark.parametrize("factor", [0.6, 0.999, 1.5])
def test_lineage_is_complete(toy: Dossier, central: World, factor: float) -> None:
    """Change any figure: only results that name its row may change, by a single bit or more."""
    rows, changed = one_at_a_time(central, factor)
    table, failed = cr.run(changed, every_lever(toy), cr.ENGINES)
    assert not failed
    moved = table.values[:, :-1] != table.values[:, -1:]
    moved &= ~(np.isnan(table.values[:, :-1]) & np.isnan(table.values[:, -1:]))
    assert moved.any(axis=0).sum() > 80
    unnamed = {
        (cells, rows[each])
        for place, cells in enumerate(table.places)
        for each in np.flatnonzero(moved[place])
        if rows[each] not in table.frame["inputs"][place]
    }
    assert unnamed == set()


def test_lineage_names_nothing_idle(central: World) -> None:
    """In the baseline every figure named moves its result, unless that is zero.

    An exchange rate cancels between two sums in one currency.
    """
    rows, changed = one_at_a_time(central, 1.5)
    table, _ = cr.run(changed, cr.cases_of(central.dossier, []), cr.ENGINES)
    moved = table.values[:, :-1] != table.values[:, -1:]
    drawn = set(rows)
    for place, inputs in enumerate(table.frame["inputs"].to_list()):
        movers = {rows[each] for each in np.flatnonzero(moved[place])}
        if table.values[place, -1] != 0:
            idle = (drawn & set(inputs)) - movers
            assert all("/exchange_rate/" in row for row in idle), table.frame.row(place)


def test_scenarios_name_the_figures_of_the_policy(toy: Dossier, central: World) -> None:
    table, _ = cr.run(central, cr.cases_of(toy), cr.ENGINES)
    exposed = table.where(indicator=["exposed_income", "exposed_supply", "buffer_cover"])
    assert len(exposed) > 20
    for inputs in exposed.frame["inputs"].to_list():
        assert any(row.startswith(("levers:", "barriers:")) for row in inputs)


def test_a_world_of_the_inputs_alone_gives_the_same(study: Study, central: World) -> None:
    """Leave out every row that a verdict does not name: the figure stays, bit for bit."""
    whole, _ = cr.run(central, cr.cases_of(central.dossier, []), cr.ENGINES)
    checked = 0
    for judged in study.judged.values():
        for reading in judged.readings:
            if reading.cells and reading.cells["scenario"] == BASELINE:
                part, _ = cr.run(
                    central.restricted(reading.rows), cr.cases_of(central.dossier, []), cr.ENGINES
                )
                name = tuple(reading.cells.values())
                assert part.values[part.places[name]] == whole.values[whole.places[name]], name
                checked += 1
    assert checked > 10


@pytest.fixture(scope="module")
def study(toy: Dossier) -> Study:
    return cr.assess(toy, draws=200, seed=1)


# --- tolerance: a wider claim is never harder to meet

ORDER = [Verdict.CONTRADICTED, Verdict.IMPRECISE, Verdict.SUPPORTED]

numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3))


@st.composite
def draws(draw: st.DrawFn) -> Floats:
    """Draws as figures have them: spread, skewed, certain, or heaped on one value."""
    kind = draw(st.sampled_from(["normal", "lognormal", "certain", "heaped", "few"]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(1, 120))
    centre, scale = draw(numbers), draw(st.floats(0.01, 1000))
    if kind == "certain":
        return np.full(size, centre)
    if kind == "few":
        return random.integers(-3, 4, size) * scale
    found = random.normal(centre, scale, size)
    if kind == "lognormal":
        found = np.exp(random.normal(0, 1, size)) * scale
    if kind == "heaped":
        found[random.random(size) < 0.6] = centre
    return found


@st.composite
def sets(draw: st.DrawFn) -> ClaimedSet:
    """Claimed sets with one end or two, at the scale of the draws or off it."""
    one, width = draw(numbers), abs(draw(numbers))
    shape = draw(st.sampled_from(["both", "low", "high"]))
    tolerance = draw(st.sampled_from([0.0, 0.05, 0.1, 0.2]))
    anchor = max(abs(one), 1e-3)
    return ClaimedSet(
        "between",
        None if shape == "high" else one,
        None if shape == "low" else one + width,
        anchor,
        tolerance,
        "ratio",
        1.0,
    )


def widened(claimed: ClaimedSet, by: float) -> ClaimedSet:
    return ClaimedSet(
        claimed.wording,
        None if claimed.low is None else claimed.low - by,
        None if claimed.high is None else claimed.high + by,
        claimed.anchor,
        claimed.tolerance,
        claimed.unit,
        claimed.factor,
    )


@given(sets(), draws(), st.floats(0, 1e5))
def test_a_wider_claim_is_never_harder(claimed: ClaimedSet, found: Floats, by: float) -> None:
    narrow, wide = judge_draws(claimed, found), judge_draws(widened(claimed, by), found)
    assert ORDER.index(wide.verdict) >= ORDER.index(narrow.verdict)
    assert wide.share >= narrow.share


@given(sets(), draws())
def test_a_verdict_flips_where_it_says(claimed: ClaimedSet, found: Floats) -> None:
    """Just short of the flip the verdict is the one held, just past it the one named."""
    judged = judge_draws(claimed, found)
    flip = judged.flips_at
    assume(flip is not None)
    assert flip is not None
    step = flip.tolerance - claimed.tolerance
    scale = max(np.abs(found).max(), claimed.anchor, abs(step) * claimed.anchor)
    near = 1e-8 * scale
    way = near if step > 0 else -near
    before, past = (step * claimed.anchor + each for each in (-way, way))
    if abs(before) < abs(step * claimed.anchor):
        assert judge_draws(widened(claimed, before), found).verdict is judged.verdict
    assert judge_draws(widened(claimed, past), found).verdict is flip.verdict
    assert flip.verdict is not judged.verdict


@given(sets(), draws(), st.floats(-1, 1))
def test_no_verdict_flips_sooner(claimed: ClaimedSet, found: Floats, part: float) -> None:
    """Between here and the flip, on either side, the verdict holds."""
    judged = judge_draws(claimed, found)
    flip = judged.flips_at
    assume(flip is not None)
    assert flip is not None
    by = abs(flip.tolerance - claimed.tolerance) * claimed.anchor * part * (1 - 1e-6)
    narrower = widened(claimed, by)
    assume(claimed.low is None or claimed.high is None or narrower.low <= narrower.high)  # type: ignore[operator]
    assert judge_draws(narrower, found).verdict is judged.verdict


@given(sets(), draws(), st.floats(1e-3, 1e3))
def test_verdicts_do_not_depend_on_the_unit(
    claimed: ClaimedSet, found: Floats, factor: float
) -> None:
    power = 2.0 ** round(np.log2(factor))  # exact in binary
    scaled = ClaimedSet(
        claimed.wording,
        None if claimed.low is None else claimed.low * power,
        None if claimed.high is None else claimed.high * power,
        claimed.anchor * power,
        claimed.tolerance,
        claimed.unit,
        claimed.factor,
    )
    one, other = judge_draws(claimed, found), judge_draws(scaled, found * power)
    assert (one.verdict, one.share) == (other.verdict, other.share)


# --- neutrality: swap the names and the signs, and everything swaps with them

WORDS = {"ALD": "BRU", "ald": "bru", "Aldland": "Bruland", "Aldlanders": "Brulanders"}
WORDS |= {other: word for word, other in WORDS.items()}
NAMES = re.compile(r"\b(" + "|".join(WORDS) + r")\b")
SIGNS = {"+": "-", "-": "+"}


def swapped(text: str) -> str:
    return NAMES.sub(lambda match: WORDS[match[0]], text)


def mirrored(text: str) -> str:
    """Swap the signs of relations in what is said of them."""
    return re.sub(r"\bsign ([+-])(?=,| as)", lambda match: f"sign {SIGNS[match[1]]}", text)


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    """The toy dossier with the twins' names exchanged, and the signs of relations."""
    folder = tmp_path_factory.mktemp("twin") / "toy"
    folder.mkdir()
    for path in cr.locate("toy").iterdir():
        text = swapped(path.read_text(encoding="utf-8"))
        if path.name == "relations.csv":
            text = re.sub(r",([+-]),", lambda match: f",{SIGNS[match[1]]},", text)
        text = re.sub(r'sign: "([+-])"', lambda match: f'sign: "{SIGNS[match[1]]}"', text)
        (folder / path.name).write_text(text, encoding="utf-8")
    return cr.load(folder)


def test_the_swap_is_its_own_inverse() -> None:
    for path in cr.locate("toy").iterdir():
        text = path.read_text(encoding="utf-8")
        assert swapped(swapped(text)) == text


def test_the_swapped_dossier_is_another(toy: Dossier, twin: Dossier) -> None:
    assert cr.check_dossier(twin.path)[1] == []
    assert set(twin.claims) == {swapped(name) for name in toy.claims}
    assert {"ald-must-yield", "bru-must-yield"} - set(twin.claims) == {"ald-must-yield"}


def spoken(study: Study) -> dict[str, dict[str, object]]:
    """Return everything that a study says of each claim."""
    return {each["id"]: each for each in study.verdicts()["verdicts"]}


def test_verdicts_and_wording_swap_with_names_and_signs(toy: Dossier, twin: Dossier) -> None:
    """In the central world every word and figure of a verdict is the mirror of its twin's."""
    one, other = spoken(cr.assess(toy, draws=1)), spoken(cr.assess(twin, draws=1))
    assert len(one) == len(other)
    for name, said in one.items():
        mine = json.dumps(said, sort_keys=True, ensure_ascii=False)
        theirs = json.dumps(other[swapped(name)], sort_keys=True, ensure_ascii=False)
        assert mine == mirrored(swapped(theirs)), name


def test_verdicts_swap_in_draws_too(toy: Dossier, twin: Dossier) -> None:
    """Draws are keyed by names, so other draws are taken: the words stay, figures nearly."""
    one, other = cr.assess(toy, draws=200), cr.assess(twin, draws=200)
    for name, judged in one.judged.items():
        mirror = other.judged[swapped(name)]
        assert (judged.verdict, judged.verdict_then) == (mirror.verdict, mirror.verdict_then), name
        for mine, theirs in zip(judged.readings, mirror.readings, strict=True):
            if mine.found is not None:
                assert theirs.found is not None
                width = mine.found.p95 - mine.found.p05
                near = pytest.approx(mine.found.median, abs=0.05 * width + 1e-9)
                assert theirs.found.median == near, name


def test_every_effect_swaps_with_the_names(toy: Dossier, twin: Dossier) -> None:
    """All indicators of all levers, not those alone that claims are about."""

    def figures(dossier: Dossier, word: Callable[[str], str]) -> dict[tuple[str, ...], float]:
        central = cr.build_world(dossier, draws=1)
        table, failed = cr.run(central, every_lever(dossier), cr.ENGINES)
        assert not failed
        return {
            tuple(map(word, cells)): float(table.values[place, 0])
            for cells, place in table.places.items()
        }

    assert figures(twin, swapped) == figures(toy, str)


def test_the_leverage_matrix_swaps_with_the_names(make_folder: Callable[[str], Folder]) -> None:
    """Make the twins unlike, and exchange their names: each cell is at its mirror's place."""
    one = make_folder("one").swap("flows.csv", "goods,,ALD,CYR,400,", "goods,,ALD,CYR,430,")
    other = make_folder("other")
    for path in one.path.iterdir():
        other.write(path.name, swapped(one.text(path.name)))

    def cells(folder: Folder, word: Callable[[str], str]) -> dict[str, str]:
        matrix = compute_leverage(cr.build_world(folder.load(), draws=1))
        every = leverage_record(matrix)["cells"]
        return {word(each["lever"]): word(json.dumps(each, sort_keys=True)) for each in every}

    mine, theirs = cells(one, str), cells(other, swapped)
    assert mine == theirs
    assert mine["stop-buying.CYR.ALD"] != cells(other, str)["stop-buying.CYR.ALD"]


# --- homogeneity: money has no natural unit

BILLION = "FLO billion,money in FLO,1e9,billion FLO,billion florins"


@pytest.fixture
def richer(folder: Folder) -> Folder:
    """The toy dossier with every sum of money a thousand times as large."""
    for file in ("facts.csv", "flows.csv", "levers.yaml"):
        folder.write(file, re.sub(r"(USD|FLO) million\b", r"\1 billion", folder.text(file)))
    folder.write("claims.yaml", folder.text("claims.yaml").replace("million USD", "billion USD"))
    return folder.add("units.csv", BILLION)


def all_rows(dossier: Dossier) -> Indicators:
    world = cr.build_world(dossier, draws=20)
    return cr.run(world, every_lever(dossier), cr.ENGINES)[0]


def test_shares_stay_and_amounts_scale_with_money(toy: Dossier, richer: Folder) -> None:
    one, other = all_rows(toy), all_rows(richer.load())
    assert set(other.places) == set(one.places)
    other = other.take(np.array([other.places[cells] for cells in one.places]))
    money = np.array([unit == "USD" for unit in one.frame["unit"]])
    assert 0 < money.sum() < len(one)
    assert np.allclose(
        other.values[money], 1000 * one.values[money], rtol=1e-9, atol=0, equal_nan=True
    )
    assert np.allclose(
        other.values[~money], one.values[~money], rtol=1e-9, atol=1e-12, equal_nan=True
    )


def test_verdicts_stay_when_all_money_scales(toy: Dossier, richer: Folder) -> None:
    one, other = cr.assess(toy, draws=40), cr.assess(richer.load(), draws=40)
    for name, judged in one.judged.items():
        mirror = other.judged[name]
        assert (judged.verdict, judged.verdict_then) == (mirror.verdict, mirror.verdict_then), name
        shares = [each.share for each in judged.readings], [each.share for each in mirror.readings]
        assert shares[0] == shares[1], name


def test_nothing_depends_on_the_unit_it_is_written_in(toy: Dossier, folder: Folder) -> None:
    """The same amounts in another unit give the same figures."""
    for file in ("facts.csv", "flows.csv"):
        text = folder.text(file)
        for amount, other in (
            ("600,,,USD million", "0.6,,,USD billion"),
            ("120,,,USD million", "120000,,,USD thousand"),
        ):
            assert amount in text or file == "facts.csv"
            text = text.replace(f",{amount}", f",{other}")
        folder.write(file, text)
    one, other = all_rows(toy), all_rows(folder.load())
    assert list(other.places) == list(one.places)
    assert np.allclose(other.values, one.values, rtol=1e-9, atol=0, equal_nan=True)


# --- conservation: what one side does not sell, the other does not get


def exposed(
    table: Indicators, case: str, indicator: str
) -> dict[tuple[str, str, str, str], Floats]:
    found = table.where(scenario=case, indicator=indicator, horizon="short")
    rows = found.frame.select("actor", "counterpart", "item", "period").iter_rows()
    return dict(zip(rows, found.values, strict=True))


@pytest.fixture(scope="module")
def losses(toy: Dossier) -> Indicators:
    return cr.run(cr.build_world(toy, draws=50), every_lever(toy), cr.ENGINES)[0]


def test_what_the_seller_loses_the_buyer_does_not_get(toy: Dossier, losses: Indicators) -> None:
    compared = 0
    for case in {case.scenario for case in every_lever(toy)}:
        sold, got = (exposed(losses, case, each) for each in ("exposed_income", "exposed_supply"))
        for (actor, other, item, period), amount in got.items():
            if other:
                assert np.array_equal(sold[other, actor, item, period], amount), (case, item)
                compared += 1
        goods = {cells for cells in sold if cells[1] and cells[2].startswith("goods")}
        assert goods == {(b, a, item, period) for a, b, item, period in got if b}
    assert compared > 8


def in_money(table: Indicators, case: str, indicator: str) -> tuple[Floats, Floats]:
    """Return the sum of an indicator over actors, and over pairs, of a pair its widest items."""
    rows = exposed(table, case, indicator)
    units = table.where(scenario=case, indicator=indicator, horizon="short").frame["unit"]
    money = {cells: each for (cells, each), unit in zip(rows.items(), units) if unit == "USD"}  # noqa: B905
    parents = {"goods:food": "goods", "goods:fruit": "goods:food", "goods:grain": "goods:food"}

    def is_part(actor: str, other: str, item: str) -> bool:
        above = parents.get(item)
        held = any((actor, other, above) == cells[:3] for cells in money)
        return above is not None and (held or is_part(actor, other, above))

    zero = np.zeros(table.values.shape[1])
    actors = sum((each for cells, each in money.items() if not cells[1]), zero)
    pairs = (each for cells, each in money.items() if cells[1] and not is_part(*cells[:3]))
    return actors, sum(pairs, zero)


def test_actors_lose_what_their_pairs_lose(toy: Dossier, losses: Indicators) -> None:
    compared = 0
    for case in {case.scenario for case in every_lever(toy)}:
        for indicator in ("exposed_income", "exposed_supply"):
            actors, pairs = in_money(losses, case, indicator)
            assert actors == pytest.approx(pairs, rel=1e-12, abs=1e-6), case
            compared += bool(pairs.any())
    assert compared > 10


def test_a_part_is_not_lost_twice(losses: Indicators) -> None:
    """A ban on food bans fruit: fruit is shown, and counted within food alone."""
    case = "only ban-food-bru"
    rows = exposed(losses, case, "exposed_income")
    food, fruit = (rows["BRU", "CYR", f"goods:{each}", "2024"] for each in ("food", "fruit"))
    assert np.all(fruit > 0)
    assert np.allclose(rows["BRU", "", "all", "2024"], food, rtol=1e-12)


def test_half_the_strength_exposes_half(toy: Dossier) -> None:
    world = cr.build_world(toy, draws=30)
    for name in ("halt-remittances-ald", "ban-fruit-ald", "cap-grain-ald", "tariff-on-dor"):
        lever = levers_of(toy)[name]
        cases = [Case(str(part), (lever.at(part),), "short") for part in (0.25, 0.5, 1.0)]
        table, _ = cr.run(world, cases, cr.ENGINES)
        quarter, half, full = (
            in_money(table, case.scenario, "exposed_income")[1] for case in cases
        )
        assert np.all(full > 0), name
        assert np.allclose(half, full / 2, rtol=1e-9), name
        assert np.allclose(quarter, full / 4, rtol=1e-9), name


# --- the order of rows means nothing


def test_verdicts_do_not_depend_on_the_order_of_rows(toy: Dossier, folder: Folder) -> None:
    for path in sorted(folder.path.glob("*.csv")):
        header, *lines = folder.text(path.name).splitlines()
        folder.write(path.name, "\n".join([header, *reversed(lines)]) + "\n")
    assert Path(folder.path / "facts.csv").read_text() != (toy.path / "facts.csv").read_text()
    one, other = spoken(cr.assess(toy, draws=40)), spoken(cr.assess(folder.load(), draws=40))
    for name, said in one.items():
        for field in ("verdict", "verdict_then", "share", "claimed", "sources"):
            assert other[name][field] == said[field], (name, field)
        found, again = said["found"], other[name]["found"]
        if isinstance(found, dict) and isinstance(again, dict):
            unit = found.pop("unit"), again.pop("unit")
            assert unit[0] == unit[1]
            assert list(again.values()) == pytest.approx(list(found.values()), rel=1e-12)
