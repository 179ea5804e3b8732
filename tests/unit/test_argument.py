"""Arguments: a claim beside the tally of its premises, at any depth."""

from __future__ import annotations

from crossroads.claims import Verdict, arguments
from crossroads.study import Study
from tests.conftest import Folder

V = Verdict


def test_claims_with_premises_are_arguments(study: Study) -> None:
    assert list(study.arguments) == ["ald-must-yield", "ald-budget-lives-off-transfers"]


def test_premises_stand_in_the_dossier_s_order(study: Study) -> None:
    premises = study.arguments["ald-must-yield"].premises
    assert [each.judged.claim.id for each in premises] == [
        "ald-budget-lives-off-transfers",
        "ald-has-no-buffer",
        "no-other-way-for-gas",
    ]
    assert [each.judged.claim.id for each in premises[0].premises] == [
        "transfers-come-from-cyr",
        "transfers-grow",
    ]


def test_the_tally_counts_premises_at_any_depth_and_not_the_claim(study: Study) -> None:
    found = study.arguments
    assert found["ald-must-yield"].tally == {V.CONTRADICTED: 2, V.SUPPORTED: 2, V.NO_DATA: 1}
    assert found["ald-budget-lives-off-transfers"].tally == {V.SUPPORTED: 2}


def test_an_argument_keeps_its_own_verdict(study: Study) -> None:
    for name, each in study.arguments.items():
        assert each.judged is study.judged[name]


def test_a_circle_ends(folder: Folder, study: Study) -> None:
    """check refuses a circle; whoever assesses one all the same gets an answer."""
    folder.swap(
        "claims.yaml",
        "where: {document: essay, section: 0, sentence: 1}\n",
        "where: {document: essay, section: 0, sentence: 1}\n  part_of: transfers-grow\n",
    )
    from crossroads.claims import claims_of
    from crossroads.claims.judge import Judged

    claims = claims_of(folder.load())
    judged = [
        Judged(claims[name], each.verdict, each.verdict_then, "", "", (), ())
        for name, each in study.judged.items()
    ]
    found = arguments(judged)
    assert set(found) == {"ald-must-yield", "ald-budget-lives-off-transfers", "transfers-grow"}
    assert sum(found["transfers-grow"].tally.values()) == 5
