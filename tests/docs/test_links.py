"""Links between documents lead somewhere."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import EXAMPLES, ROOT

_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

EACH = pytest.mark.parametrize(
    "path", EXAMPLES.documents(), ids=lambda path: path.relative_to(ROOT).as_posix()
)


@cache
def anchors(path: Path) -> frozenset[str]:
    """Return the anchors that headings of a document give, as GitHub makes them."""
    text = path.read_text(encoding="utf-8")
    headings = _HEADING.findall(re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))
    return frozenset(re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings)


@EACH
def test_relative_links_lead_somewhere(path: Path) -> None:
    broken = []
    for link in _LINK.findall(EXAMPLES.without_blocks(path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


@EACH
def test_no_document_names_a_folder_of_somebodys_machine(path: Path) -> None:
    found = re.findall(r"(?<![\w.])/(?:home|Users|root|tmp|work|mnt)/\S*", path.read_text("utf-8"))
    assert not found
