"""Levers: what an actor can do. A lever maps a world to a world."""

from crossroads.levers.check import check_levers
from crossroads.levers.lever import Case, Lever, cases_of, lever_named, levers_of

__all__ = ["Case", "Lever", "cases_of", "check_levers", "lever_named", "levers_of"]
