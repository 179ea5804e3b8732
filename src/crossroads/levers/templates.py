"""Templates: one kind of lever for every ordered pair of actors.

They come with the package, so that which levers are compared is nobody's choice. A template applied
to a pair is a lever like any other, with rows of figures of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import permutations
from pathlib import Path

from crossroads.dossier import Dossier
from crossroads.entries import Entry, read_yaml
from crossroads.errors import DossierError
from crossroads.levers.change import KINDS
from crossroads.schema import package_vocabulary, template_file

__all__ = ["Template", "applied", "ordered_pairs", "templates"]

HOLDER, TARGET = "<holder>", "<target>"
"""What stands in a template for the two actors."""


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of lever; ``says`` has ``<holder>`` and ``<target>`` where the names go."""

    id: str
    layer: str
    says: str
    note: str


@cache
def _entries() -> Mapping[str, Entry]:
    """Read the package's templates.

    Raises
    ------
    DossierError
        If anything is wrong with them.
    """
    path = Path(__file__).parent / "templates.yaml"
    entries, findings = read_yaml(path, template_file(), package_vocabulary())
    if findings:
        raise DossierError(findings)
    return entries


def templates() -> Mapping[str, Template]:
    """Return the package's templates by id, in order."""
    return {
        name: Template(name, entry["layer"], entry["says"], entry.get("note", ""))
        for name, entry in _entries().items()
    }


def ordered_pairs(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """Yield every holder and target: the regions of the partition, but for remainders."""
    acting = [each for each in dossier.meta.regions if dossier.actors[each]["kind"] in _ACTING]
    yield from permutations(acting, 2)


_ACTING = frozenset({"state", "bloc", "organisation"})
"""Kinds of actor that can pull a lever on another; groups may not be acted on."""


def applied(template: str, holder: str, target: str, dossier: Dossier) -> Entry:
    """Return a template's lever for a pair, as an entry of ``levers.yaml``.

    Its id is ``template.holder.target``.
    """
    entry = _entries()[template]
    cells = {HOLDER: holder, TARGET: target}
    words = re.split(f"({HOLDER}|{TARGET})", entry["says"])
    says = "".join(dossier.name_of(cells[each]) if each in cells else each for each in words)
    values = {
        "holder": holder,
        "target": target,
        "says": says,
        "changes": [_filled(each, cells) for each in entry["changes"]],
    }
    return Entry(f"{template}.{holder}.{target}", entry.line, values, entry.lines)


def _filled(change: Entry, cells: Mapping[str, str]) -> Entry:
    """Return a change with the actors in the cells that select by them."""
    values = dict(change.values)
    for kind in KINDS:
        if kind in values:
            values[kind] = {name: cells.get(cell, cell) for name, cell in values[kind].items()}
    return replace(change, values=values)
