"""What `check` says of levers, scenarios and claims: code, file and line of each problem.

Each case breaks one thing in a copy of the toy dossier; nothing but that may be found.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import crossroads as cr
from crossroads.claims import check as claims_check
from crossroads.levers import check as levers_check
from crossroads.schema import finding_codes
from tests.conftest import Folder


@dataclass(frozen=True)
class Case:
    """A text that stands once in a file, what it becomes, and the finding that is due.

    The finding stands on the first line of ``new``, or on the line of ``at``.
    """

    id: str
    file: str
    old: str
    new: str
    code: str
    says: str
    at: str = ""


def lever(id: str, old: str, new: str, code: str, says: str, at: str = "") -> Case:
    return Case(id, "levers.yaml", old, new, code, says, at)


def claim(id: str, old: str, new: str, code: str, says: str, at: str = "") -> Case:
    return Case(id, "claims.yaml", old, new, code, says, at)


AID = "- {flow: {layer: aid, origin: DOR, destination: BRU}, scale: 0, leakage: 0"
TAX = "- {barrier: {kind: export_tax, product: gas, origin: CYR}, value: 5%}"
LEAGUE = "- {barrier: {kind: tariff, origin: DOR, destination: LEA}, value: 10%}"
JOINS = "- {membership: {state: CYR, bloc: LEA}, set: member}"
BORDER = "- {relation: {a: BRU, b: ALD, kind: closed border}, set: ended}"
RAIL = "- {link: {mode: rail}, set: open}"
CLOSE = "- {link: {id: gas-ald}, set: closed, leakage: 0}"
BUDGET = "- {fact: {actor: BRU, measure: budget_revenue}, scale: 1.1}"
INVESTMENT = "scale: 0.5, leakage: 0, duration: 3 months}"

LEVERS = [
    lever("a group holds", "holder: PIPECO", "holder: HILLFOLK", "protected-group", "its holder"),
    lever(
        "a group is aimed at",
        "target: DOR\n  says: Aldland levies",
        "target: HILLFOLK\n  says: Aldland levies",
        "protected-group",
        "its target",
    ),
    lever(
        "a group is acted on",
        BUDGET,
        "- {fact: {actor: BRU, counterpart: HILLFOLK, measure: population}, scale: 1.1}",
        "protected-group",
        "acts on the group HILLFOLK",
    ),
    lever("no kind of change", AID, "- {scale: 0, leakage: 0", "bad-field", "has 0 of flow"),
    lever(
        "two kinds of change",
        RAIL,
        "- {link: {mode: rail}, fact: {actor: ALD, measure: population}, set: open}",
        "bad-field",
        "has 2 of flow",
    ),
    lever(
        "a membership is opened",
        JOINS,
        JOINS.replace("set: member", "set: open"),
        "bad-choice",
        "a membership cannot be set to 'open'",
    ),
    lever(
        "a flow is closed",
        AID,
        AID.replace("scale", "set: closed, scale"),
        "bad-choice",
        "a flow cannot be set to 'closed'",
    ),
    lever(
        "a membership without set",
        JOINS,
        JOINS.replace(", set: member", ""),
        "missing-field",
        "a membership needs 'set'",
    ),
    lever(
        "a relation without set",
        BORDER,
        BORDER.replace(", set: ended", ""),
        "missing-field",
        "a relation needs 'set'",
    ),
    lever(
        "a tariff without rate",
        LEAGUE,
        LEAGUE.replace(", value: 10%", ""),
        "missing-field",
        "needs a 'value'",
    ),
    lever(
        "an export tax without rate",
        TAX,
        TAX.replace(", value: 5%", ""),
        "missing-field",
        "needs a 'value'",
    ),
    lever(
        "a cap without share",
        TAX,
        TAX.replace("export_tax", "cap").replace(", value: 5%", ""),
        "missing-field",
        "needs a 'value'",
    ),
    lever(
        "a membership without bloc",
        JOINS,
        JOINS.replace(", bloc: LEA", ""),
        "missing-field",
        "membership needs 'bloc'",
    ),
    lever(
        "a flow without layer",
        AID,
        AID.replace("layer: aid, ", ""),
        "missing-field",
        "flow needs 'layer'",
    ),
    lever("no link named", RAIL, "- {link: {}, set: open}", "missing-field", "selects nothing"),
    lever(
        "an unknown selector",
        RAIL,
        "- {link: {colour: red}, set: open}",
        "unknown-field",
        "link does not select by 'colour'",
    ),
    lever("an unknown actor", TAX, TAX.replace("CYR", "CYX"), "unknown-reference", "actor 'CYX'"),
    lever("an unknown product", TAX, TAX.replace("gas", "gaz"), "unknown-reference", "'gaz'"),
    lever("an unknown link", CLOSE, CLOSE.replace("ald", "alb"), "unknown-reference", "'gas-alb'"),
    lever("goods are scaled", AID, AID.replace("aid", "goods"), "bad-choice", "the layer 'goods'"),
    lever(
        "an unknown barrier",
        TAX,
        TAX.replace("export_tax", "embargo"),
        "bad-choice",
        "unknown barrier 'embargo'",
    ),
    lever(
        "a duration in money",
        INVESTMENT,
        INVESTMENT.replace("3 months", "3 USD"),
        "wrong-dimension",
        "duration of lever 'halve-investment-ald' has unit USD",
    ),
    Case(
        "a scenario called baseline",
        "scenarios.yaml",
        "transfers-bru:\n  says",
        "baseline:\n  says: x\n  levers: [halt-remittances-bru]\n\ntransfers-bru:\n  says",
        "bad-id",
        "'baseline' is the scenario without levers",
    ),
    Case(
        "a scenario without levers",
        "scenarios.yaml",
        "levers: [halt-remittances-ald]",
        "levers: []",
        "missing-value",
        "scenario 'transfers-ald' lists no lever",
    ),
    Case(
        "a lever listed twice",
        "scenarios.yaml",
        "levers: [halt-remittances-ald]",
        "levers: [halt-remittances-ald, halt-remittances-ald]",
        "bad-field",
        "lists lever 'halt-remittances-ald' twice",
    ),
    Case(
        "two levers that get in each other's way",
        "scenarios.yaml",
        "levers: [halt-remittances-ald]",
        "levers: [ald-leaves-league, leave-again]",
        "lever-touches-nothing",
        "scenario 'transfers-ald': lever 'leave-again', change 1: there is no membership in force",
    ),
    lever(
        "a fact in another currency",
        BUDGET,
        BUDGET.replace("scale: 1.1", "value: 2 FLO million"),
        "wrong-dimension",
        "value of lever 'lift-budget-bru' has unit FLO million",
    ),
    lever(
        "a leakage in months",
        INVESTMENT,
        INVESTMENT.replace("leakage: 0", "leakage: 15 months"),
        "wrong-dimension",
        "leakage of lever 'halve-investment-ald' has unit months",
    ),
    lever(
        "there is no such flow",
        AID,
        AID.replace("origin: DOR", "origin: LEA"),
        "lever-touches-nothing",
        "there is no flow of a whole year up to the base period with layer aid, origin LEA",
        at="end-aid-bru:",
    ),
    lever(
        "a lever changes nothing",
        BUDGET,
        BUDGET.replace("1.1", "1"),
        "lever-touches-nothing",
        "lever 'lift-budget-bru' changes nothing",
        at="lift-budget-bru:",
    ),
    Case(
        "two levers set one flow",
        "scenarios.yaml",
        "levers: [halt-remittances-ald]",
        "levers: [halt-remittances-ald, halve-all-remittances]",
        "same-cell",
        "levers 'halt-remittances-ald' and 'halve-all-remittances' both set flows:remittances",
    ),
]

HALVE_ALL = """
halve-all-remittances:
  holder: CYR
  says: All transfers are halved
  changes:
    - {flow: {layer: remittances, origin: CYR}, scale: 0.5}
