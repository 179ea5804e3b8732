"""A study of the toy dossier, made once."""

from __future__ import annotations

import pytest

import crossroads as cr
from crossroads.dossier import Dossier
from crossroads.study import Study


@pytest.fixture(scope="session")
def study(toy: Dossier) -> Study:
    """The toy dossier assessed in 200 draws."""
    return cr.assess(toy, draws=200, seed=1)
