"""Folders written whole: killed at every point, written by two at once, and nothing left over."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crossroads.whole import put_right, write_whole

WRITE = """
import os, signal, sys
from pathlib import Path
from crossroads.whole import write_whole

name, stop = sys.argv[2], int(sys.argv[3])
calls = 0

def counted(function):
    def call(*given, **named):
        global calls
        calls += 1
        if calls == stop:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*given, **named)
    return call

for each in ("mkdir", "chmod", "replace", "rename", "unlink", "rmdir"):
    setattr(os, each, counted(getattr(os, each)))

def write(folder):
    for each in ("a", "b"):
        counted((folder / each).write_text)(name)

write_whole(Path(sys.argv[1]), write)
"""
"""Writes a folder, killed before the call of that number that changes a folder."""

WAIT = """
import os, sys
from pathlib import Path
from crossroads.whole import write_whole

def wait():
    print(flush=True)
    sys.stdin.readline()

def write(folder):
    if sys.argv[3] == "writing":
        wait()
    for each in ("a", "b"):
        (folder / each).write_text(sys.argv[2])

replace = os.replace

def replaced(old, new):
    replace(old, new)
    if sys.argv[3] == "moving" and str(new).endswith(".old"):
        wait()

os.replace = replaced
write_whole(Path(sys.argv[1]), write)
"""
"""Writes a folder, and waits for a line while it does: when writing, or between two renames."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="neither SIGKILL nor locks")


def run(code: str, *words: object) -> int:
    return subprocess.run([sys.executable, "-c", code, *map(str, words)]).returncode


@contextmanager
def waiting(target: Path, name: str, where: str) -> Iterator[subprocess.Popen[bytes]]:
    """Give a writer that waits; it goes on when its input ends."""
    words = [sys.executable, "-c", WAIT, str(target), name, where]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        writer.stdout.readline()
        yield writer


def write(target: Path, name: str) -> None:
    def into(folder: Path) -> None:
        for each in ("a", "b"):
            (folder / each).write_text(name)

    write_whole(target, into)


def held(target: Path) -> str:
    """Return who wrote a folder; it must be whole."""
    assert {each.name for each in target.iterdir()} == {"a", "b"}
    (name,) = {each.read_text() for each in target.iterdir()}
    return name


def around(target: Path) -> list[str]:
    return sorted(each.name for each in target.parent.iterdir())


@pytest.mark.parametrize("older", [True, False])
def test_killed_at_every_point(tmp_path: Path, older: bool) -> None:
    target = tmp_path / "study"
    ends = []
    for stop in range(1, 100):
        if older:
            write(target, "old")
        elif target.exists():
            for each in (*target.iterdir(), target):
                each.unlink() if each.is_file() else each.rmdir()
        killed = run(WRITE, target, "new", stop) != 0
        put_right(target)
        ends.append(held(target) if target.exists() else "")
        assert around(target) == (["study"] if target.exists() else [])
        if not killed:
            break
    before = "old" if older else ""
    turn = ends.index("new")
    assert turn > 4
    assert ends == [before] * turn + ["new"] * (len(ends) - turn)
    assert len(ends) - turn > (4 if older else 0), "never killed after the last rename"


def test_the_older_one_is_put_back_even_if_the_next_writer_fails(tmp_path: Path) -> None:
    target = tmp_path / "study"
    write(target, "old")
    stops = iter(range(1, 100))
    while target.exists():
        assert run(WRITE, target, "new", next(stops)) != 0

    def fail(folder: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(target, fail)
    assert held(target) == "old"
    assert around(target) == ["study"]


def test_half_of_an_older_one_is_never_put_back(tmp_path: Path) -> None:
    target = tmp_path / "study"
    for stop in range(1, 100):
        write(target, "old")
        killed = run(WRITE, target, "new", stop) != 0
        if held_or_nothing(target) == "new":
            for each in (*target.iterdir(), target):
                each.unlink() if each.is_file() else each.rmdir()
            put_right(target)
            assert held_or_nothing(target) in ("", "old")
        put_right(target)
        if not killed:
            return
    raise AssertionError("it was always killed")


def held_or_nothing(target: Path) -> str:
    return held(target) if target.exists() else ""


def test_what_a_living_writer_writes_is_left(tmp_path: Path) -> None:
    target = tmp_path / "study"
    with waiting(target, "slow", "writing"):
        write(target, "quick")
        put_right(target)
        assert held(target) == "quick"
        assert len(around(target)) == 2
    assert held(target) == "slow"
    assert around(target) == ["study"]


def test_nothing_is_put_back_between_the_renames_of_a_living_writer(tmp_path: Path) -> None:
    target = tmp_path / "study"
    write(target, "old")
    with waiting(target, "first", "moving"):
        assert not target.exists()
        words = [sys.executable, "-c", WRITE, str(target), "second", "0"]
        second = subprocess.Popen(words)
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(1)
        assert not target.exists()
    assert second.wait(60) == 0
    assert held(target) == "second"
    assert around(target) == ["study"]


def test_two_writers(tmp_path: Path) -> None:
    target = tmp_path / "study"
    code = WRITE.replace("write_whole(Path", "for _ in range(60): write_whole(Path")
    pair = [subprocess.Popen([sys.executable, "-c", code, str(target), name, "0"]) for name in "xy"]
    assert [each.wait(60) for each in pair] == [0, 0]
    assert held(target) in "xy"
    assert around(target) == ["study"]


def test_what_is_another_folders_is_left(tmp_path: Path) -> None:
    for name in (".study.0123abcd.part", ".study.other.old", ".study.old.0123abcd.part", ".study"):
        (tmp_path / name).mkdir()
    write(tmp_path / "study", "new")
    assert around(tmp_path / "study") == [
        ".study", ".study.old.0123abcd.part", ".study.other.old", "study"
    ]  # fmt: skip


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "far")
    for name in ("old", "new"):
        write(tmp_path / "link", name)
    assert (tmp_path / "link").is_symlink()
    assert held(tmp_path / "far") == "new"
