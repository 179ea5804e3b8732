"""Break the toy dossier in thousands of ways and see what crossroads makes of each.

python benchmarks/fuzz.py [--mutants 10000] [--seed 1] [--processes 2] [--json]

Each mutant is one copy of the toy dossier with one thing changed, by a rule that knows the format:
a cell, a row, a column, the bytes of a CSV file, a field of a YAML entry, a file. Every mutant goes
through `check`; of those that it passes, every n-th (--assess-every) goes through `assess` with
three draws. Python's warnings count as errors.

A rule says what is due of its mutants, and that is what makes a mutant one that changes meaning:

due       what must come of it
refused   an error, and it must point to the mutated file (as its place, or by name)
told      a finding of any severity, pointing to the mutated file
same      no finding, and the same typed content as the undamaged dossier
free      anything but a traceback, a hang, or the silent loss of rows

Rows are lost silently when a table (or a YAML file) holds fewer than its file does, counted apart
from crossroads, and no finding names the file. Exits 1 when anything due does not come.
"""

from __future__ import annotations

import argparse
import csv
import faulthandler
import io
import json
import multiprocessing
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import yaml
from mutants import RULES, SPECS, YAML_FILES, Mutant

import crossroads as cr
from crossroads.dossier import Dossier
from crossroads.errors import Finding

LIMIT = 20.0
"""Seconds that one mutant may take before it counts as hanging."""


@dataclass
class Outcome:
    """What came of one mutant."""

    number: int
    rule: str
    due: str
    file: str
    codes: list[str] = field(default_factory=list)
    found: bool = False
    pointed: bool = False
    placed: bool = False
    assessed: bool = False
    seconds: float = 0.0
    failure: str = ""
    detail: str = ""


class Hang(BaseException):
    """A mutant took longer than it may."""


@cache
def toy() -> tuple[Mapping[str, bytes], Mapping[str, str]]:
    """Return the undamaged files, and the typed content of each."""
    folder = cr.locate("toy")
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    return files, content_of(cr.load("toy"))


def content_of(dossier: Dossier) -> dict[str, str]:
    """Return the typed content of every table and YAML file, without lines or order of rows."""
    held = {}
    for name, frame in dossier.tables.items():
        rows = frame.drop("line").sort("row").drop(["note"] if name == "levers" else [])
        held[name] = rows.write_json()
    for name in ("claims", "levers", "scenarios"):
        held[f"{name}.yaml"] = ",".join(getattr(dossier, name))
    held["meta"] = repr(dossier.meta)
    held["units"] = ",".join(sorted(dossier.vocabulary.units))
    return held


def mutant(number: int, seed: int) -> tuple[str, Mutant]:
    """Return the mutant of a number: rules in turn, everything else by chance."""
    rng = random.Random(f"{seed}/{number}")
    names = list(RULES)
    files = toy()[0]
    name = names[number % len(names)]
    for _ in range(50):
        made = RULES[name](rng, files)
        if made is not None:
            return name, made
    raise AssertionError(f"{name} finds nothing to mutate")


