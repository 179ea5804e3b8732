"""Examples in the documents are run, and give what stands below them; see docs/examples.py."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import EXAMPLES, ROOT

SESSIONS = [
    path
    for path in EXAMPLES.documents()
    if any(
        each.info.startswith("console") or each.info == "python run"
        for each in EXAMPLES.blocks(path)
    )
]


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_session(path: Path, tmp_path: Path) -> None:
    for block in EXAMPLES.blocks(path):
        EXAMPLES.write(block, tmp_path)
        for each in EXAMPLES.examples(block):
            printed = EXAMPLES.printed_by(each, tmp_path)
            if each.told and not EXAMPLES.holds(each.told, printed):
                pytest.fail(f"{block} does not print that (make docs), but:\n" + "\n".join(printed))
        if block.info == "python run":
            run_script(block, tmp_path)


def run_script(block: Any, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block.body],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, f"{block}: {done.stderr}"
    told = re.findall(r"^print\(.*\) +# (.+)$", block.body, re.MULTILINE)
    assert [line for line in done.stdout.splitlines() if line in told] == told, str(block)


def test_there_are_sessions_of_every_kind() -> None:
    folders = {path.relative_to(ROOT).parts[:-1] for path in SESSIONS}
    assert {(), ("docs", "tutorial"), ("docs", "how-to")} <= folders
    infos = [each.info for path in SESSIONS for each in EXAMPLES.blocks(path)]
    assert "python run" in infos


def block(info: str, body: str) -> Any:
    return EXAMPLES.Block(ROOT / "README.md", 1, info, body)


def test_files_are_written_added_to_and_changed(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    assert EXAMPLES.write(block("csv new a.csv", "x\n1\n2\n"), tmp_path)
    assert EXAMPLES.write(block("csv add a.csv", "3\n"), tmp_path)
    assert file.read_text() == "x\n1\n2\n3\n"
    assert EXAMPLES.write(block("diff a.csv", " 1\n-2\n+20\n"), tmp_path)
    assert file.read_text() == "x\n1\n20\n3\n"
    for missing in ("-2\n+4\n", "-0\n+4\n"):
        with pytest.raises(EXAMPLES.ExampleError):
            EXAMPLES.write(block("diff a.csv", missing), tmp_path)
    assert not EXAMPLES.write(block("csv", "4\n"), tmp_path)
    assert file.read_text() == "x\n1\n20\n3\n"


def test_only_the_last_command_of_a_block_may_fail(tmp_path: Path) -> None:
    first, last = EXAMPLES.examples(block("console exit 3", "$ true\n$ echo a; exit 3\na\n"))
    assert EXAMPLES.printed_by(first, tmp_path) == []
    assert EXAMPLES.printed_by(last, tmp_path) == ["a"]
    for command, status in (("false", 0), ("true", 1)):
        with pytest.raises(EXAMPLES.ExampleError):
            EXAMPLES.printed_by(EXAMPLES.Example(command, status, ()), tmp_path)


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


def test_what_has_come_between_two_paragraphs_is_left_out() -> None:
    told, printed = ("first is 1", "", "third is 3"), ["first is 1", "", "new", "", "third is 3"]
    assert EXAMPLES.renewed(told, printed) == ["first is 1", "...", "third is 3"]
    assert EXAMPLES.renewed(told, list(told)) == list(told)
