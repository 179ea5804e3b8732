"""The documents build into a website without a warning, and it asks for nothing from outside."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.docs.pages import EXAMPLES, ROOT

LOADS = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site")
    words = ["-q", "-W", "--keep-going", "-c", "docs", "-d", str(place / "trees"), "."]
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", *words, str(place / "html")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not built.returncode, built.stderr
    return place / "html"


class Resources(HTMLParser):
    """What a page loads by itself, and the pages it leads to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.pages: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        target = found.get(LOADS.get(tag, "")) or ""
        if target:
            self.loaded.append(target)
        if tag == "a" and (found.get("href") or "").endswith(".html"):
            self.pages.append(found["href"] or "")


def test_pages_load_nothing_from_outside(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    loaded = {each for page in pages for each in Resources(page.read_text("utf-8")).loaded}
    assert loaded
    assert not {each for each in loaded if re.match(r"(https?:)?//", each)}
    for style in site.rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", style.read_text("utf-8"))


def test_every_document_under_docs_is_reached_from_the_front_page(site: Path) -> None:
    assert "docs/index.html" in (site / "index.html").read_text("utf-8")
    reached, left = set(), [site / "docs" / "index.html"]
    while left:
        page = left.pop()
        if page not in reached:
            reached.add(page)
            links = Resources(page.read_text("utf-8")).pages
            left += [(page.parent / link).resolve() for link in links if "://" not in link]
    documents = [each for each in EXAMPLES.documents() if each.is_relative_to(ROOT / "docs")]
    assert documents
    for each in documents:
        assert site / each.relative_to(ROOT).with_suffix(".html") in reached
