"""The toy dossier's study and its report."""

from __future__ import annotations

import pytest

import crossroads as cr
from crossroads.dossier import Dossier
from crossroads.show.report import report_html
from crossroads.study import Study


@pytest.fixture(scope="package")
def study(toy: Dossier) -> Study:
    return cr.assess(toy, draws=100)


@pytest.fixture(scope="package")
def page(study: Study) -> str:
    return report_html(study)
