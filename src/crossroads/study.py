"""A study: one dossier, its cases, engines and draws, judged, explained and written whole."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from crossroads.claims import (
    Argument,
    Explanation,
    Judged,
    Knowledge,
    Verdict,
    arguments,
    cases_asked,
    claims_of,
    explain,
    judge,
)
from crossroads.dossier import Dossier
from crossroads.engines import ENGINES, Engine, run
from crossroads.errors import UsageError, did_you_mean
from crossroads.indicators import Indicators
from crossroads.levers import cases_of
from crossroads.results import check_target, six_digits, verdict_record, write_whole
from crossroads.schema import table_specs
from crossroads.world import World, build_world

__all__ = ["Counts", "Study", "assess"]

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how many steps are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How well founded the dossier's figures are."""

    figures: int
    ranged: int
    defaulted: int
    unverified: int
    used: int
    used_ranged: int


@dataclass(frozen=True, eq=False)
class Study:
    """The results of one run.

    ``indicators`` are as known now; ``judged`` and ``explanations`` stand in the dossier's order.
    """

    dossier: Dossier
    world: World
    draws: int
    seed: int
    indicators: Indicators
    judged: Mapping[str, Judged]
    explanations: Mapping[str, Explanation]
    counts: Counts
    engines: tuple[Engine, ...]
    failed: Mapping[tuple[str, str], str]
    seconds: float

    @property
    def arguments(self) -> Mapping[str, Argument]:
        """Claims that have premises, with the verdicts of these."""
        return arguments(self.judged.values())

    @property
    def digest(self) -> str:
        """Digest of everything that the results follow from."""
        said = {
            "dossier": self.dossier.digests,
            "draws": self.draws,
            "seed": self.seed,
            "unverified": self.world.with_unverified,
            "version": version(),
            "engines": {engine.name: engine.version for engine in self.engines},
        }
        text = json.dumps(said, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def __repr__(self) -> str:
        tally = ", ".join(f"{count} {verdict}" for verdict, count in self.tally().items())
        return f"<Study {self.dossier.name}: {tally}>"

    def tally(self) -> dict[Verdict, int]:
        """How many claims have which verdict, as known now."""
        told = [each.verdict for each in self.judged.values()]
        return {verdict: told.count(verdict) for verdict in Verdict if verdict in told}

    def verdicts(self) -> dict[str, Any]:
        """Return what ``verdicts.json`` holds."""
        return {
            "study": {
                "digest": self.digest,
                "dossier": self.dossier.name,
                "seed": self.seed,
                "draws": self.draws,
                "version": version(),
                "as_of": self.dossier.meta.as_of.isoformat(),
            },
            "verdicts": [
                verdict_record(each, self.explanations[name]) for name, each in self.judged.items()
            ],
        }

    def write(self, folder: str | Path) -> Path:
        """Write all results to a folder, whole or not at all.

        Raises
        ------
        UsageError
            If the folder holds something else than an earlier study.
        """
        target = check_target(folder)
        write_whole(target, self._write_into)
        return target

    def _write_into(self, folder: Path) -> None:
        text = json.dumps(six_digits(self.verdicts()), ensure_ascii=False, indent=1)
        (folder / "verdicts.json").write_text(text + "\n", encoding="utf-8")
        self.indicators.summary().write_parquet(folder / "indicators.parquet")
        self._kept().write_parquet(folder / "draws.parquet")
        record = {
            "study": self.digest,
            "dossier": self.dossier.name,
            "title": self.dossier.meta.title,
            "as_of": self.dossier.meta.as_of.isoformat(),
            "inputs": dict(sorted(self.dossier.digests.items())),
            "seed": self.seed,
            "draws": self.draws,
            "counts": {name: getattr(self.counts, name) for name in Counts.__slots__},
            "engines": {engine.name: engine.version for engine in self.engines},
            "not_run": {f"{name}, {at}": why for (name, at), why in self.failed.items()},
            "versions": _versions(),
            "seconds": round(self.seconds, 3),
        }
        text = json.dumps(record, ensure_ascii=False, indent=1)
        (folder / "study.json").write_text(text + "\n", encoding="utf-8")

    def _kept(self) -> pl.DataFrame:
        """Return the draws of the rows on which verdicts rest."""
        wanted = {
            tuple(each.cells.values())
            for judged in self.judged.values()
            for each in judged.readings
            if each.cells
        }
        places = [place for cells, place in self.indicators.places.items() if cells in wanted]
        frame = self.indicators.frame[places].drop("inputs")
        values = self.indicators.values[places]
        return frame.with_columns(
            pl.Series("draws", values, dtype=pl.Array(pl.Float64, values.shape[1]))
        )


def version() -> str:
    """Return the version of crossroads."""
    return importlib.metadata.version("crossroads")


def _versions() -> dict[str, str]:
    packages = ("crossroads", "numpy", "polars", "scipy")
    return {"python": platform.python_version()} | {
        name: importlib.metadata.version(name) for name in packages
    }


def assess(
    dossier: Dossier,
    *,
    draws: int = 1000,
    seed: int = 1,
    with_unverified: bool = False,
    only: Sequence[str] | None = None,
    engines: Sequence[Engine] = ENGINES,
    progress: Progress | None = None,
) -> Study:
    """Run every scenario at every horizon, judge every claim then and now, and explain it.

    Parameters
    ----------
    draws
        Number of draws of every figure.
    seed
        Seed of all streams; the same dossier, seed and version give the same results.
    with_unverified
        Whether rows that rest on recollection take part.
    only
        Ids of the claims to judge; all of them without it.
    progress
        Called before each step.

    Raises
    ------
    UsageError
        If a claim named in ``only`` does not exist.
    """
    started = time.perf_counter()
    wanted = claims_of(dossier)
    if only is not None:
        for name in only:
            if name not in wanted:
                raise UsageError(f"there is no claim '{name}'; {did_you_mean(name, wanted)}")
        wanted = {name: each for name, each in wanted.items() if name in only}
    every = cases_of(dossier)
    judged_cases = cases_asked(wanted.values(), every)
    whole = judged_cases if only is not None else every
    days = sorted({claim.document.date for claim in wanted.values()})
    steps = _Steps(progress, 2 + len(days) + len(wanted))
    steps.next("sampling the world")
    world = build_world(dossier, draws=draws, seed=seed, with_unverified=with_unverified)
    steps.next("running the engines")
    table, failed = run(world, whole, engines)
    now = Knowledge(world, table, failed)
    middle = build_world(dossier, draws=1, seed=seed, with_unverified=with_unverified)
    central = Knowledge(middle, *run(middle, judged_cases, engines))
    then: dict[date, Knowledge] = {}
    for day in days:
        steps.next(f"as known on {day}")
        past = world.as_known(min(day, dossier.meta.as_of))
        then[day] = Knowledge(past, *run(past, judged_cases, engines))
    by_name = {(case.scenario, case.horizon): case for case in every}
    judged: dict[str, Judged] = {}
    explanations: dict[str, Explanation] = {}
    for name, claim in wanted.items():
        steps.next(name)
        judged[name] = judge(claim, now, then[claim.document.date])
        explanations[name] = explain(judged[name], world, by_name, engines, central)
    steps.end()
    return Study(
        dossier,
        world,
        draws,
        seed,
        table,
        judged,
        explanations,
        _counts(world, judged),
        tuple(engines),
        failed,
        time.perf_counter() - started,
    )


class _Steps:
    """Counts steps for whoever watches."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def next(self, name: str) -> None:
        if self.progress:
            self.progress(name, self.done, self.total)
        self.done += 1

    def end(self) -> None:
        if self.progress:
            self.progress("", self.total, self.total)


def _counts(world: World, judged: Mapping[str, Judged]) -> Counts:
    """Count the figures known now, and those on which verdicts rest."""
    used = {row for each in judged.values() for one in each.readings for row in one.rows}
    figures = ranged = used_figures = used_ranged = 0
    for name, spec in table_specs().items():
        if spec.virtual:
            continue
        frame = world[name].frame
        for figure in spec.figures.values():
            given = frame.filter(pl.col(figure.value).is_not_null())
            has = given.filter(pl.col(figure.low).is_not_null() & pl.col(figure.high).is_not_null())
            figures += given.height
            ranged += has.height
            used_figures += given.filter(pl.col("row").is_in(list(used))).height
            used_ranged += has.filter(pl.col("row").is_in(list(used))).height
    dossier = world.dossier
    unverified = sum(
        dossier.is_unverified(sources)
        for name, spec in table_specs().items()
        if "source" in spec.columns and not spec.virtual
        for sources in dossier.tables[name]["source"].to_list()
    )
    return Counts(figures, ranged, figures - ranged, unverified, used_figures, used_ranged)
