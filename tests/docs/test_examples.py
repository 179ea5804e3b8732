"""Examples in the documents are run, and give what stands below them; see docs/examples.py."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import EXAMPLES

_BLOCKS = [block for path in EXAMPLES.documents() for block in EXAMPLES.blocks(path)]
CONSOLE = [each for each in _BLOCKS if each.info == "console"]
PYTHON = [each for each in _BLOCKS if each.info == "python run"]


@pytest.mark.parametrize("block", CONSOLE, ids=str)
def test_console_example(block: Any, tmp_path: Path) -> None:
    for each in EXAMPLES.examples(block.body):
        assert each.words[0] == "crossroads"
        status, printed = EXAMPLES.run(each.words, tmp_path)
        assert status == 0, printed
        if each.told and not EXAMPLES.holds(each.told, printed):
            pytest.fail(f"{block} does not print that (make docs), but:\n" + "\n".join(printed))


@pytest.mark.parametrize("block", PYTHON, ids=str)
def test_python_example(
    block: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(block.body, str(block), "exec"), {"__name__": "__main__"})
    printed = capsys.readouterr().out.splitlines()
    told = re.findall(r"^print\(.*\) +# (.+)$", block.body, re.MULTILINE)
    assert [line for line in printed if line in told] == told


def test_there_are_examples() -> None:
    assert CONSOLE
    assert PYTHON


def test_lines_left_out_stand_for_any_number() -> None:
    told = ("a", "...", "c")
    assert EXAMPLES.holds(told, ["a", "c"])
    assert EXAMPLES.holds(told, ["a", "b", "b", "c"])
    assert not EXAMPLES.holds(told, ["a", "b"])
    assert not EXAMPLES.holds(("a",), ["a", "b"])


def test_an_example_is_renewed_paragraph_by_paragraph() -> None:
    told = ("first is 1", "...", "third is 3", "with more", "  ...")
    printed = ["first is 10", "", "second is 20", "", "third is 30", "with less", "and more"]
    expected = ["first is 10", "...", "third is 30", "with less", "  ..."]
    assert EXAMPLES.renewed(told, printed) == expected
    assert EXAMPLES.holds(tuple(expected), printed)
