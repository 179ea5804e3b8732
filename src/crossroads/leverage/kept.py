"""The leverage matrix of a dossier, found in the store or computed and put there."""

from __future__ import annotations

from collections.abc import Callable

from crossroads.dossier import Dossier
from crossroads.leverage.cells import Leverage
from crossroads.leverage.compute import DRAWS, compute_leverage
from crossroads.packing import pack, unpack
from crossroads.store import Store, digest, made_by
from crossroads.world import World, build_world

__all__ = ["leverage_of"]


def leverage_of(
    dossier: Dossier,
    *,
    draws: int = 1000,
    seed: int = 1,
    with_unverified: bool = False,
    store: Store | None = None,
    sample: Callable[[], World] | None = None,
    tell: Callable[[str], None] | None = None,
) -> Leverage:
    """Return the leverage matrix of a dossier, as known now.

    Parameters
    ----------
    draws, seed, with_unverified
        As for ``assess``; of the draws the first 200 are taken.
    store
        Where it is kept, and found again.
    sample
        Returns the base world in these draws, where there is one already.
    tell
        Called with the name of each step before it is taken.
    """
    asked = [draws, seed, with_unverified, DRAWS]
    key = digest("leverage", made_by(), dict(dossier.digests), repr(dossier.meta), asked)
    held = store.get(key) if store else None
    if held is not None:
        return unpack(Leverage, held)
    world = (
        sample()
        if sample
        else build_world(dossier, draws=draws, seed=seed, with_unverified=with_unverified)
    )
    leverage = compute_leverage(world, tell)
    if store:
        store.put(key, pack(leverage))
    return leverage
