"""Engines: an engine maps a world to rows of the tidy indicator table."""

from crossroads.engines.contract import Engine
from crossroads.engines.exposure import Exposure
from crossroads.engines.run import in_order, run

__all__ = ["ENGINES", "Engine", "in_order", "run"]

ENGINES: tuple[Engine, ...] = (Exposure(),)
"""The engines that come with the package."""
