"""Leverage: what each actor could do to each other, and at what cost to itself."""

from crossroads.leverage.cells import Cell, Effect, Leverage, Part, Range
from crossroads.leverage.compute import DRAWS, compute_leverage
from crossroads.leverage.files import leverage_bytes, leverage_frame, leverage_record
from crossroads.leverage.kept import leverage_of

__all__ = [
    "DRAWS",
    "Cell",
    "Effect",
    "Leverage",
    "Part",
    "Range",
    "compute_leverage",
    "leverage_bytes",
    "leverage_frame",
    "leverage_of",
    "leverage_record",
]
