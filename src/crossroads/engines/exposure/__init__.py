"""Exposure: the accounting that an analyst wants first."""

from crossroads.engines.exposure.engine import Exposed, Exposure

__all__ = ["Exposed", "Exposure"]
