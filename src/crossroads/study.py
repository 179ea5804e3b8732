"""A study: one dossier, its cases, engines and draws, judged, explained and written whole."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from crossroads.claims import (
    Argument,
    Claim,
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
from crossroads.claims.check import check_claims
from crossroads.dossier import Dossier
from crossroads.engines import ENGINES, Engine, run
from crossroads.errors import DossierError, Finding, named
from crossroads.indicators import Indicators
from crossroads.leverage import Leverage, leverage_bytes, leverage_of
from crossroads.levers import Case, cases_of, check_levers
from crossroads.packing import pack, unpack
from crossroads.results import check_target, six_digits, verdict_record
from crossroads.schema import table_specs
from crossroads.store import Store, digest, made_by
from crossroads.whole import write_whole
from crossroads.world import World, build_world

__all__ = ["Counts", "Study", "assess", "refuse_malformed"]

Failed = Mapping[tuple[str, str], str]
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
class Outcome:
    """What a run finds; claims stand in the dossier's order."""

    judged: Mapping[str, Judged]
    explanations: Mapping[str, Explanation]
    counts: Counts
    failed: Failed


@dataclass(frozen=True, eq=False)
class Study:
    """The results of one run; ``indicators`` are as known now."""

    dossier: Dossier
    draws: int
    seed: int
    with_unverified: bool
    outcome: Outcome
    engines: tuple[Engine, ...]
    seconds: float
    sample: Callable[[], World] = field(repr=False)
    compute: Callable[[World], Indicators] = field(repr=False)
    compare: Callable[[Callable[[], World]], Leverage] = field(repr=False)
    held: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def judged(self) -> Mapping[str, Judged]:
        """Every claim with its verdicts."""
        return self.outcome.judged

    @property
    def explanations(self) -> Mapping[str, Explanation]:
        """What each verdict rests on."""
        return self.outcome.explanations

    @property
    def counts(self) -> Counts:
        """How well founded the figures are."""
        return self.outcome.counts

    @property
    def failed(self) -> Failed:
        """Why a case could not be run, by scenario and horizon."""
        return self.outcome.failed

    @cached_property
    def world(self) -> World:
        """The base world; of a study found in the store, sampled when first asked for."""
        return self.sample()

    @cached_property
    def indicators(self) -> Indicators:
        """The rows of all cases; of a study found in the store, computed when first asked for."""
        return self.compute(self.world)

    @cached_property
    def leverage(self) -> Leverage:
        """What each actor could do to each other, by template; found in the store or computed when
        first asked for."""
        return self.compare(lambda: self.world)

    @cached_property
    def tables(self) -> Mapping[str, bytes]:
        """The files written beside the verdicts, by name."""
        if self.held:
            return self.held
        summary = self.indicators.summary().with_columns(self.indicators.frame["inputs"])
        tables = {"indicators.parquet": _parquet(summary), "draws.parquet": _parquet(self._kept())}
        return tables | leverage_bytes(self.leverage)

    @cached_property
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
            "unverified": self.with_unverified,
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

    def write(self, folder: str | Path, beside: Mapping[str, bytes] | None = None) -> Path:
        """Write all results to a folder, whole or not at all.

        Parameters
        ----------
        beside
            Further files of a study by name, such as its report.

        Raises
        ------
        UsageError
            If the folder holds something else than an earlier study.
        """
        target = check_target(folder)
        write_whole(target, partial(self._write_into, {**self.tables, **(beside or {})}))
        return target

    def _write_into(self, files: Mapping[str, bytes], folder: Path) -> None:
        text = json.dumps(six_digits(self.verdicts()), ensure_ascii=False, indent=1)
        (folder / "verdicts.json").write_text(text + "\n", encoding="utf-8")
        for name, data in files.items():
            (folder / name).write_bytes(data)
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


