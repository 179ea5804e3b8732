"""Rounds of pairs, so that many levers are pulled at once and none meets another."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["rounds"]


def rounds(actors: Sequence[str]) -> list[list[tuple[str, str]]]:
    """Return every pair of actors once, in rounds in which each actor has one partner at most.

    The circle method: n actors, n even, make n - 1 rounds of n / 2 pairs (Kirkman 1847, Cambridge
    and Dublin Mathematical Journal 2:191-204).
    """
    ring: list[str | None] = [*actors] if len(actors) % 2 == 0 else [*actors, None]
    made = []
    for _ in range(len(ring) - 1):
        half = len(ring) // 2
        pairs = zip(ring[:half], reversed(ring[half:]), strict=True)
        made.append([(a, b) for a, b in pairs if a is not None and b is not None])
        ring = [ring[0], ring[-1], *ring[1:-1]]
    return made
