"""The store: what is kept is found again, whole or not at all, and never for something else."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

import crossroads as cr
from crossroads import packing, store
from crossroads.cli.opening import open_store
from crossroads.dossier import Dossier
from crossroads.store import Store, digest, users_store
from crossroads.study import Study
from tests.conftest import Folder

PARTS = {"frame": b"\x00\x01\n" * 50, "empty": b"", "values": bytes(range(256))}


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    """A store with one entry, ``key``."""
    made = Store(tmp_path / "store")
    made.put("key", PARTS)
    return made


def entry(kept: Store, key: str = "key") -> Path:
    return kept.place / f"{key}.entry"


def test_what_is_kept_is_found_again(kept: Store) -> None:
    assert kept.get("key") == PARTS
    assert Store(kept.place).get("key") == PARTS
    assert kept.get("other") is None
    assert [each.name for each in kept.place.iterdir()] == ["key.entry"]


def test_every_altered_byte_is_noticed(kept: Store) -> None:
    whole = entry(kept).read_bytes()
    for place in range(len(whole)):
        altered = bytearray(whole)
        altered[place] ^= 1
        entry(kept).write_bytes(altered)
        assert kept.get("key") is None, place
        assert not entry(kept).exists()


@pytest.mark.parametrize("length", [0, 5, 19, 40, 51, 100, -1])
def test_a_file_cut_short_is_missing(kept: Store, length: int) -> None:
    entry(kept).write_bytes(entry(kept).read_bytes()[:length])
    assert kept.get("key") is None
    assert not entry(kept).exists()
    kept.put("key", PARTS)
    assert kept.get("key") == PARTS


def test_an_entry_under_another_name_is_missing(kept: Store) -> None:
    entry(kept).rename(entry(kept, "other"))
    assert kept.get("other") is None


def test_an_entry_of_another_format_is_missing(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_MAGIC", b"crossroads store 2\n")
    assert kept.get("key") is None
    assert not entry(kept).exists()


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    part = {"part": bytes(1000)}
    kept = Store(tmp_path, size=3500)
    for number, key in enumerate("abc"):
        kept.put(key, part)
        os.utime(entry(kept, key), (number, number))
    assert kept.get("a") == part
    kept.put("d", part)
    assert sorted(each.stem for each in tmp_path.iterdir()) == ["a", "c", "d"]
    kept.put("large", {"part": bytes(4000)})
    assert kept.get("large") is None
    assert kept.get("d") == part


def test_what_a_killed_writer_left_is_swept(kept: Store) -> None:
    (kept.place / "key-0123.part").write_bytes(b"half")
    assert kept.get("other") is None  # swept by whoever looks first
    again = Store(kept.place)
    assert again.get("key") == PARTS
    assert [each.name for each in kept.place.iterdir()] == ["key.entry"]


WRITER = """
import os, sys
from pathlib import Path
from crossroads.store import Store

def wait(file):
    print(flush=True)
    sys.stdin.readline()

