"""Levers: what an actor can do. A lever maps a world to a world."""

from crossroads.levers.check import check_levers
from crossroads.levers.lever import Case, Lever, cases_of, lever_named, lever_of, levers_of
from crossroads.levers.templates import Template, applied, ordered_pairs, templates

__all__ = [
    "Case",
    "Lever",
    "Template",
    "applied",
    "cases_of",
    "check_levers",
    "lever_named",
    "lever_of",
    "levers_of",
    "ordered_pairs",
    "templates",
]
