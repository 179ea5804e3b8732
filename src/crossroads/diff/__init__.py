"""Comparing two dossiers, two studies, or one dossier on two days: what changed, what flipped."""

from crossroads.diff.compare import Difference, Side, compare_dossiers, dated
from crossroads.diff.contents import CellChange, Change, changes_between
from crossroads.diff.studies import compare_studies, holds_study
from crossroads.diff.verdicts import Input, Through, VerdictChange

__all__ = [
    "CellChange",
    "Change",
    "Difference",
    "Input",
    "Side",
    "Through",
    "VerdictChange",
    "changes_between",
    "compare_dossiers",
    "compare_studies",
    "dated",
    "holds_study",
]