def _parquet(frame: pl.DataFrame) -> bytes:
    data = BytesIO()
    frame.write_parquet(data)
    return data.getvalue()


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
    store: Store | None = None,
    workers: int = 1,
    checked: bool = False,
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
    store
        Where results are kept, and found again by the next run of the same study.
    workers
        How many batches of draws are computed at a time; more than one needs joblib.
    checked
        Whether levers and claims were held against the rows before, or need not be, as in a
        dossier as known on an early day, where some levers have nothing to act on yet. Where only
        some claims are judged it is not done either.

    Raises
    ------
    DossierError
        If levers or claims are malformed, or cannot be pulled or judged on the rows there are:
        with the errors that ``check_dossier`` finds of them.
    UsageError
        If a claim named in ``only`` does not exist, or several workers are asked for without
        joblib.
    """
    started = time.perf_counter()
    refuse_malformed(dossier, engines)
    wanted = claims_of(dossier)
    if only is not None:
        for name in only:
            named("claim", name, wanted)
        wanted = {name: each for name, each in wanted.items() if name in only}
    every = cases_of(dossier)
    cases = every if only is None else cases_asked(wanted.values(), every)
    engines = tuple(engines)
    sample = partial(build_world, dossier, draws=draws, seed=seed, with_unverified=with_unverified)
    compute = partial(run, engines=engines, store=store, workers=workers)
    compare = partial(
        leverage_of, dossier, draws=draws, seed=seed, with_unverified=with_unverified, store=store
    )
    steps = _Steps(progress, 2 + len(_days(wanted)) + len(wanted) + (only is None))
    checked = checked or only is not None
    key = _key(dossier, [draws, seed, with_unverified, sorted(wanted), checked], engines)
    held = store.get(key) if store else None
    world, table = None, None
    if held is None:
        outcome, world, table = _outcome(
            wanted, cases, every, engines, sample, compute, steps, checked
        )
    else:
        outcome = unpack(Outcome, held)
    study = Study(
        dossier,
        draws,
        seed,
        with_unverified,
        outcome,
        engines,
        time.perf_counter() - started,
        sample=lambda: sample() if world is None else world,
        compute=lambda known: compute(known, cases)[0] if table is None else table,
        compare=lambda base: compare(sample=base),
        held={name: each for name, each in (held or {}).items() if "." in name},
    )
    if only is None and held is None:
        steps.next("what each actor could do to each other")
        _ = study.leverage
    if store and held is None:
        store.put(key, {**pack(outcome), **(study.tables if only is None else {})})
    steps.end()
    return study


def refuse_malformed(dossier: Dossier, engines: Sequence[Engine] = ENGINES) -> None:
    """Refuse a dossier whose levers or claims are malformed; none is pulled or looked up.

    Raises
    ------
    DossierError
        If they are; it carries the errors.
    """
    known = tuple(dict.fromkeys((*ENGINES, *engines)))
    _refuse([*check_levers(dossier, None), *check_claims(dossier, known, None)[0]])


def _refuse(findings: Sequence[Finding]) -> None:
    errors = [each for each in findings if each.severity == "error"]
    if errors:
        raise DossierError(errors)


def _key(dossier: Dossier, asked: Sequence[object], engines: Sequence[Engine]) -> str:
    """Return what the results of a study are found by in a store."""
    by = [[each.name, each.version, type(each).__module__] for each in engines]
    return digest("study", made_by(), dict(dossier.digests), repr(dossier.meta), asked, by)


def _days(claims: Mapping[str, Claim]) -> list[date]:
    return sorted({claim.document.date for claim in claims.values()})


def _outcome(
    wanted: Mapping[str, Claim],
    cases: Sequence[Case],
    every: Sequence[Case],
    engines: Sequence[Engine],
    sample: Callable[[], World],
    compute: Callable[[World, Sequence[Case]], tuple[Indicators, Failed]],
    steps: _Steps,
    checked: bool,
) -> tuple[Outcome, World, Indicators]:
    """Run the engines on what is known now and was known then, judge the claims, explain them."""
    asked = cases_asked(wanted.values(), every)
    steps.next("sampling the world")
    world = sample()
    middle = world.central()
    central = Knowledge(middle, *compute(middle, asked))
    if not checked:
        _refuse(check_levers(world.dossier, middle))
        _refuse(check_claims(world.dossier, (*ENGINES, *engines), central)[0])
    steps.next("running the engines")
    table, failed = compute(world, cases)
    now = Knowledge(world, table, failed)
    then: dict[date, Knowledge] = {}
    for day in _days(wanted):
        steps.next(f"as known on {day}")
        past = world.as_known(min(day, world.meta.as_of))
        then[day] = Knowledge(past, *compute(past, asked))
    by_name = {(case.scenario, case.horizon): case for case in every}
    judged: dict[str, Judged] = {}
    explanations: dict[str, Explanation] = {}
    for name, claim in wanted.items():
        steps.next(name)
        judged[name] = judge(claim, now, then[claim.document.date])
        explanations[name] = explain(judged[name], world, by_name, engines, central)
    return Outcome(judged, explanations, _counts(world, judged), failed), world, table


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
