"""Comparing two studies by the files they wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossroads.claims import Found, Verdict
from crossroads.diff.compare import Difference, Side
from crossroads.diff.contents import CellChange, Change
from crossroads.diff.verdicts import Input, Through, VerdictChange
from crossroads.errors import UsageError

__all__ = ["compare_studies", "holds_study"]

MAX_BYTES = 256 * 2**20
_FILES = ("study.json", "verdicts.json")


def holds_study(folder: Path) -> bool:
    """Whether a folder holds what ``crossroads assess`` wrote."""
    return all((folder / each).is_file() for each in _FILES)


def compare_studies(old: Path, new: Path) -> Difference:
    """Compare the verdicts of two studies, and what they rest on as far as the files tell.

    Raises
    ------
    UsageError
        If a file is not a study's.
    """
    one, two = _study(old), _study(new)
    both = [name for name in one.claims if name in two.claims]
    names = dict.fromkeys((*one.claims, *two.claims))
    changes = (_claim(each, one.claims.get(each), two.claims.get(each)) for each in names)
    changed = (_changed(one.claims[each], two.claims[each]) for each in both)
    return Difference(
        one.side,
        two.side,
        tuple(each for each in changes if each is not None),
        tuple(each for each in changed if each is not None),
        len(both),
        tuple(
            name
            for name in sorted(one.files.keys() | two.files.keys())
            if one.files.get(name) != two.files.get(name)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Study:
    side: Side
    files: Mapping[str, str]
    claims: Mapping[str, _Told]


def _study(folder: Path) -> _Study:
    study, told = (_read(folder / each) for each in _FILES)
    try:
        return _Study(
            Side(str(study["dossier"]), str(study["as_of"])),
            {str(name): str(digest) for name, digest in study["inputs"].items()},
            {each["id"]: _Told(each) for each in told["verdicts"]},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"'{folder}' does not hold a study's files: {error!r}") from None


class _Told:
    """What ``verdicts.json`` says of one claim.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` where it is not in that file's form.
    """

    def __init__(self, record: dict[str, Any]) -> None:
        self.id, self.says = str(record["id"]), str(record["says"])
        self.now, self.then = (str(Verdict(record[each])) for each in ("verdict", "verdict_then"))
        found = record["found"]
        self.found = found and Found(
            float(found["median"]), float(found["p05"]), float(found["p95"]), str(found["unit"]), 1
        )
        self.inputs = {
            str(each["name"]): [str(row) for row in each["inputs"]] for each in record["readings"]
        }


def _read(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MAX_BYTES:
        raise UsageError(f"'{path}' is too large to be a study's")
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise UsageError(f"'{path}' is not JSON in UTF-8") from None
    if not isinstance(record, dict):
        raise UsageError(f"'{path}' is not a study's")
    return record


def _claim(name: str, one: _Told | None, two: _Told | None) -> Change | None:
    old, new = ("" if each is None else each.says for each in (one, two))
    if old == new:
        return None
    change = "added" if one is None else "removed" if two is None else "reworded"
    return Change("claims", name, change, (CellChange("says", old, new),), "", "")


def _changed(one: _Told, two: _Told) -> VerdictChange | None:
    if (one.now, one.then, one.found) == (two.now, two.then, two.found):
        return None
    through = () if one.now == two.now else tuple(_through(one, two))
    return VerdictChange(
        one.id, two.says, one.now, two.now, one.then, two.then, one.found, two.found, through
    )


def _through(one: _Told, two: _Told) -> list[Through]:
    """Return the rows that only one of the two verdicts rests on; values are not in the files."""
    found = []
    for name in one.inputs:
        if name not in two.inputs:
            continue
        before, after = one.inputs[name], two.inputs[name]
        rows = [Input(row, "", "removed") for row in before if row not in after]
        rows += [Input(row, "", "added") for row in after if row not in before]
        if rows:
            found.append(Through(name, "", None, None, None, tuple(rows), ()))
    return found