"""

BARE = "a bare figure: {indicator: exposure/outflow, actor: BRU, counterpart: CYR, item: goods,"
HALVED = 'change: relative, at_most: "-50%"}\n\nhalt-weighs-on-product'
GDP = "item: all/gdp_current, over: 10%}"
QUARTER = (
    "{indicator: exposure/export_dependence, actor: ALD, counterpart: CYR, item: goods, "
    "period: 2024, nearly: 67%}"
)
EXACT = "item: aid, exactly: 0 USD}"
RADARS = "expect: {number_delivered: 4, years_of_delivery: 2023; 2024}"
LORRIES = "match: {supplier: DOR, recipient: BRU, designation: Mule}"
TALKS = "match: {origin: ALD, target: BRU, type: CONSULT}\n      window: 2025-05-01/2025-12-31"

CLAIMS = [
    claim(
        "no test",
        "no-other-way-for-gas:",
        "no-other-way-for-gas:",
        "no-test",
        "claim 'no-other-way-for-gas' has no test",
    ),
    claim(
        "two tests",
        "ald-ought-to-yield:",
        "ald-ought-to-yield:\n  awaits: routes",
        "no-test",
        "has awaits and untestable",
    ),
    claim(
        "part of itself",
        "  part_of: ald-budget-lives-off-transfers\n  readings:\n    share of",
        "  part_of: transfers-come-from-cyr\n  readings:\n    share of",
        "circular-argument",
        "claim 'transfers-come-from-cyr' is part of itself",
    ),
    claim(
        "a reading without expectation",
        BARE,
        "a bare figure: {actor: BRU, counterpart: CYR, item: goods,",
        "no-test",
        "has no expectation",
    ),
    claim(
        "a reading with two",
        BARE,
        BARE.replace("indicator", "record: events, indicator"),
        "no-test",
        "has indicator and record",
    ),
    claim(
        "an unknown indicator",
        BARE,
        BARE.replace("outflow", "outfow"),
        "unknown-reference",
        "there is no indicator 'exposure/outfow'",
    ),
    claim(
        "nothing is claimed",
        EXACT,
        "item: aid}",
        "missing-field",
        "does not say what is claimed",
    ),
    claim(
        "ends in two units",
        'between: ["-3%", "0%"]}',
        'between: ["-3%", "0 score"]}',
        "wrong-dimension",
        "the two ends have different units",
    ),
    claim(
        "an unknown horizon",
        BARE,
        BARE.replace("actor", "horizon: medium, actor"),
        "unknown-reference",
        "there is no horizon 'medium'",
    ),
    claim(
        "no scenario where one is needed",
        "scenario: squeeze-ald, actor: ALD, " + GDP,
        "actor: ALD, " + GDP,
        "selects-none",
        "exposure/exposed_income_to_fact has rows under a scenario only",
        at="{indicator: exposure/exposed_income_to_fact",
    ),
    claim(
        "a column that the table lacks",
        LORRIES,
        LORRIES.replace("designation", "make"),
        "unknown-field",
        "transfers has no column 'make'",
    ),
    claim(
        "a cell that is no number",
        RADARS,
        RADARS.replace("4,", "four,"),
        "bad-number",
        "number_delivered: 'four' is not a number",
    ),
    claim(
        "a cell that is not allowed",
        TALKS,
        TALKS.replace("CONSULT", "CHAT"),
        "bad-choice",
        "unknown type 'CHAT'",
    ),
    claim(
        "a cell that is no date",
        "expect: {start: 2010, end: 2019}",
        "expect: {start: 2010, end: never}",
        "bad-date",
        "end: 'never' is not YYYY",
    ),
    claim(
        "an unknown actor in a record",
        LORRIES,
        LORRIES.replace("BRU", "BRX"),
        "unknown-reference",
        "there is no actor 'BRX'",
    ),
    claim(
        "no match",
        LORRIES + "\n",
        "\n",
        "missing-field",
        "reading 'press' of claim 'lorries-ordered' has no 'match'",
        at="press:",
    ),
    claim(
        "one field compared",
        RADARS,
        "expect: {number_delivered: 4}",
        "too-few-fields",
        "compares fewer than two fields",
    ),
    claim(
        "no window",
        TALKS,
        TALKS.partition("\n")[0],
        "missing-field",
        "has no 'window'",
        at="by the end of 2025:              # came about",
    ),
    claim(
        "several rows",
        "scenario: squeeze-ald, actor: ALD, " + GDP,
        "scenario: squeeze-ald, actor: ALD, over: 10%}",
        "selects-several",
        "rows: exposed_income_to_fact/ALD/-/all/",
        at="all levers in the first year:",
    ),
    claim(
        "no row",
        BARE,
        BARE.replace("CYR", "LEA"),
        "selects-none",
        "no row of exposure/outflow has actor BRU, counterpart LEA, item goods",
    ),
    claim(
        "a claim in another unit",
        EXACT,
        "item: aid, exactly: 0 t}",
        "wrong-dimension",
        "claims t, the figure is in USD",
        at="aid as reported:",
    ),
    claim(
        "a range that runs backwards",
        'between: ["-3%", "0%"]',
        'between: ["0%", "-3%"]',
        "bad-interval",
        "0 to -3 runs backwards",
    ),
    claim(
        "a change of the baseline",
        "item: remittances, about: 75%}",
        "item: remittances, change: relative, about: 75%}",
        "missing-field",
        "compares the baseline with itself",
    ),
    claim(
        "money in another currency than the figure's",
        "is: 400 million USD",
        "is: 400 million FLO",
        "wrong-dimension",
        "claims FLO million, the figure is in USD",
    ),
    claim(
        "a relative change in money",
        HALVED,
        HALVED.replace('"-50%"', "-50 USD"),
        "wrong-dimension",
        "claims USD, the figure is in share",
        at="relative change: {indicator: exposure/inflow, scenario: transfers-ald, actor: ALD",
    ),
    Case(
        "a part-year for want of a year",
        "claims.yaml",
        QUARTER,
        "{indicator: exposure/fact, actor: ALD, item: goods_exports, about: 170 USD million}",
        "part-year",
        "rests on 2025-Q1, which is a part of a year",
    ),
    Case(
        "the speaker's own word",
        "facts.csv",
        "BRU,,gdp_growth,,-1.5,-2.5,-0.5,%,2024,,yearbook-2025,",
        "BRU,,gdp_growth,,-1.5,-2.5,-0.5,%,2024,,courier-says,",
        "self-sourced",
        "facts:BRU/-/gdp_growth/-/2024, whose only source is the claim's own speaker",
    ),
    Case(
        "the text's own word",
        "transfers.csv",
        "press,2025-01,,ministry-dor;wire,",
        "press,2025-01,2025-04-02,essay,",
        "self-sourced",
        "whose only source is the claim's own speaker or text",
    ),
]

LEAVES = """
leave-again:
  holder: ALD
  says: Aldland leaves once more
  changes:
    - {membership: {state: ALD, bloc: LEA}, set: left}