os.fsync = wait
Store(Path(sys.argv[1])).put("slow", {"part": b"slow"})
"""
"""Writes an entry, and waits for a line while its file is open."""


@pytest.mark.skipif(sys.platform == "win32", reason="no locks")
@pytest.mark.parametrize("killed", [False, True])
def test_what_a_living_writer_writes_is_left(kept: Store, killed: bool) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, kept.place], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout
        writer.stdout.readline()
        assert Store(kept.place).get("key") == PARTS  # whoever looks first sweeps
        assert len(list(kept.place.glob("slow-*.part"))) == 1
        if killed:
            writer.kill()
    assert Store(kept.place).get("slow") == (None if killed else {"part": b"slow"})
    assert not list(kept.place.glob("*.part"))


def test_a_place_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told: list[str] = []
    kept = Store(tmp_path / "file" / "store", warn=told.append)
    for key in "ab":
        kept.put(key, PARTS)
        assert kept.get(key) is None
    assert len(told) == 1
    assert "Not a directory" in told[0]


def test_a_full_disk_leaves_nothing_behind(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    told: list[str] = []
    kept.warn = told.append
    monkeypatch.setattr(os, "fsync", full)
    kept.put("b", PARTS)
    assert told == [f"results are not kept in {kept.place}: No space left on device"]
    assert [each.name for each in kept.place.iterdir()] == ["key.entry"]
    assert kept.get("key") == PARTS


def test_the_place_of_the_users_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CROSSROADS_STORE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert users_store().place == tmp_path / "crossroads" / "store"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert users_store().place == tmp_path / "home" / ".cache" / "crossroads" / "store"
    monkeypatch.setenv("CROSSROADS_STORE", str(tmp_path / "own"))
    assert users_store().place == tmp_path / "own"
    assert not list(tmp_path.iterdir())
    assert open_store(no_store=True) is None


@pytest.mark.parametrize(
    ("text", "size"), [("", 1 << 30), ("0", 0), ("5000", 5000), ("2k", 2048), ("3M", 3 << 20)]
)
def test_the_size_of_the_users_store(text: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSROADS_STORE_SIZE", text)
    assert users_store().size == size


@pytest.mark.parametrize("text", ["much", "-1", "1T", "M", "1.5G"])
def test_a_size_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSROADS_STORE_SIZE", text)
    with pytest.raises(cr.UsageError, match="CROSSROADS_STORE_SIZE"):
        users_store()


def test_digests_tell_parts_apart() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert digest(b"1") != digest(1, b"")
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


# studies


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give a list that notes every run of an engine."""
    runs: list[str] = []
    before = type(cr.ENGINES[0]).indicators

    def noted(self, model, world, given):  # type: ignore[no-untyped-def]
        runs.append(self.name)
        return before(self, model, world, given)

    monkeypatch.setattr(type(cr.ENGINES[0]), "indicators", noted)
    return runs


def written(study: Study, folder: Path) -> dict[str, bytes]:
    study.write(folder)
    names = ("verdicts.json", "indicators.parquet", "draws.parquet", "leverage.json")
    return {name: (folder / name).read_bytes() for name in names}


def test_a_study_is_found_again_without_a_run(
    toy: Dossier, tmp_path: Path, counting: list[str]
) -> None:
    plain = cr.assess(toy, draws=20)
    first = cr.assess(toy, draws=20, store=Store(tmp_path / "store"))
    assert counting
    counting.clear()
    second = cr.assess(toy, draws=20, store=Store(tmp_path / "store"))
    files = [
        written(each, tmp_path / str(place)) for place, each in enumerate((plain, first, second))
    ]
    assert files[0] == files[1] == files[2]
    assert not counting
    assert second.counts == first.counts
    assert packing.pack(second.outcome) == packing.pack(first.outcome)
    for name, each in second.explanations.items():
        assert each.of is None or any(each.of is one for one in second.judged[name].readings)
    assert second.indicators.frame.equals(first.indicators.frame)
    assert np.array_equal(second.indicators.values, first.indicators.values, equal_nan=True)
    assert second.world.draws == 20


def test_a_study_of_some_claims_is_kept_apart(toy: Dossier, tmp_path: Path) -> None:
    kept = Store(tmp_path)
    name = next(iter(toy.claims))
    assert list(cr.assess(toy, draws=5, store=kept, only=[name]).judged) == [name]
    assert len(cr.assess(toy, draws=5, store=kept).judged) == len(toy.claims)
    again = cr.assess(toy, draws=5, store=kept, only=[name])
    assert list(again.judged) == [name]
    plain = cr.assess(toy, draws=5, only=[name])
    assert written(again, tmp_path / "a") == written(plain, tmp_path / "b")


