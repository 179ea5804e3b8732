"""Dataclasses to bytes and back by their type hints; unlike a pickle, what is read cannot run."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["pack", "unpack"]

T = TypeVar("T")


def pack(value: Any) -> dict[str, bytes]:
    """Return a dataclass, and all that it holds, as parts: what stands in it twice is kept once.

    Fields may be texts, numbers, dates, enumerations, arrays of floats, dataclasses, and tuples
    and mappings of these.
    """
    packer = _Packer()
    root = packer.plain(value)
    shapes = [each.shape for each in packer.arrays]
    said = {"root": root, "objects": packer.objects, "shapes": shapes}
    arrays = b"".join(np.ascontiguousarray(each).tobytes() for each in packer.arrays)
    return {"objects": json.dumps(said).encode(), "arrays": arrays}


def unpack(kind: type[T], parts: Mapping[str, bytes]) -> T:
    """Return the dataclass of a kind that ``pack`` gave the parts of."""
    said = json.loads(parts["objects"])
    flat, arrays, place = np.frombuffer(parts["arrays"]), [], 0
    for shape in said["shapes"]:
        size = int(np.prod(shape))
        arrays.append(flat[place : place + size].reshape(shape))
        place += size
    made: T = _Unpacker(said["objects"], arrays).value(kind, said["root"])
    return made


class _Packer:
    def __init__(self) -> None:
        self.objects: list[Any] = []
        self.arrays: list[NDArray[np.float64]] = []
        self._seen: dict[int, tuple[int, Any]] = {}

    def plain(self, value: Any) -> Any:
        """Return a value as JSON has it; an array or a dataclass as its number."""
        if value is None or isinstance(value, str | bool | int | float):
            return value
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Mapping):
            return [[self.plain(name), self.plain(each)] for name, each in value.items()]
        if isinstance(value, tuple | list):
            return [self.plain(each) for each in value]
        if id(value) not in self._seen:
            self._seen[id(value)] = self._number(value), value
        return self._seen[id(value)][0]

    def _number(self, value: Any) -> int:
        if isinstance(value, np.ndarray) and value.dtype == np.float64:
            self.arrays.append(value)
            return len(self.arrays) - 1
        if not dataclasses.is_dataclass(value):
            raise TypeError(f"{type(value).__name__} cannot be packed")
        fields = dataclasses.fields(value)
        self.objects.append([self.plain(getattr(value, each.name)) for each in fields])
        return len(self.objects) - 1


class _Unpacker:
    def __init__(self, objects: list[Any], arrays: list[NDArray[np.float64]]) -> None:
        self.objects, self.arrays = objects, arrays
        self._made: dict[int, Any] = {}

    def value(self, hint: Any, said: Any) -> Any:
        """Return the value of a type from what JSON has."""
        if said is None:
            return None
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if origin in (types.UnionType, typing.Union):
            arms = [each for each in inner if each is not types.NoneType]
            return self.value(arms[0], said) if len(arms) == 1 else said
        if origin is np.ndarray:
            return self.arrays[said]
        if origin is tuple:
            kinds = inner[:1] * len(said) if inner[-1] is Ellipsis else inner
            return tuple(self.value(*pair) for pair in zip(kinds, said, strict=True))
        if origin is not None and issubclass(origin, Mapping):
            return {self.value(inner[0], k): self.value(inner[1], v) for k, v in said}
        if origin is not None and issubclass(origin, Sequence):
            return [self.value(inner[0], each) for each in said]
        if dataclasses.is_dataclass(hint):
            if said not in self._made:
                self._made[said] = self._object(hint, self.objects[said])
            return self._made[said]
        if isinstance(hint, type) and issubclass(hint, date):
            return hint.fromisoformat(said)
        return hint(said) if isinstance(hint, type) and issubclass(hint, Enum) else said

    def _object(self, kind: Any, said: list[Any]) -> Any:
        hints = _hints(kind)
        names = [each.name for each in dataclasses.fields(kind)]
        return kind(**{n: self.value(hints[n], each) for n, each in zip(names, said, strict=True)})


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)
