"""What `check` says of levers, scenarios and claims: code, file and line of each problem.

Each case breaks a copy of the toy dossier; the comment ``#! code`` in the new text marks the line
on which a finding is due. Nothing else may be found.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import crossroads as cr
from crossroads.engines import ENGINES
from crossroads.errors import Finding
from crossroads.schema import finding_codes
from tests.conftest import Folder


@dataclass(frozen=True)
class Case:
    """One thing broken: a text that stands once in a file, what it becomes, and what is said."""

    id: str
    file: str
    old: str
    new: str
    says: str


def lever(name: str, old: str, new: str, says: str) -> Case:
    return Case(name, "levers.yaml", old, new, says)


def claim(name: str, old: str, new: str, says: str) -> Case:
    return Case(name, "claims.yaml", old, new, says)


AID = "- {flow: {layer: aid, origin: DOR, destination: BRU}, scale: 0, leakage: 0"
GAS = "- {barrier: {kind: export_tax, product: gas, origin: CYR}, value: 5%}"
LEAGUE = "- {barrier: {kind: tariff, origin: DOR, destination: LEA}, value: 10%}"
JOINS = "- {membership: {state: CYR, bloc: LEA}, set: member}"
BORDER = "- {relation: {a: BRU, b: ALD, kind: closed border}, set: ended}"
RAIL = "- {link: {mode: rail}, set: open}"
BUDGET = "- {fact: {actor: BRU, measure: budget_revenue}, scale: 1.1}"
INVESTMENT = "scale: 0.5, leakage: 0, duration: 3 months}"

LEVERS = [
    lever(
        "a group holds",
        "holder: PIPECO",
        "holder: HILLFOLK #! protected-group",
        "has the group HILLFOLK as its holder",
    ),
    lever(
        "a group is aimed at",
        "target: DOR\n  says: Aldland levies",
        "target: HILLFOLK #! protected-group\n  says: Aldland levies",
        "has the group HILLFOLK as its target",
    ),
    lever(
        "a group is acted on",
        BUDGET,
        "- {fact: {actor: BRU, measure: population, counterpart: HILLFOLK}, scale: 1.1}"
        " #! protected-group",
        "acts on the group HILLFOLK",
    ),
    lever("no kind", AID, "- {scale: 0, leakage: 0 #! bad-field\n", "has 0 of flow"),
    lever(
        "two kinds",
        AID,
        "- #! bad-field\n      flow: {layer: aid, origin: DOR, destination: BRU}\n"
        "      link: {id: sea-bru}\n    - {flow: {layer: aid, origin: DOR, destination: BRU}",
        "has 2 of flow",
    ),
    lever(
        "a membership is opened",
        JOINS,
        JOINS.replace("member}", "open}") + " #! bad-choice",
        "a membership cannot be set to 'open'",
    ),
    lever(
        "a flow is set",
        AID,
        AID.replace("scale", "set: closed, scale"),
        "a flow cannot be set to 'closed'",
    ),
    lever(
        "a membership without set",
        JOINS,
        "- {membership: {state: CYR, bloc: LEA}} #! missing-field",
        "a membership needs 'set'",
    ),
    lever(
        "a relation without set",
        BORDER,
        "- {relation: {a: BRU, b: ALD, kind: closed border}} #! missing-field",
        "a relation needs 'set'",
    ),
    lever(
        "a tariff without rate",
        LEAGUE,
        "- {barrier: {kind: tariff, origin: DOR, destination: LEA}} #! missing-field",
        "this barrier needs a 'value'",
    ),
    lever(
        "a cap without share",
        GAS,
        "- {barrier: {kind: cap, product: gas, origin: CYR}} #! missing-field",
        "this barrier needs a 'value'",
    ),
    lever(
        "a membership without bloc",
        JOINS,
        "- {membership: {state: CYR}, set: member} #! missing-field",
        "membership needs 'bloc'",
    ),
    lever(
        "a flow without layer",
        AID,
        AID.replace("layer: aid, ", ""),
        "flow needs 'layer'",
    ),
    lever("no link", RAIL, "- {link: {}, set: open} #! missing-field", "link selects nothing"),
    lever(
        "an unknown selector",
        RAIL,
        "- {link: {colour: red}, set: open} #! unknown-field",
        "link does not select by 'colour'",
    ),
    lever(
        "an unknown actor",
        GAS,
        "- {barrier: {kind: export_tax, product: gas, origin: CYRX}, value: 5%} #! unknown-reference",
        "there is no actor 'CYRX'",
    ),
    lever(
        "an unknown product",
        GAS,
        "- {barrier: {kind: export_tax, product: gaz, origin: CYR}, value: 5%} #! unknown-reference",
        "there is no product 'gaz'",
    ),
    lever(
        "an unknown link",
        "- {link: {id: gas-ald}, set: closed, leakage: 0}",
        "- {link: {id: gas-alb}, set: closed, leakage: 0} #! unknown-reference",
        "there is no link 'gas-alb'",
    ),
    lever(
        "goods are scaled",
        AID,
        AID.replace("layer: aid", "layer: goods"),
        "scales the layer 'goods'",
    ),
    lever(
        "an unknown barrier",
        GAS,
        "- {barrier: {kind: embargo, product: gas, origin: CYR}, value: 5%} #! bad-choice",
        "unknown barrier 'embargo'",
    ),
    lever(
        "a duration in money",
        INVESTMENT,
        "scale: 0.5, leakage: 0, duration: 3 USD} #! wrong-dimension",
        "duration of lever 'halve-investment-ald' has unit USD",
    ),
    lever(
        "leakage in months",
        INVESTMENT,
        "scale: 0.5, leakage: 1 month, duration: 3 months} #! wrong-dimension",
        "leakage of lever 'halve-investment-ald' has unit months",
    ),
    lever(
        "more leaks than there is",
        INVESTMENT,
        "scale: 0.5, leakage: 120%, duration: 3 months} #! wrong-sign",
        "leakage of lever 'halve-investment-ald' lies outside 0 to 1",
    ),
    lever(
        "no such flow",
        "end-aid-bru:\n",
        "end-aid-bru: #! lever-touches-nothing\n",
        "there is no flow of a whole year up to the base period",
    ),
    lever(
        "a lever that changes nothing",
        "lift-budget-bru:\n",
        "lift-budget-bru: #! lever-touches-nothing\n",
        "lever 'lift-budget-bru' changes nothing",
    ),
    Case(
        "two levers on one cell",
        "scenarios.yaml",
        "levers: [halt-remittances-ald]",
        "levers: [halt-remittances-ald, halve-transfers] #! same-cell",
        "levers 'halt-remittances-ald' and 'halve-transfers' both set",
    ),
]

FLOWS = {
    # further edits that a case needs
    "a flow is set": [("set: closed, scale: 0, leakage: 0, duration: 10 years}", "bad-choice")],
    "a flow without layer": [("{flow: {origin: DOR, destination: BRU}", "missing-field")],
    "goods are scaled": [("{flow: {layer: goods, origin: DOR, destination: BRU}", "bad-choice")],
}