def test_nothing_else_is_taken_for_a_study(
    folder: Folder, tmp_path: Path, counting: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Store(tmp_path / "store")

    def runs(**asked: object) -> bool:
        counting.clear()
        opened = folder.load()
        some = [*opened.claims][:2]
        cr.assess(opened, store=kept, only=some, **({"draws": 5} | asked))  # type: ignore[arg-type]
        return bool(counting)

    assert runs()
    assert not runs()
    assert runs(draws=6)
    assert runs(seed=2)
    assert runs(with_unverified=True)
    assert not runs()
    folder.add("claims.yaml", "# a comment\n")
    assert runs()
    later = replace(folder.load().meta, currency="EUR")
    monkeypatch.setattr(Folder, "load", lambda self: replace(cr.load(self.path), meta=later))
    assert runs()
    monkeypatch.undo()


@pytest.mark.parametrize("changed", ["version", "code"])
def test_results_of_another_version_are_never_read(
    toy: Dossier,
    tmp_path: Path,
    counting: list[str],
    monkeypatch: pytest.MonkeyPatch,
    changed: str,
) -> None:
    cr.assess(toy, draws=5, store=Store(tmp_path))
    if changed == "version":
        monkeypatch.setattr(type(cr.ENGINES[0]), "version", "other")
    else:
        source = tmp_path / "other.py"
        source.write_text("")
        sources = [*store._sources(), ("other.py", source)]
        monkeypatch.setattr(store, "_sources", lambda: sources)
        store.made_by.cache_clear()
    counting.clear()
    cr.assess(toy, draws=5, store=Store(tmp_path))
    assert counting
    store.made_by.cache_clear()


def test_a_spoilt_study_is_computed_anew(toy: Dossier, tmp_path: Path, counting: list[str]) -> None:
    kept = Store(tmp_path / "store")
    first = written(cr.assess(toy, draws=5, store=kept), tmp_path / "first")
    for path in kept.place.iterdir():
        path.write_bytes(path.read_bytes().replace(b"contradicted", b"supported   "))
    counting.clear()
    assert written(cr.assess(toy, draws=5, store=kept), tmp_path / "second") == first
    assert counting


def test_the_check_keeps_what_it_found(folder: Folder, tmp_path: Path, counting: list[str]) -> None:
    kept = Store(tmp_path / "store")
    plain = folder.checked()
    first, second = (cr.check_dossier(folder.path, store=kept)[1] for _ in range(2))
    assert plain == first == second
    counting.clear()
    cr.check_dossier(folder.path, store=kept)
    assert not counting
    folder.write("stray.csv", "a\n")
    assert "unknown-file" in {each.code for each in cr.check_dossier(folder.path, store=kept)[1]}


# packing


@dataclass(frozen=True)
class Leaf:
    """What others hold."""

    values: np.ndarray
    name: str | None


@dataclass(frozen=True)
class Tree:
    """Holds one leaf twice."""

    leaves: tuple[Leaf, ...]
    best: Leaf | None


def test_what_stands_twice_is_kept_once() -> None:
    leaf = Leaf(np.array([[1.0, np.nan], [np.inf, -0.0]]), None)
    parts = packing.pack(Tree((leaf, Leaf(leaf.values, "b")), leaf))
    assert len(parts["arrays"]) == 32


def test_what_cannot_be_packed_is_refused() -> None:
    with pytest.raises(TypeError, match="set cannot be packed"):
        packing.pack(Tree((), {1}))  # type: ignore[arg-type]


def test_nothing_that_is_read_can_run() -> None:
    """A store that somebody else wrote to may mislead, but not execute."""
    for module in (store, packing):
        text = Path(module.__file__).read_text()
        assert "import pickle" not in text
        assert "eval(" not in text


# the command line


def test_commands_warn_once_and_go_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    program = Path(sys.executable).parent / "crossroads"
    done = subprocess.run(
        [program, "assess", "toy", "--out", tmp_path / "out", "--draws", "5"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"CROSSROADS_STORE": str(tmp_path / "file" / "store")},
    )
    assert len([line for line in done.stderr.splitlines() if "are not kept" in line]) == 1


def test_no_store_is_not_even_made(tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "crossroads"
    place, out = tmp_path / "store", tmp_path / "out"
    words = ["assess", "toy", "--draws", "5", "--out", str(out), "--no-store"]
    env = os.environ | {"CROSSROADS_STORE": str(place)}
    subprocess.run([program, *words], capture_output=True, check=True, env=env)
    assert (out / "verdicts.json").exists()
    assert not place.exists()
