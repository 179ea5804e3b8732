"""Expectations on records and forecasts on outcomes, compared field by field."""

from __future__ import annotations

from datetime import date

import pytest

import crossroads as cr
from crossroads.claims import Reading, Verdict
from crossroads.claims.records import RecordFound, judge_outcome, judge_record, matching
from crossroads.dossier import Dossier
from crossroads.world import World
from tests.conftest import Folder

V = Verdict
THEN = date(2025, 4, 30)


def reading(
    table: str,
    match: dict[str, str],
    expect: dict[str, str] | None = None,
    *,
    absent: bool = False,
    window: str | None = None,
) -> Reading:
    return Reading(
        name="one",
        form="outcome" if window else "record",
        target=table,
        claimed=None,
        cells={},
        scenario="baseline",
        horizon="short",
        change=None,
        period=None,
        match=match,
        expect=expect or {},
        absent=absent,
        window=window,
        why="",
        line=1,
    )


@pytest.fixture
def then(toy: Dossier) -> World:
    return cr.build_world(toy, draws=1, known=THEN)


LANCE = {"supplier": "CYR", "recipient": "ALD", "designation": "Lance"}
KESTREL = {"supplier": "DOR", "recipient": "BRU", "designation": "Kestrel"}
MULE = {"supplier": "DOR", "recipient": "BRU", "designation": "Mule"}
SHELL = {"supplier": "CYR", "recipient": "BRU", "designation": "Shell"}


def judged(world: World, match: dict[str, str], **expect: str) -> RecordFound:
    return judge_record(reading("transfers", match, expect), world)


@pytest.mark.parametrize(
    ("match", "expect", "verdict"),
    [
        (KESTREL, {"number_ordered": "4", "year_of_order": "2022"}, V.SUPPORTED),
        (KESTREL, {"number_ordered": "5", "year_of_order": "2022"}, V.CONTRADICTED),
        (KESTREL, {"number_ordered": "4", "intermediaries": "PIPECO"}, V.IMPRECISE),  # unstated
        (MULE, {"number_ordered": "8", "year_of_order": "2024"}, V.SUPPORTED),
        (MULE, {"number_ordered": "9", "year_of_order": "2024"}, V.IMPRECISE),  # one off
        (MULE, {"number_ordered": "10", "year_of_order": "2024"}, V.CONTRADICTED),
        (MULE, {"number_ordered": "8", "year_of_order": "2025"}, V.IMPRECISE),  # its year, too
        (MULE, {"number_ordered": "8", "year_of_order": "2026"}, V.CONTRADICTED),
        (KESTREL, {"years_of_delivery": "2024", "number_ordered": "4"}, V.SUPPORTED),
        (KESTREL, {"years_of_delivery": "2025", "number_ordered": "4"}, V.CONTRADICTED),
        (KESTREL, {"description": "RADAR", "number_ordered": "4"}, V.SUPPORTED),
        (KESTREL, {"number_is_estimate": "no", "number_ordered": "4"}, V.SUPPORTED),
        (KESTREL, {"number_is_estimate": "yes", "number_ordered": "4"}, V.CONTRADICTED),
        (SHELL, {"intermediaries": "pipeco", "evidence": "alleged"}, V.SUPPORTED),
    ],
)
def test_one_record(
    central: World, match: dict[str, str], expect: dict[str, str], verdict: Verdict
) -> None:
    assert judged(central, match, **expect).verdict is verdict


@pytest.mark.parametrize(
    ("number", "verdict"), [("10", "yes"), ("14", "yes"), ("15", "near"), ("16", "no")]
)
def test_a_number_within_the_register_s_range_agrees(
    then: World, number: str, verdict: str
) -> None:
    """The edition of 2025 has 12, 10 to 14, an estimate."""
    found = judged(then, LANCE, number_ordered=number, year_of_order="2023").verdict
    assert found is {"yes": V.SUPPORTED, "near": V.IMPRECISE, "no": V.CONTRADICTED}[verdict]


def test_a_range_without_a_number_is_compared(central: World) -> None:
    """Between 1,000 and 3,000 shells: the register gives a range and no number."""
    agrees = judged(central, SHELL, number_ordered="2000", evidence="alleged")
    differs = judged(central, SHELL, number_ordered="9000", evidence="alleged")
    assert agrees.verdict is V.SUPPORTED
    assert differs.verdict is V.CONTRADICTED
    assert "number ordered 1000 to 3000, claimed 9000" in differs.reason


def test_editions_that_disagree_are_mixed(central: World, then: World) -> None:
    now = judged(central, LANCE, number_ordered="12", year_of_order="2023")
    assert now.verdict is V.MIXED
    assert len(now.rows) == 2
    assert now.reason == (
        "2025 edition: number ordered 12 as claimed, year of order 2023 as claimed; "
        "2026 edition: number ordered 16, claimed 12, year of order 2023 as claimed"
    )
    assert judged(then, LANCE, number_ordered="12", year_of_order="2023").verdict is V.SUPPORTED


