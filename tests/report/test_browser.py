"""The report in a browser without network: no complaint, no request, with and without script.

Skipped where there is no Chromium; naming one in ``CROSSROADS_BROWSER`` demands it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crossroads.study import Study
from tests.report.browser import Browser, Page, browser, find_browser

PROGRAM = find_browser()
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="no Chromium here; install it, or name one in CROSSROADS_BROWSER"
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    assert PROGRAM is not None
    with browser(PROGRAM) as held:
        yield held


@pytest.fixture(scope="module")
def address(page: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def opened(chromium: Browser, address: str) -> Iterator[Page]:
    page = Page(chromium, 1280, "light")
    page.open(address)
    yield page
    page.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_without_complaint_or_request(
    chromium: Browser, address: str, width: int, scheme: str
) -> None:
    page = Page(chromium, width, scheme)
    page.open(address)
    assert page.complaints() == []
    assert page.asked_for() == [address]
    assert page.run("document.documentElement.scrollWidth") <= width
    paper = page.run("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    page.close()


def test_a_page_that_asks_for_something_is_caught(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "bad.html"
    text = "<script>console.error('no')</script><img src='http://example.org/x.png'>"
    path.write_text(text, encoding="utf-8")
    page = Page(chromium, 1280, "light")
    page.open(path.as_uri())
    assert page.asked_for()[1:] == ["http://example.org/x.png"]
    assert any("no" in each for each in page.complaints())
    page.close()


def shown(page: Page) -> list[str]:
    """Return the verdicts of the claims that the table shows, from above."""
    told: list[str] = page.run(
        "[...document.querySelectorAll('#verdict-table tbody tr')]"
        ".filter(row => row.checkVisibility()).map(row => row.dataset.now)"
    )
    return told


def choose(page: Page, name: str, value: str) -> None:
    page.run(
        f"document.querySelector('.tools').elements['{name}'].value = '{value}';"
        "document.querySelector('.tools').dispatchEvent(new Event('input'))"
    )


def test_the_table_is_filtered(opened: Page, study: Study) -> None:
    assert len(shown(opened)) == len(study.judged)
    choose(opened, "verdict", "no-data")
    left = shown(opened)
    assert set(left) == {"no-data"}
    assert len(left) == sum(str(each.verdict) == "no data" for each in study.judged.values())
    opened.run("document.querySelector('.tools button').click()")
    opened.browser.settle()
    assert len(shown(opened)) == len(study.judged)
    choose(opened, "words", "pipeline no other way")
    assert len(shown(opened)) == 1
    choose(opened, "words", "")
    choose(opened, "moved", "yes")
    assert len(shown(opened)) == sum(
        each.verdict is not each.verdict_then for each in study.judged.values()
    )
    assert opened.complaints() == []


def test_the_table_is_sorted(opened: Page) -> None:
    order = [
        *("supported", "contradicted", "imprecise", "mixed", "open", "untestable", "no-data"),
    ]
    before = shown(opened)
    click = "document.querySelector('#verdict-table [data-by={}] button').click()"
    opened.run(click.format("now"))
    assert shown(opened) == sorted(before, key=order.index)
    assert before != sorted(before, key=order.index)
    opened.run(click.format("now"))
    assert shown(opened) == sorted(before, key=order.index, reverse=True)
    opened.run(click.format("order"))
    assert shown(opened) == before


def test_a_link_opens_what_it_leads_to(chromium: Browser, address: str) -> None:
    page = Page(chromium, 1280, "light")
    page.open(f"{address}#claim-transfers-grow")
    assert page.run("document.getElementById('claim-transfers-grow').open") is True
    assert page.run("document.querySelectorAll('details.claim[open]').length") == 1
    page.close()


def test_it_is_whole_without_script(chromium: Browser, address: str, study: Study) -> None:
    page = Page(chromium, 1280, "light", script=False)
    page.open(address)
    page.send("Emulation.setScriptExecutionDisabled", value=False)
    assert len(shown(page)) == len(study.judged)
    assert page.run("document.querySelector('.tools').checkVisibility()") is False
    assert page.run("document.querySelectorAll('#verdict-table button').length") == 0
    assert page.complaints() == []
    page.close()


def test_claims_are_open_on_paper(opened: Page) -> None:
    rule = (
        "document.querySelector('#claim-transfers-grow .rule').checkVisibility({checkOpacity: 1})"
    )
    assert opened.run(rule) is False
    opened.send("Emulation.setEmulatedMedia", media="print")
    assert opened.run(rule) is True
    assert opened.print().startswith(b"%PDF")
