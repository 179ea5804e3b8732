"""Ranges to draws: reproducible, stratified, one stream for each figure.

A figure's stream is keyed by its row's key and the seed alone (BLAKE2b into Philox), so adding,
removing or reordering rows leaves every other figure's draws bit-identical.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

__all__ = ["Z95", "fill_range", "quantile", "sample", "standard_normals"]

Z95 = 1.6448536269514722
"""Standard normal deviate of the 95th percentile."""

Floats = NDArray[np.float64]


def standard_normals(keys: Iterable[str], draws: int, seed: int) -> Floats:
    """Return stratified standard normal deviates, one stream a key.

    Parameters
    ----------
    keys
        One key a figure; equal keys give equal rows.
    draws
        Number of draws; 1 gives the median, 0.

    Returns
    -------
    Array ``[key, draw]``. Each row is a Latin hypercube sample: one deviate from each of ``draws``
    equally likely strata, in random order (McKay, Beckman and Conover 1979).
    """
    names = list(keys)
    if draws == 1:
        return np.zeros((len(names), 1))
    uniforms = np.empty((len(names), draws))
    for place, name in enumerate(names):
        digest = blake2b(f"{seed}\x1f{name}".encode(), digest_size=16).digest()
        generator = np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))
        uniforms[place] = (generator.permutation(draws) + generator.random(draws)) / draws
    deviates: Floats = ndtri(uniforms)
    return deviates


def fill_range(
    value: float, low: float | None, high: float | None, spread: float, sign: str
) -> tuple[float, float]:
    """Return 5th and 95th percentile, taking ``spread`` where an end is not given.

    ``spread`` is a factor on a positive figure, a share of the absolute value of one that may be
    negative, and a factor on the odds of a share.
    """
    if value == 0 and low is None and high is None:
        return 0.0, 0.0
    if sign == "positive":
        ends = value / (1 + spread), value * (1 + spread)
    elif sign == "share" and 0 < value < 1:
        odds = value / (1 - value)
        ends = (
            odds / (1 + spread) / (1 + odds / (1 + spread)),
            odds * (1 + spread) / (1 + odds * (1 + spread)),
        )
    elif sign == "share":
        ends = value, value
    else:
        ends = value - abs(value) * spread, value + abs(value) * spread
    return ends[0] if low is None else low, ends[1] if high is None else high


def sample(
    values: Floats, lows: Floats, highs: Floats, signs: Sequence[str], deviates: Floats
) -> Floats:
    """Draw figures through their 5th, 50th and 95th percentile.

    Two-piece lognormal for positive figures, two-piece normal for signed ones, two-piece logit
    normal for shares; 0 without a range is exactly 0. Where a lognormal or logit cannot reach an
    end (a low of 0, a share of 1), that side is a half normal cut off at the bound. A side without
    width is the value itself, bit for bit.

    Parameters
    ----------
    values, lows, highs
        Percentiles, ``[row]``.
    signs
        ``positive``, ``signed`` or ``share`` for each row.
    deviates
        Standard normal deviates, ``[row, draw]``.

    Returns
    -------
    Array ``[row, draw]``; deviate 0 gives the value itself, bit for bit.
    """
    drawn = np.where(
        deviates < 0,
        values[:, None] + deviates * (values - lows)[:, None] / Z95,
        values[:, None] + deviates * (highs - values)[:, None] / Z95,
    )
    kinds = np.asarray(signs)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for kind, forward, back in (("positive", np.log, np.exp), ("share", logit, expit)):
            rows = np.flatnonzero(kinds == kind)
            if not rows.size:
                continue
            z = deviates[rows]
            middle, low, high = (forward(each[rows]) for each in (values, lows, highs))
            below = (middle - low) / Z95
            above = (high - middle) / Z95
            scale = np.where(z < 0, below[:, None], above[:, None])
            curved = back(middle[:, None] + z * scale)
            straight = np.clip(drawn[rows], 0, np.inf if kind == "positive" else 1)
            usable = np.isfinite(middle)[:, None] & np.isfinite(scale) & (scale != 0)
            drawn[rows] = np.where(usable, curved, straight)
    exact = deviates == 0
    drawn[exact] = np.broadcast_to(values[:, None], drawn.shape)[exact]
    return drawn


def quantile(value: float, low: float, high: float, sign: str, probability: float) -> float:
    """Return a quantile of the distribution from which ``sample`` draws."""
    deviate = np.array([[ndtri(probability)]])
    middle, bottom, top = (np.array([each]) for each in (value, low, high))
    return float(sample(middle, bottom, top, [sign], deviate)[0, 0])
