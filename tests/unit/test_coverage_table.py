"""The table of a dossier's README says what its claims cover, section by section."""

from __future__ import annotations

import re
from collections import Counter

import crossroads as cr


def test_the_table_of_parts_counts_the_claims() -> None:
    folder = cr.locate("south-caucasus")
    page = (folder / "README.md").read_text(encoding="utf-8")
    table = re.findall(
        r"^\| (\d+) \| [^|]+ \| (\d+) \| (\d+) \| (\d+)[^|]* \| (\d+) \|$", page, re.M
    )
    told = {int(section): tuple(map(int, counts)) for section, *counts in table}
    found: dict[int, Counter[str]] = {}
    for entry in cr.load(folder).claims.values():
        row = found.setdefault(entry["where"]["section"], Counter())
        row["claims"] += 1
        if entry.get("readings"):
            row["tested"] += 1
        elif entry.get("awaits"):
            row["waiting"] += 1
        else:
            row["untestable"] += 1
    kinds = ("claims", "tested", "waiting", "untestable")
    assert told == {
        section: tuple(row[kind] for kind in kinds) for section, row in sorted(found.items())
    }
    assert sorted(found) == list(range(15))
