"""The report as a file: whole, self-contained, safe, readable, the same every time."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

import crossroads as cr
from crossroads.claims import Verdict
from crossroads.show.claim_words import behind
from crossroads.show.report import kept_report, report_html
from crossroads.show.report.sources import web_address
from crossroads.store import Store
from crossroads.study import Study
from tests.conftest import Folder
from tests.report.reading import Element, elements

STYLE = resources.files("crossroads.show.report") / "templates" / "report.css"
HOSTILE = (
    "</script></style><script>alert(1)</script><img src=x onerror=alert(2)>\"'> {{ 7 * 7 }} &lt;"
)
LIMIT = 3_000_000


@pytest.fixture(scope="module")
def found(page: str) -> list[Element]:
    return elements(page)


def with_id(found: list[Element], name: str) -> Element:
    (element,) = [each for each in found if each.attributes.get("id") == name]
    return element


def within(found: list[Element], outer: Element) -> list[Element]:
    return [each for each in found if outer in each.above]


class TestWhole:
    def test_it_is_the_same_every_time(self, study: Study, page: str) -> None:
        again = cr.assess(study.dossier, draws=100)
        assert report_html(again) == page

    def test_it_names_no_path_and_no_time(self, study: Study, page: str) -> None:
        assert str(study.dossier.path) not in page
        assert str(Path.home()) not in page
        assert not re.search(r"\d\d:\d\d:\d\d", page)

    def test_a_store_keeps_it(self, study: Study, page: str, tmp_path: Path) -> None:
        store = Store(tmp_path / "store")
        assert kept_report(study, store) == page.encode()
        (entry,) = (tmp_path / "store").glob("*.entry")
        before = entry.stat().st_ino
        assert kept_report(study, store) == page.encode()
        assert entry.stat().st_ino == before

    def test_reports_of_some_claims_are_kept_apart(self, study: Study, tmp_path: Path) -> None:
        store = Store(tmp_path / "store")
        some = cr.assess(study.dossier, draws=100, only=["transfers-grow"])
        assert kept_report(study, store) != kept_report(some, store)

    def test_the_south_caucasus_fits(self) -> None:
        study = cr.assess(cr.load("south-caucasus"), draws=20)
        page = report_html(study).encode()
        assert len(page) < LIMIT
        assert page.count(b'<details class="claim" id="claim-') == len(study.judged)


class TestClaims:
    def test_every_claim_is_in_the_table_and_in_full(
        self, study: Study, found: list[Element]
    ) -> None:
        table = with_id(found, "verdict-table")
        rows = [each for each in within(found, table) if "data-now" in each.attributes]
        assert len(rows) == len(study.judged)
        for name, judged in study.judged.items():
            (row,) = [each for each in rows if judged.claim.says in each.text]
            assert row.attributes["data-now"] == str(judged.verdict).replace(" ", "-")
            assert row.attributes["data-then"] == str(judged.verdict_then).replace(" ", "-")
            full = with_id(found, f"claim-{name}").text
            assert judged.claim.says in full
            for each in judged.readings:
                assert each.reading.name in full

    def test_a_verdict_is_a_word_and_a_form(self, study: Study, found: list[Element]) -> None:
        """Its word stands in the text, its form is drawn by its class, as is its colour."""
        marks = [each for each in found if each.attributes.get("class", "").startswith("v ")]
        assert {each.text.lstrip("0123456789 ") for each in marks} == set(map(str, Verdict))
        style = STYLE.read_text(encoding="utf-8")
        forms = {
            verdict: re.search(rf"\.{str(verdict).replace(' ', '-')} {{.*--m: (url\(.*?\));", style)
            for verdict in Verdict
        }
        assert all(forms.values())
        assert len({form[1] for form in forms.values() if form}) == len(Verdict)

    def test_what_was_found_stands_beside_what_is_claimed(self, found: list[Element]) -> None:
        full = with_id(found, "claim-ald-budget-lives-off-transfers")
        assert "about 10 %: 9 to 11 %" in full.text
        bars = [each for each in within(found, full) if each.attributes.get("class") == "band"]
        (band,) = bars
        start, width = (float(band.attributes[each].rstrip("%")) for each in ("x", "width"))
        dots = [each for each in within(found, full) if each.tag == "circle"]
        now, then = (float(each.attributes["cx"].rstrip("%")) for each in dots)
        assert start <= then <= start + width  # supported then
        assert not start <= now <= start + width  # contradicted now

    def test_premises_stand_under_their_argument(self, found: list[Element]) -> None:
        full = with_id(found, "claim-ald-must-yield")
        trees = [each for each in within(found, full) if each.attributes.get("class") == "tree"]
        assert len(trees) > 1
        inner = [each for each in trees if any(above in trees for above in each.above)]
        assert inner


class TestTraces:
    def test_every_link_within_leads_somewhere(self, found: list[Element]) -> None:
        names = [each.attributes["id"] for each in found if "id" in each.attributes]
        assert len(names) == len(set(names))
        links = [each.attributes["href"] for each in found if each.tag == "a"]
        inner = {link[1:] for link in links if link.startswith("#")}
        assert inner
        assert inner <= set(names)

    def test_a_claim_leads_to_its_rows_and_sources(
        self, study: Study, found: list[Element]
    ) -> None:
        rows = [row for judged in study.judged.values() for row in behind(judged)]
        assert rows
        for name, judged in study.judged.items():
            full = within(found, with_id(found, f"claim-{name}"))
            links = {(each.attributes["href"], each.text) for each in full if each.tag == "a"}
            leads = {href for href, _ in links}
            for row in behind(judged):
                table, line = row.partition(":")[0], _line(row, study)
                told = [text for href, text in links if href.startswith(f"#{table}-{line}")]
                assert any(text.endswith(f":{line}") for text in told), f"{name}: {row}"
            for source in study.explanations[name].sources:
                assert f"#source-{source.id}" in leads

    def test_a_row_and_a_source_lead_back_to_the_claims(
        self, study: Study, found: list[Element]
    ) -> None:
        for name, explained in study.explanations.items():
            for source in explained.sources:
                place = with_id(found, f"source-{source.id}")
                links = [each.attributes.get("href") for each in within(found, place)]
                assert f"#claim-{name}" in links
        row = next(iter(behind(study.judged["transfers-grow"])))
        rows = [each for each in found if f"{row}" in each.text and each.tag == "li"]
        place = next(each for each in rows if each.attributes.get("id"))
        links = [each.attributes.get("href") for each in within(found, place)]
        assert "#claim-transfers-grow" in links

    def test_every_source_is_listed_with_its_grade(
        self, study: Study, found: list[Element]
    ) -> None:
        for name, cells in study.dossier.sources.items():
            place = with_id(found, f"source-{name}")
            assert cells["title"] in place.text
            grades = [
                each.text
                for each in within(found, place)
                if each.attributes.get("class") == "grade"
            ]
            assert grades == [cells["reliability"]]


def _line(row: str, study: Study) -> int:
    frame = study.dossier.tables[row.partition(":")[0]]
    line: int = frame.filter(frame["row"] == row)["line"].item()
    return line


class TestSafety:
    def test_it_asks_for_nothing(self, page: str, found: list[Element]) -> None:
        for each in found:
            for name, value in each.attributes.items():
                if name in ("src", "srcset", "poster", "action", "formaction", "background"):
                    pytest.fail(f"{each.tag} has {name}={value}")
                if name == "href" and each.tag != "a":
                    assert value.startswith(("#", "data:")), f"{each.tag} asks for {value}"
                assert not name.startswith("on"), f"{each.tag} has a handler {name}"
                assert name != "style", "the policy forbids style in attributes"
        style = page.partition("<style>")[2].partition("</style>")[0]
        assert all(each.startswith('url("data:') for each in re.findall(r"url\(.{6}", style))
        assert "@import" not in style

    def test_the_policy_names_just_our_own_style_and_script(
        self, page: str, found: list[Element]
    ) -> None:
        (policy,) = [
            each.attributes["content"]
            for each in found
            if each.attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'none'"
        for tag in ("style", "script"):
            (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, flags=re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert rules[f"{tag}-src"] == f"'sha256-{digest}'"

    def test_text_of_a_dossier_is_never_markup(self, make_folder: Callable[[str], Folder]) -> None:
        pages = []
        for name, text in (("plain", "Harmless words"), ("hostile", HOSTILE)):
            folder = make_folder(name)
            yaml = "'" + text.replace("'", "''") + "'"
            cell = '"' + text.replace('"', '""') + '"'
            folder.swap("dossier.yaml", "title: Four", f"title: {yaml} #")
            folder.swap(
                "claims.yaml", "says: Transfers from Cyrland grow by more", f"says: {yaml} #"
            )
            folder.swap("sources.csv", "League Yearbook 2025,invented", f"{cell},{cell}")
            folder.swap("actors.csv", "ALD,Aldland", f"ALD,{cell}")
            folder.swap("scenarios.yaml", _first_says(folder), f"  says: {yaml}")
            dossier = cr.load(folder.path)
            pages.append((text, report_html(cr.assess(dossier, draws=20))))
        (_, plain), (_, hostile) = pages
        told = [[(each.tag, *each.attributes) for each in elements(page)] for _, page in pages]
        assert told[0] == told[1]
        assert HOSTILE in "".join(each.text for each in elements(hostile) if each.tag == "h1")
        assert "<script>alert" not in hostile
        assert "{{ 7 * 7 }}" in hostile
        assert "Harmless words" in plain

    def test_addresses_other_than_of_the_web_are_no_links(self) -> None:
        assert web_address("https://example.org/a?b=c#d") == "https://example.org/a?b=c#d"
        assert web_address("http://example.org") == "http://example.org"
        for text in (
            *("javascript:alert(1)", " javascript:alert(1)", "JAVASCRIPT://x/%0aalert(1)"),
            *("data:text/html,x", "file:///etc/passwd", "//example.org", "https:", "x", "", None),
            "http://[",
        ):
            assert web_address(text) == ""

    def test_links_outside_do_not_hand_over_the_page(self, found: list[Element]) -> None:
        links = [each for each in found if each.tag == "a" and each.attributes["href"][0] != "#"]
        assert links
        for each in links:
            assert each.attributes["href"].startswith(("https://", "http://"))
            assert "noopener" in each.attributes["rel"]


def _first_says(folder: Folder) -> str:
    lines = folder.text("scenarios.yaml").splitlines()
    return next(line for line in lines if line.startswith("  says: "))


class TestColours:
    """Contrast by the formula of WCAG 2.2, section 1.4.3."""

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_text_can_be_read(self, theme: str) -> None:
        colours = colours_of(theme)
        pairs = [(text, on) for text in ("ink", "soft", "link") for on in ("paper", "wash")]
        for verdict in Verdict:
            name = str(verdict).replace(" ", "-")
            pairs += [(name, f"{name}-wash"), (name, "paper"), (name, "wash")]
        pairs += [(f"h{level}-ink", f"h{level}") for level in range(1, 6)]
        for text, on in pairs:
            ratio = contrast(colours[text], colours[on])
            assert ratio >= 4.5, f"{theme}: {text} on {on} has {ratio:.2f}"

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_marks_can_be_seen(self, theme: str) -> None:
        """Section 1.4.11: three to one for what is drawn."""
        colours = colours_of(theme)
        assert contrast(colours["mark"], colours["paper"]) >= 3

    def test_the_formula(self) -> None:
        assert contrast("#000000", "#ffffff") == pytest.approx(21)
        assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def colours_of(theme: str) -> dict[str, str]:
    """Return the colours of a theme by name, which both themes must have."""
    style = STYLE.read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, flags=re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", each)) for each in blocks[:2])
    assert light.keys() == dark.keys()
    return {"light": light, "dark": dark}[theme]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
