"""Kill -9 at any moment costs time and nothing else: no half result, no litter, the same bytes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

KILLS = 8
FILES = {
    *("verdicts.json", "indicators.parquet", "draws.parquet"),
    *("leverage.json", "leverage.parquet", "study.json", "report.html"),
}
PROGRAM = Path(__file__).with_name("crashing.py")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


def start(out: Path, store: Path, *more: str) -> subprocess.Popen[bytes]:
    words = ["assess", "toy", "--draws", "11", "--out", str(out), *more]
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {"CROSSROADS_STORE": str(store)},
    )


def finish(running: subprocess.Popen[bytes]) -> None:
    _, told = running.communicate(timeout=60)
    assert running.returncode == 0, told.decode()
    assert b"not kept" not in told


def check_whole(out: Path) -> None:
    """Assert that a folder of results is missing or whole."""
    if out.exists():
        assert {each.name for each in out.iterdir()} == FILES
        json.loads((out / "verdicts.json").read_text())


def held(store: Path) -> dict[str, int]:
    """Return the files of a store with their inodes: one written again has another."""
    return {each.name: each.stat().st_ino for each in store.iterdir()} if store.exists() else {}


def entries(store: Path) -> dict[str, int]:
    return {name: inode for name, inode in held(store).items() if name.endswith(".entry")}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], float]:
    """The files of a run without a store that nobody disturbs, and how long it takes."""
    folder = tmp_path_factory.mktemp("undisturbed")
    began = time.perf_counter()
    finish(start(folder / "out", folder / "store", "--no-store"))
    seconds = time.perf_counter() - began
    assert not held(folder / "store")
    names = FILES - {"study.json"}
    return {name: (folder / "out" / name).read_bytes() for name in names}, seconds


def test_killed_at_any_moment(undisturbed: tuple[dict[str, bytes], float], tmp_path: Path) -> None:
    files, seconds = undisturbed
    out, store = tmp_path / "out", tmp_path / "store"
    moments = random.Random(1)
    before: dict[str, int] = {}
    for _ in range(KILLS):
        running = start(out, store)
        try:
            running.wait(moments.uniform(0.3, 1.0) * seconds)
        except subprocess.TimeoutExpired:
            running.kill()
        running.communicate()
        check_whole(out)
        kept = entries(store)
        assert before.items() <= kept.items(), "what was kept was lost, or computed again"
        before = kept
    (store / "half-0000.part").write_bytes(b"left by a killed writer")
    finish(start(out, store))
    check_whole(out)
    for name, data in files.items():
        assert (out / name).read_bytes() == data, name
    assert held(store) == entries(store), "litter is left"
    assert {each.name for each in tmp_path.iterdir()} == {"out", "store"}, "litter is left"


def test_two_at_once(undisturbed: tuple[dict[str, bytes], float], tmp_path: Path) -> None:
    files, _ = undisturbed
    store = tmp_path / "store"
    pair = [start(tmp_path / name, store) for name in "ab"]
    for running in pair:
        finish(running)
    for name, data in files.items():
        assert (tmp_path / "a" / name).read_bytes() == data
        assert (tmp_path / "b" / name).read_bytes() == data
    assert held(store) == entries(store), "litter is left"
    assert len(held(store)) > 20
