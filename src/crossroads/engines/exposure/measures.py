"""Accounting measures of dependence, on plain arrays with draws last.

| symbol | name | unit |
|---|---|---|
| ``x`` | amount of one flow | any |
| ``X`` | total over all partners | as ``x`` |
| ``s`` | share of a partner | share |

Nothing here is behavioural: each measure is an upper bound on what a model would find.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["asymmetry", "cover", "growth", "herfindahl", "ratio", "volatility"]

Floats = NDArray[np.float64]


def ratio(amount: Floats, whole: Floats) -> Floats:
    """Return ``x / X``; where ``X`` is 0 there is no ratio, NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole == 0, np.nan, amount / whole)


def herfindahl(amounts: Floats) -> Floats:
    """Return the Herfindahl-Hirschman index of suppliers or markets.

    ``H = sum_i s_i**2`` with ``s_i = x_i / sum_j x_j`` (Hirschman 1945, ch. VI; Herfindahl 1950).

    Parameters
    ----------
    amounts
        ``[partner, draw]``.

    Returns
    -------
    ``[draw]``, from 1/n (n equal partners) to 1 (a single one).
    """
    shares = ratio(amounts, amounts.sum(axis=0))
    index: Floats = np.square(shares).sum(axis=0)
    return index


def asymmetry(tie: Floats, total_a: Floats, total_b: Floats) -> Floats:
    """Return by how much more of A's trade is with B than of B's with A.

    ``s_ab - s_ba`` with ``s_ab = x_ab / X_a``: the difference of the trade shares of Barbieri
    (1996, Journal of Peace Research 33:29-49); positive where A depends more (Hirschman 1945).
    """
    return ratio(tie, total_a) - ratio(tie, total_b)


def growth(earlier: Floats, later: Floats) -> Floats:
    """Return ``x_t / x_(t-1) - 1``."""
    return ratio(later, earlier) - 1


def volatility(series: Floats) -> Floats:
    """Return the standard deviation of yearly log changes, the volatility of a series.

    Parameters
    ----------
    series
        ``[year, draw]`` of positive amounts, three years at least.

    Returns
    -------
    ``[draw]``: the sample standard deviation (n - 1) of ``log(x_t / x_(t-1))``.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        changes = np.diff(np.log(series), axis=0)
        spread: Floats = changes.std(axis=0, ddof=1)
    return np.where(np.isfinite(spread), spread, np.nan)


def cover(stock: Floats, loss: Floats) -> Floats:
    """Return for how many years a stock would make up a yearly loss; NaN where nothing is lost."""
    return ratio(stock, np.maximum(loss, 0.0))