"""

FURTHER: dict[str, Callable[[Folder], object]] = {
    "two levers that get in each other's way": lambda f: f.add("levers.yaml", LEAVES),
    "two levers set one flow": lambda f: f.add("levers.yaml", HALVE_ALL),
    "no test": lambda f: f.swap("claims.yaml", "  awaits: routes  ", "  note: nothing  "),
    "the speaker's own word": lambda f: f.add(
        "sources.csv", "courier-says,Growth,invented,2025-01-02,,,,C,,COURIER,,no,"
    ),
}
"""What a case needs besides."""

ELSEWHERE = {
    "the speaker's own word": ("claims.yaml", "a signed figure:"),
    "the text's own word": ("claims.yaml", "press:"),
}
"""Where the finding is due, if not in the file that was broken."""


@pytest.mark.parametrize("case", [*LEVERS, *CLAIMS], ids=lambda case: case.id)
def test_finding(case: Case, folder: Folder) -> None:
    folder.swap(case.file, case.old, case.new)
    FURTHER.get(case.id, lambda _: None)(folder)
    file, at = ELSEWHERE.get(case.id, (case.file, case.at or case.new))

    found = folder.checked()

    due = (case.code, file, folder.line(file, at), finding_codes()[case.code].severity)
    assert due in {(each.code, each.file, each.line, each.severity) for each in found}
    assert {(each.code, each.file) for each in found} == {due[:2]}
    assert any(case.says in each.message for each in found), [each.message for each in found]
    assert all(each.remedy for each in found)


@pytest.mark.parametrize(
    ("leakage", "says"), [("120%", "120 % is more than all"), ("-1%", "-1 is negative")]
)
def test_an_impossible_leakage_is_told_once(leakage: str, says: str, folder: Folder) -> None:
    folder.swap("levers.yaml", INVESTMENT, INVESTMENT.replace("leakage: 0", f"leakage: {leakage}"))
    (found,) = folder.checked()
    assert (found.code, found.line) == ("wrong-sign", folder.line("levers.yaml", "3 months"))
    assert found.message == says


def raised(module: object) -> set[str]:
    """Return the codes that stand in a module as the first argument of ``finding``."""
    tree = ast.parse(Path(str(getattr(module, "__file__", ""))).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == "finding"
        and isinstance(call.args[0], ast.Constant)
    }


def test_every_code_has_a_case() -> None:
    assert raised(levers_check) == {case.code for case in LEVERS}
    from_cells = {"bad-number", "bad-choice", "bad-date"}
    assert raised(claims_check) | from_cells == {case.code for case in CLAIMS}
    assert raised(levers_check) | raised(claims_check) <= set(finding_codes())


def test_the_toy_has_no_problem(folder: Folder) -> None:
    dossier, findings = cr.check_dossier(folder.path)
    assert findings == []
    assert dossier is not None


def test_problems_of_all_layers_come_at_once_and_in_order(folder: Folder) -> None:
    folder.swap("facts.csv", "ALD,,population,,2,", "ALX,,population,,2,")
    folder.swap("levers.yaml", RAIL, "- {link: {colour: red}, set: open}")
    folder.swap("claims.yaml", RADARS, "expect: {number_delivered: 4}")
    folder.swap("claims.yaml", BARE, BARE.replace("outflow", "outfow"))

    found = folder.checked()

    assert [(each.file, each.code) for each in found] == [
        ("claims.yaml", "unknown-reference"),
        ("claims.yaml", "too-few-fields"),
        ("facts.csv", "unknown-reference"),
        ("levers.yaml", "unknown-field"),
    ]
    assert found[0].line < found[1].line


def test_a_problem_is_told_once(folder: Folder) -> None:
    folder.swap(
        "facts.csv",
        "ALD,,gdp_growth,,-1.5,-2.5,-0.5,%,2024,,yearbook-2025,",
        "ALD,,gdp_growth,,-1.5,-2.5,-0.5,%,2024,,nobody;nobody,",
    )
    found = folder.checked()
    assert [each.code for each in found] == ["unknown-reference"]


def test_without_settings_there_is_no_dossier(folder: Folder) -> None:
    folder.drop("dossier.yaml")
    dossier, found = cr.check_dossier(folder.path)
    assert dossier is None
    assert ("missing-file", "dossier.yaml") in {(each.code, each.file) for each in found}


def test_a_finding_reads_as_place_problem_and_remedy(folder: Folder) -> None:
    folder.swap("claims.yaml", BARE, BARE.replace("outflow", "outfow"))
    line = folder.line("claims.yaml", "exposure/outfow")
    assert str(folder.checked()[0]) == (
        f"claims.yaml:{line}: reading 'a bare figure' of claim 'bru-exports-to-cyr': there is no "
        "indicator 'exposure/outfow'; did you mean 'exposure/outflow'?"
    )


def test_warnings_of_strict_codes_are_errors(folder: Folder) -> None:
    folder.write("fact.csv", "x")
    for strict, severity in (
        (frozenset(), "warning"),
        ({"same-cell"}, "warning"),
        ({"same-cell", "unknown-file"}, "error"),
        ({"all"}, "error"),
    ):
        (found,) = cr.check_dossier(folder.path, strict=strict)[1]
        assert (found.code, found.severity) == ("unknown-file", severity)
    assert finding_codes()["unknown-file"].severity == "warning"


def test_a_strict_code_must_exist(folder: Folder) -> None:
    with pytest.raises(cr.UsageError, match="did you mean 'same-cell'"):
        cr.check_dossier(folder.path, strict={"same-cel"})


def test_every_code_has_a_remedy_an_example_and_a_test() -> None:
    here = Path(__file__).parent
    tests = "".join(path.read_text(encoding="utf-8") for path in sorted(here.glob("test_*.py")))
    for code in finding_codes().values():
        assert code.severity in ("error", "warning")
        assert all((code.meaning, code.remedy, code.example)), code.code
        assert f'"{code.code}"' in tests, code.code


def test_a_row_that_no_world_ever_has_is_told(folder: Folder) -> None:
    """A year as a source's date ends on its last day, which may be after the dossier's."""
    as_of = folder.load().meta.as_of
    folder.add("sources.csv", f"later,Later,invented,{as_of:%Y},,,,C,,,,no,")
    folder.add("facts.csv", "ALD,,harbour_calls,,5,,,pieces,2023,,later,,,")
    found = [each for each in folder.checked() if each.code == "not-yet-known"]
    assert [(each.file, each.severity) for each in found] == [("facts.csv", "warning")]
    assert found[0].line == folder.line("facts.csv", "ALD,,harbour_calls,,5,")
