"""The public names: few, sorted, true, and free of charge."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import crossroads as cr


def python(script: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_names_are_sorted_and_few() -> None:
    constants = [name for name in cr.__all__ if name.isupper()]
    classes = [name for name in cr.__all__ if name[0].isupper() and not name.isupper()]
    functions = [name for name in cr.__all__ if name.islower()]
    assert cr.__all__ == [*sorted(constants), *sorted(classes), *sorted(functions)]
    assert len(cr.__all__) == len(set(cr.__all__)) <= 30


def test_names_are_what_is_visible() -> None:
    assert dir(cr) == sorted(cr.__all__)
    assert sorted(cr._HOMES) == sorted(cr.__all__)


@pytest.mark.parametrize("name", cr.__all__)
def test_each_name_is_there_and_at_home(name: str) -> None:
    home = import_module(f"crossroads.{cr._HOMES[name]}")
    assert getattr(cr, name) is getattr(home, name)
    assert name in home.__all__


def test_type_checkers_see_the_same_names() -> None:
    """The names under TYPE_CHECKING, read from the source."""
    source = Path(str(cr.__file__)).read_text(encoding="utf-8")
    block = source.partition("if TYPE_CHECKING:")[2].partition("_HOMES")[0]
    words = block.replace("(", " ").replace(")", " ").replace(",", " ").split()
    seen = {word for word in words if word not in ("from", "import") and "." not in word}
    assert seen == set(cr.__all__)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'crossroads' has no attribute 'asses'"):
        cr.asses  # noqa: B018


def test_a_star_import_gives_the_names() -> None:
    script = "from crossroads import *; print(sorted(name for name in dir() if name[0] != '_'))"
    assert python(script) == str(sorted(cr.__all__))


def test_importing_costs_nothing() -> None:
    script = "import sys, crossroads; print(*sorted(sys.modules))"
    loaded = set(python(script).split())
    heavy = {"polars", "numpy", "scipy", "yaml", "rich", "typer", "jinja2", "pint", "altair"}
    assert not heavy & loaded
    assert {name for name in loaded if name.startswith("crossroads.")} == set()


def test_listing_names_loads_nothing() -> None:
    script = "import sys, crossroads; dir(crossroads); print(*sorted(sys.modules))"
    assert not {"polars", "numpy"} & set(python(script).split())
