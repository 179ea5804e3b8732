"""Arguments: a claim with premises, its own test beside the tally of what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crossroads.claims.judge import Judged
from crossroads.claims.verdict import Verdict

__all__ = ["Argument", "arguments"]


@dataclass(frozen=True, eq=False)
class Argument:
    """A claim and its premises, each with its verdict; premises may be arguments themselves."""

    judged: Judged
    premises: tuple[Argument, ...]

    @property
    def tally(self) -> Mapping[Verdict, int]:
        """How many premises, at any depth, have which verdict."""
        count: Counter[Verdict] = Counter()
        for premise in self.premises:
            count[premise.judged.verdict] += 1
            count.update(premise.tally)
        return dict(count)


def arguments(judged: Iterable[Judged]) -> dict[str, Argument]:
    """Return every claim that has premises, by its id."""
    below: dict[str, list[Judged]] = {}
    everything = list(judged)
    for each in everything:
        if each.claim.part_of:
            below.setdefault(each.claim.part_of, []).append(each)

    def build(each: Judged, above: frozenset[str]) -> Argument:
        held = above | {each.claim.id}
        premises = [one for one in below.get(each.claim.id, []) if one.claim.id not in held]
        return Argument(each, tuple(build(one, held) for one in premises))

    return {
        each.claim.id: build(each, frozenset()) for each in everything if each.claim.id in below
    }
