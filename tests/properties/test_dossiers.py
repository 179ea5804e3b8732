"""Dossiers at random: what is valid by the format passes the check and can be assessed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import Phase, given, settings

import crossroads as cr
from crossroads.claims import Verdict
from crossroads.testing import dossiers, write_dossier


@settings(max_examples=25, phases=[Phase.generate])
@given(dossiers())
def test_any_valid_dossier_checks_clean_and_is_assessed(tmp_path_factory, files) -> None:
    folder = write_dossier(tmp_path_factory.mktemp("any") / "dossier", files)
    dossier, findings = cr.check_dossier(folder)
    assert [str(each) for each in findings] == []
    assert dossier is not None
    held = {spec: dossier.tables[spec].height for spec in ("facts", "flows", "memberships")}
    told = {name: files.get(f"{name}.csv", "\n").count("\n") - 1 for name in held}
    assert held == {name: max(0, count) for name, count in told.items()}
    study = cr.assess(dossier, draws=3)
    assert set(study.judged) == set(dossier.claims)
    verdicts = {name: each.verdict for name, each in study.judged.items()}
    assert verdicts.pop("opinion") is Verdict.UNTESTABLE
    assert Verdict.NO_DATA not in verdicts.values()
    assert not study.failed


def test_the_suite_loads_without_hypothesis() -> None:
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "from crossroads.testing import check_engine, dossiers\n"
        "try: dossiers()\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("UsageError")
    assert "hypothesis" in done.stdout


@pytest.mark.parametrize("name", ["check_engine", "check_lever", "dossiers", "figures_of"])
def test_what_others_test_with_stands_in_one_place(name: str) -> None:
    from crossroads import testing

    assert name in testing.__all__
    assert callable(getattr(testing, name))
