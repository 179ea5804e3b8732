"""Rules that break any file: its bytes, its name, where it leads."""

from __future__ import annotations

import random
import string
from collections.abc import Mapping
from pathlib import Path

from crossroads.dossier import REQUIRED_FILES
from mutants.rule import SPECS, YAML_FILES, rule


def any_file(rng: random.Random, files: Mapping[str, bytes]) -> str:
    return rng.choice(sorted([*SPECS, *YAML_FILES]))


@rule("file-mark", "same")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    return file, b"\xef\xbb\xbf" + files[file]


@rule("file-crlf", "same")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    return file, files[file].replace(b"\n", b"\r\n")


@rule("file-emptied", "told")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    return any_file(rng, files), rng.choice((b"", b"\n\n", b"\xef\xbb\xbf", b" \n"))


@rule("file-removed-required", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    return rng.choice(REQUIRED_FILES), None


@rule("file-removed-optional", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    return rng.choice(sorted({*SPECS, *YAML_FILES} - {*REQUIRED_FILES})), None


@rule("file-renamed", "told")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    stem, _, suffix = file.partition(".")
    new = rng.choice(
        (f"{stem}s.{suffix}", f"{stem}.bak.{suffix}", file.upper(), f"{stem[:-1]}.{suffix}")
    )
    return file, None, {new: files[file]}


@rule("file-truncated", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    return file, files[file][: rng.randrange(len(files[file]))]


@rule("file-nul", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    place = rng.randrange(len(files[file]))
    return file, files[file][:place] + b"\x00" + files[file][place:]


@rule("file-latin-1", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    place = rng.randrange(len(files[file]))
    return file, files[file][:place] + b"\xe9 " + files[file][place:]


@rule("file-utf-16", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    return file, files[file].decode().encode("utf-16")


@rule("file-control-character", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    place = rng.randrange(len(files[file]))
    odd = rng.choice((b"\x07", b"\x1b[31m", b"\r", b"\x0b", b"\x0c", "\u2028".encode(), b"\x7f"))
    return file, files[file][:place] + odd + files[file][place:]


@rule("file-bytes-changed", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    data = bytearray(files[file])
    for _ in range(rng.choice((1, 2, 5))):
        data[rng.randrange(len(data))] = ord(rng.choice(string.printable))
    return file, bytes(data)


@rule("file-linked-outside", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    return file, rng.choice((Path("/etc/hostname"), Path("../elsewhere"), Path("/dev/zero")))


@rule("file-linked-inside", "same")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    return file, Path("held.txt"), {"held.txt": files[file]}


@rule("file-linked-to-itself", "refused")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    file = any_file(rng, files)
    return file, Path(file)


@rule("file-of-another", "free")
def _(rng: random.Random, files: Mapping[str, bytes]) -> object:
    return any_file(rng, files), files[any_file(rng, files)]
