"""Time what a user waits for, each against its aim.

python benchmarks/run.py [--json]

Every measurement is of a fresh process, by wall clock, after one run that is
not counted. Exits 1 when a command could not be run; a missed aim is only
reported, since it depends on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

PYTHON = [sys.executable]
CROSSROADS = [str(Path(sys.executable).parent / "crossroads")]


@dataclass(frozen=True)
class Row:
    what: str
    runs: int
    seconds: float
    aim: float
    passed: bool
    note: str = ""


class BrokenCommand(Exception):
    """A timed command ended with an error."""


def wall(command: list[str]) -> float:
    """Seconds one run of the command takes."""
    start = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        tail = done.stderr.decode(errors="replace").strip().splitlines()[-5:]
        raise BrokenCommand(f"{' '.join(command)}: exit {done.returncode}\n" + "\n".join(tail))
    return seconds


def time_import(runs: int = 9, aim: float = 0.2) -> Row:
    """`import crossroads`, less what bare Python takes; the two run in turns."""
    bare, full = [*PYTHON, "-c", "pass"], [*PYTHON, "-c", "import crossroads"]
    wall(bare), wall(full)
    pairs = [(wall(bare), wall(full)) for _ in range(runs)]
    without = statistics.median(pair[0] for pair in pairs)
    with_it = statistics.median(pair[1] for pair in pairs)
    note = (
        f"{with_it * 1000:.0f} ms against {without * 1000:.0f} ms bare, "
        f"{(with_it - without) * 1000:+.0f} ms, {with_it / without:.1f} times"
    )
    seconds = with_it - without
    return Row("import crossroads, over bare Python", runs, seconds, aim, seconds <= aim, note)


def time_help(runs: int = 5, aim: float = 0.5) -> Row:
    command = [*CROSSROADS, "--help"]
    wall(command)
    seconds = statistics.median(wall(command) for _ in range(runs))
    return Row("crossroads --help", runs, seconds, aim, seconds <= aim)


def time_study(runs: int = 3, aim: float = 5.0) -> Row:
    """The whole command on exposure alone, at 1,000 draws, nothing taken from the store."""
    seconds = _assess(runs, "--no-store")
    return Row("assess, 1,000 draws, no store", runs, seconds, aim, seconds <= aim)


def time_again(runs: int = 3, aim: float = 2.0) -> Row:
    """The same once more, from a store of its own."""
    with tempfile.TemporaryDirectory(prefix="crossroads-bench-") as store:
        os.environ["CROSSROADS_STORE"] = store
        seconds = _assess(runs)
    return Row("assess again, from the store", runs, seconds, aim, seconds <= aim)


def _assess(runs: int, *options: str) -> float:
    with tempfile.TemporaryDirectory(prefix="crossroads-bench-") as folder:

        def once(number: int) -> float:
            out = str(Path(folder) / f"run-{number}")
            study = ["assess", "south-caucasus", "--draws", "1000", "--out", out, *options]
            return wall([*CROSSROADS, *study])

        once(0)
        return statistics.median(once(number) for number in range(1, runs + 1))


def main() -> int:
    parser = argparse.ArgumentParser(description="Time what a user waits for.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    asked = parser.parse_args()

    rows: list[Row] = []
    broken: list[str] = []
    if not asked.json:
        print(f"{'what':<38}{'runs':>5}{'median':>10}{'aim':>8}  result", flush=True)
    for measure in (time_import, time_help, time_study, time_again):
        try:
            row = measure()
        except (BrokenCommand, OSError) as error:
            broken.append(str(error))
            if not asked.json:
                print(f"{measure.__name__:<38}{'-':>5}{'-':>10}{'-':>8}  broken")
            continue
        rows.append(row)
        if not asked.json:
            result = "pass" if row.passed else "FAIL"
            times = f"{row.seconds:>8.3f} s{row.aim:>6.1f} s"
            print(f"{row.what:<38}{row.runs:>5}{times}  {result}", flush=True)
            if row.note:
                print(f"  {row.note}", flush=True)
    if asked.json:
        machine = {"python": platform.python_version(), "cpus": os.cpu_count()}
        measured = {"machine": machine, "rows": [asdict(row) for row in rows], "broken": broken}
        print(json.dumps(measured, indent=2))
    for message in broken:
        print(f"bench: {message}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
