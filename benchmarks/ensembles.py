"""Time what the store and workers save.

python benchmarks/ensembles.py [--draws N]

First and second run of one study, each a fresh process with a store of its own; a synthetic heavy
engine by one worker and by two; and into how many batches draws are split.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import crossroads as cr
from crossroads.engines.ensembles import batches
from crossroads.indicators import Builder, Indicators, IndicatorSpec
from crossroads.levers import Case
from crossroads.world import World

PROGRAM = Path(sys.executable).parent / "crossroads"


@dataclass
class Heavy:
    """Takes about ``seconds`` a draw of plain Python, as a solver would."""

    seconds: float = 0.005
    name: str = "heavy"
    version: str = "1"
    batch: int = 10
    reads: frozenset[str] = frozenset({"flows"})
    needs: frozenset[str] = frozenset()
    provides: tuple[IndicatorSpec, ...] = (IndicatorSpec("root", "1", "root", "A root"),)

    def calibrate(self, base: World) -> None:
        return None

    def cases(self, base: World) -> tuple[Case, ...]:
        return ()

    def indicators(self, model: None, world: World, given: Indicators) -> Indicators:
        values = np.array([self._solve(each) for each in world["flows"].values[0]])
        build = Builder(self.name, world.draws)
        row = world["flows"].frame["row"][0]
        build.row("root", "A", "", "", "2024", "1", values, [row])
        return build.build()

    def _solve(self, value: float) -> float:
        root = 1.0
        for _ in range(int(self.seconds * 1.2e7)):
            root = (root + value / root) / 2
        return root


def time_store(draws: int) -> None:
    with tempfile.TemporaryDirectory(prefix="crossroads-bench-") as folder:
        env = os.environ | {"CROSSROADS_STORE": str(Path(folder) / "store")}

        def once(out: str, *more: str) -> float:
            words = ["assess", "south-caucasus", "--draws", str(draws), "--out", f"{folder}/{out}"]
            began = time.perf_counter()
            subprocess.run([PROGRAM, *words, *more], env=env, capture_output=True, check=True)
            return time.perf_counter() - began

        once("warm", "--no-store")
        without, first = once("none", "--no-store"), once("first")
        second = min(once("second") for _ in range(3))
        kept = sum(each.stat().st_size for each in (Path(folder) / "store").iterdir())
        texts = {
            (Path(folder) / out / "verdicts.json").read_bytes()
            for out in ("none", "first", "second")
        }
    print(f"without a store {without:.2f} s, first run {first:.2f} s, second {second:.2f} s")
    print(f"  {first / second:.1f} times as fast; {kept / 2**20:.1f} MiB kept")
    print(f"  verdicts.json the same: {len(texts) == 1}")


def time_workers(draws: int) -> None:
    world = cr.build_world(cr.load("toy"), draws=draws)
    case = [Case("baseline", (), "short")]
    engines: list[Any] = [Heavy()]
    cr.run(cr.build_world(world.dossier, draws=20), case, engines, workers=2)  # starts the workers
    found, seconds = [], []
    for workers in (1, 2):
        began = time.perf_counter()
        found.append(cr.run(world, case, engines, workers=workers)[0].values.tobytes())
        seconds.append(time.perf_counter() - began)
    print(f"heavy engine, {draws} draws: 1 worker {seconds[0]:.2f} s, 2 workers {seconds[1]:.2f} s")
    print(f"  {seconds[0] / seconds[1]:.2f} times as fast, {os.cpu_count()} CPUs")
    print(f"  the same bits: {found[0] == found[1]}")


def print_batches() -> None:
    for name in ("toy", "south-caucasus"):
        dossier = cr.load(name)
        for draws in (1000, 10_000):
            split = batches(cr.ENGINES[0], cr.build_world(dossier, draws=draws))
            print(f"exposure of {name}, {draws:,} draws: {len(split)} of {split[0].draws:,} or so")


def main() -> None:
    parser = argparse.ArgumentParser(description="Time what the store and workers save.")
    parser.add_argument("--draws", type=int, default=1000)
    asked = parser.parse_args()
    time_store(asked.draws)
    time_workers(200)
    print_batches()


if __name__ == "__main__":
    main()
