"""What can be wrong with levers and scenarios beyond their form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain

import numpy as np

from crossroads.dossier import Dossier
from crossroads.entries import Entry
from crossroads.errors import Finding, LeverError, did_you_mean
from crossroads.indicators import BASELINE
from crossroads.integrity import dimension_fits
from crossroads.levers.change import EXOGENOUS, KINDS
from crossroads.levers.lever import Lever, levers_of
from crossroads.schema import in_currency, table_specs
from crossroads.tables import bounded, finding
from crossroads.world import World

__all__ = ["check_levers"]

_FILE, _SCENARIOS = "levers.yaml", "scenarios.yaml"
_NAMED = frozenset(to for kind in KINDS.values() for to in kind.selects.values() if to)
"""Tables whose rows changes select by id."""


def check_levers(dossier: Dossier, central: World | None) -> list[Finding]:
    """Report levers that cannot be pulled, touch nothing or whom they may not, and clashes.

    ``central`` is the dossier's world in one draw; without it levers are not pulled.
    """
    ids = {name: frozenset(dossier.tables[name]["id"]) for name in _NAMED}
    groups = frozenset(actor for actor, row in dossier.actors.items() if row["kind"] == "group")
    found = bounded(
        chain(
            *(_form(entry, dossier, ids, groups) for entry in dossier.levers.values()),
            *(_scenario(name, entry) for name, entry in dossier.scenarios.items()),
        )
    )
    if any(each.severity == "error" for each in found) or central is None:
        return found
    touched: dict[str, set[tuple[str, str]]] = {}
    for lever in levers_of(dossier).values():
        line = dossier.levers[lever.id].line
        try:
            touched[lever.id] = _touched(lever, central)
        except LeverError as error:
            found.append(finding("lever-touches-nothing", _FILE, line, str(error)))
            continue
        if not touched[lever.id]:
            message = f"lever '{lever.id}' changes nothing"
            found.append(finding("lever-touches-nothing", _FILE, line, message))
    if any(each.severity == "error" for each in found):
        return found
    levers = levers_of(dossier)
    for name, entry in dossier.scenarios.items():
        try:
            central.pull(*(levers[each] for each in entry["levers"]))
            found += _clashes(name, entry, touched)
        except LeverError as error:
            line = entry.line_of("levers")
            message = f"scenario '{name}': {error}"
            remedy = "leave out or reorder the levers that get in each other's way"
            found.append(finding("lever-touches-nothing", _SCENARIOS, line, message, remedy))
    return found


def _scenario(name: str, entry: Entry) -> Iterator[Finding]:
    """Report a scenario that is none, or lists a lever twice."""
    listed = entry.get("levers", [])
    line = entry.line_of("levers")
    if name == BASELINE:
        message = f"'{name}' is the scenario without levers"
        yield finding("bad-id", _SCENARIOS, entry.line, message, "give it another name")
    if not listed:
        message = f"scenario '{name}' lists no lever"
        yield finding("missing-value", _SCENARIOS, line, message)
    for each in (lever for lever, times in Counter(listed).items() if times > 1):
        message = f"scenario '{name}' lists lever '{each}' twice"
        yield finding("bad-field", _SCENARIOS, line, message, "list it once")


def _form(
    entry: Entry, dossier: Dossier, ids: Mapping[str, frozenset[str]], groups: frozenset[str]
) -> Iterator[Finding]:
    for side in ("holder", "target"):
        if entry.get(side) in groups:
            message = f"lever '{entry.id}' has the group {entry[side]} as its {side}"
            yield finding("protected-group", _FILE, entry.line_of(side), message)
    for change in entry.get("changes", []):
        kinds = [kind for kind in KINDS if kind in change.values]
        if len(kinds) != 1:
            message = f"a change of lever '{entry.id}' has {len(kinds)} of {', '.join(KINDS)}"
            yield finding("bad-field", _FILE, change.line, message, "write exactly one of them")
            continue
        kind = kinds[0]
        line = change.line_of(kind)
        yield from _selector(entry.id, kind, change[kind], line, ids, groups)
        switch = change.get("set")
        if switch and switch not in KINDS[kind].sets:
            message = f"lever '{entry.id}': a {kind} cannot be set to '{switch}'"
            hint = did_you_mean(switch, KINDS[kind].sets)
            yield finding("bad-choice", _FILE, change.line_of("set"), message, hint)
        if not switch and kind in ("membership", "relation"):
            message = f"lever '{entry.id}': a {kind} needs 'set'"
            yield finding("missing-field", _FILE, line, message)
        taxes = kind == "barrier" and change[kind].get("kind") in (
            "tariff",
            "iceberg",
            "export_tax",
        )
        if (taxes or change.get(kind, {}).get("kind") == "cap") and "value" not in change.values:
            message = f"lever '{entry.id}': this barrier needs a 'value'"
            yield finding("missing-field", _FILE, line, message)
        for name in ("leakage", "duration", "scale", "value", "cost"):
            figure = change.get(name)
            if figure is None:
                continue
            unit = dossier.vocabulary.units[figure.unit]
            wanted = _dimension(name, kind, change, dossier)
            if not dimension_fits(unit.dimension, wanted) or in_currency(unit.dimension)[1]:
                message = f"{name} of lever '{entry.id}' has unit {unit.name}, not one of {wanted}"
                yield finding("wrong-dimension", _FILE, figure.line, message)


def _dimension(figure: str, kind: str, change: Entry, dossier: Dossier) -> str:
    """Return the dimension of a figure of a change: a fact's is that of its measure.

    Money is in the base currency: a lever has no period by whose rate it could convert.
    """
    if figure == "duration":
        return "time"
    if figure == "value" and kind == "fact":
        measure = dossier.vocabulary.measures.get(change["fact"].get("measure", ""))
        return measure.dimension if measure else "any"
    return "share"


def _selector(
    lever: str,
    kind: str,
    cells: dict[str, str],
    line: int,
    ids: Mapping[str, frozenset[str]],
    groups: frozenset[str],
) -> Iterator[Finding]:
    for name in sorted(KINDS[kind].needs - set(cells)):
        yield finding("missing-field", _FILE, line, f"lever '{lever}': {kind} needs '{name}'")
    if kind == "link" and not cells:
        message = f"lever '{lever}': link selects nothing"
        yield finding("missing-field", _FILE, line, message)
    for name, cell in cells.items():
        to = KINDS[kind].selects.get(name)
        if to is None:
            message = f"lever '{lever}': {kind} does not select by '{name}'"
            yield finding(
                "unknown-field", _FILE, line, message, did_you_mean(name, KINDS[kind].selects)
            )
            continue
        if to and cell not in ids[to]:
            message = f"lever '{lever}': there is no {to.removesuffix('s')} '{cell}'"
            hint = did_you_mean(cell, ids[to])
            yield finding("unknown-reference", _FILE, line, message, hint)
        if to == "actors" and cell in groups:
            message = f"lever '{lever}' acts on the group {cell}"
            yield finding("protected-group", _FILE, line, message)
    layer = cells.get("layer")
    if kind == "flow" and layer and layer not in EXOGENOUS:
        message = f"lever '{lever}' scales the layer '{layer}'"
        hint = f"scale one of {', '.join(EXOGENOUS)}, or cut goods by a barrier"
        yield finding("bad-choice", _FILE, line, message, hint)
    barriers = table_specs()["barriers"].columns["kind"].of
    if kind == "barrier" and cells.get("kind", "ban") not in barriers:
        message = f"lever '{lever}': unknown barrier '{cells['kind']}'"
        yield finding("bad-choice", _FILE, line, message, did_you_mean(cells["kind"], barriers))


def _touched(lever: Lever, central: World) -> set[tuple[str, str]]:
    """Return the cells, as table and row, that a lever changes in the central world."""
    world = central.pull(lever)
    cells: set[tuple[str, str]] = set()
    for name, table in world.tables.items():
        before = central[name]
        if table is before:
            continue
        names = table.frame["row"].to_list()
        held = np.array([before.places.get(row, -1) for row in names], dtype=np.intp)
        known = held >= 0
        changed = np.zeros(len(names), dtype=bool)
        for figure, values in table.figures.items():
            old = before.figures.get(figure)
            was = np.ones_like(values[known]) if old is None else old[held[known]]
            same = (values[known] == was) | (np.isnan(values[known]) & np.isnan(was))
            changed[known] |= ~same.all(axis=1)
        if table.frame is not before.frame:
            rows, rows_before = table.frame.rows(), before.frame.rows()
            changed |= [at >= 0 and rows[n] != rows_before[at] for n, at in enumerate(held)]
        cells |= {(name, names[place]) for place in np.flatnonzero(changed)}
        for place in np.flatnonzero(~known):
            added = table.frame.row(int(place), named=True)
            cells.add((name, "/".join(str(added.get(each)) for each in table.spec.key[:-1])))
    return cells


def _clashes(
    name: str, entry: Entry, touched: dict[str, set[tuple[str, str]]]
) -> Iterator[Finding]:
    owner: dict[tuple[str, str], str] = {}
    clashing: dict[tuple[str, str], tuple[str, str]] = {}
    for lever in entry.get("levers", []):
        for cell in sorted(touched.get(lever, ())):
            if cell in owner and owner[cell] != lever:
                clashing.setdefault((owner[cell], lever), cell)
            owner.setdefault(cell, lever)
    for (first, second), cell in clashing.items():
        message = f"scenario '{name}': levers '{first}' and '{second}' both set {cell[1]}"
        yield finding("same-cell", _SCENARIOS, entry.line_of("levers"), message)
