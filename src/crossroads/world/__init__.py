"""The world: all that a dossier knows as of a date, sampled into draws.

A world is a value. ``pull`` returns another world that shares every table the levers did not touch
and keeps ``base``, the world before any lever.
"""

from crossroads.world.batches import Batch, cut
from crossroads.world.sampling import known_from
from crossroads.world.table import Table, current_rows
from crossroads.world.world import Pull, World, build_world

__all__ = [
    "Batch",
    "Pull",
    "Table",
    "World",
    "build_world",
    "current_rows",
    "cut",
    "known_from",
]
