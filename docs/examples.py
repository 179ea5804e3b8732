"""Run the examples of the documents, and write anew what they print: ``make docs``.

A block marked ``console`` holds commands after ``$`` and what they print below. A line ``...``
stands for paragraphs left out, an indented one for the rest of a paragraph; all other paragraphs
are replaced by the one of the output that is most like them. A block marked ``python run`` is only
run, by the tests; a comment behind ``print(...)`` is what it prints.
"""

from __future__ import annotations

import difflib
import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).parent / "crossroads"
COLUMNS = "100"

_FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_LEFT_OUT = {"build", "dist", "results"}


@dataclass(frozen=True)
class Block:
    """A fenced block of a document."""

    path: Path
    line: int
    info: str
    body: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT).as_posix()}:{self.line}"


@dataclass(frozen=True)
class Example:
    """A command and the lines that stand below it."""

    words: tuple[str, ...]
    told: tuple[str, ...]


def documents() -> list[Path]:
    """Return every Markdown file of the repository."""
    found = []
    for path in sorted(ROOT.rglob("*.md")):
        within = path.relative_to(ROOT).parts
        if not any(part.startswith(".") for part in within) and within[0] not in _LEFT_OUT:
            found.append(path)
    return found


def blocks(path: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a document."""
    text = path.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        line = text[: match.start()].count("\n") + 1
        yield Block(path, line, match["info"].strip(), match["body"])


def without_blocks(text: str) -> str:
    """Return a document's text without fenced blocks and code in backticks."""
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text))


def examples(body: str) -> list[Example]:
    """Return the commands of a console block."""
    parts = (part.rstrip().splitlines() for part in f"\n{body}".split("\n$ ")[1:])
    return [Example(tuple(command.split()), tuple(told)) for command, *told in parts]


def run(words: tuple[str, ...], folder: Path) -> tuple[int, list[str]]:
    """Run the program as on a terminal; return its exit status and the lines it prints."""
    main, other = pty.openpty()
    running = subprocess.Popen(
        [PROGRAM, *words[1:]],
        stdin=subprocess.DEVNULL,
        stdout=other,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "TERM": "xterm", "COLUMNS": COLUMNS, "LINES": "50"},
    )
    os.close(other)
    said = b"".join(_parts(main))
    os.close(main)
    assert running.stderr is not None
    with running.stderr as stream:
        said += stream.read()
    text = _STYLE.sub("", said.decode())
    return running.wait(), [line.rstrip() for line in text.rstrip().splitlines()]


def _parts(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end is closed
            return
        if not part:
            return
        yield part


def holds(told: tuple[str, ...], printed: list[str]) -> bool:
    """Tell whether lines are as printed, ``...`` standing for any number of them."""
    if not told:
        return not printed
    if told[0].strip() == "...":
        return any(holds(told[1:], printed[place:]) for place in range(len(printed) + 1))
    return bool(printed) and told[0] == printed[0] and holds(told[1:], printed[1:])


def renewed(told: tuple[str, ...], printed: list[str]) -> list[str]:
    """Return the lines of an example with every paragraph as it is printed now."""
    paragraphs = _paragraphs(printed)
    lines: list[str] = []
    for part in _paragraphs(told):
        if part in ([""], ["..."]):
            lines += part
            continue
        cut = part[-1].strip() == "..."
        like = max(paragraphs, key=lambda each: _likeness(part[:-1] if cut else part, each))
        lines += [*like[: len(part) - 1], part[-1]] if cut else like
    return lines


def _paragraphs(lines: tuple[str, ...] | list[str]) -> list[list[str]]:
    """Split lines at empty ones and at ``...``, which stand alone."""
    parts: list[list[str]] = []
    begun = False
    for line in lines:
        alone = line in ("", "...")
        if begun and not alone:
            parts[-1].append(line)
        else:
            parts.append([line])
        begun = not alone
    return parts


def _likeness(part: list[str], other: list[str]) -> float:
    mine, theirs = " ".join(part).split(), " ".join(other[: len(part) + 2]).split()
    return difflib.SequenceMatcher(None, mine, theirs, autojunk=False).ratio()


def _renewed_block(match: re.Match[str]) -> str:
    if match["info"].strip() != "console":
        return match[0]
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for each in examples(match["body"]):
            status, printed = run(each.words, Path(folder))
            if status:
                sys.exit(f"{' '.join(each.words)}: exit {status}\n" + "\n".join(printed))
            lines += [f"$ {' '.join(each.words)}", *renewed(each.told, printed)]
    return "```console\n" + "\n".join(lines) + "\n```"


def main() -> None:
    for path in documents():
        text = path.read_text(encoding="utf-8")
        new = _FENCE.sub(_renewed_block, text)
        if new != text:
            path.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