def held_in(file: str, path: Path) -> int:
    """Count the rows or entries of a file apart from crossroads; -1 if it cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if file.endswith(".csv"):
            records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
            return max(0, sum(any(record) for record in records) - 1)
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return len(node.value) if isinstance(node, yaml.MappingNode) else -1
    except (OSError, UnicodeError, csv.Error, yaml.YAMLError):
        return -1


def lost(dossier: Dossier | None, made: Mutant, folder: Path, named: set[str]) -> str:
    """Say which file lost rows without a finding on it, empty if none did."""
    for file in made.files:
        path = folder / file
        if file in named or not path.exists() or dossier is None:
            continue
        if file in SPECS and not SPECS[file].name.startswith(("units", "measures")):
            kept = dossier.tables[SPECS[file].name].height
        elif file in YAML_FILES and file != "dossier.yaml":
            kept = len(getattr(dossier, file.removesuffix(".yaml")))
        else:
            continue
        held = held_in(file, path)
        if held == -1 or kept < held:
            return f"{file} holds {held}, {kept} were kept"
    return ""


def points_to(finding: Finding, made: Mutant) -> bool:
    """Whether a finding stands in a mutated file, or names it."""
    return finding.file in made.files or any(
        file in f"{finding.message} {finding.remedy}" for file in made.files
    )


def _write(folder: Path, made: Mutant) -> None:
    for file, content in made.files.items():
        path = folder / file
        path.unlink(missing_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content is not None:
            path.symlink_to(content)


def _restore(folder: Path, made: Mutant) -> None:
    for file in made.files:
        path = folder / file
        path.unlink(missing_ok=True)
        if file in toy()[0]:
            path.write_bytes(toy()[0][file])


def try_mutant(number: int, seed: int, folder: Path, assess_every: int) -> Outcome:
    """Make one mutant in a folder that holds the toy dossier, try it, and mend the folder."""
    name, made = mutant(number, seed)
    outcome = Outcome(number, name, made.due, made.file)
    _write(folder, made)
    before = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, LIMIT)
    faulthandler.dump_traceback_later(4 * LIMIT, exit=True)
    try:
        _try(outcome, made, folder, assess_every)
    except Hang:
        outcome.failure, outcome.detail = "hang", f"over {LIMIT:g} s"
    except Exception:
        outcome.failure, outcome.detail = "traceback", traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        outcome.seconds = time.perf_counter() - before
        _restore(folder, made)
    return outcome


def _try(outcome: Outcome, made: Mutant, folder: Path, assess_every: int) -> None:
    dossier, findings = cr.check_dossier(folder)
    pointing = [each for each in findings if points_to(each, made)]
    outcome.codes = sorted({each.code for each in findings})
    outcome.found, outcome.pointed = bool(findings), bool(pointing)
    outcome.placed = any(each.file in made.files for each in findings)
    gone = lost(dossier, made, folder, {each.file for each in findings})
    if gone:
        outcome.failure, outcome.detail = "silent loss", gone
    elif made.due == "refused" and not any(each.severity == "error" for each in findings):
        outcome.failure, outcome.detail = "not refused", str(findings[:2])
    elif dossier is None and not any(each.severity == "error" for each in findings):
        outcome.failure, outcome.detail = "no dossier and no error", str(findings[:2])
    elif made.due == "told" and not findings:
        outcome.failure, outcome.detail = "not told", ""
    elif made.due == "same":
        if findings or dossier is None:
            outcome.failure, outcome.detail = "refused", str(findings[0])
        elif content_of(dossier) != toy()[1]:
            outcome.failure, outcome.detail = "not the same", ""
    sound = not any(each.severity == "error" for each in findings)
    if dossier is not None and sound and outcome.number // len(RULES) % assess_every == 0:
        outcome.assessed = True
        cr.assess(dossier, draws=3, checked=True).verdicts()


def _ring(signum: int, frame: FrameType | None) -> None:
    raise Hang


def try_all(numbers: Sequence[int], seed: int, assess_every: int) -> list[Outcome]:
    """Try some mutants in a folder of their own, in memory where the machine has such a place."""
    signal.signal(signal.SIGALRM, _ring)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as place, warnings.catch_warnings():
        warnings.simplefilter("error")
        folder = Path(place) / "toy"
        folder.mkdir()
        for file, data in toy()[0].items():
            (folder / file).write_bytes(data)
        (Path(place) / "elsewhere").write_text("a,b\n")
        return [try_mutant(number, seed, folder, assess_every) for number in numbers]


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def report_of(outcomes: Sequence[Outcome], assess_every: int) -> dict[str, object]:
    """Sum outcomes up."""
    due = [each for each in outcomes if each.due in ("refused", "told")]
    found = [each for each in outcomes if each.found]
    failures = Counter(each.failure for each in outcomes if each.failure)
    times = sorted(each.seconds for each in outcomes)
    return {
        "mutants": len(outcomes),
        "rules": len({each.rule for each in outcomes}),
        "due": dict(Counter(each.due for each in outcomes)),
        "with_findings": len(found),
        "assessed": sum(each.assessed for each in outcomes),
        "assess_every": assess_every,
        "tracebacks": failures["traceback"],
        "hangs": failures["hang"],
        "silent_losses": failures["silent loss"],
        "failures": dict(failures),
        "changing_meaning": len(due),
        "pointed_share": _share(sum(each.pointed for each in due), len(due)),
        "pointed_share_by_place_alone": _share(sum(each.placed for each in due), len(due)),
        "pointed_share_of_all_with_findings": _share(
            sum(each.pointed for each in found), len(found)
        ),
        "unpointed_by_rule": dict(
            Counter(each.rule for each in found if not each.pointed).most_common()
        ),
        "codes": dict(Counter(code for each in outcomes for code in each.codes).most_common()),
        "seconds_median": round(times[len(times) // 2], 3),
        "seconds_longest": round(times[-1], 2),
        "slowest": [
            f"{each.rule} {each.number}: {each.seconds:.1f} s"
            for each in sorted(outcomes, key=lambda each: -each.seconds)[:5]
        ],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first mutant")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--assess-every", type=int, default=4, help="every n-th round of rules")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    began = time.perf_counter()
    outcomes: list[Outcome] = []
    numbers = range(asked.first, asked.first + asked.mutants)
    chunks = [numbers[at : at + 100] for at in range(0, len(numbers), 100)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(asked.processes, mp_context=context) as pool:
        waiting = [pool.submit(try_all, chunk, asked.seed, asked.assess_every) for chunk in chunks]
        for chunk, each in zip(chunks, waiting, strict=True):
            try:
                outcomes += each.result()
            except BrokenProcessPool:
                print(f"a process died among mutants {chunk[0]} to {chunk[-1]}", file=sys.stderr)
                return 1
            if sys.stderr.isatty():
                print(f"\r{len(outcomes):,} of {asked.mutants:,}", end="", file=sys.stderr)
    report = report_of(outcomes, asked.assess_every)
    report["seconds"] = round(time.perf_counter() - began, 1)
    report["peak_mib"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    failed = [each for each in outcomes if each.failure]
    if asked.json:
        print(json.dumps(report | {"failed": [asdict(each) for each in failed]}, indent=1))
    else:
        for name, value in report.items():
            print(f"{name:<36} {value}")
        for each in failed:
            print(
                f"\n{each.failure}: {each.rule}, {each.file}, mutant {each.number}\n{each.detail}"
            )
    return 1 if failed or float(str(report["pointed_share"])) < 0.95 else 0


if __name__ == "__main__":
    sys.exit(main())
