"""Run the examples of the documents, and write anew what they print: ``make docs``.

The blocks of a document are one session: they are played in order, in one folder that begins
empty. What a block is, its first line says:

``console``
    Commands after ``$`` and what they print below. A line ``...`` stands for paragraphs left out,
    an indented one for the rest of a paragraph; all other paragraphs are replaced by the one of the
    output that is most like them. ``console exit 1`` says how the last command ends, if not well.
``csv new FILE``, ``yaml add FILE`` and so on
    A file written, or lines added at the end of one.
``diff FILE``
    Lines of a file (after ``-``) replaced by others (after ``+``), next to others that stay.
``python run``
    A script that is run; a comment behind ``print(...)`` is what it prints.

All others are only shown.
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
PROGRAMS = Path(sys.executable).parent
COLUMNS = "100"

_FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_LEFT_OUT = {"build", "dist", "results"}


class ExampleError(Exception):
    """An example does not do what the document says."""


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
    """A command, how it should end, and the lines that stand below it."""

    command: str
    status: int
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
        yield _block(path, match)


def _block(path: Path, match: re.Match[str]) -> Block:
    line = match.string[: match.start()].count("\n") + 1
    return Block(path, line, match["info"].strip(), match["body"])


def without_blocks(text: str) -> str:
    """Return a document's text without fenced blocks and code in backticks."""
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text))


def examples(block: Block) -> list[Example]:
    """Return the commands of a console block; none of another."""
    kind, *rest = block.info.split() or [""]
    if kind != "console":
        return []
    parts = [part.rstrip().splitlines() for part in f"\n{block.body}".split("\n$ ")[1:]]
    ends = [0] * (len(parts) - 1) + [int(rest[1]) if rest else 0]
    return [
        Example(command, status, tuple(told))
        for (command, *told), status in zip(parts, ends, strict=True)
    ]


def write(block: Block, folder: Path) -> bool:
    """Write the file that a block stands for; tell whether it stands for one.

    Raises
    ------
    ExampleError
        If the lines that it replaces do not stand in the file once.
    """
    words = block.info.split()
    if len(words) == 2 and words[0] == "diff":
        file = folder / words[1]
        text, old, new = file.read_text(encoding="utf-8"), "", ""
        for line in block.body.splitlines(keepends=True):
            old += "" if line.startswith("+") else line[1:]
            new += "" if line.startswith("-") else line[1:]
        if f"\n{text}".count(f"\n{old}") != 1:
            raise ExampleError(f"{block}: not once in {words[1]}:\n{old}")
        text = f"\n{text}".replace(f"\n{old}", f"\n{new}")[1:]
    elif len(words) == 3 and words[1] in ("new", "add"):
        file = folder / words[2]
        before = file.read_text(encoding="utf-8") if words[1] == "add" else ""
        text = before + block.body
    else:
        return False
    file.write_text(text, encoding="utf-8")
    return True


def run(command: str, folder: Path) -> tuple[int, list[str]]:
    """Run a command as on a terminal; return its exit status and the lines it prints."""
    main, other = pty.openpty()
    running = subprocess.Popen(
        ["sh", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=other,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            "TERM": "xterm",
            "COLUMNS": COLUMNS,
            "LINES": "50",
        },
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


def printed_by(example: Example, folder: Path) -> list[str]:
    """Run an example and return the lines it prints.

    Raises
    ------
    ExampleError
        If it ends otherwise than the document says.
    """
    status, printed = run(example.command, folder)
    if status != example.status:
        said = "\n".join(printed)
        raise ExampleError(f"{example.command}: exit {status}, not {example.status}\n{said}")
    return printed


def holds(told: tuple[str, ...], printed: list[str]) -> bool:
    """Tell whether lines are as printed, ``...`` standing for any number of them."""
    if not told:
        return not printed
    if told[0].strip() == "...":
        return any(holds(told[1:], printed[place:]) for place in range(len(printed) + 1))
    return bool(printed) and told[0] == printed[0] and holds(told[1:], printed[1:])


def renewed(told: tuple[str, ...], printed: list[str]) -> list[str]:
    """Return the lines of an example with every paragraph as it is printed now.

    Where something has come between two of them, ``...`` stands for it.
    """
    paragraphs = _paragraphs(printed)
    lines: list[str] = []
    last = -1
    for part in _paragraphs(told):
        if part in ([""], ["..."]) or not paragraphs:
            lines += part
            continue
        cut = part[-1].strip() == "..."
        begins = part[:-1] if cut else part
        place = max(range(len(paragraphs)), key=lambda at: _likeness(begins, paragraphs[at]))
        if lines and lines[-1] == "" and place != last + 2:
            lines[-1] = "..."
        lines += [*paragraphs[place][: len(part) - 1], part[-1]] if cut else paragraphs[place]
        last = place
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


def renewed_document(path: Path) -> str:
    """Return a document's text with what its examples print now."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def renewed_block(match: re.Match[str]) -> str:
            block = _block(path, match)
            write(block, folder)
            lines = []
            for each in examples(block):
                lines += [f"$ {each.command}", *renewed(each.told, printed_by(each, folder))]
            return f"```{block.info}\n" + "\n".join(lines) + "\n```" if lines else match[0]

        return _FENCE.sub(renewed_block, path.read_text(encoding="utf-8"))


def main(names: list[str]) -> None:
    """Renew the documents named, or all of them."""
    for path in [Path(each).resolve() for each in names] or documents():
        try:
            new = renewed_document(path)
        except ExampleError as error:
            sys.exit(str(error))
        if new != path.read_text(encoding="utf-8"):
            path.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
