"""What all tests share: the toy dossier, its world, and copies of it to break."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import crossroads as cr
from crossroads.dossier import Dossier, read
from crossroads.errors import Finding
from crossroads.world import World

settings.register_profile("suite", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("suite")


class Folder:
    """A dossier's folder to edit and read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, file: str, text: str) -> Folder:
        (self.path / file).write_text(text, encoding="utf-8", newline="")
        return self

    def add(self, file: str, text: str) -> Folder:
        """Append lines to a file."""
        return self.write(file, self.text(file) + text.rstrip("\n") + "\n")

    def swap(self, file: str, old: str, new: str) -> Folder:
        """Replace a text that stands in the file once."""
        text = self.text(file)
        assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
        return self.write(file, text.replace(old, new))

    def drop(self, file: str) -> Folder:
        (self.path / file).unlink()
        return self

    def text(self, file: str) -> str:
        return (self.path / file).read_text(encoding="utf-8")

    def line(self, file: str, text: str) -> int:
        """Return the line on which a text that stands in the file once begins."""
        whole = self.text(file)
        assert whole.count(text) == 1, f"{file} has {text!r} {whole.count(text)} times"
        return whole[: whole.index(text)].count("\n") + 1

    def findings(self) -> list[Finding]:
        """Return what reading the folder finds."""
        return read(self.path)[1]

    def checked(self) -> list[Finding]:
        """Return what the whole check finds."""
        return cr.check_dossier(self.path)[1]

    def load(self) -> Dossier:
        return cr.load(self.path)


@pytest.fixture(scope="session", autouse=True)
def own_store() -> Iterator[Path]:
    """Keep every test, and every command that it starts, out of the user's own store."""
    with tempfile.TemporaryDirectory(prefix="crossroads-store-") as place:
        before = os.environ.get("CROSSROADS_STORE")
        os.environ["CROSSROADS_STORE"] = place
        yield Path(place)
        os.environ.pop("CROSSROADS_STORE")
        if before is not None:
            os.environ["CROSSROADS_STORE"] = before


@pytest.fixture(scope="session")
def toy() -> Dossier:
    """The invented dossier of four states."""
    return cr.load("toy")


@pytest.fixture(scope="session")
def world(toy: Dossier) -> World:
    """The toy dossier in 200 draws."""
    return cr.build_world(toy, draws=200, seed=1)


@pytest.fixture(scope="session")
def central(toy: Dossier) -> World:
    """The toy dossier in one draw, the medians."""
    return cr.build_world(toy, draws=1)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A copy of the toy dossier to break."""
    shutil.copytree(cr.locate("toy"), tmp_path / "toy")
    return Folder(tmp_path / "toy")


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[[str], Folder]:
    """Give copies of the toy dossier by name."""

    def make(name: str) -> Folder:
        shutil.copytree(cr.locate("toy"), tmp_path / name)
        return Folder(tmp_path / name)

    return make
