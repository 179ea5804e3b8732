"""The picture of the README is what the package draws, and draws what was found."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import crossroads as cr
from tests.docs.pages import ROOT, program

SVG = "{http://www.w3.org/2000/svg}"


def test_picture_is_what_the_package_would_draw() -> None:
    picture = program("picture")
    assert picture.PICTURE.read_text(encoding="utf-8") == picture.drawn(), "run make docs"


def test_picture_asks_for_nothing_from_outside() -> None:
    text = program("picture").PICTURE.read_text(encoding="utf-8")
    assert re.findall(r"[a-z]+://[^\"']+", text) == ["http://www.w3.org/2000/svg"]
    assert "<script" not in text
    assert "docs/verdicts.svg" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_dots_lie_in_bands_as_medians_lie_in_what_is_claimed(toy: Any) -> None:
    picture = program("picture")
    study = cr.assess(toy, draws=100)
    drawn = ElementTree.fromstring(picture.picture(study, "ald-must-yield"))
    dots = [float(each.attrib["cx"]) for each in drawn.iter(f"{SVG}circle")]
    bands = [
        (float(each.attrib["x"]), float(each.attrib["x"]) + float(each.attrib["width"]))
        for each in drawn.iter(f"{SVG}rect")
        if each.attrib["class"] == "band"
    ]
    shown = [
        study.judged[name].readings[0]
        for name in (
            "ald-must-yield",
            "ald-budget-lives-off-transfers",
            "transfers-come-from-cyr",
            "transfers-grow",
            "ald-has-no-buffer",
        )
    ]
    within = [first <= dot <= last for dot, (first, last) in zip(dots, bands, strict=True)]
    assert within == [bool(each.share > 0.5) for each in shown] == [False, False, True, True, False]
