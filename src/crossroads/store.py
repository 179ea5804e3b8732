"""The store: results kept by what they follow from, whole or not at all.

An entry is one file, named by its key: a digest of everything that the result follows from. It is
written beside its place and moved into it, and holds a checksum; what is cut short, altered or of
another format is removed and taken for missing. A place that cannot be written costs the cache and
nothing else.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import platform
import secrets
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import blake2b
from pathlib import Path

from crossroads.errors import UsageError
from crossroads.locks import LOCKS, abandoned, hold

__all__ = ["Store", "digest", "made_by", "users_store"]

_MAGIC = b"crossroads store 1\n"
_CHECKSUM = 32
_GIB = 1 << 30
_CODE = (".py", ".csv", ".yaml", ".j2", ".css", ".js")
_SUFFIXES = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


class Store:
    """Entries in one folder, at most ``size`` bytes of them; the least recently used go first.

    ``warn`` is called once, with what is wrong, when the folder cannot be written.
    """

    def __init__(
        self, place: Path, size: int = _GIB, warn: Callable[[str], None] | None = None
    ) -> None:
        self.place, self.size, self.warn = place, size, warn
        self._writable, self._swept = True, False

    def __repr__(self) -> str:
        return f"<Store {self.place}>"

    def get(self, key: str) -> dict[str, bytes] | None:
        """Return the parts of an entry, None if it is missing or bad."""
        self._sweep()
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        parts = _read(data, key)
        with contextlib.suppress(OSError):
            if parts is None:
                path.unlink()
            else:
                os.utime(path)
        return parts

    def put(self, key: str, parts: Mapping[str, bytes]) -> None:
        """Keep an entry, and drop the least recently used if there are too many bytes."""
        data = _written(key, parts)
        if not self._writable or len(data) > self.size:
            return
        try:
            self.place.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sweep()
            self._write(key, data)
            self._trim()
        except OSError as error:
            self._writable = False
            if self.warn:
                self.warn(f"results are not kept in {self.place}: {error.strerror or error}")

    def _path(self, key: str) -> Path:
        return self.place / f"{key}.entry"

    def _write(self, key: str, data: bytes) -> None:
        made = self.place / f"{key}-{secrets.token_hex(4)}.part"
        try:
            with made.open("xb") as file:
                hold(file.fileno())
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileNotFoundError):  # swept by another in the last moment
                made.replace(self._path(key))
        except BaseException:
            made.unlink(missing_ok=True)
            raise

    def _trim(self) -> None:
        held = []
        for path in self.place.glob("*.entry"):
            with contextlib.suppress(FileNotFoundError):
                stat = path.stat()
                held.append((stat.st_mtime_ns, stat.st_size, path))
        total = sum(size for _, size, _ in held)
        for _, size, path in sorted(held):
            if total <= self.size:
                return
            path.unlink(missing_ok=True)
            total -= size

    def _sweep(self) -> None:
        """Remove what killed writers left, once; a living one holds a lock on its file."""
        if self._swept:
            return
        self._swept = True
        with contextlib.suppress(OSError):
            for path in self.place.glob("*.part"):
                if not LOCKS or abandoned(path):  # without locks, no open file can be removed
                    path.unlink(missing_ok=True)


def _written(key: str, parts: Mapping[str, bytes]) -> bytes:
    sizes = {name: len(part) for name, part in parts.items()}
    head = json.dumps({"key": key, "parts": sizes}).encode() + b"\n"
    body = b"".join((head, *parts.values()))
    return b"".join((_MAGIC, blake2b(body, digest_size=_CHECKSUM).digest(), body))


def _read(data: bytes, key: str) -> dict[str, bytes] | None:
    """Return the parts of an entry's bytes, None if these are not what was written for the key."""
    start = len(_MAGIC) + _CHECKSUM
    body = memoryview(data)[start:]
    if not data.startswith(_MAGIC):
        return None
    if blake2b(body, digest_size=_CHECKSUM).digest() != data[len(_MAGIC) : start]:
        return None
    place = data.index(b"\n", start) + 1
    head = json.loads(data[start:place])
    if head["key"] != key:
        return None
    parts = {}
    for name, size in head["parts"].items():
        parts[name] = data[place : place + size]
        place += size
    return parts


def users_store(warn: Callable[[str], None] | None = None) -> Store:
    """Return the user's own store: ``$CROSSROADS_STORE``, else in the user's cache folder.

    Raises
    ------
    UsageError
        If ``$CROSSROADS_STORE_SIZE`` is not a number of bytes, or one with K, M or G.
    """
    given = os.environ.get("CROSSROADS_STORE")
    if given:
        return Store(Path(given), _size(), warn)
    cached = os.environ.get("XDG_CACHE_HOME", "")
    try:
        above = Path(cached) if Path(cached).is_absolute() else Path.home() / ".cache"
    except RuntimeError:  # nobody's home
        above = Path(os.devnull)
    return Store(above / "crossroads" / "store", _size(), warn)


def _size() -> int:
    text = os.environ.get("CROSSROADS_STORE_SIZE", "").strip()
    number = text[:-1] if text[-1:].upper() in _SUFFIXES else text
    if not text:
        return _GIB
    if not number.isdecimal():
        raise UsageError(
            f"CROSSROADS_STORE_SIZE is '{text}'; write bytes, or a number with K, M, G"
        )
    return int(number) * _SUFFIXES.get(text[-1:].upper(), 1)


def digest(*said: object) -> str:
    """Return a digest of what JSON can say, or of bytes."""
    whole = blake2b(digest_size=16)
    for each in said:
        data = each if isinstance(each, bytes) else json.dumps(each, sort_keys=True).encode()
        whole.update(len(data).to_bytes(8, "little") + data)
    return whole.hexdigest()


@cache
def made_by() -> str:
    """Return a digest of the code that results are made by: this package, what it computes with."""
    packages = ("crossroads", "numpy", "polars", "scipy")
    versions = {name: importlib.metadata.version(name) for name in packages}
    machine = [platform.python_version(), platform.system(), platform.machine()]
    files = [digest(name, path.read_bytes()) for name, path in _sources()]
    return digest(_MAGIC, versions, machine, files)


def _sources() -> Iterator[tuple[str, Path]]:
    """Yield the package's own files by name, but for dossiers: these have digests of their own."""
    root = Path(__file__).parent
    for path in sorted(root.rglob("*")):
        within = path.relative_to(root)
        if path.suffix in _CODE and within.parts[0] != "dossiers":
            yield within.as_posix(), path
