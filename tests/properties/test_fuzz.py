"""A hundred broken toy dossiers: `benchmarks/fuzz.py` breaks ten thousand."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

FUZZ = Path(__file__).parents[2] / "benchmarks" / "fuzz.py"


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz", FUZZ)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz"] = module
    sys.path.insert(0, str(FUZZ.parent))  # as if it were run
    spec.loader.exec_module(module)
    return module


def test_broken_dossiers_are_refused_and_break_nothing(fuzz: ModuleType) -> None:
    outcomes = fuzz.try_all(range(120), seed=7, assess_every=8)
    assert [f"{each.failure}: {each.rule} {each.detail}" for each in outcomes if each.failure] == []
    report = fuzz.report_of(outcomes, 8)
    assert report["rules"] == len(fuzz.RULES)
    assert report["pointed_share"] >= 0.95
    assert report["assessed"]


def test_a_mutant_is_the_same_each_time(fuzz: ModuleType) -> None:
    for number in range(0, 320, 7):
        assert fuzz.mutant(number, 1) == fuzz.mutant(number, 1)
    some = [fuzz.mutant(number, 1)[1] for number in range(0, 79 * 4, 79)]
    assert any(each != some[0] for each in some)


def test_a_silent_loss_is_seen(fuzz: ModuleType, toy, tmp_path) -> None:
    more = (
        toy.path / "events.csv"
    ).read_bytes() + b"late,2025-05-01,,ALD,,CONSULT,,,Talks,,,wire,\n"
    (tmp_path / "events.csv").write_bytes(more)
    made = fuzz.Mutant("events.csv", "free", {"events.csv": more})
    assert "events.csv holds 8, 7 were kept" in fuzz.lost(toy, made, tmp_path, set())
    assert fuzz.lost(toy, made, tmp_path, {"events.csv"}) == ""
