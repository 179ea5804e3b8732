"""A dossier: the folder an analyst keeps, read whole, typed, and checked against itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from crossroads.entries import Entry, read_yaml
from crossroads.errors import DossierError, Finding, UsageError, did_you_mean
from crossroads.integrity import check_integrity
from crossroads.lever_figures import lever_figures
from crossroads.meta import Meta, meta_of
from crossroads.schema import (
    Vocabulary,
    entry_files,
    extension_specs,
    measure_of,
    package_vocabulary,
    table_specs,
    unit_of,
)
from crossroads.tables import bounded, empty_frame, finding, read_csv

__all__ = ["REQUIRED_FILES", "Dossier", "bundled", "load", "locate", "read"]

_BUNDLED = Path(__file__).parent / "dossiers"
REQUIRED_FILES = ("dossier.yaml", "sources.csv", "actors.csv")


@dataclass(frozen=True)
class Dossier:
    """Tables, entries and settings of one dossier, with what was found wrong with them."""

    path: Path
    name: str
    meta: Meta
    vocabulary: Vocabulary
    tables: Mapping[str, pl.DataFrame]
    claims: Mapping[str, Entry]
    levers: Mapping[str, Entry]
    scenarios: Mapping[str, Entry]
    findings: tuple[Finding, ...]
    digests: Mapping[str, str]

    @cached_property
    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """Every source by its id."""
        return {row["id"]: row for row in self.tables["sources"].iter_rows(named=True)}

    @cached_property
    def actors(self) -> Mapping[str, Mapping[str, Any]]:
        """Every actor by its id."""
        return {row["id"]: row for row in self.tables["actors"].iter_rows(named=True)}

    @cached_property
    def product_names(self) -> Mapping[str, str]:
        """The name of every product by its id."""
        return dict(self.tables["products"].select("id", "name").iter_rows())

    def name_of(self, actor: str | None) -> str:
        """Return the name of an actor, or its id where it has none."""
        known = self.actors.get(actor or "")
        return str(known["name"]) if known else (actor or "")

    def is_unverified(self, sources: list[str] | None) -> bool:
        """Whether a row rests on recollection alone."""
        known = [self.sources[each] for each in sources or [] if each in self.sources]
        return bool(known) and all(each["unverified"] for each in known)

    def __repr__(self) -> str:
        rows = sum(frame.height for frame in self.tables.values())
        return f"<Dossier {self.name}: {rows} rows, {len(self.claims)} claims>"


def bundled() -> list[str]:
    """Return the names of the dossiers that come with the package."""
    return sorted(path.parent.name.replace("_", "-") for path in _BUNDLED.glob("*/dossier.yaml"))


def locate(name: str | Path) -> Path:
    """Find a dossier's folder: an existing path, or the name of a bundled one.

    Raises
    ------
    UsageError
        If there is neither.
    """
    path = Path(name)
    if path.is_dir():
        return path
    inside = _BUNDLED / str(name).replace("-", "_")
    if path.name == str(name) and inside.is_dir():
        return inside
    hint = did_you_mean(str(name), bundled())
    raise UsageError(f"there is no folder '{name}', nor a bundled dossier of that name; {hint}")


def load(name: str | Path) -> Dossier:
    """Read a dossier whose tables and entries have no problems.

    What only shows when levers are pulled and claims are looked up is for ``check_dossier``.

    Raises
    ------
    UsageError
        If it does not exist.
    DossierError
        If anything is wrong with its files; the error carries every finding.
    """
    dossier, findings = read(locate(name))
    errors = [each for each in findings if each.severity == "error"]
    if dossier is None or errors:
        raise DossierError(errors)
    return dossier


def read(path: Path) -> tuple[Dossier | None, list[Finding]]:
    """Read a dossier whatever state it is in.

    Returns
    -------
    The dossier, or None when ``dossier.yaml`` cannot be understood; and everything found.
    """
    findings: list[Finding] = []
    digests: dict[str, str] = {}
    vocabulary = _vocabulary(path, findings, digests)
    specs = table_specs()
    tables: dict[str, pl.DataFrame] = {}
    for name, spec in specs.items():
        if spec.virtual:
            continue
        if _present(path, spec.file, findings, digests):
            tables[name], found = read_csv(path / spec.file, spec, vocabulary)
            findings += found
        else:
            tables[name] = empty_frame(spec)
    entries: dict[str, dict[str, Entry]] = {}
    for name, file in entry_files().items():
        entries[name] = {}
        if _present(path, file.file, findings, digests):
            entries[name], found = read_yaml(path / file.file, file, vocabulary)
            findings += found
    findings += _strangers(path)
    tables["levers"] = lever_figures(entries["levers"], vocabulary)
    meta = meta_of(entries["dossier"].get("dossier"), vocabulary, findings)
    findings = bounded([*findings, *check_integrity(tables, entries, meta, vocabulary)])
    if meta is None:
        return None, findings
    dossier = Dossier(
        path=path,
        name=path.resolve().name.replace("_", "-"),
        meta=meta,
        vocabulary=vocabulary,
        tables=tables,
        claims=entries["claims"],
        levers=entries["levers"],
        scenarios=entries["scenarios"],
        findings=tuple(findings),
        digests=digests,
    )
    return dossier, findings


def _present(path: Path, file: str, findings: list[Finding], digests: dict[str, str]) -> bool:
    target = path / file
    if not target.exists():
        if target.is_symlink():
            findings.append(finding("missing-file", file, 0, f"{file} is a link to nothing"))
            return False
        if file in REQUIRED_FILES:
            findings.append(finding("missing-file", file, 0, f"there is no {file} in {path.name}"))
        return False
    if not target.resolve().is_relative_to(path.resolve()):
        findings.append(finding("symlink-outside", file, 0, "the file is a link that leads out"))
        return False
    if not target.is_file():
        findings.append(finding("missing-file", file, 0, f"{file} is not a file"))
        return False
    try:
        with target.open("rb") as stream:
            digests[file] = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        findings.append(finding("missing-file", file, 0, message, "allow yourself to read it"))
        return False
    return True


def _strangers(path: Path) -> list[Finding]:
    known = {spec.file for spec in table_specs().values()}
    known |= {file.file for file in entry_files().values()} | set(extension_specs())
    found = []
    for each in sorted(path.iterdir()):
        if each.suffix.lower() in (".csv", ".yaml", ".yml") and each.name not in known:
            hint = did_you_mean(each.name.lower(), known)
            found.append(
                finding("unknown-file", each.name, 0, "no table or entry file has this name", hint)
            )
    return found


def _vocabulary(path: Path, findings: list[Finding], digests: dict[str, str]) -> Vocabulary:
    """Return the package's vocabulary with the dossier's own units and measures added."""
    package = package_vocabulary()
    units, synonyms = dict(package.units), dict(package.synonyms)
    measures = dict(package.measures)
    for row, line in _extension(path, "units.csv", findings, digests, package):
        if row["factor"] <= 0:
            message = f"factor {row['factor']:g} is not positive"
            findings.append(finding("wrong-sign", "units.csv", line, message))
            continue
        unit, also = unit_of({name: str(row[name] or "") for name in row})
        if unit.name in units or unit.name in synonyms:
            message = f"'{unit.name}' is a unit of the package"
            findings.append(finding("duplicate-key", "units.csv", line, message))
            continue
        units[unit.name] = unit
        for word in also:
            held = word if word in units else synonyms.get(word, unit.name)
            if held != unit.name:
                message = f"'{word}' of {unit.name} already stands for {held}"
                findings.append(finding("duplicate-key", "units.csv", line, message))
            synonyms.setdefault(word, unit.name)
    based = {unit.dimension for unit in units.values() if unit.factor == 1}
    for unit in [each for name, each in units.items() if name not in package.units]:
        if unit.dimension not in based:
            message = f"no unit of {unit.dimension} has the factor 1"
            findings.append(finding("no-base-unit", "units.csv", 0, message))
            based.add(unit.dimension)
    for row, line in _extension(path, "measures.csv", findings, digests, package):
        measure = measure_of({name: str(row[name] or "") for name in row})
        if measure.name in package.measures:
            message = f"'{measure.name}' is a measure of the package"
            findings.append(finding("duplicate-key", "measures.csv", line, message))
            continue
        measures[measure.name] = measure
    return Vocabulary(
        units=units,
        measures=measures,
        synonyms=synonyms,
        wordings=package.wordings,
        reliability=package.reliability,
        enforcement=package.enforcement,
    )


def _extension(
    path: Path,
    file: str,
    findings: list[Finding],
    digests: dict[str, str],
    vocabulary: Vocabulary,
) -> Iterator[tuple[dict[str, Any], int]]:
    if _present(path, file, findings, digests):
        frame, found = read_csv(path / file, extension_specs()[file], vocabulary)
        findings += found
        for row in frame.iter_rows(named=True):
            yield row, row["line"]
