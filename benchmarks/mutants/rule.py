"""What a rule is, and what a mutant."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crossroads.schema import TableSpec, entry_files, extension_specs, table_specs

SPECS: Mapping[str, TableSpec] = {
    **{spec.file: spec for spec in table_specs().values() if not spec.virtual},
    **extension_specs(),
}
YAML_FILES = tuple(f"{name}.yaml" for name in entry_files())


@dataclass(frozen=True)
class Mutant:
    """Files as they become: bytes, None for a file removed, a path for a link to it."""

    file: str
    due: str
    files: Mapping[str, bytes | Path | None]


Rule = Callable[[random.Random, Mapping[str, bytes]], Mutant | None]
RULES: dict[str, Rule] = {}


def rule(name: str, due: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Register a mutation; it returns file and new content, or None where it finds nothing."""

    def register(make: Callable[..., object]) -> Callable[..., object]:
        def run(rng: random.Random, files: Mapping[str, bytes]) -> Mutant | None:
            made = make(rng, files)
            if made is None:
                return None
            assert isinstance(made, tuple)
            name_of, content, *more = made
            extra = more[0] if more else {}
            if not extra and content == files.get(name_of):
                return None
            return Mutant(name_of, due, {name_of: content, **extra})

        RULES[name] = run
        return make

    return register
