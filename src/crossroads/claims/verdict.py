"""The verdict rules: a claimed set C, found draws X and their 90 % range R."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from crossroads.claims.claim import ClaimedSet

__all__ = ["Flip", "Judgement", "Verdict", "judge_draws", "together"]

Floats = NDArray[np.float64]

ENOUGH = 0.9
"""Share of draws that must lie in the claimed set for a claim to be supported."""
_BEYOND = 1e-9
"""How far past a threshold, as a share of it or of the figure said, the verdict is looked up."""


class Verdict(StrEnum):
    """What the known figures say of a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    IMPRECISE = "imprecise"
    MIXED = "mixed"
    OPEN = "open"
    UNTESTABLE = "untestable"
    NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class Flip:
    """The tolerance around the figure said at which the verdict becomes another."""

    tolerance: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict on draws, with the share of them in the claimed set and where it flips."""

    verdict: Verdict
    share: float
    flips_at: Flip | None


def judge_draws(claimed: ClaimedSet, found: Floats) -> Judgement:
    """Judge solved draws against a claimed set.

    Supported: X lies in C in at least 90 % of draws. Contradicted: C and R do not meet.
    Imprecise: otherwise.
    """
    low = -math.inf if claimed.low is None else claimed.low
    high = math.inf if claimed.high is None else claimed.high
    verdict, share = _rule(low, high, found)
    return Judgement(verdict, share, _flip(claimed, found, low, high, verdict))


def _rule(low: float, high: float, found: Floats) -> tuple[Verdict, float]:
    share = float(np.mean((found >= low) & (found <= high)))
    if share >= ENOUGH:
        return Verdict.SUPPORTED, share
    p05, p95 = (float(each) for each in np.quantile(found, (0.05, 0.95)))
    meets = low <= p95 and p05 <= high
    return (Verdict.IMPRECISE if meets else Verdict.CONTRADICTED), share


def _flip(
    claimed: ClaimedSet, found: Floats, low: float, high: float, verdict: Verdict
) -> Flip | None:
    """Widen C to ``[low - t a, high + t a]``, a the figure said, and find the nearest t that flips.

    A draw lies in C from ``t = max(low - x, x - high) / a`` on; the claim is supported from the
    90th percentile of these on, and not contradicted from where C meets R on. What the verdict
    becomes is what the rule says just beyond; no set is narrowed until it is empty.
    """
    if claimed.anchor == 0:
        return None
    p05, p95 = (float(each) for each in np.quantile(found, (0.05, 0.95)))
    needed = np.sort(np.maximum(low - found, found - high)) / claimed.anchor
    supported_from = float(needed[math.ceil(ENOUGH * found.size) - 1])
    meets_from = max(low - p95, p05 - high) / claimed.anchor
    for step in sorted((supported_from, meets_from), key=abs):
        past = _BEYOND * max(1.0, abs(step))
        by = (step + (past if step > 0 else -past)) * claimed.anchor
        if not math.isfinite(by) or low - by > high + by:
            continue
        becomes, _ = _rule(low - by, high + by, found)
        if becomes is not verdict:
            return Flip(claimed.tolerance + step, becomes)
    return None


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict of a claim from those of its readings.

    Readings without data do not count where others have some; different verdicts are mixed.
    """
    told = [each for each in verdicts if each is not Verdict.NO_DATA]
    if not told:
        return Verdict.NO_DATA
    return told[0] if len(set(told)) == 1 else Verdict.MIXED
