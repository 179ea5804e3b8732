"""crossroads puts a geopolitical argument to the test.

A lever maps a world to a world. An engine maps a world to rows of one tidy indicator table. A
claim is an expectation about an indicator.

    import crossroads as cr

    dossier = cr.load("toy")
    study = cr.assess(dossier)
    study.judged["..."].verdict

Names load on use, so that ``import crossroads`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crossroads.check import check_dossier
    from crossroads.claims import Claim, Verdict, claims_of
    from crossroads.dossier import Dossier, bundled, load, locate
    from crossroads.engines import ENGINES, Engine, run
    from crossroads.errors import (
        CrossroadsError,
        DossierError,
        EngineError,
        Finding,
        LeverError,
        UsageError,
    )
    from crossroads.indicators import Builder, Indicators, IndicatorSpec
    from crossroads.levers import Case, Lever, cases_of, lever_named, levers_of
    from crossroads.store import Store
    from crossroads.study import Study, assess
    from crossroads.world import World, build_world

_HOMES = {
    "ENGINES": "engines",
    "Builder": "indicators",
    "Case": "levers",
    "Claim": "claims",
    "CrossroadsError": "errors",
    "Dossier": "dossier",
    "DossierError": "errors",
    "Engine": "engines",
    "EngineError": "errors",
    "Finding": "errors",
    "IndicatorSpec": "indicators",
    "Indicators": "indicators",
    "Lever": "levers",
    "LeverError": "errors",
    "Store": "store",
    "Study": "study",
    "UsageError": "errors",
    "Verdict": "claims",
    "World": "world",
    "assess": "study",
    "build_world": "world",
    "bundled": "dossier",
    "cases_of": "levers",
    "check_dossier": "check",
    "claims_of": "claims",
    "lever_named": "levers",
    "levers_of": "levers",
    "load": "dossier",
    "locate": "dossier",
    "run": "engines",
}

__all__ = [
    "ENGINES",
    "Builder",
    "Case",
    "Claim",
    "CrossroadsError",
    "Dossier",
    "DossierError",
    "Engine",
    "EngineError",
    "Finding",
    "IndicatorSpec",
    "Indicators",
    "Lever",
    "LeverError",
    "Store",
    "Study",
    "UsageError",
    "Verdict",
    "World",
    "assess",
    "build_world",
    "bundled",
    "cases_of",
    "check_dossier",
    "claims_of",
    "lever_named",
    "levers_of",
    "load",
    "locate",
    "run",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'crossroads' has no attribute '{name}'")
    return getattr(importlib.import_module(f"crossroads.{home}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
