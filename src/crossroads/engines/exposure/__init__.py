"""Exposure: the accounting that an analyst wants first."""

from crossroads.engines.exposure.engine import Exposure

__all__ = ["Exposure"]
