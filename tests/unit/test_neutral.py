"""Outside its dossiers the package names no country: what it does, it does to all alike."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import pytest

import crossroads as cr

PACKAGE = Path(cr.locate("toy")).parents[1]
SUFFIXES = (
    ".py",
    ".yaml",
    ".yml",
    ".csv",
    ".json",
    ".md",
    ".html",
    ".css",
    ".js",
    ".txt",
    ".typed",
)

COUNTRIES = """
AFG Afghanistan Afghan
ALB Albania Albanian
ARE Emirates Emirati
ARM Armenia Armenian
ARG Argentina Argentine Argentinian
AUS Australia Australian
AUT Austria Austrian
AZE Azerbaijan Azerbaijani Azeri
BEL Belgium Belgian
BGR Bulgaria Bulgarian
BLR Belarus Belarusian Belarusan
BRA Brazil Brazilian
CAN Canada Canadian
CHE Switzerland Swiss
CHN China Chinese
CUB Cuba Cuban
CYP Cyprus Cypriot
CZE Czechia Czech
DEU Germany German
DNK Denmark Danish
EGY Egypt Egyptian
ESP Spain Spanish
EST Estonia Estonian
ETH Ethiopia Ethiopian
FIN Finland Finnish
FRA France French
GBR Britain British
GEO Georgia Georgian
GRC Greece Greek
HKG
HUN Hungary Hungarian
IDN Indonesia Indonesian
IND India Indian
IRL Ireland Irish
IRN Iran Iranian
IRQ Iraq Iraqi
ISR Israel Israeli
ITA Italy Italian
JOR Jordan Jordanian
JPN Japan Japanese
KAZ Kazakhstan Kazakh
KGZ Kyrgyzstan Kyrgyz
KOR Korea Korean
LBN Lebanon Lebanese
LTU Lithuania Lithuanian
LVA Latvia Latvian
MDA Moldova Moldovan
MEX Mexico Mexican
MNE Montenegro Montenegrin
NGA Nigeria Nigerian
NLD Netherlands Dutch
NOR Norway Norwegian
PAK Pakistan Pakistani
POL Poland Polish
PRK Pyongyang
PRT Portugal Portuguese
PSE Palestine Palestinian
QAT Qatar Qatari
ROU Romania Romanian
RUS Russia Russian Soviet
SAU Saudi
SDN Sudan Sudanese
SRB Serbia Serbian
SVK Slovakia Slovak
SWE Sweden Swedish
SYR Syria Syrian
THA Thailand Thai
TJK Tajikistan Tajik
TKM Turkmenistan Turkmen
TUR Turkey Turkish Türkiye
TWN Taiwan Taiwanese
UKR Ukraine Ukrainian
USA America American Americans
UZB Uzbekistan Uzbek
VEN Venezuela Venezuelan
VNM Vietnam Vietnamese
YEM Yemen Yemeni
ZAF Pretoria
"""
"""ISO 3166-1 codes with names and adjectives: the states of the first dossier, and the large ones.

Capitals below stand for governments, regions for what is fought over.
"""

PLACES = """
Baku Yerevan Tbilisi Moscow Kremlin Tehran Ankara Kyiv Kiev Minsk Astana Washington Beijing London
Paris Berlin Brussels Delhi Karabakh Artsakh Nakhchivan Zangezur Syunik Caucasus Abkhazia Ossetia
Crimea Donbas Kashmir Kosovo Gaza Donetsk Luhansk
"""


def _pattern() -> re.Pattern[str]:
    words = [*COUNTRIES.split(), *PLACES.split()]
    return re.compile(
        r"(?<![A-Za-z])(" + "|".join(map(re.escape, words)) + r")(?:s|'s)?(?![A-Za-z])"
    )


@cache
def _files() -> tuple[Path, ...]:
    return tuple(
        path
        for path in sorted(PACKAGE.rglob("*"))
        if path.suffix in SUFFIXES and (PACKAGE / "dossiers") not in path.parents
    )


def test_no_country_is_named() -> None:
    pattern = _pattern()
    named = [
        f"{path.relative_to(PACKAGE)}:{number}: {match[0]}"
        for path in _files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for match in pattern.finditer(line)
    ]
    assert named == []


def test_the_search_sees_the_package() -> None:
    names = {path.relative_to(PACKAGE).as_posix() for path in _files()}
    assert {"__init__.py", "claims/judge.py", "schema/tables/flows.yaml"} <= names
    assert {"schema/vocabulary/wordings.csv", "schema/files/verdicts.schema.json"} <= names


def test_every_state_of_a_bundled_dossier_is_on_the_list() -> None:
    listed = {line.split()[0] for line in COUNTRIES.split("\n") if line}
    for name in set(cr.bundled()) - {"toy"}:
        with (cr.locate(name) / "actors.csv").open(encoding="utf-8", newline="") as file:
            states = {row["id"] for row in csv.DictReader(file) if row["kind"] == "state"}
        assert states
        assert states <= listed, name


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("flows from RUS to AZE", ["RUS", "AZE"]),
        ("Armenia's neighbours", ["Armenia's"]),
        ('{"a": "GEO_x"}', ["GEO"]),
        ("alarm, ARMS, ARMED, georgian calendar, turkey", []),
    ],
)
def test_the_search_finds_words_alone(text: str, found: list[str]) -> None:
    assert [match[0] for match in _pattern().finditer(text)] == found