def test_an_estimate_and_a_blank_are_told_as_such(central: World) -> None:
    near = judged(central, MULE, number_ordered="9", year_of_order="2024").reason
    blank = judged(central, KESTREL, number_ordered="4", intermediaries="PIPECO").reason
    assert near == "2025-01: number ordered about 8, claimed 9, year of order 2024 as claimed"
    assert blank.endswith("intermediaries not stated, claimed PIPECO")


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("2025-02", V.SUPPORTED),
        ("2025", V.SUPPORTED),
        ("2025-02-11", V.SUPPORTED),  # the record says February, no day
        ("2025-03", V.CONTRADICTED),
    ],
)
def test_dates_agree_where_they_can_be_the_same_day(
    central: World, said: str, verdict: Verdict
) -> None:
    match = {"origin": "DOR", "target": "BRU", "type": "AID"}
    one = reading("events", match, {"date": said, "cameo": "070"})
    assert judge_record(one, central).verdict is verdict


def test_absence_is_evidence_only_in_a_complete_scope(central: World) -> None:
    inside, outside = ({**LANCE, "designation": "Hammer"}, {**MULE, "designation": "Hammer"})
    fields = {"number_ordered": "1", "year_of_order": "2020"}
    missing = judged(central, inside, **fields)
    assert missing.verdict is V.CONTRADICTED
    assert missing.reason.endswith(
        "the table is complete: The register lists every transfer between the two"
    )
    assert judged(central, outside, **fields).verdict is V.NO_DATA
    absent = reading("transfers", inside, absent=True)
    assert judge_record(absent, central).verdict is V.SUPPORTED
    unknown = reading("transfers", outside, absent=True)
    assert judge_record(unknown, central).verdict is V.NO_DATA


def test_a_record_that_is_there_contradicts_its_absence(central: World) -> None:
    found = judge_record(reading("transfers", LANCE, absent=True), central)
    assert found.verdict is V.CONTRADICTED
    assert len(found.rows) == 2


@pytest.mark.parametrize(
    ("a", "b", "sign"), [("ALD", "CYR", "+"), ("BRU", "CYR", "-"), ("ALD", "DOR", "-")]
)
def test_signs_are_told_apart(central: World, a: str, b: str, sign: str) -> None:
    match = {"a": a, "b": b, "kind": "stance"}
    for said in "+-":
        one = reading("relations", match, {"sign": said, "strength": "2"})
        due = V.SUPPORTED if said == sign else V.CONTRADICTED
        assert judge_record(one, central).verdict is due


def test_matching_wants_every_cell_and_no_blank(central: World) -> None:
    table = central["transfers"]
    assert len(matching({"supplier": "DOR"}, table)) == 2
    assert len(matching({"supplier": "DOR", "category": "radar"}, table)) == 1
    assert matching({"intermediaries": "DOR"}, table) == []
    assert matching({"designation": "lance"}, table) == matching({"designation": "LANCE"}, table)


TALKS = {"origin": "ALD", "target": "BRU", "type": "CONSULT"}
JOINS = {"state": "CYR", "bloc": "LEA", "status": "member"}


@pytest.mark.parametrize(
    ("table", "match", "window", "known", "verdict"),
    [
        ("events", TALKS, "2025-05-01/2025-12-31", None, V.SUPPORTED),
        ("events", TALKS, "2025-05-01/2025-12-31", THEN, V.OPEN),
        ("events", TALKS, "2025-09-12/2025-09-12", None, V.SUPPORTED),  # ends included
        ("events", TALKS, "2025-09-13/2025-12-31", None, V.NO_DATA),  # came too early
        ("events", TALKS, "2025-05-01/2025-09-11", None, V.NO_DATA),  # came too late
        ("memberships", JOINS, "2025-05-01/2025-12-31", None, V.CONTRADICTED),
        ("memberships", JOINS, "2025-05-01/2025-12-31", THEN, V.OPEN),
        ("memberships", JOINS, "2025-05-01/2026-06-30", None, V.OPEN),  # its last day is not over
        ("memberships", JOINS, "2025-05-01/2026-06-29", None, V.CONTRADICTED),
    ],
)
def test_outcomes(
    toy: Dossier,
    table: str,
    match: dict[str, str],
    window: str,
    known: date | None,
    verdict: Verdict,
) -> None:
    world = cr.build_world(toy, draws=1, known=known)
    expected = {
        V.SUPPORTED: V.CONTRADICTED,
        V.CONTRADICTED: V.SUPPORTED,
    }.get(verdict, verdict)
    assert judge_outcome(reading(table, match, window=window), world).verdict is verdict
    absent = reading(table, match, absent=True, window=window)
    assert judge_outcome(absent, world).verdict is expected


def test_an_outcome_is_compared_in_its_expected_cells_too(central: World) -> None:
    window = "2025-05-01/2025-12-31"
    other = reading("events", TALKS, {"cameo": "030"}, window=window)
    assert judge_outcome(other, central).verdict is V.NO_DATA


def test_records_known_later_do_not_count_then(folder: Folder) -> None:
    folder.swap("events.csv", ",day,,wire,Bruland denies it", ",day,2025-05-01,wire,Bruland denies")
    match = {"origin": "ALD", "target": "BRU", "type": "ACCUSE"}
    one = reading("events", match, {"cameo": "112", "precision": "day"})
    dossier = folder.load()
    assert judge_record(one, cr.build_world(dossier, draws=1)).verdict is V.SUPPORTED
    assert judge_record(one, cr.build_world(dossier, draws=1, known=THEN)).verdict is V.NO_DATA
