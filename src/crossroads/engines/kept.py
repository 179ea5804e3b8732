"""An engine's results in the store, found by all that they follow from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from io import BytesIO

import numpy as np
import polars as pl

from crossroads.engines.contract import Engine
from crossroads.indicators import Gap, Indicators
from crossroads.schema import table_specs
from crossroads.store import Store, digest, made_by
from crossroads.world import Batch, Table, World

__all__ = ["Kept"]

_ENTRIES_OF_OTHERS = frozenset({"claims.yaml", "levers.yaml", "scenarios.yaml"})
"""Files that an engine sees through its tables alone."""


class Kept:
    """The results of one engine in a store; nothing is kept without a store, or if not worth it."""

    def __init__(self, store: Store | None, engine: Engine) -> None:
        self.store = store if getattr(engine, "kept", True) else None
        self.engine = engine
        self._tables: dict[int, tuple[str, Table]] = {}

    def key(self, world: World, given: Indicators, batch: Batch, draws: int) -> str:
        """Return what the results of a case are found by; ``draws`` is how many there are in all.

        Scenario and levers have no part in it: what they do shows in the tables. Which tables are
        the very ones of the base has, since engines take it for a sign that nothing was done.
        """
        if self.store is None:
            return ""
        kind, base = type(self.engine), world.base
        tables = [
            [name, self._table(each), self._table(base[name]), each is base[name]]
            for name, each in sorted(world.tables.items())
        ]
        return digest(
            made_by(),
            [self.engine.name, self.engine.version, kind.__module__, kind.__qualname__],
            _settings(world),
            [world is base, tables],
            _frame(given.frame),
            np.ascontiguousarray(given.values).tobytes(),
            [batch.start, batch.stop, draws],
        )

    def get(self, key: str) -> Indicators | None:
        parts = self.store.get(key) if self.store else None
        return None if parts is None else _unpacked(parts)

    def put(self, key: str, rows: Indicators) -> None:
        if self.store:
            self.store.put(key, _packed(rows))

    def _table(self, table: Table) -> str:
        if id(table) not in self._tables:
            self._tables[id(table)] = _digest(table), table
        return self._tables[id(table)][0]

    def forget(self) -> None:
        """Forget the tables seen, which are kept alive until then."""
        self._tables.clear()


def _settings(world: World) -> Mapping[str, object]:
    """Return what an engine may see beside its tables: settings, vocabularies, clocks, seed."""
    tables = {spec.file for spec in table_specs().values() if not spec.virtual}
    files = {
        name: each
        for name, each in world.dossier.digests.items()
        if name not in tables | _ENTRIES_OF_OTHERS
    }
    return {
        "files": files,
        "meta": repr(world.meta),
        "horizon": world.horizon,
        "known": world.known.isoformat(),
        "seed": world.seed,
        "unverified": world.with_unverified,
    }


def _digest(table: Table) -> str:
    figures: Iterable[bytes] = (
        name.encode() + np.ascontiguousarray(each).tobytes()
        for name, each in sorted(table.figures.items())
    )
    spans = {name: dict(each) for name, each in table.spans.items()}
    return digest(_frame(table.frame), dict(table.via), spans, *figures)


def _frame(frame: pl.DataFrame) -> bytes:
    data = BytesIO()
    frame.rechunk().write_ipc(data)
    return data.getvalue()


def _packed(rows: Indicators) -> dict[str, bytes]:
    return {
        "frame": _frame(rows.frame),
        "values": np.ascontiguousarray(rows.values, dtype=np.float64).tobytes(),
        "rest": json.dumps([rows.values.shape, [asdict(gap) for gap in rows.gaps]]).encode(),
    }


def _unpacked(parts: Mapping[str, bytes]) -> Indicators:
    frame = pl.read_ipc(BytesIO(parts["frame"]))
    shape, gaps = json.loads(parts["rest"])
    values = np.frombuffer(parts["values"]).reshape(shape)
    told = tuple(Gap(**each | {"periods": tuple(each["periods"])}) for each in gaps)
    return Indicators(frame, values, told)
